import type { Attendee } from './calendar/event.ts';
import type { ErrorKind } from './errors.ts';
import type { FieldCatalogue, Fields, StoreRecord } from './record.ts';

/** What a store of events can do. */
export interface EventCapabilities {
  /**
   * How rules of series are kept. `none`: not at all, only single events. `create-only`: a rule is taken with a create; an
   * update that changes it writes the series anew, under the same stamp, and may answer with a new id. `full`: rules and
   * exceptions can be changed in place.
   */
  readonly recurrence: 'none' | 'create-only' | 'full';
  /** Writes can make the store send mail to people. It then has `audience`. */
  readonly notifies: boolean;
}

/** What a store can do. The engine branches on these, never on names; each is tested both ways by conformance. */
export interface StoreCapabilities {
  /** Update only if the version still holds. Without it the engine reads just before it writes. */
  readonly conditionalUpdate: boolean;
  readonly conditionalDelete: boolean;
  /** `unique`: the store itself refuses a second record with the same stamp. `lookup`: stamps can only be searched. */
  readonly createKey: 'unique' | 'lookup';
  /** The answer to a write holds the record as it is now, with its version. Otherwise the engine reads it back. */
  readonly representation: boolean;
  /** Records say whether the last change was ours. */
  readonly modifiedBy: boolean;
  /** `in-feed`: the feed reports deletions. `side-list`: the adapter merges another list into the feed. */
  readonly deletions: 'in-feed' | 'side-list';
  /** Changes carry whole records, as fresh as a read. */
  readonly contentInFeed: boolean;
  /** Records in changes carry their stamp. */
  readonly stampInFeed: boolean;
  /** The store merges records, and reads of a loser tell the winner. */
  readonly merges: boolean;
  /** A deleted record can be brought back under its id. */
  readonly restore: boolean;
  /** Longest time, in seconds, for which a read or the feed may lag behind a write. */
  readonly lagSeconds: number;
  /** Longest time, in seconds, after which a write whose answer was lost may still take effect. */
  readonly zombieSeconds: number;
  /** Items per call that the adapter can pack; informative, the adapter splits larger arrays itself. */
  readonly batch: { readonly read: number; readonly write: number };
  /** Absent = the store holds no events. */
  readonly events?: EventCapabilities;
}

export type FindingSeverity = 'block' | 'warn' | 'info';

/** Something that `probe` noticed. A `block` keeps the connection off until it is mended. */
export interface Finding {
  /** Stable kebab-case code. */
  readonly code: string;
  readonly severity: FindingSeverity;
  readonly text: string;
  readonly remedy?: string;
}

export interface Probe {
  readonly capabilities: StoreCapabilities;
  readonly catalogue: FieldCatalogue;
  readonly findings: readonly Finding[];
}

/** A stream of changes with a cursor of its own: a folder, or an object of the CRM. */
export interface Feed {
  /** Stable inside the store. */
  readonly key: string;
  readonly label: string;
  /** Hash over filter, folder set and window. When it changes the engine scans and freezes, and never deletes. */
  readonly scopeHash: string;
}

export type Change =
  /** Created or changed, or merely reported again. `record` is present where the feed carries content. */
  | {
      readonly kind: 'changed';
      readonly id: string;
      readonly version?: string;
      readonly mono?: string;
      readonly record?: StoreRecord;
    }
  /** Said to be removed: a suspicion until a read proves it. */
  | { readonly kind: 'removed'; readonly id: string; readonly mono?: string; readonly mergedInto?: string };

export interface ChangePage {
  readonly changes: readonly Change[];
  /** Where to go on. Opaque; never empty; valid after a crash; repeating it may repeat changes, never skip. */
  readonly cursor: string;
  /** More pages are waiting behind `cursor` now. */
  readonly more: boolean;
}

export interface RecordPage {
  readonly records: readonly StoreRecord[];
  /** `null` after the last page. */
  readonly next: string | null;
}

export type ReadResult =
  | { readonly state: 'found'; readonly id: string; readonly record: StoreRecord }
  /** The store said that it does not exist (404, 410, recycle bin). */
  | { readonly state: 'gone'; readonly id: string }
  /** It exists no longer because it was merged into another record. */
  | { readonly state: 'merged'; readonly id: string; readonly into: string }
  /** Exists, outside the folder, filter or window that this store is opened on. */
  | { readonly state: 'out'; readonly id: string; readonly record?: StoreRecord }
  /** This one could not be read, the others could. Says nothing about existence. */
  | { readonly state: 'failed'; readonly id: string; readonly kind: ErrorKind; readonly code?: string };

export type Write =
  | {
      readonly op: 'create';
      /** UUID; kept by the store on the record. A second create with the same stamp must not make a second record. */
      readonly stamp: string;
      /** This stamp was never sent before, so a store of kind `lookup` need not search for it first. Absent = it may have been. */
      readonly fresh?: boolean;
      readonly fields: Fields;
      /** Addresses among the people of an event that stand for rooms and the like. Absent = none is known. */
      readonly rooms?: readonly string[];
      /** Native id of the owner, where the store has owners. */
      readonly owner?: string;
    }
  | {
      readonly op: 'update';
      readonly id: string;
      /** Only the properties to change. */
      readonly patch: Fields;
      /** Precondition; always sent where the store has conditional updates. */
      readonly version: string;
      /** The record as just read, so that whole-value properties (arrays) can be composed. */
      readonly current: StoreRecord;
      /** As of a create. */
      readonly rooms?: readonly string[];
      /** Puts this stamp on an existing record at the same time. */
      readonly stamp?: string;
    }
  | {
      readonly op: 'delete';
      readonly id: string;
      readonly version: string;
      /** The record as just read, where the store notifies: who would hear of it. */
      readonly current?: StoreRecord;
    };

/**
 * Why a store refused an item. `duplicate-key` is a business key (an e-mail that must be unique), not the stamp.
 * `protected`: the text around a block that must not be touched could not be found.
 */
export type RejectCode =
  | 'required'
  | 'too-long'
  | 'invalid'
  | 'duplicate-key'
  | 'validation-rule'
  | 'permission'
  | 'owner'
  | 'read-only'
  | 'protected'
  | 'unsupported'
  | 'unknown';

/**
 * A write that succeeded but left something to a person: a company that matches no account. `created`: people on an event whom nobody
 * knew, and who were made for it.
 */
export interface WriteNote {
  readonly property: string;
  readonly code: 'unresolved' | 'ambiguous' | 'projected' | 'created';
  /** Addresses of those who were made (`created`). */
  readonly people?: readonly string[];
}

export type Outcome =
  | {
      readonly status: 'ok';
      /** Of an update: another id than the one written where the store had to write the record anew (`create-only`). */
      readonly id: string;
      /** Absent where the store does not answer with it: the engine reads the record back. */
      readonly version?: string;
      readonly mono?: string;
      /** The record as it is now (capability `representation`). */
      readonly record?: StoreRecord;
      readonly notes?: readonly WriteNote[];
    }
  /** The precondition did not hold; nothing was changed. */
  | { readonly status: 'conflict' }
  /** A record with this stamp exists already; nothing was changed. `id` where the store names it. */
  | { readonly status: 'duplicate'; readonly id?: string }
  | { readonly status: 'gone'; readonly mergedInto?: string }
  /** Refused for good: the same input will be refused again. `message` names properties, never values. */
  | {
      readonly status: 'rejected';
      readonly code: RejectCode;
      readonly property?: string;
      readonly message: string;
    }
  /** Certainly not applied; may be sent again after the wait. */
  | { readonly status: 'retry'; readonly kind: ErrorKind; readonly afterMs?: number }
  /** May or may not have been applied, now or later (lost answer, 5xx after the body was sent). */
  | { readonly status: 'unknown'; readonly kind: ErrorKind };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The base of contracts `mailbox@1` and `crm@1`: records of one kind in one mailbox folder set, or in one CRM object.
 *
 * Every method throws `AdapterError` for trouble of the call as a whole and never turns trouble into "nothing there".
 * All arrays of results have the length and the order of what was asked.
 */
export interface RecordStore {
  /** Effective capabilities, field catalogue and findings. Reads only. */
  probe(options?: CallOptions): Promise<Probe>;
  feeds(options?: CallOptions): Promise<readonly Feed[]>;
  /**
   * The next page of changes. `cursor` null starts a full enumeration that ends in a cursor which misses nothing
   * written meanwhile. Throws `cursor_expired` (start again with null) or `protocol` (a loop of pages).
   * At least once, in any order.
   */
  changes(feed: string, cursor: string | null, options?: CallOptions): Promise<ChangePage>;
  /** Plain enumeration of what is there now, with stamps. For bulk reads, audits and as the way out of a broken feed. */
  list(feed: string, page: string | null, options?: CallOptions): Promise<RecordPage>;
  /** Fresh reads, with stamps. The adapter batches. */
  read(ids: readonly string[], options?: CallOptions): Promise<readonly ReadResult[]>;
  /** Records whose stamp, or any of whose e-mail addresses, is one of `values`; one array per value. Events have no address. */
  find(
    by: 'stamp' | 'email',
    values: readonly string[],
    options?: CallOptions,
  ): Promise<readonly (readonly StoreRecord[])[]>;
  /**
   * One outcome per write, same order. Not atomic over the batch. Throws only when nothing was sent; anything that
   * may have been sent is an outcome (`unknown`).
   */
  write(batch: readonly Write[], options?: CallOptions): Promise<readonly Outcome[]>;
  /** Records whose `shared` is one of `keys`; one array per key. Present exactly where `events` is declared. */
  findShared?(keys: readonly string[], options?: CallOptions): Promise<readonly (readonly StoreRecord[])[]>;
  /**
   * Whom each of these writes of events names and the store knows nobody of: neither a contact, a lead nor a user has the address.
   * They would be left to a person. Makes reads only. Absent where people on events are no records of their own.
   */
  strangers?(
    batch: readonly Write[],
    options?: CallOptions | undefined,
  ): Promise<readonly (readonly Attendee[])[]>;
  /**
   * Addresses of the people that would get mail because of this write, in small letters, each once. Pure: makes no request,
   * and never names too few; whom it cannot rule out it names. Present exactly where `events.notifies` is declared.
   */
  audience?(write: Write): readonly string[];
}
