import type { EventValue, OccurrenceField } from './calendar/event.ts';

/** A postal address is one value: mixing halves of two addresses makes nonsense. Absent parts are blank. */
export interface Address {
  readonly street?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly country?: string | undefined;
}

/**
 * A property's value as a store shows it. `null` is blank; adapters turn empty strings, empty arrays and empty
 * addresses into `null`. Dates are `YYYY-MM-DD`, or `--MM-DD` without a year, and never pass through a time zone.
 * What only events have is told apart by its `kind`, which no address has.
 */
export type FieldValue = string | readonly string[] | Address | EventValue | null;

/** Properties by the adapter's own property name. A property that is absent is unknown here, which is not blank. */
export type Fields = Readonly<Record<string, FieldValue>>;

/**
 * How values of a property are compared and what may be lost in it.
 * `text` one line; `multiline` lines separated by LF; `email` compared without case; `phone` compared in E.164;
 * `date` a calendar date; `url` compared without scheme and trailing slash; `address` compared part by part;
 * `set` an unordered list of strings.
 *
 * Of events: `time` an `EventTime`, compared by its instants; `recurrence` a `Recurrence`, compared as a rule in its zone;
 * `occurrences` the `Occurrences` of a series, compared and merged child by child and field by field; `people` a `People`,
 * compared and merged by address; `html` a fragment of HTML, compared by what a reader sees, without the block in which a
 * meeting service keeps its join link: an adapter keeps that block byte for byte around what is written, and refuses a
 * write with code `protected` where it cannot find it; `choice` one word of a closed list, `showAs` of `free`, `tentative`,
 * `busy`, `oof`, `workingElsewhere`, `sensitivity` of `normal`, `personal`, `private`, `confidential`; `minutes` a whole
 * number in decimal digits, of a reminder the minutes before the start.
 */
export type FieldType =
  | 'text'
  | 'multiline'
  | 'email'
  | 'phone'
  | 'date'
  | 'url'
  | 'address'
  | 'set'
  | 'time'
  | 'recurrence'
  | 'occurrences'
  | 'people'
  | 'html'
  | 'choice'
  | 'minutes';

export interface FieldSpec {
  readonly type: FieldType;
  /** What the vendor's own screens call it. */
  readonly label: string;
  readonly writable: boolean;
  /** A create without it is refused by the store. */
  readonly required?: boolean;
  /** Longest value in UTF-16 units; for `set`, of one member; for `address`, see `parts`. */
  readonly maxLength?: number;
  readonly maxItems?: number;
  /** For `address`: longest value of each part. A part that is absent here is not kept by the store. */
  readonly parts?: Readonly<Partial<Record<keyof Address, number>>>;
  /** For `date`: the store cannot hold a date without a year. */
  readonly yearRequired?: boolean;
  /**
   * The store keeps a written value only when it can resolve it (a company that must match an account). What it
   * shows afterwards may be blank; that blank is not an edit.
   */
  readonly resolved?: boolean;
  /** For `choice`: the words that the store knows. Another one cannot be held. */
  readonly choices?: readonly string[];
  /** For `time`: the store keeps instants and shows them in UTC. The engine brings them back into the zone they had. */
  readonly instantsOnly?: boolean;
  /** For `people`: what the store keeps besides addresses; absent = everything. */
  readonly keeps?: readonly ('role' | 'response' | 'organizer')[];
  /** For `occurrences`: the fields in which an exception may differ from its series; absent = all of them. */
  readonly children?: readonly OccurrenceField[];
  /**
   * The value is the mailbox owner's own and not the meeting's (reminder, categories, show as): that of a copy which is
   * not the organizer's does not travel to a record that others share.
   */
  readonly personal?: boolean;
}

/** What a store can hold, by property name. */
export type FieldCatalogue = Readonly<Record<string, FieldSpec>>;

/**
 * One record as a store shows it now. An event is one record, and so is a whole series: its master with all its exceptions
 * and cancelled occurrences, under one version that changes with any of them.
 */
export interface StoreRecord {
  /** Native id, opaque, case-sensitive. Stable across folder moves where the vendor offers that. */
  readonly id: string;
  /** Opaque version (etag, change key, stamp). Equal means unchanged; different means "look". */
  readonly version: string;
  /**
   * Server-side modification time or row version in a form where string comparison is time order
   * (`2026-08-01T06:00:01Z`, zero-padded number). Compared only with values of the same store.
   */
  readonly mono: string;
  readonly fields: Fields;
  /** The idempotency stamp it carries; `null` = carries none; absent = this read could not tell. */
  readonly stamp?: string | null;
  /** Milliseconds since the epoch, the store's own clock. */
  readonly createdAt?: number;
  readonly modifiedAt?: number;
  readonly modifiedBy?: 'us' | 'other';
  /** Native id of the user the record belongs to, where the store knows owners. */
  readonly owner?: string;
  /** Folder or other container. */
  readonly container?: string;
  /**
   * `false`: nobody but its organizer, whose copy is another one, can change it. The engine never writes it. Its personal
   * fields are its own all the same.
   */
  readonly writable?: boolean;
  /** Part of another record, an occurrence seen by itself: it is changed and deleted there, by whoever owns that one. */
  readonly derived?: true;
  /**
   * What the copies of one meeting in several mailboxes have in common (iCalUId of the event, or of the series): several
   * lanes make one record of it in a store that they share. Compared as it is.
   */
  readonly shared?: string;
  /** Private to the adapter, kept in memory only, handed back in `Write.current`. */
  readonly extra?: unknown;
}
