import { createSqliteState } from '../../src/index.ts';
import { aBatch, LANE, laneSpec } from '../batch.ts';
import { quiet } from '../quiet.ts';

/** Commits batch after batch from the number given and prints each number once the commit was acknowledged. */
const [dataDir = '', from = '0'] = process.argv.slice(2);
const { sync } = await createSqliteState({}, { dataDir, log: quiet });
await sync.saveLanes([laneSpec], 1);
const lease = await sync.acquireLane({ laneId: LANE, owner: 'child', now: 1, ttlMs: 1 });
if (lease === null) throw new Error('the lane is held');
const guard = { laneId: LANE, fence: lease.fence };
for (let batch = Number(from); ; batch++) {
  await sync.commitLane({ guard, now: 1, ...aBatch(batch) });
  process.stdout.write(`${batch}\n`);
}
