import { isDeepStrictEqual, parseArgs } from 'node:util';
import { crash, measureBoth, type References, referenceOf } from './kill/crash.ts';
import { openStatePlace, STATES, type StateName, type StatePlace } from './kill/place.ts';
import type { CrashPoint } from './kill/point.ts';
import { allPoints, nameOf, rowsOfPoint } from './kill/points.ts';
import { CRASH_ROWS } from './kill/rows.ts';
import { killStorm } from './runner/kill-storm.ts';

// Every crash point there is, over both states; `npm test` draws a few of them.

const HELP = `Usage: npm run kill -- [options]

Kills a real process at every point of the crash table, starts it again, and compares both sides with a run without a crash.

  --state sqlite|postgres   one of the two; both without it
  --row N                   only points of this row of the crash table (1 to 18)
  --only TEXT               only points whose name holds this text
  --workers N               points at a time; most of each is waiting (default 2)
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
    workers: { type: 'string', default: '2' },
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

interface Cell {
  tried: number;
  failed: number;
}
const table = new Map<string, Cell>();
const failures: string[] = [];

function note(state: StateName, rows: readonly number[], failed: boolean): void {
  for (const row of rows) {
    const cell = table.get(`${state} ${row}`) ?? { tried: 0, failed: 0 };
    table.set(`${state} ${row}`, { tried: cell.tried + 1, failed: cell.failed + Number(failed) });
  }
}

async function judge(point: CrashPoint, of: References, place: StatePlace): Promise<string | null> {
  const after = await crash(point, place);
  const faults = [
    after.killed ? [] : 'the point was not reached',
    isDeepStrictEqual(after.picture, referenceOf(point, of).picture)
      ? []
      : 'the sides differ from a run without a crash',
    after.idleWrites === 0 ? [] : `the pass after the restart wrote ${after.idleWrites} times`,
  ].flat();
  return faults.length === 0 ? null : faults.join('; ');
}

async function killAll(state: StateName, of: References): Promise<void> {
  const place = await openStatePlace(state);
  const points = allPoints(of, state).filter(
    (point) =>
      (values.row === undefined || rowsOfPoint(point, of).includes(Number(values.row))) &&
      (values.only === undefined || nameOf(point, of).includes(values.only)),
  );
  let done = 0;
  const work = async (): Promise<void> => {
    for (let point = points.shift(); point !== undefined; point = points.shift()) {
      const failure = await judge(point, of, place).catch((error: unknown) => String(error));
      done += 1;
      note(state, rowsOfPoint(point, of), failure !== null);
      if (failure !== null) {
        failures.push(`${state}: ${nameOf(point, of)}: ${failure}`);
        console.log(failures.at(-1));
      } else if (done % 10 === 0)
        console.log(`${state}: ${done} of ${done + points.length} crash points, ${failures.length} failed`);
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(values.workers) }, work));
  } finally {
    await place.close();
  }
  console.log(`${state}: ${done} crash points`);
}

function cellText(state: StateName, row: number): string {
  const cell = table.get(`${state} ${row}`);
  if (cell === undefined) return 'none';
  return cell.failed === 0 ? String(cell.tried) : `${cell.failed} of ${cell.tried} FAILED`;
}

const references = await measureBoth();
for (const state of states) await killAll(state, references);

console.log(`\n row  the process dies before and after it ...                       ${states.join('    ')}`);
for (const [row, text] of Object.entries(CRASH_ROWS)) {
  const cells = states.map((state) => cellText(state, Number(row)).padEnd(9)).join(' ');
  console.log(`${row.padStart(4)}  ${text.padEnd(62)} ${cells}`);
}
const whole = values.row === undefined && values.only === undefined;
const missing = whole
  ? Object.keys(CRASH_ROWS).flatMap((row) =>
      states.flatMap((state) => (table.has(`${state} ${row}`) ? [] : `row ${row} over ${state}`)),
    )
  : [];
for (const text of missing) console.log(`not reached: ${text}`);
console.log(`${failures.length} crash points failed`);
// Said aloud: the package that brings the server ends the process with 0 when nothing is left to do.
process.exit(failures.length + missing.length === 0 ? 0 : 1);
