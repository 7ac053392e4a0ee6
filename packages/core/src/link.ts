import type { Fields } from './record.ts';

/** A = mailbox, B = CRM. The engine is symmetric and knows no more than the letters. */
export type Side = 'a' | 'b';

export interface SideRef {
  readonly id: string;
  /** Incarnation: goes up when a deleted partner is created again. */
  readonly inc: number;
  /** Empty after a write whose answer had no version: the next observation fills it. */
  readonly version: string;
  readonly mono: string;
  readonly stamp: string | null;
  /** Full-enumeration generation in which the record was last seen. */
  readonly gen: number;
  /** Names the folder that the record was in when it was last read, as the engine writes it; absent = not known. */
  readonly container?: string;
  /** Only somebody else could change the record when it was last read (`StoreRecord.writable`). */
  readonly closed?: true;
}

/**
 * `half` one side only, the other is to be created; `live` both; `tomb` both gone; `out` frozen: outside folder,
 * filter or window; `merged` its CRM side went into another record; `detached` a person or policy unlinked it: both
 * sides stay and neither is ever created again.
 */
export type LinkStatus = 'half' | 'live' | 'tomb' | 'out' | 'merged' | 'detached';

export interface Quarantine {
  readonly class: 'item' | 'identity' | 'transient';
  readonly code: string;
  readonly message: string;
  /** Hash of the input that was refused: another input is tried at once. */
  readonly inputHash: string;
  readonly attempts: number;
  /** Milliseconds since the epoch; `null` = parked until the input changes or a person retries. */
  readonly nextAt: number | null;
}

export interface Link {
  readonly laneId: string;
  readonly id: string;
  readonly status: LinkStatus;
  readonly a: SideRef | null;
  readonly b: SideRef | null;
  /** Canonical value of each mapped field as that side last showed it while the pair agreed. */
  readonly shownA: Fields | null;
  readonly shownB: Fields | null;
  /** Proven gone (404, 410, merged), counterpart not yet dealt with. */
  readonly goneA: boolean;
  readonly goneB: boolean;
  readonly quarantine: Quarantine | null;
  /** Fields that a person must decide about; neither side is written for them. */
  readonly holds: readonly string[];
  readonly updatedAt: number;
  /** Read-only for callers of `putLinks`: kept by marks. A side is dirty while `dirty > clean`. */
  readonly dirtyA: number;
  readonly dirtyB: number;
  readonly cleanA: number;
  readonly cleanB: number;
  /** Highest `mono` seen anywhere, also in the feed: a read below it is stale. */
  readonly seenA: string;
  readonly seenB: string;
}

/** A feed reported a record. Marks commute: they may be applied by a reader that does not hold the lane. */
export interface Mark {
  readonly side: Side;
  readonly linkId: string;
  /** `dirty`: look at the content. `clean`: content equals what is shown, only version and mono moved. */
  readonly kind: 'dirty' | 'clean';
  readonly version?: string | undefined;
  readonly mono?: string | undefined;
  readonly gen?: number | undefined;
}

export type SuspectWhy = 'unknown' | 'removed' | 'missing' | 'merged' | 'review';

/** Something to be settled by a read: an unknown record, or a record said to be gone. */
export interface Suspect {
  readonly laneId: string;
  readonly side: Side;
  readonly id: string;
  readonly why: SuspectWhy;
  readonly feed: string;
  /** For `merged`: the winner the feed named. */
  readonly into?: string | undefined;
  /** Absent = not known yet; null = carries none. */
  readonly stamp?: string | null | undefined;
  /** Blocking keys for matching; absent = content not seen yet. */
  readonly keys?: readonly string[] | undefined;
  readonly mono: string;
  readonly at: number;
  /** Changes whenever the record is reported again; settling names the value it settles. */
  readonly seq: number;
}
