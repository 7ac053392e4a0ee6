import type { CrmVendor, Sandbox } from '@tidelock/emulators';

/** A pair on both sides. */
interface Pair {
  readonly mailbox: string;
  readonly contact: string;
  readonly crm: string;
}

/** A change on its way to the other side. */
interface Change {
  readonly pair: Pair;
  readonly value: string;
  /** When it was committed (milliseconds, monotonic). */
  readonly at: number;
}

export interface LoadResult {
  /** Milliseconds from a committed change to the write on the other side, in the order of the changes. */
  readonly latencies: readonly number[];
  /** Changes that did not arrive. */
  readonly missing: number;
}

export interface LoadOptions {
  /** `out`: people change things in Outlook; `in`: in the CRM. */
  readonly direction: 'out' | 'in';
  /** Changes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** How long the last ones may take (milliseconds). */
  readonly patienceMs: number;
}

/** Pairs that have the same e-mail address on both sides. */
function pairsOf({ microsoft365, crm, mailboxes }: Sandbox<CrmVendor>): readonly Pair[] {
  const byEmail = new Map(
    crm.records().map(({ id, values }) => [values.email?.toLowerCase() ?? '', id] as const),
  );
  return mailboxes.flatMap(({ id }) =>
    microsoft365.oracle.contacts(id).flatMap((contact): Pair[] => {
      const address = contact.emailAddresses?.[0]?.address?.toLowerCase() ?? '';
      const found = byEmail.get(address);
      return found === undefined ? [] : [{ mailbox: id, contact: contact.id, crm: found }];
    }),
  );
}

/** Job titles as they are in the CRM now. Salesforce is asked for one record, others have no question of that kind. */
function titlesIn({ crm }: Sandbox<CrmVendor>): (id: string) => string | undefined {
  if (crm.vendor === 'salesforce') {
    const { oracle } = (crm as Sandbox['crm']).emulator;
    return (id) => String(oracle.contact(id)?.Title);
  }
  const titles = new Map(crm.records().map(({ id, values }) => [id, values.jobTitle]));
  return (id) => titles.get(id);
}

/** Makes changes at an even rate, and notes when each is on the other side. `committed`: called after each. */
export async function runLoad(
  sandbox: Sandbox<CrmVendor>,
  { direction, rate, seconds, patienceMs }: LoadOptions,
  committed: () => void,
): Promise<LoadResult> {
  const { microsoft365, crm } = sandbox;
  const pairs = pairsOf(sandbox);
  if (pairs.length === 0) throw new Error('there are no pairs to change');
  const open = new Map<string, Change>();
  const latencies: number[] = [];
  const look = (): void => {
    const now = performance.now();
    const titleOf = direction === 'out' ? titlesIn(sandbox) : null;
    for (const [key, { pair, ...change }] of open) {
      const shown = titleOf?.(pair.crm) ?? microsoft365.oracle.contact(pair.mailbox, pair.contact)?.jobTitle;
      if (shown !== change.value) continue;
      open.delete(key);
      latencies.push(now - change.at);
    }
  };
  const target = direction === 'out' ? crm.log : microsoft365.log;
  const leave = target.on(({ method }) => {
    if (method !== 'GET') look();
  });
  const total = rate * seconds;
  const began = performance.now();
  for (let n = 0; n < total; n += 1) {
    const wait = began + (n * 1_000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // Mailboxes in turn, and in each the next contact: two changes of one record never overlap.
    const pair = pairs[(n * 7) % pairs.length];
    if (pair === undefined || open.has(pair.contact)) continue;
    const value = `${direction} ${n} of ${Math.round(began)}`;
    if (direction === 'out')
      microsoft365.admin.updateContact(pair.mailbox, pair.contact, { jobTitle: value });
    else crm.update(pair.crm, { jobTitle: value });
    open.set(pair.contact, { pair, value, at: performance.now() });
    committed();
  }
  const end = performance.now() + patienceMs;
  while (open.size > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    look();
  }
  leave();
  return { latencies, missing: open.size };
}
