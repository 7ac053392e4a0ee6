import type { ConflictRow, HistoryRow, Intent, Review, RunRow } from './journal.ts';
import type { FeedRow, HeldDeletes, LanePause, LaneRow, LaneSpec, LaneSums } from './lane.ts';
import type { Link, Mark, Side, Suspect, SuspectWhy } from './link.ts';

export interface Lease {
  readonly fence: number;
  readonly until: number;
}

/** Proof of holding a lane. Every commit that names a guard does nothing and throws `conflict` once the fence is old. */
export interface Guard {
  readonly laneId: string;
  readonly fence: number;
}

export interface FeedCommit {
  readonly feed: string;
  readonly fence: number;
  readonly cursor: string | null;
  readonly gen: number;
  readonly scanning: boolean;
  readonly scopeHash: string | null;
  readonly pageHash: string | null;
  readonly lanes: readonly {
    readonly laneId: string;
    readonly marks: readonly Mark[];
    readonly suspects: readonly Omit<Suspect, 'seq' | 'laneId'>[];
  }[];
  readonly now: number;
}

/** One row set of a pass's decision. Everything in it is committed together or not at all. */
export interface LaneCommit {
  readonly guard: Guard;
  readonly now: number;
  readonly links?: readonly LinkPut[];
  /** Suspects that are settled; ignored where `seq` moved on meanwhile. */
  readonly settled?: readonly Pick<Suspect, 'side' | 'id' | 'seq'>[];
  /** Suspects learned more about (stamp, keys) or moved to `review`; ignored where `seq` moved on meanwhile. */
  readonly suspects?: readonly Suspect[];
  readonly keys?: readonly { readonly side: Side; readonly id: string; readonly keys: readonly string[] }[];
  readonly closed?: readonly {
    readonly id: string;
    readonly state: 'confirmed' | 'void';
    readonly conflicts: readonly ConflictRow[];
  }[];
  readonly history?: readonly HistoryRow[];
  readonly reviews?: readonly Review[];
  readonly held?: HeldDeletes | null;
  /** Claims to release, by key. */
  readonly released?: readonly string[];
}

/**
 * Inserts or replaces a link. `dirtyX` and `seenX` are not taken from it (they belong to marks, except on insert);
 * `cleanX` never goes down.
 */
export interface LinkPut {
  readonly link: Link;
  /** Also mark these sides dirty again (content is to be looked at in the next pass). */
  readonly mark?: readonly Side[];
}

export interface OpenIntents {
  readonly guard: Guard;
  readonly now: number;
  readonly intents: readonly Intent[];
  /** Strong keys of records about to be created in a shared store: refused while another lane holds one. */
  readonly claims: readonly { readonly intentId: string; readonly store: string; readonly key: string }[];
  /**
   * How new the target of an intent was when it was read (its `mono`): refused where its link has been shown a newer one by now
   * (`seenA`, `seenB`). Who is not named is not asked about.
   */
  readonly reads?: readonly { readonly intentId: string; readonly mono: string }[];
}

export interface OpenResult {
  readonly opened: readonly string[];
  /**
   * Not opened: the link or the remote record has an open intent, the record is newer than it was read, or the key is claimed by
   * another lane. The first that applies, in this order.
   */
  readonly refused: readonly {
    readonly intentId: string;
    readonly why: 'link' | 'target' | 'newer' | 'claim';
  }[];
  /** Opened creates whose stamp was journaled before: it may have reached the store. Absent = this state cannot tell. */
  readonly repeated?: readonly string[];
}

export type LinkQuery =
  | { readonly by: 'id'; readonly ids: readonly string[] }
  /** The link that a record stands in now; `ended`: with the merged and tombstoned ones in which it stood before. */
  | { readonly by: 'native'; readonly side: Side; readonly ids: readonly string[]; readonly ended?: true }
  /** Links of which a side carries one of these stamps, or for which the journal holds a create that sent one. */
  | { readonly by: 'stamp'; readonly stamps: readonly string[] }
  /** Dirty, gone or half links that are not parked at `now`, oldest id first; with `after` only greater ids. */
  | { readonly by: 'work'; readonly now: number; readonly after?: string; readonly limit: number }
  /** Live, half or frozen links not seen in the enumeration `gen` of this feed's side: longest unseen first, then by id. */
  | { readonly by: 'unseen'; readonly side: Side; readonly gen: number; readonly limit: number }
  | { readonly by: 'page'; readonly after: string; readonly limit: number };

/** What one lane knows of records of a store that lanes share. */
export interface KnownRecords {
  readonly laneId: string;
  /** As `links` answers them by native id. */
  readonly links: readonly Link[];
  readonly suspects: readonly Suspect[];
}

export interface LaneCounts {
  readonly live: number;
  readonly half: number;
  readonly out: number;
  readonly tomb: number;
  readonly merged: number;
  readonly detached: number;
  readonly dirty: number;
  readonly parked: number;
  readonly suspects: number;
  readonly reviews: number;
  readonly openIntents: number;
}

export interface DeleteCounts {
  readonly lane: Readonly<Record<Side, number>>;
  readonly tenant: number;
}

/**
 * Contract `state@1`: what the engine remembers, as named atomic transactions, so that implementations in
 * memory, in a file and on a database server can be compared by one suite. All instants come from the caller's clock. Reads answer what
 * is committed. A guard with an old fence makes any commit throw `AdapterError('conflict')` without a trace.
 */
export interface SyncState {
  saveLanes(lanes: readonly LaneSpec[], now: number): Promise<void>;
  /** All, or those that are named and known; by id. */
  lanes(ids?: readonly string[]): Promise<readonly LaneRow[]>;
  /** Those that are named and known, counted where they are stored: asked every minute, for one answer however many there are. */
  sumLanes(query: { readonly ids: readonly string[]; readonly before: number }): Promise<LaneSums>;
  /**
   * Lanes that are due at `now` and held by nobody else, the longest due first; a lease of `owner` does not count: it may be
   * what the owner left behind when it died. Paused ones are among them. Costs what it answers, however many lanes there are.
   */
  dueLanes(query: {
    readonly now: number;
    readonly owner: string;
    readonly limit: number;
  }): Promise<readonly LaneRow[]>;
  /** For lanes that rest: not due before `until`, whatever was hinted so far; the next hint makes them due. Unknown ones are passed over. */
  deferLanes(ids: readonly string[], until: number): Promise<void>;
  /** `null` while somebody else's lease runs. Fences only go up. */
  acquireLane(request: {
    readonly laneId: string;
    readonly owner: string;
    readonly now: number;
    readonly ttlMs: number;
  }): Promise<Lease | null>;
  renewLane(request: {
    readonly guard: Guard;
    readonly now: number;
    readonly ttlMs: number;
  }): Promise<boolean>;
  /**
   * Ends the lease. The lane stays due at once when `dirtySeq` moved past `doneSeq` meanwhile, unless it failed: then it is due
   * at `dueAt`, and what was hinted waits with it.
   */
  releaseLane(request: {
    readonly guard: Guard;
    readonly now: number;
    readonly doneSeq: number;
    readonly dueAt: number;
    readonly errorKind: string | null;
    readonly scopeHash: string | null;
  }): Promise<void>;
  /** A hint that something changed: bumps `dirtySeq` and makes the lane due, whoever holds it. */
  hintLane(laneId: string, now: number): Promise<void>;
  /** Lets go what is held under this hash, beside what was approved before; `null` takes every approval back. */
  approveHeld(laneId: string, hash: string | null, now: number): Promise<void>;
  /** Pauses a lane, or (`null`) lets it go on. Whoever holds it finishes the write under way. */
  pauseLane(laneId: string, pause: LanePause | null): Promise<void>;
  /**
   * Forgets everything about a lane but that it exists, and whether it is paused: pairs, suspects, keys, journal, history,
   * reviews, runs, what is held and approved. Its fence goes up, so whoever holds it commits nothing more. Cursors of its stores
   * are not its own: see `resetFeeds`.
   */
  eraseLane(laneId: string, now: number): Promise<void>;

  saveFeeds(
    feeds: readonly {
      readonly id: string;
      readonly store: string;
      readonly side: Side;
      readonly key: string;
    }[],
  ): Promise<void>;
  feeds(store: string): Promise<readonly FeedRow[]>;
  /**
   * `null` while somebody else's lease runs. While it is read a feed is due when the lease ends, in case its reader does
   * not come to an end.
   */
  acquireFeed(request: {
    readonly feed: string;
    readonly owner: string;
    readonly now: number;
    readonly ttlMs: number;
  }): Promise<Lease | null>;
  /** `dueAt`: when it is to be read next; the hint of somebody who came while it was read makes that earlier. */
  releaseFeed(request: {
    readonly feed: string;
    readonly fence: number;
    readonly dueAt?: number | undefined;
  }): Promise<void>;
  /** A hint that something changed in a store: its feeds are due. A store that has none yet is left alone. */
  hintFeeds(store: string, now: number): Promise<void>;
  /**
   * Observations and the cursor that covers them, in one transaction; `scanning` going from true to false dates
   * `scannedAt`. Bumps `dirtySeq` of each lane that got something.
   */
  commitObservations(commit: FeedCommit): Promise<void>;
  /** Drops every cursor of a store: the next pass enumerates, and the feeds are due. Links stay. */
  resetFeeds(store: string): Promise<void>;

  links(laneId: string, query: LinkQuery): Promise<readonly Link[]>;
  suspects(
    laneId: string,
    query: {
      readonly why?: readonly SuspectWhy[];
      readonly after?: { readonly side: Side; readonly id: string };
      readonly limit: number;
    },
  ): Promise<readonly Suspect[]>;
  /**
   * Pairs and suspects of these records on side B, of every lane over that store which knows one of them; by lane. Costs what it
   * answers, however many lanes there are.
   */
  knownRecords(storeB: string, ids: readonly string[]): Promise<readonly KnownRecords[]>;
  /** For each key owner named: ids on `side` that share a blocking key, linked or not; at most `cap + 1` ids a key. */
  candidates(
    laneId: string,
    side: Side,
    keys: readonly string[],
    cap: number,
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  openIntentsOf(laneId: string): Promise<readonly Intent[]>;
  /** Open and recently closed intents of a link, newest first. */
  intentsOf(laneId: string, linkId: string): Promise<readonly Intent[]>;
  reviews(
    laneId: string,
    query?: { readonly open?: boolean; readonly ids?: readonly string[] },
  ): Promise<readonly Review[]>;
  decide(reviewId: string, decision: string, now: number): Promise<Review | null>;
  counts(laneId: string, now: number): Promise<LaneCounts>;
  /** Newest first. `since`: milliseconds since the epoch, inclusive. */
  history(
    laneId: string,
    query: {
      readonly linkId?: string;
      readonly runId?: string;
      readonly since?: number;
      readonly limit: number;
    },
  ): Promise<readonly HistoryRow[]>;

  /** Deletes that took effect at or after an instant: in this lane, by side, and in all lanes of its tenant. */
  deletesSince(
    laneId: string,
    since: { readonly lane: number; readonly tenant: number },
  ): Promise<DeleteCounts>;

  /** The pass's decisions: links, settled suspects, closed intents, history, in one transaction. */
  commitLane(commit: LaneCommit): Promise<void>;
  /** Journals writes before they are sent. Durable when it returns. */
  openIntents(request: OpenIntents): Promise<OpenResult>;
  startRun(run: RunRow): Promise<void>;
  finishRun(run: Pick<RunRow, 'id' | 'endedAt' | 'counts' | 'stopReason'>): Promise<void>;
  runs(laneId: string, limit: number): Promise<readonly RunRow[]>;
  /**
   * Forgets closed intents, claims, tombstones and history older than the given instants, and before that only the
   * values of history (`values`): those rows stay, marked `expired`. Returns rows removed.
   */
  prune(before: {
    readonly intents: number;
    readonly claims: number;
    readonly tombstones: number;
    readonly values: number;
    readonly history: number;
    /** Runs that began before and ended, which history does not name; the last one of each lane stays. Absent = none. */
    readonly runs?: number | undefined;
  }): Promise<number>;
}
