import { parseArgs } from 'node:util';
import { crash, measureBoth, type References, referenceOf } from './kill/crash.ts';
import { openStatePlace, STATES, type StateName } from './kill/place.ts';
import type { CrashPoint } from './kill/point.ts';
import { allPoints, nameOf, rowsOfPoint } from './kill/points.ts';
import { kindOf, missingRows, type Played, tableText } from './kill/table.ts';
import { faultsOf, judge, type Verdict } from './kill/verdict.ts';
import { killStorm } from './runner/kill-storm.ts';

// Every crash point there is, over both states; `npm test` draws a few of them. The tables say what was killed, and what became of it.

const HELP = `Usage: npm run kill -- [options]

Kills a real process at every point of the crash table, starts it again, and compares both sides with a run without a crash.

  --state sqlite|postgres   one of the two; both without it
  --row N                   only points of this row of the crash table (1 to 18)
  --only TEXT               only points whose name holds this text
  --brief                   of each way to die at a row the first point and the last one: a third of the time
  --workers N               points at a time; much of each is waiting (default 6)
  --storm N                 instead: kills tidelock watch N times at random while both sides change, then looks whether they
                            are equal at rest, with nothing twice and nothing lost
  --minutes N               how long that lasts, with the kills at random over it (default: as long as N short lives take)
  --program watch|serve     which of them; a server is pushed to, and much of that is lost, doubled, late and out of order
                            (default watch)
  --seed N                  of the storm (default: another one each time)
  --help                    this text

Exit code 1 when a point failed, or when a row was not reached.`;

const { values } = parseArgs({
  options: {
    state: { type: 'string' },
    row: { type: 'string' },
    only: { type: 'string' },
    workers: { type: 'string', default: '6' },
    brief: { type: 'boolean', default: false },
    storm: { type: 'string' },
    minutes: { type: 'string' },
    program: { type: 'string', default: 'watch' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

if (values.storm !== undefined) {
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  const program = values.program === 'serve' ? 'serve' : 'watch';
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  const result = await killStorm({ seed, kills: Number(values.storm), minutes, program, log: console.log });
  for (const fault of result.faults) console.log(`FAULT ${fault}`);
  const { kills, inTheMiddle, changes, pushed, faults, ms } = result;
  const alive = `${kills} kills in ${Math.round(ms / 1_000)} s of work, ${inTheMiddle} after writes, ${changes} changes`;
  const told = `${pushed.told} notifications taken, ${pushed.lost} lost, ${pushed.doubled} doubled, ${pushed.late} late`;
  console.log(`${alive}, ${told}, ${faults.length} faults at rest`);
  process.exit(result.faults.length === 0 ? 0 : 1);
}

const states = STATES.filter((name) => values.state === undefined || values.state === name);
if (states.length === 0) throw new Error(`--state is one of ${STATES.join(', ')}; not "${values.state}"`);

const failures: string[] = [];

/** Of each kind of point the first one and the last one of the pass. */
function brief(points: readonly CrashPoint[], of: References): CrashPoint[] {
  const kinds = Map.groupBy(
    points.filter((point) => !('wait' in point)),
    (point) => kindOf(point, of),
  );
  return [...new Set([...kinds.values()].flatMap((kind) => [kind[0], kind.at(-1)]))].flatMap((point) =>
    point === undefined ? [] : [point],
  );
}

function pointsFor(state: StateName, of: References): CrashPoint[] {
  const all = allPoints(of, state);
  return (values.brief ? brief(all, of) : all).filter(
    (point) =>
      (values.row === undefined || rowsOfPoint(point, of).includes(Number(values.row))) &&
      (values.only === undefined || nameOf(point, of).includes(values.only)),
  );
}

async function killAll(state: StateName, of: References): Promise<readonly Played[]> {
  const place = await openStatePlace(state);
  const points = pointsFor(state, of);
  const played: Played[] = [];
  const play = async (point: CrashPoint): Promise<void> => {
    let faults: readonly string[];
    let verdict: Verdict | null = null;
    try {
      verdict = judge(await crash(point, place), referenceOf(point, of).picture);
      faults = faultsOf(verdict);
    } catch (error) {
      faults = [String(error)];
    }
    played.push({ point, verdict });
    if (faults.length > 0) {
      failures.push(`${state}: ${nameOf(point, of)}: ${faults.join('; ')}`);
      console.log(failures.at(-1));
    } else if (played.length % 10 === 0)
      console.log(`${state}: ${played.length} of ${played.length + points.length} crash points`);
  };
  const work = async (): Promise<void> => {
    for (let point = points.shift(); point !== undefined; point = points.shift()) await play(point);
  };
  try {
    await Promise.all(Array.from({ length: Number(values.workers) }, work));
  } finally {
    await place.close();
  }
  return played;
}

const started = performance.now();
const references = await measureBoth();
const whole = values.row === undefined && values.only === undefined;
const missing: string[] = [];
for (const state of states) {
  const played = await killAll(state, references);
  console.log(`\n${tableText(`${state}: ${played.length} crash points`, played, references)}\n`);
  if (whole)
    missing.push(...missingRows(played, references).map((row) => `not reached: row ${row} over ${state}`));
}
for (const text of missing) console.log(text);
console.log(`${failures.length} crash points failed, ${Math.round((performance.now() - started) / 1_000)} s`);
// Said aloud: the package that brings the server ends the process with 0 when nothing is left to do.
process.exit(failures.length + missing.length === 0 ? 0 : 1);
