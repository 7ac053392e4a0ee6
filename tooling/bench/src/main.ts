import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { passes, type Section, toTable } from './bounds.ts';
import { benchChanges } from './changes.ts';
import { benchHubSpot } from './hubspot.ts';
import { benchIdle } from './idle.ts';
import { benchPump } from './pump.ts';
import { benchRequests } from './requests.ts';
import type { Settings } from './scene.ts';

// `pnpm bench [requests] [changes] [idle] [pump] [hubspot] [--json FILE] [--sizes COUNTED,IDLE,PUMPED] [--runs N] [--node-flags ...]`

const BENCHMARKS: Readonly<Record<string, (settings: Settings) => Promise<Section>>> = {
  requests: benchRequests,
  changes: benchChanges,
  idle: benchIdle,
  pump: benchPump,
  hubspot: benchHubSpot,
};

/** Flags with which every command of this repository runs. */
const LEAN = (
  JSON.parse(readFileSync(new URL('../../node-flags.json', import.meta.url), 'utf8')) as string[]
).join(' ');

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      sizes: { type: 'string', default: '5000,50000,20000' },
      runs: { type: 'string', default: '3' },
      'node-flags': { type: 'string', default: LEAN },
    },
  });
  const [counted = 5_000, idle = 50_000, pumped = 20_000] = values.sizes.split(',').map(Number);
  const settings: Settings = {
    nodeFlags: values['node-flags'].split(' ').filter((flag) => flag !== ''),
    counted,
    idle: [500, idle],
    pumped,
    runs: Number(values.runs),
    log: (text) => console.error(`... ${text}`),
  };
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0 || ![counted, idle, pumped, settings.runs].every((number) => number > 0)) {
    console.error(
      `Usage: bench [${Object.keys(BENCHMARKS).join('|')}]... [--sizes COUNTED,IDLE,PUMPED] [--runs N] [--json FILE]`,
    );
    process.exit(2);
  }
  return { settings, names, json: values.json };
}

const machine = () => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

const { settings, names, json } = readArguments();
const sections: Section[] = [];
let broken = 0;
for (const name of names) {
  try {
    const section = await BENCHMARKS[name]?.(settings);
    if (section) sections.push(section);
  } catch (error) {
    // The other figures are still worth having.
    broken += 1;
    console.error(`${name} gave no figures: ${error instanceof Error ? error.message : String(error)}`);
  }
}
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ machine: machine(), settings, sections }, null, 2)}\n`);
console.log(toTable(sections));
process.exitCode = broken === 0 && sections.every(({ figures }) => figures.every(passes)) ? 0 : 1;
// Processes of a benchmark that broke off are children of this one.
if (broken > 0) process.exit();
