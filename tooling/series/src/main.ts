import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createComparison } from './compare.ts';

const HELP = `Usage: npm run series -- [--count <n>] [--seed <n>] [--json]

Expands random series (every pattern and range, changed and cancelled dates, zones with summer time, whole days) in a calendar
of the emulated Exchange, over its wire, by the core, and by the libraries rrule and Temporal, and compares what is shown item by
item; and sends each rule through RFC 5545 and back.

  --count  how many series, default 100000
  --seed   the first seed, default a random one; the following series take the following seeds
  --json   one JSON object at the end, and no progress

Ends with 1 when a series differs.`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function readNumber(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} ${text} is no whole number. Give one from 0 on.`);
  process.exit(2);
}

const MOST_SHOWN = 5;
const STEP = 5000;

async function play(count: number, first: number): Promise<boolean> {
  const compare = createComparison();
  const started = performance.now();
  const tally = { series: 0, rows: 0, refused: 0, different: 0 };
  for (let index = 0; index < count; index += 1) {
    const verdict = await compare(first + index);
    tally.series += 1;
    if (verdict.kind === 'equal') tally.rows += verdict.rows;
    else if (verdict.kind === 'refused') tally.refused += 1;
    else {
      tally.different += 1;
      if (tally.different <= MOST_SHOWN) console.error(JSON.stringify(verdict));
    }
    if (!values.json && tally.series % STEP === 0)
      console.error(`${tally.series} of ${count} series, ${tally.rows} dates, ${tally.different} different`);
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  console.log(
    values.json
      ? JSON.stringify({ seed: first, ...tally, seconds })
      : `seeds ${first} to ${first + count - 1}: ${tally.series} series, ${tally.rows} dates, ${tally.refused} without a date, ` +
          `${tally.different} different, ${seconds} s`,
  );
  return tally.different === 0;
}

if (values.help) console.log(HELP);
else {
  const count = readNumber(values.count, 'count');
  const first = values.seed === undefined ? randomInt(2 ** 30) : readNumber(values.seed, 'seed');
  process.exitCode = (await play(count, first)) ? 0 : 1;
}
