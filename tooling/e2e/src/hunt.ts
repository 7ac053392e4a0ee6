import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

// Plays every acceptance case under many seeds of random faults; `npm test` draws one.

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string' },
    only: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`Usage: npm run hunt -- [options]

Plays every acceptance case under many seeds of random faults, with each CRM.

  --seeds N      how many (default 20)
  --from N       the first of them (default: a fresh one, which is printed)
  --only TEXT    only cases whose name holds this text: AC-10
  --workers N    test processes at a time (default: 2, or the number of cores)
  --help         this text

Exit code 1 when a case failed; what repeats it is printed.`);
  process.exit(0);
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const first = Number(values.from ?? randomInt(2 ** 30));
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => first + index);
/** Seeds of one test process. */
const CHUNK = 5;

function play(chunk: readonly number[]): Promise<{ failed: boolean; text: string }> {
  const only = values.only === undefined ? [] : ['-t', values.only];
  const args = ['tooling/run.mjs', 'test', 'tooling/e2e/test/ac-storm.test.ts', ...only];
  const env = { ...process.env, TIDELOCK_STORM_SEED: chunk.join() };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ failed: code !== 0, text }));
  });
}

const chunks = Array.from({ length: Math.ceil(seeds.length / CHUNK) }, (_, index) =>
  seeds.slice(index * CHUNK, (index + 1) * CHUNK),
);
let played = 0;
let bad = 0;

async function work(): Promise<void> {
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    const { failed, text } = await play(chunk);
    played += chunk.length;
    if (failed) {
      bad += 1;
      console.log(text.trimEnd());
    }
    console.log(`${played} of ${seeds.length} seeds, last ${chunk.at(-1)}, ${bad} runs with failures`);
  }
}

console.log(`seeds ${first} to ${seeds.at(-1)}`);
await Promise.all(Array.from({ length: Number(values.workers) }, work));
process.exitCode = bad === 0 ? 0 : 1;
