import type { Figure, Section } from './bounds.ts';
import { firstSync, type Settings, type Stocked, withStock } from './scene.ts';

/** Longer than the overlap with which CRM feeds are read again, and than the service's own touches take. */
export const PAST_OVERLAP_MS = 11 * 60_000;
const BOUND = 12;

interface Edits {
  readonly name: string;
  readonly mailbox: number;
  readonly crm: number;
}

async function runEdits({ bed }: Stocked, sync: Awaited<ReturnType<typeof firstSync>>['sync'], of: Edits) {
  await bed.advance(PAST_OVERLAP_MS);
  await sync.call('sync', undefined);
  await sync.call('sync', undefined);
  const edit = { mailbox: 0, round: Math.floor(of.mailbox * 100 + of.crm) };
  if (of.mailbox > 0) await bed.emulator.call('editMailbox', { ...edit, count: of.mailbox });
  if (of.crm > 0) await bed.emulator.call('editCrm', { ...edit, count: of.crm });
  const { value, traffic } = await bed.traffic(() => sync.call('round', undefined));
  if (value.written !== of.mailbox + of.crm)
    throw new Error(`${of.name}: ${value.written} written, expected ${of.mailbox + of.crm}`);
  const rest = await bed.traffic(() => sync.call('sync', undefined));
  return { traffic, rest: rest.traffic };
}

/** Requests of one pass after one per cent of the contacts changed. */
export async function benchChanges(settings: Settings): Promise<Section> {
  const count = settings.counted;
  const one = Math.round(count / 100);
  const half = Math.floor(one / 2);
  const cases: readonly Edits[] = [
    { name: 'on both sides', mailbox: half, crm: one - half },
    { name: 'in Exchange', mailbox: one, crm: 0 },
    { name: 'in Salesforce', mailbox: 0, crm: one },
  ];
  settings.log(`one per cent of ${count} changed`);
  return withStock({ settings, direction: 'out', count }, async (stocked) => {
    const { sync } = await firstSync(stocked, count);
    const figures: Figure[] = [];
    const details: Record<string, unknown> = {};
    for (const edits of cases) {
      const { traffic, rest } = await runEdits(stocked, sync, edits);
      const name = `${one} of ${count.toLocaleString('en')} changed ${edits.name}`;
      figures.push({ name, value: traffic.requests, unit: 'requests', bound: BOUND });
      figures.push({ name: '  until at rest', value: rest.requests, unit: 'requests', bound: null });
      details[edits.name] = { traffic, rest };
    }
    return { name: 'changes', title: 'A pass after one per cent changed', figures, details };
  });
}
