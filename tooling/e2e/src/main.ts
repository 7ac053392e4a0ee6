import { isDeepStrictEqual } from 'node:util';
import { type CrashPoint, crash, measure, type Reference } from './kill.ts';
import { allPoints, nameOf } from './kill-points.ts';

// Every crash point there is; `npm test` draws a few of them.

async function judge(point: CrashPoint, reference: Reference): Promise<string | null> {
  const after = await crash(point);
  const faults = [
    after.killed || 'write' in point ? [] : 'was not killed',
    isDeepStrictEqual(after.picture, reference.picture) ? [] : 'the sides differ from a run without a crash',
    after.idleWrites === 0 ? [] : `the pass after the restart wrote ${after.idleWrites} times`,
  ].flat();
  return faults.length === 0 ? null : `${nameOf(point, reference)}: ${faults.join('; ')}`;
}

const reference = await measure();
const points = allPoints(reference);
const failures: string[] = [];
let done = 0;

async function work(): Promise<void> {
  for (let point = points.shift(); point !== undefined; point = points.shift()) {
    const failure = await judge(point, reference).catch(
      (error: unknown) => `${nameOf(point ?? { write: 0 }, reference)}: ${String(error)}`,
    );
    done += 1;
    if (failure !== null) {
      failures.push(failure);
      console.log(failure);
    } else if (done % 10 === 0)
      console.log(`${done} of ${done + points.length} crash points, ${failures.length} failed`);
  }
}

await Promise.all([work(), work()]);
console.log(`${done} crash points, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
