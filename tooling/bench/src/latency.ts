import { openBed } from './bed.ts';
import type { Figure, Section } from './bounds.ts';
import { median } from './cost.ts';
import type { Settings } from './scene.ts';

const CONTACTS = 5;
const PATIENCE_MS = 30_000;

const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

const DIRECTION = { out: 'Exchange -> Salesforce', in: 'Salesforce -> Exchange' } as const;

/** How long a change is on its way, under an even load, with a hint for each. */
export async function benchLatency(settings: Settings): Promise<Section> {
  const { mailboxes, rate, seconds } = settings.load;
  const bed = await openBed({ nodeFlags: settings.nodeFlags, mailboxes });
  try {
    for (let mailbox = 0; mailbox < mailboxes; mailbox += 1)
      await bed.emulator.call('seedMailbox', { mailbox, from: mailbox * CONTACTS, count: CONTACTS });
    settings.log(`first sync of ${mailboxes} mailboxes`);
    const runner = bed.startRunner();
    await runner.call('start', { configPath: bed.configPath });
    await runner.call('quiet', undefined);
    const lanes = await runner.call('lanes', undefined);
    const held = await bed.emulator.call('holdings', undefined);
    if (held.crm !== mailboxes * CONTACTS) throw new Error(`the CRM holds ${held.crm} after the first sync`);
    const figures: Figure[] = [];
    const details: Record<string, unknown> = {};
    for (const direction of ['out', 'in'] as const) {
      settings.log(`${rate} changes a second, ${DIRECTION[direction]}, for ${seconds} s`);
      const leave = bed.emulator.on('committed', (mailbox) => {
        const lane = lanes[String(mailbox)];
        const hinted =
          direction === 'in'
            ? runner.call('hintStores', ['crm:contact'])
            : runner.call('hint', lane === undefined ? [] : [lane]);
        hinted.catch(() => undefined);
      });
      const cpu = await runner.call('cpu', undefined);
      const load = { direction, rate, seconds, patienceMs: PATIENCE_MS };
      const { latencies, missing } = await bed.emulator.call('load', load);
      leave();
      const spent = ((await runner.call('cpu', undefined)) - cpu) / 1_000 / Math.max(1, latencies.length);
      await runner.call('quiet', undefined);
      const of = DIRECTION[direction];
      figures.push(
        { name: `${of}: half of the changes`, value: median(latencies), unit: 'ms', bound: 300 },
        { name: `${of}: 99 of 100`, value: percentile(latencies, 0.99), unit: 'ms', bound: 1_000 },
        { name: `${of}: the longest`, value: Math.max(...latencies), unit: 'ms', bound: null },
        { name: `${of}: processor a change`, value: spent, unit: 'ms', bound: null },
        { name: `${of}: not arrived`, value: missing, unit: 'changes', bound: 0 },
      );
      details[direction] = { count: latencies.length, health: await runner.call('health', undefined) };
    }
    const title = `From a committed change to the write, ${rate} changes/s over ${mailboxes} mailboxes`;
    return { name: 'latency', title, figures, details };
  } finally {
    await bed.close();
  }
}
