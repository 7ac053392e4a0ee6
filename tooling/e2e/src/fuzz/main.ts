import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openWholeServer } from '../access/whole-server.ts';
import { type FuzzReport, fuzz } from './run.ts';

// Fuzzes every route of the API document on a whole server; `npm test` sends a few hundred of these.

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string' },
    'at-once': { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`Usage: npm run fuzz -- [options]

Sends random requests to every route of the API document of a whole server, over sockets, as everybody who may come in and as
nobody. Finds answers of the server's own failure (5xx), requests without an answer, and answers that tell a secret; and
memory that does not come back.

  --runs N       how many requests (default 20000)
  --seed N       which ones (default: others each time, and printed)
  --at-once N    requests on their way at a time (default 8)
  --help         this text

Exit code 1 when something was found.`);
  process.exit(0);
}

const MB = 2 ** 20;
/** What may stay: plans, jobs and counts are kept up to a number. */
const MOST_GROWTH = 0.25;
const MOST_GROWTH_MB = 12;

const seed = Number(values.seed ?? randomInt(2 ** 30));
const runs = Number(values.runs);
const began = performance.now();
console.log(`${runs} requests, seed ${seed}`);

const line = ({ sent, statuses, heap: [, now], faults }: FuzzReport): string => {
  const seconds = (performance.now() - began) / 1000;
  const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  return `${sent} sent, ${Math.round(sent / seconds)}/s, heap ${Math.round(now / MB)} MB, ${faults.length} faults; ${counts.join(', ')}`;
};

await using server = await openWholeServer();
let told = 0;
const report = await fuzz(server, {
  ...{ runs, seed, atOnce: Number(values['at-once']) },
  onProgress(now) {
    if (now.sent < runs && now.sent - told < 5_000) return;
    told = now.sent;
    console.log(line(now));
  },
});
const [early, late] = report.heap;
const grown = (late - early) / MB;
const leaks = runs >= 10_000 && grown > Math.max(MOST_GROWTH_MB, (early / MB) * MOST_GROWTH);
for (const fault of new Set(report.faults)) console.log(`FAULT ${fault}`);
if (leaks) console.log(`FAULT the heap grew from ${Math.round(early / MB)} to ${Math.round(late / MB)} MB`);
const { ms, what } = report.slowest;
console.log(`the slowest answer took ${Math.round(ms)} ms: ${what.slice(0, 200)}`);
console.log(
  `${report.taken.size} routes took something; heap ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MB`,
);
process.exitCode = report.faults.length > 0 || leaks ? 1 : 0;
