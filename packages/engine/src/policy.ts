import type { ErrorKind, EventWindow, Fields, Side } from '@tidelock/core';
import type { LaneScope } from './scope.ts';

/**
 * What a failure of a whole call means for the lane. A record over the closed set of kinds: a new kind does not
 * compile until it has a policy.
 */
export const CALL_POLICY: Readonly<
  Record<ErrorKind, { readonly stop: 'retry-soon' | 'retry-hourly' | 'scan'; readonly alarm: boolean }>
> = {
  auth: { stop: 'retry-hourly', alarm: true },
  forbidden: { stop: 'retry-hourly', alarm: true },
  not_found: { stop: 'retry-hourly', alarm: true },
  conflict: { stop: 'retry-soon', alarm: false },
  invalid: { stop: 'retry-hourly', alarm: true },
  rate_limited: { stop: 'retry-soon', alarm: false },
  unavailable: { stop: 'retry-soon', alarm: false },
  cursor_expired: { stop: 'scan', alarm: false },
  unsupported: { stop: 'retry-hourly', alarm: true },
  protocol: { stop: 'retry-soon', alarm: true },
};

/** Waits before a refused item is tried again with the same input; after the last one it is parked. */
export const ITEM_RETRY_MS: readonly number[] = [60_000, 600_000, 3_600_000, 21_600_000, 86_400_000];

export interface BrakePolicy {
  /** Deletes of one pass on one side beyond `max(least, share x live links)` are held, or when all links would go. */
  readonly least: number;
  readonly share: number;
  /** Share of the pairs of one folder that may go in one pass, where that is more than `least`. */
  readonly folderShare: number;
  /** Share of links that may lose the value of one and the same field in one pass. */
  readonly blankShare: number;
  /** Deletes in ten minutes in all lanes of a tenant together. */
  readonly everywhere: number;
}

export interface BreakerPolicy {
  /** A side is closed when more than this share of the writes to it is refused alike, or more than `most` ... */
  readonly share: number;
  readonly most: number;
  /** ... but never for fewer than this. Counted over 200 writes. */
  readonly least: number;
}

/** What happens to a write that would make a store send mail to people. */
export const MAIL_POLICIES = ['hold', 'ask', 'send', 'crm-only'] as const;
export type MailPolicy = (typeof MAIL_POLICIES)[number];

export interface EventPolicy {
  /**
   * `hold`: it waits until the policy is another one. `ask`: until a person lets it go. `send`: it goes, as far as the budget
   * reaches; the rest waits for a person. `crm-only`: it is never made.
   */
  readonly mail: MailPolicy;
  /** People who may get mail because of one run; null = any number. In a first sync it is 0, whatever stands here. */
  readonly mailBudget: number | null;
  /** Edits that would have to go to a record which only somebody else can change: left where they are, or taken back. */
  readonly readOnly: 'ignore' | 'revert';
  /** Dates of the mailbox that are looked at: no event is made there that nobody would see again. Null = all dates. */
  readonly window: EventWindow | null;
  /** Unknown people on an event are made on side b as contacts. Absent = they are left to a person. */
  readonly newPeople?: true;
}

export interface LanePolicy {
  /** Who wins at first contact and where clocks cannot tell. */
  readonly master: Side;
  /** Two clocks are only compared beyond this, in milliseconds. */
  readonly skewMs: number;
  /** May a record that exists on the other side only be created here? */
  readonly create: Readonly<Record<Side, boolean>>;
  /** A record deleted on this side: delete its partner, or unlink the pair for good. */
  readonly onDelete: Readonly<Record<Side, 'delete' | 'unlink'>>;
  readonly brake: BrakePolicy;
  readonly breaker: BreakerPolicy;
  /** Native ids of owners whose CRM records belong to this lane; null = every record. */
  readonly owners: readonly string[] | null;
  /** Rules that records of either side have to meet besides; null = none. */
  readonly scope: LaneScope | null;
  /** Native properties of records created on a side, so that they meet its rules. Sets are added to what is mapped. */
  readonly createWith: Readonly<Record<Side, Fields>>;
  /** Owner of records created in the CRM. */
  readonly createOwner: string | null;
  /** ISO 3166 country that national phone numbers belong to. */
  readonly region: string;
  /** Wait before an open intent is settled, in milliseconds; null = what the stores' capabilities ask for. */
  readonly holdMs: number | null;
  /** Links planned in one pass. */
  readonly maxLinks: number;
  /** Milliseconds between two enumerations of everything, which find what feeds missed; null = only on demand. */
  readonly auditMs: number | null;
  readonly events: EventPolicy;
}

export const DEFAULT_POLICY: LanePolicy = {
  master: 'b',
  skewMs: 120_000,
  create: { a: true, b: true },
  onDelete: { a: 'delete', b: 'delete' },
  brake: { least: 10, share: 0.05, folderShare: 0.25, blankShare: 0.3, everywhere: 1_000 },
  breaker: { share: 0.2, most: 50, least: 10 },
  owners: null,
  scope: null,
  createWith: { a: {}, b: {} },
  createOwner: null,
  region: 'US',
  holdMs: null,
  maxLinks: 5_000,
  auditMs: 172_800_000,
  events: { mail: 'hold', mailBudget: null, readOnly: 'ignore', window: null },
};

/** Lease of a lane and when it is renewed (milliseconds). */
export const LEASE = { ttl: 60_000, renewAfter: 15_000 } as const;
/** Links that are planned, journaled and sent together: as many as a store takes in one request. */
export const CHUNK = 200;
/** A target without conditional writes must have been read no longer ago than this before it is written. */
export const PRE_READ_MS = 2_000;
