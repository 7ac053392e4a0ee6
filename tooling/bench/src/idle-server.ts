import { readFile, writeFile } from 'node:fs/promises';
import { type Bed, openBed } from './bed.ts';
import type { Section } from './bounds.ts';
import type { Remote } from './channel.ts';
import type { RunnerApi } from './runner-process.ts';
import type { Settings } from './scene.ts';

const WATCHED_MS = 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MEGABYTE = 1_024;
const MB = { unit: 'MB', bound: null } as const;

const steady = (seconds: number) => ({ floorSeconds: seconds, ceilingSeconds: seconds });
/** What the default settings come to after an hour in which nothing changed. */
const POLLED = { mailbox: steady(900), crm: steady(60) };
/**
 * Of the week: each mailbox is looked at twice a day, the CRM four times an hour, and the directory once. At the pace of a server that is pushed nothing
 * a week of a thousand mailboxes is 672,000 looks and takes hours; what a look keeps of memory it keeps whenever it comes.
 */
const WEEK = { mailbox: steady(43_200), crm: steady(900), rosterMinutes: 60 };

/** The configuration is JSON, which is YAML. */
async function useSchedule(configPath: string, schedule: typeof POLLED): Promise<void> {
  const config: unknown = JSON.parse(await readFile(configPath, 'utf8'));
  await writeFile(configPath, JSON.stringify({ ...(config as object), schedule }));
}

/** Of numbers, which are some. */
const middle = (values: readonly number[]): number =>
  values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;

const highest = (values: readonly number[]): number => Math.max(...values);

/** Per cent. */
const growth = (
  before: readonly number[],
  after: readonly number[],
  of: (values: readonly number[]) => number,
): number => (of(after) / of(before) - 1) * 100;

/** Processes over one bed, one after the other; time goes on from each to the next. */
function createTimes(bed: Bed, log: Settings['log']) {
  let passedMs = 0;
  let emulatorMs = 0;
  return {
    passedMs: () => passedMs,
    /** A runner whose every mailbox was looked at. */
    async start(of: { readonly tickMs?: number; readonly pushed?: boolean }) {
      const runner = bed.startRunner();
      const began = await runner.call('start', { configPath: bed.configPath, passedMs, ...of });
      await runner.call('quiet', undefined);
      return { runner, ...began };
    },
    /**
     * Both clocks go on side by side, the services' a minute ahead at the most: they do not agree on what has expired else. Answers
     * what was resident at the end of each hour as well, in kilobytes.
     */
    async pass(runner: Remote<RunnerApi>, hours: number) {
      const cpu = await runner.call('cpu', undefined);
      let passes = 0;
      const resident: number[] = [];
      for (let left = hours * HOUR_MS; left > 0; left -= MINUTE_MS) {
        const ms = Math.min(left, MINUTE_MS);
        const to = Math.max(emulatorMs, passedMs + ms);
        await bed.emulator.call('advance', to - emulatorMs);
        emulatorMs = to;
        const passed = await runner.call('pass', ms);
        passes += passed.passes;
        passedMs = passed.aheadMs;
        if ((left - ms) % HOUR_MS === 0) resident.push(await runner.call('resident', undefined));
      }
      const troubles = await runner.call('troubles', undefined);
      // Who meets trouble has something to do, and what he costs says nothing.
      if (troubles.length > 0) throw new Error(troubles.join('; '));
      const spent = (await runner.call('cpu', undefined)) - cpu;
      log(`${hours} h: ${passes} looks, ${Math.round(spent / 1_000)} ms of the processor`);
      return { passes, resident, share: spent / 1_000 / (hours * HOUR_MS) };
    },
  };
}

async function watch(of: {
  readonly call: (name: 'cpu', input: undefined) => Promise<number>;
}): Promise<number> {
  const cpu = await of.call('cpu', undefined);
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  return ((await of.call('cpu', undefined)) - cpu) / 1_000 / WATCHED_MS;
}

/** What a runner costs that has nothing to do. */
export async function benchIdleServer(settings: Settings): Promise<Section> {
  const { mailboxes, hours: total } = settings.resting;
  const bed = await openBed({ nodeFlags: settings.nodeFlags, mailboxes });
  const times = createTimes(bed, settings.log);
  try {
    for (let mailbox = 0; mailbox < mailboxes; mailbox += 1)
      await bed.emulator.call('seedMailbox', { mailbox, from: mailbox * 2, count: 2 });
    await useSchedule(bed.configPath, POLLED);
    settings.log(`first sync of ${mailboxes} mailboxes`);
    const cold = await times.start({});
    await cold.runner.call('stop', undefined);
    await cold.runner.close();

    settings.log('an hour in which nothing is pushed');
    const polled = await times.start({});
    const asked = await times.pass(polled.runner, 1);
    const stopped = await polled.runner.call('stop', undefined);
    await polled.runner.close();

    settings.log('an hour in which everything is pushed');
    const pushed = await times.start({ pushed: true });
    const told = await times.pass(pushed.runner, 1);
    settings.log(`and ${WATCHED_MS / 1_000} s by the clock on the wall`);
    const share = await watch(pushed.runner);
    await pushed.runner.call('stop', undefined);
    await pushed.runner.close();

    settings.log(`the whole server, and ${WATCHED_MS / 1_000} s of that`);
    const server = bed.startServer();
    const started = await server.call('start', { configPath: bed.configPath, passedMs: times.passedMs() });
    await server.call('quiet', undefined);
    const served = await watch(server);
    await server.close();

    // Two looks at each mailbox: until then the process still opens what it keeps for each of them.
    const first = Math.round((total * 2) / 7);
    settings.log(`${first} h, and then the rest of ${total} h`);
    await useSchedule(bed.configPath, WEEK);
    // A week has 604,800 seconds: who is due is asked once a minute.
    const { runner } = await times.start({ tickMs: MINUTE_MS });
    const warm = await times.pass(runner, first);
    const rest = await times.pass(runner, total - first);
    const part = Math.max(1, Math.round(total / 7));
    const opening = rest.resident.slice(0, part);
    const closing = rest.resident.slice(-part);
    return {
      name: 'idle-server',
      title: `A runner of ${mailboxes} mailboxes with nothing to do`,
      figures: [
        { name: 'start of a server until it listens', value: started.listening, unit: 'ms', bound: null },
        { name: 'start of a server until it is ready', value: started.ready, unit: 'ms', bound: 2_000 },
        { name: 'processor of a server, a minute', value: served * 100, unit: '% of a core', bound: 2 },
        { name: 'start of a runner until it works', value: polled.begun, unit: 'ms', bound: 2_000 },
        { name: 'until every mailbox was asked', value: polled.complete, unit: 'ms', bound: null },
        { name: 'processor until then', value: polled.cpu, unit: 'ms', bound: null },
        { name: 'processor, nothing pushed', value: asked.share * 100, unit: '% of a core', bound: 2 },
        { name: 'processor, everything pushed', value: told.share * 100, unit: '% of a core', bound: 2 },
        { name: 'the same, a minute of real time', value: share * 100, unit: '% of a core', bound: 2 },
        { name: `resident in the ${part} h from ${first} h on`, value: middle(opening) / MEGABYTE, ...MB },
        { name: `resident in the last ${part} h`, value: middle(closing) / MEGABYTE, ...MB },
        { name: 'more in the last', value: growth(opening, closing, middle), unit: '%', bound: 10 },
        { name: 'the highest of them, more', value: growth(opening, closing, highest), unit: '%', bound: 10 },
        {
          name: `looks at mailboxes in ${total} h`,
          value: warm.passes + rest.passes,
          unit: 'passes',
          bound: null,
        },
        { name: 'stop', value: stopped.ms, unit: 'ms', bound: null },
      ],
      details: { resident: [...warm.resident, ...rest.resident] },
    };
  } finally {
    await bed.close();
  }
}
