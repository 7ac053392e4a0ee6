import type { StoreCapabilities } from '@tidelock/core';
import { type BrakePolicy, DEFAULT_POLICY, type MailPolicy } from '@tidelock/engine';
import { PROFILES } from './profiles.ts';
import type { StoreOptions } from './store-options.ts';
import type { Tape } from './tape.ts';

/** Everything that can go wrong, in 10,000 per chance. Each is multiplied per seed by 0, 0.5, 1 or 3. */
export const BASE_RATES = {
  crash: 100,
  lostApplied: 300,
  lostNotApplied: 250,
  late: 250,
  refusedCall: 200,
  denied: 60,
  retryItem: 200,
  missingItem: 250,
  failedItem: 150,
  staleRead: 600,
  staleMissing: 100,
  pause: 150,
  pauseAtSend: 150,
  clockJump: 30,
  expired: 120,
  duplicateEntry: 500,
  falseRemoved: 150,
  missingEntry: 100,
  emptyListing: 300,
  reorder: 1_500,
  edit: 320,
  plan: 800,
  aim: 2_500,
} as const;

export type Fault = keyof typeof BASE_RATES;
export type Rates = Readonly<Record<Fault, number>>;
export const FAULTS = Object.keys(BASE_RATES) as readonly Fault[];

export const OPERATIONS = [
  'set',
  'set-both',
  'create',
  'create-both',
  'delete',
  'blank',
  'touch',
  'out',
  'back',
  'merge',
  'undelete',
  'bulk-delete',
  'scope',
  'drift',
  'refuse',
  'relocate',
  'remap',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface WorldOptions {
  readonly lanes: number;
  readonly workers: number;
  readonly a: StoreOptions;
  readonly b: StoreOptions;
  readonly rates: Rates;
  readonly operations: readonly Operation[];
  readonly edits: number;
  readonly people: number;
  /** Each store writes the town in a way of its own that nobody told the engine about. */
  readonly toAndFro: boolean;
  /** The brake holds few deletes already, and people let go what it holds while everything goes on. */
  readonly tightBrake: boolean;
  /** An audit scan comes first in the quiet phase. Without one, feeds drop nothing: an audit would hide their bugs. */
  readonly audit: boolean;
  /** What happens to writes that would notify people. */
  readonly mail: MailPolicy;
  /** People who may get mail because of one run, under the policy `send`. */
  readonly mailBudget: number;
  /** Whoever pushes names records of a CRM that lanes share. Absent = nobody does. */
  readonly named?: boolean;
}

export interface Settings {
  readonly lanes?: number | undefined;
  /** Faults and operations that are left out. */
  readonly without: ReadonlySet<string>;
  /** Side B has the abilities of this real store in every schedule; otherwise in one of sixteen. */
  readonly profile?: string | undefined;
  /** A pass must never throw, not even when its lease is gone. */
  readonly strict?: boolean | undefined;
  /** Records are events: series with exceptions, people who would get mail. */
  readonly events?: boolean | undefined;
  /** Name of the rule that is removed. */
  readonly mutant?: string | undefined;
  /** The workload of this mutant, whether or not the rule is removed. */
  readonly workload?: string | undefined;
}

const MULTIPLIERS = [0, 0.5, 1, 3] as const;

function capsOf(tape: Tape, side: 'a' | 'b'): StoreCapabilities {
  const coin = (usual: boolean): boolean => (tape.choice(4) === 3 ? !usual : usual);
  const mailbox = side === 'a';
  return {
    conditionalUpdate: coin(mailbox),
    conditionalDelete: coin(mailbox),
    createKey: coin(!mailbox) ? 'unique' : 'lookup',
    representation: coin(mailbox),
    modifiedBy: coin(!mailbox),
    deletions: 'in-feed',
    contentInFeed: coin(true),
    stampInFeed: coin(!mailbox),
    merges: !mailbox,
    restore: !mailbox,
    lagSeconds: [0, 0, 5, 20][tape.choice(4)] ?? 0,
    zombieSeconds: 60,
    batch: { read: 20, write: 20 },
  };
}

function storeOptions(tape: Tape, side: 'a' | 'b'): StoreOptions {
  return {
    caps: capsOf(tape, side),
    feed: tape.choice(8) === 7 ? (side === 'a' ? 'poll' : 'log') : side === 'a' ? 'log' : 'poll',
    pageSize: [50, 3, 5, 2][tape.choice(4)] ?? 50,
    commitLagMs: [0, 5_000, 30_000][tape.choice(3)] ?? 0,
    skewMs: [0, 90_000, -90_000][tape.choice(3)] ?? 0,
    sideList: false,
    mergesIntoNew: false,
  };
}

/** One of sixteen, told from what was drawn anyway: a choice of its own would make other schedules of all seeds. */
const isProfiled = (a: StoreOptions, b: StoreOptions): boolean => a.pageSize === 5 && b.pageSize === 3;

/** One of nine, in the same way. */
const isTight = (a: StoreOptions, b: StoreOptions): boolean => a.skewMs === 90_000 && b.commitLagMs >= 30_000;

function withProfile(settings: Settings, a: StoreOptions, b: StoreOptions): StoreOptions {
  const names = Object.keys(PROFILES);
  const drawn = isProfiled(a, b) ? names[0] : undefined;
  const name = settings.profile ?? drawn;
  return PROFILES[name ?? '']?.(b) ?? b;
}

/** A store of events declares it; the mailbox sends mail. */
function withEvents(settings: Settings, side: 'a' | 'b', options: StoreOptions): StoreOptions {
  if (settings.events !== true) return options;
  const events = { recurrence: 'full', notifies: side === 'a' } as const;
  return { ...options, caps: { ...options.caps, events } };
}

/** What may be sent in one run of a schedule; drawn only where there is mail. */
const MAIL = ['hold', 'hold', 'ask', 'crm-only'] as const;

/** Half of those that ask send instead, as far as a small budget reaches; told from what was drawn anyway. */
function drawMail(tape: Tape, settings: Settings, edits: number): Pick<WorldOptions, 'mail' | 'mailBudget'> {
  const drawn = settings.events === true ? (MAIL[tape.choice(MAIL.length)] ?? 'hold') : 'hold';
  const mail = drawn === 'ask' && edits % 2 === 1 ? 'send' : drawn;
  return { mail, mailBudget: Math.floor(edits / 2) % 4 };
}

/** The world of one seed. Reads the same number of choices whatever is left out. */
export function drawOptions(tape: Tape, settings: Settings): WorldOptions {
  const lanes = [1, 1, 1, 2][tape.choice(4)] ?? 1;
  const workers = 2 + tape.choice(2);
  const [a, drawn] = [storeOptions(tape, 'a'), storeOptions(tape, 'b')];
  const b = withProfile(settings, a, drawn);
  const rates = Object.fromEntries(
    FAULTS.map((fault) => {
      const times = MULTIPLIERS[tape.choice(MULTIPLIERS.length)] ?? 0;
      const rate = fault === 'edit' ? BASE_RATES.edit * Math.max(0.5, times) : BASE_RATES[fault] * times;
      return [fault, settings.without.has(fault) ? 0 : rate];
    }),
  ) as Record<Fault, number>;
  const audit = tape.choice(2) === 1;
  if (!audit) Object.assign(rates, { missingEntry: 0, emptyListing: 0 });
  const edits = 8 + tape.choice(24);
  const people = 1 + tape.choice(4);
  return {
    lanes: settings.lanes ?? lanes,
    workers,
    a: withEvents(settings, 'a', a),
    b: withEvents(settings, 'b', b),
    rates,
    operations: OPERATIONS.filter((operation) => !settings.without.has(operation)),
    edits,
    people,
    audit,
    tightBrake: isTight(a, drawn),
    toAndFro: !a.caps.representation && !b.caps.representation && tape.choice(3) > 0,
    ...drawMail(tape, settings, edits),
  };
}

/** Few enough for the few records of a simulated world; an emptied field stops nothing. */
const TIGHT: BrakePolicy = { ...DEFAULT_POLICY.brake, least: 2, share: 0.3, blankShare: 1, everywhere: 3 };

export const brakeOf = ({ tightBrake }: WorldOptions): BrakePolicy =>
  tightBrake ? TIGHT : DEFAULT_POLICY.brake;
