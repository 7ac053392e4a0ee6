import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { passes, type Section, toTable } from './bounds.ts';
import { benchChanges } from './changes.ts';
import { benchEvents } from './events.ts';
import { benchHubSpot } from './hubspot.ts';
import { benchIdle } from './idle.ts';
import { benchIdleServer } from './idle-server.ts';
import { benchLatency } from './latency.ts';
import { benchPump } from './pump.ts';
import { benchRequests } from './requests.ts';
import type { Settings } from './scene.ts';
import { benchTrust } from './trust.ts';
import { benchWebhooks } from './webhooks.ts';

const BENCHMARKS: Readonly<Record<string, (settings: Settings) => Promise<Section>>> = {
  requests: benchRequests,
  changes: benchChanges,
  idle: benchIdle,
  pump: benchPump,
  hubspot: benchHubSpot,
  events: benchEvents,
  trust: benchTrust,
  webhooks: benchWebhooks,
  latency: benchLatency,
  'idle-server': benchIdleServer,
};

/** Flags with which every command of this repository runs. */
const LEAN = (
  JSON.parse(readFileSync(new URL('../../node-flags.json', import.meta.url), 'utf8')) as string[]
).join(' ');

const USAGE = `npm run bench -- [requests] [changes] [idle] [pump] [hubspot] [events] [trust] [webhooks] [latency] [idle-server] [options]

Measures first syncs, passes after changes, idle passes and memory against emulators in a process of their own.
Without names all of them are run. tooling/bench/README.md says what each of them measures, and how.

  --sizes COUNTED,IDLE,PUMPED   contacts (or events) of the counted first sync, of the large idle pass, and beside the bare pump
                                (default 5000,50000,20000)
  --load MAILBOXES,RATE,SECONDS of latency: changes a second over so many mailboxes (default 200,20,60)
  --resting MAILBOXES,HOURS     of idle-server: mailboxes, and the time that is let pass (default 1000,168)
  --runs N                      pump and sync so many times, in turns; the median counts (default 3)
  --json FILE                   all figures, with what lies behind them and the machine
  --node-flags 'FLAGS'          of the process that syncs (default: those of every command, tooling/node-flags.json)
  --help                        this text

Exit codes: 0 every figure is within its bound; 1 one is not, or could not be measured; 2 wrong arguments.
`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'string' },
      sizes: { type: 'string', default: '5000,50000,20000' },
      runs: { type: 'string', default: '3' },
      load: { type: 'string', default: '200,20,60' },
      resting: { type: 'string', default: '1000,168' },
      'node-flags': { type: 'string', default: LEAN },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const [counted = 5_000, idle = 50_000, pumped = 20_000] = values.sizes.split(',').map(Number);
  const [mailboxes = 200, rate = 20, seconds = 60] = values.load.split(',').map(Number);
  const [resting = 1_000, hours = 168] = values.resting.split(',').map(Number);
  const settings: Settings = {
    nodeFlags: values['node-flags'].split(' ').filter((flag) => flag !== ''),
    counted,
    idle: [500, idle],
    pumped,
    runs: Number(values.runs),
    load: { mailboxes, rate, seconds },
    resting: { mailboxes: resting, hours },
    log: (text) => console.error(`... ${text}`),
  };
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0 || ![counted, idle, pumped, settings.runs].every((number) => number > 0)) {
    const what =
      unknown.length > 0 ? `There is no benchmark "${unknown[0]}".` : 'Sizes and runs are numbers above 0.';
    console.error(`${what}\n\n${USAGE}`);
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

function readOrExplain() {
  try {
    return readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { settings, names, json } = readOrExplain();
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
