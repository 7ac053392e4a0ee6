import type {
  EventWindow,
  FieldCatalogue,
  Fields,
  FieldValue,
  RecordStore,
  StoreCapabilities,
} from '@tidelock/core';
import type { Disposable } from '../harness.ts';

/** A record as it really is in the remote system, by the adapter's property names. Blank properties may be left out. */
export interface OracleRecord {
  readonly id: string;
  readonly fields: Fields;
  readonly stamp: string | null;
}

/** The truth behind the adapter's back, and a person at the vendor's own screen. Never goes through the adapter. */
export interface RecordOracle {
  /** Every record inside the store's scope that is neither deleted nor merged away. */
  all(): Promise<readonly OracleRecord[]>;
  userCreate(fields: Fields): Promise<string>;
  userUpdate(id: string, patch: Fields): Promise<void>;
  userDelete(id: string): Promise<void>;
  /** Takes the record out of the store's folder or filter without deleting it. Absent = there is no outside. */
  userMove?(id: string): Promise<void>;
  /**
   * Needed where the capability `merges` is declared. Returns the id that stands for both from then on, where that is
   * not the winner's, else null.
   */
  userMerge?(winner: string, loser: string): Promise<string | null>;
  /** Needed where events are declared. */
  readonly events?: EventOracle;
}

/** A person who looks at a series, and changes single occurrences of it. Keys as in `Occurrences`. */
export interface SeriesOracle {
  /** Where the occurrences of the record stand that touch the window: their starts in UTC, or dates, in order. */
  starts(id: string, window: EventWindow): Promise<readonly string[]>;
  cancel(id: string, key: string): Promise<void>;
  change(id: string, key: string, patch: Fields): Promise<void>;
}

/** What only calendars have. Properties are named as the contract names fields of occurrences. */
export interface EventOracle {
  /** Needed where series are declared. */
  readonly series?: SeriesOracle;
  /** A person gives an event an online meeting; the text of its block that must never change. Absent = there are none. */
  userMeetOnline?(id: string): Promise<string>;
  /** Somebody outside invites the owner of the store; the id of the copy. Absent = copies cannot be provoked. */
  userInvited?(fields: Fields): Promise<string>;
  /** The whole body of a record as it is kept, block and all. */
  body?(id: string): Promise<string>;
}

export type FaultKind = '401' | '403' | '429' | '500' | 'timeout';

export interface RecordFaults {
  /**
   * From the next request on and until `clear`, every request of that sort (absent: every request) fails without
   * being executed. `429` names a wait. `timeout` gives no answer until the adapter's own deadline (on the fixture's
   * clock) or a reset of the connection.
   */
  next(kind: FaultKind, forOperation?: 'read' | 'write'): Promise<void> | void;
  /** The next write is executed (or not), and its answer never arrives. */
  loseAnswer(applied: boolean): Promise<void> | void;
  /** Every cursor handed out so far is dead. */
  expireCursor(): Promise<void> | void;
  /** The feed goes on answering with the same page. Absent = cannot be provoked. */
  endlessPages?(): Promise<void> | void;
  /** The answer to the next batch of writes lacks the answer to one of them. Absent = the vendor has no batches. */
  dropBatchItem?(): Promise<void> | void;
  /**
   * The answer to the next reading of several ids says nothing at all of one of them. Absent = the vendor reads one by
   * one, or what its answer leaves out is what it does not have.
   */
  dropReadItem?(): Promise<void> | void;
  clear(): Promise<void> | void;
}

/** Which properties play which part. All of them writable, and none composed with another of them. */
export interface RecordSample {
  /** One-line text, usually the family name. */
  readonly name: string;
  /** Absent = the store's records have no address of their own (events). */
  readonly email?: string;
  readonly phone?: string;
  /** One-line text that may be blank and that no rule restricts. */
  readonly text: string;
  /** Values for properties whose vendor accepts only certain ones (a country list). */
  readonly values?: Readonly<Record<string, FieldValue>>;
  /** Values never written by the suite, with the reason in the adapter's README: property names. */
  readonly untouched?: readonly string[];
  /** Fields that the vendor refuses for good when created with them. Absent = nothing is known that it refuses. */
  readonly refused?: Fields;
}

export interface RecordStoreFixture extends Disposable {
  readonly store: RecordStore;
  readonly oracle: RecordOracle;
  readonly faults: RecordFaults;
  /** Moves the clock of adapter and emulator. */
  readonly clock: { advance(ms: number): Promise<void> | void };
  readonly sample: RecordSample;
  /** Requests that have reached the remote so far. Absent = not counted, and the cases on it are skipped. */
  requests?(): number;
  /** Credentials planted in the fixture, and everything logged so far, as text. */
  readonly leaks?: { readonly secrets: readonly string[]; logged(): string };
}

/** What decides whether a case applies: the adapter's declarations, and what the fixture can provoke. */
export interface RecordStoreTraits {
  readonly capabilities: StoreCapabilities;
  readonly catalogue: FieldCatalogue;
  readonly canMove: boolean;
  readonly canLoop: boolean;
  readonly canDropItem: boolean;
  readonly canDropRead: boolean;
  readonly canRefuse: boolean;
  readonly hasEmail: boolean;
  readonly events: EventOracle | undefined;
  readonly countsRequests: boolean;
  /** The store says whom it knows nobody of. */
  readonly tellsStrangers: boolean;
}

export async function readTraits(fixture: RecordStoreFixture): Promise<RecordStoreTraits> {
  const { capabilities, catalogue } = await fixture.store.probe();
  return {
    capabilities,
    catalogue,
    canMove: fixture.oracle.userMove !== undefined,
    canLoop: fixture.faults.endlessPages !== undefined,
    canDropItem: fixture.faults.dropBatchItem !== undefined,
    canDropRead: fixture.faults.dropReadItem !== undefined,
    canRefuse: fixture.sample.refused !== undefined,
    hasEmail: fixture.sample.email !== undefined,
    events: fixture.oracle.events,
    countsRequests: fixture.requests !== undefined,
    tellsStrangers: fixture.store.strangers !== undefined,
  };
}
