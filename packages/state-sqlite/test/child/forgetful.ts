import { createSqliteState } from '../../src/index.ts';
import { aBatch, LANE, laneSpec } from '../batch.ts';
import { quiet } from '../quiet.ts';

/** Commits one batch, says so, and comes to its end without closing anything. */
const [dataDir = ''] = process.argv.slice(2);
const { sync } = await createSqliteState({}, { dataDir, log: quiet });
await sync.saveLanes([laneSpec], 1);
const lease = await sync.acquireLane({ laneId: LANE, owner: 'child', now: 1, ttlMs: 1 });
await sync.commitLane({ guard: { laneId: LANE, fence: lease?.fence ?? 0 }, now: 1, ...aBatch(0) });
process.stdout.write('committed\n');
