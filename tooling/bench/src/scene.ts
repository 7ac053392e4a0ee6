import { type Bed, openBed } from './bed.ts';
import type { Remote } from './channel.ts';
import type { Direction } from './direction.ts';
import type { Traffic } from './emulator-process.ts';
import type { SyncApi } from './sync-process.ts';

/** Exchange lets one app write 10,000 times in ten minutes into one mailbox: more needs several. */
const PER_MAILBOX = 5_000;

export interface Settings {
  readonly nodeFlags: readonly string[];
  /** Contacts of the first sync whose requests are counted. */
  readonly counted: number;
  /** The two sizes between which an idle pass must not differ. */
  readonly idle: readonly [small: number, large: number];
  /** Contacts of the first sync that is compared with the bare pump. */
  readonly pumped: number;
  readonly runs: number;
  /** Of `latency`: mailboxes, changes a second, and for how many seconds. */
  readonly load: { readonly mailboxes: number; readonly rate: number; readonly seconds: number };
  /** Of `idle-server`: mailboxes, and hours that are let pass. */
  readonly resting: { readonly mailboxes: number; readonly hours: number };
  readonly log: (text: string) => void;
}

export interface Stocked {
  readonly bed: Bed;
  readonly mailboxes: number;
}

/** A bed whose one side holds `count` people and whose other side is empty. */
export async function stock(settings: Settings, direction: Direction, count: number): Promise<Stocked> {
  const mailboxes = direction === 'out' ? 1 : Math.max(1, Math.ceil(count / PER_MAILBOX));
  const bed = await openBed({ nodeFlags: settings.nodeFlags, mailboxes });
  if (direction === 'out') await bed.emulator.call('seedMailbox', { mailbox: 0, from: 0, count });
  else {
    for (let mailbox = 0; mailbox < mailboxes; mailbox += 1) {
      const from = mailbox * PER_MAILBOX;
      await bed.emulator.call('seedCrm', { mailbox, from, count: Math.min(PER_MAILBOX, count - from) });
    }
  }
  return { bed, mailboxes };
}

export interface FirstSync {
  readonly sync: Remote<SyncApi>;
  readonly traffic: Traffic;
  /** Milliseconds: opening the platform, and syncing until nothing was left to do. */
  readonly open: number;
  readonly wall: number;
  readonly cpu: number;
  readonly rounds: number;
}

/** The whole of a first sync, sign-in and probing included. Throws when the two sides do not hold the same. */
export async function firstSync(
  { bed }: Stocked,
  count: number,
  options: { readonly counting?: boolean } = {},
): Promise<FirstSync> {
  const sync = bed.startSync();
  const { value, traffic } = await bed.traffic(async () => {
    const opened = await sync.call('open', { configPath: bed.configPath, ...options });
    return { open: opened.wall, ...(await sync.call('sync', undefined)) };
  });
  const { mailboxes, crm } = await bed.emulator.call('holdings', undefined);
  const inMailboxes = mailboxes.reduce((sum, held) => sum + held, 0);
  if (inMailboxes !== count || crm !== count)
    throw new Error(`after the sync the mailboxes hold ${inMailboxes}, the CRM ${crm}, expected ${count}`);
  return { sync, traffic, ...value };
}

export async function withStock<T>(
  of: { readonly settings: Settings; readonly direction: Direction; readonly count: number },
  use: (stocked: Stocked) => Promise<T>,
): Promise<T> {
  const stocked = await stock(of.settings, of.direction, of.count);
  try {
    return await use(stocked);
  } finally {
    await stocked.bed.close();
  }
}
