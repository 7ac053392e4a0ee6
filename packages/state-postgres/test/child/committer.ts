import { createPostgresState } from '../../src/index.ts';
import { aBatch, holdLane, LANE } from '../batch.ts';
import { quiet } from '../quiet.ts';

/** Commits batch after batch from the number given and prints each number once the commit was acknowledged. */
const [url = '', schema = '', from = '0'] = process.argv.slice(2);
const state = await createPostgresState({ url, schema, allowOwner: true }, { log: quiet });
const guard = { laneId: LANE, fence: await holdLane(state, LANE) };
for (let batch = Number(from); ; batch++) {
  await state.sync.commitLane({ guard, now: 1, ...aBatch(batch) });
  process.stdout.write(`${batch}\n`);
}
