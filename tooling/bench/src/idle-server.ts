import { openBed } from './bed.ts';
import type { Section } from './bounds.ts';
import type { Settings } from './scene.ts';

const MAILBOXES = 1_000;
const WATCHED_MS = 60_000;
const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** The emulators' clock follows in steps of this. */
const STEP_HOURS = 0.25;
const MEGABYTE = 1_024;

/** What a runner costs that has nothing to do. */
export async function benchIdleServer(settings: Settings): Promise<Section> {
  const bed = await openBed({ nodeFlags: [...settings.nodeFlags, '--expose-gc'], mailboxes: MAILBOXES });
  try {
    for (let mailbox = 0; mailbox < MAILBOXES; mailbox += 1)
      await bed.emulator.call('seedMailbox', { mailbox, from: mailbox * 2, count: 2 });
    settings.log(`first sync of ${MAILBOXES} mailboxes`);
    const first = bed.startRunner();
    await first.call('start', { configPath: bed.configPath });
    await first.call('quiet', undefined);
    await first.call('stop', undefined);
    await first.close();
    settings.log('a start with everything known');
    const runner = bed.startRunner();
    const { begun, complete } = await runner.call('start', { configPath: bed.configPath });
    await runner.call('quiet', undefined);
    settings.log(`nothing to do for ${WATCHED_MS / 1_000} s, an hour later`);
    const pass = async (hours: number): Promise<number> => {
      let passes = 0;
      for (let done = 0; done < hours; done += STEP_HOURS) {
        await bed.emulator.call('advance', STEP_HOURS * HOUR_MS);
        passes += await runner.call('pass', STEP_HOURS * HOUR_MS);
      }
      return passes;
    };
    await pass(4);
    const cpu = await runner.call('cpu', undefined);
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    const share = ((await runner.call('cpu', undefined)) - cpu) / 1_000 / WATCHED_MS;
    const day = await pass(24);
    const after = await runner.call('resident', undefined);
    settings.log('the rest of a week');
    let passes = day;
    passes += await pass(WEEK_HOURS - 24);
    const end = await runner.call('resident', undefined);
    const stopped = await runner.call('stop', undefined);
    return {
      name: 'idle-server',
      title: `A runner of ${MAILBOXES} mailboxes with nothing to do`,
      figures: [
        { name: 'start to ready', value: begun, unit: 'ms', bound: 2_000 },
        { name: 'until every mailbox was asked', value: complete, unit: 'ms', bound: null },
        { name: 'processor', value: share * 100, unit: '% of a core', bound: 2 },
        { name: 'resident after a day', value: after / MEGABYTE, unit: 'MB', bound: null },
        { name: 'resident after a week, more', value: (end / after - 1) * 100, unit: '%', bound: 10 },
        { name: 'looks at mailboxes in that week', value: passes, unit: 'passes', bound: null },
        { name: 'stop', value: stopped.ms, unit: 'ms', bound: null },
      ],
    };
  } finally {
    await bed.close();
  }
}
