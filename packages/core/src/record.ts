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
 */
export type FieldValue = string | readonly string[] | Address | null;

/** Properties by the adapter's own property name. A property that is absent is unknown here, which is not blank. */
export type Fields = Readonly<Record<string, FieldValue>>;

/**
 * How values of a property are compared and what may be lost in it.
 * `text` one line; `multiline` lines separated by LF; `email` compared without case; `phone` compared in E.164;
 * `date` a calendar date; `url` compared without scheme and trailing slash; `address` compared part by part;
 * `set` an unordered list of strings.
 */
export type FieldType = 'text' | 'multiline' | 'email' | 'phone' | 'date' | 'url' | 'address' | 'set';

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
}

/** What a store can hold, by property name. */
export type FieldCatalogue = Readonly<Record<string, FieldSpec>>;

/** One record as a store shows it now. */
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
  /** Private to the adapter, kept in memory only, handed back in `Write.current`. */
  readonly extra?: unknown;
}
