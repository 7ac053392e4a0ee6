import { readFile, writeFile } from 'node:fs/promises';
import { type Bed, openBed } from './bed.ts';
import type { Section } from './bounds.ts';
import type { Remote } from './channel.ts';
import type { RunnerApi } from './runner-process.ts';
import type { Settings } from './scene.ts';

const WATCHED_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The emulators' clock follows in steps of this. */
const STEP_HOURS = 0.25;
const MEGABYTE = 1_024;
/**
 * Of the week: each mailbox is looked at twice a day, and the CRM four times an hour. At the pace of a server that is pushed nothing
 * a week of a thousand mailboxes is 672,000 looks and takes hours; what a look keeps of memory it keeps whenever it comes.
 */
const WEEK = {
  mailbox: { floorSeconds: 43_200, ceilingSeconds: 43_200 },
  crm: { floorSeconds: 900, ceilingSeconds: 900 },
};

/** The configuration is JSON, which is YAML. */
async function useSchedule(configPath: string, schedule: typeof WEEK): Promise<void> {
  const config: unknown = JSON.parse(await readFile(configPath, 'utf8'));
  await writeFile(configPath, JSON.stringify({ ...(config as object), schedule }));
}

/** Both clocks go on; answers the passes that were made meanwhile. */
async function letPass(bed: Bed, runner: Remote<RunnerApi>, hours: number): Promise<number> {
  let passes = 0;
  for (let done = 0; done < hours; done += STEP_HOURS) {
    await bed.emulator.call('advance', STEP_HOURS * HOUR_MS);
    passes += await runner.call('pass', STEP_HOURS * HOUR_MS);
  }
  return passes;
}

/** What a runner costs that has nothing to do. */
export async function benchIdleServer(settings: Settings): Promise<Section> {
  const { mailboxes, hours: total } = settings.resting;
  const bed = await openBed({ nodeFlags: [...settings.nodeFlags, '--expose-gc'], mailboxes });
  try {
    for (let mailbox = 0; mailbox < mailboxes; mailbox += 1)
      await bed.emulator.call('seedMailbox', { mailbox, from: mailbox * 2, count: 2 });
    settings.log(`first sync of ${mailboxes} mailboxes`);
    const cold = bed.startRunner();
    await cold.call('start', { configPath: bed.configPath });
    await cold.call('quiet', undefined);
    await cold.call('stop', undefined);
    await cold.close();
    settings.log('a start with everything known');
    const awake = bed.startRunner();
    const { begun, complete } = await awake.call('start', { configPath: bed.configPath });
    await awake.call('quiet', undefined);
    await letPass(bed, awake, 1);
    settings.log(`nothing to do for ${WATCHED_MS / 1_000} s, an hour later`);
    const cpu = await awake.call('cpu', undefined);
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    const share = ((await awake.call('cpu', undefined)) - cpu) / 1_000 / WATCHED_MS;
    const stopped = await awake.call('stop', undefined);
    await awake.close();
    const runner = bed.startRunner();
    // A week has 604,800 seconds: who is due is asked once a minute.
    await useSchedule(bed.configPath, WEEK);
    await runner.call('start', { configPath: bed.configPath, tickMs: 60_000 });
    await runner.call('quiet', undefined);
    const first = Math.min(24, total / 4);
    settings.log(`${first} h, and then the rest of ${total} h`);
    const day = await letPass(bed, runner, first);
    const after = await runner.call('resident', undefined);
    const passes = day + (await letPass(bed, runner, total - first));
    const end = await runner.call('resident', undefined);
    return {
      name: 'idle-server',
      title: `A runner of ${mailboxes} mailboxes with nothing to do`,
      figures: [
        { name: 'start to ready', value: begun, unit: 'ms', bound: 2_000 },
        { name: 'until every mailbox was asked', value: complete, unit: 'ms', bound: null },
        { name: 'processor', value: share * 100, unit: '% of a core', bound: 2 },
        { name: `resident after ${first} h`, value: after / MEGABYTE, unit: 'MB', bound: null },
        { name: `resident after ${total} h, more`, value: (end / after - 1) * 100, unit: '%', bound: 10 },
        { name: `looks at mailboxes in ${total} h`, value: passes, unit: 'passes', bound: null },
        { name: 'stop', value: stopped.ms, unit: 'ms', bound: null },
      ],
    };
  } finally {
    await bed.close();
  }
}
