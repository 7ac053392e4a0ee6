import type { FeedRow } from '@tidelock/core';
import { unit } from './stamp.ts';

/** Where in a feed a reading stands. */
export interface Position {
  cursor: string | null;
  gen: number;
  readonly fence: number;
  scanning: boolean;
  /** The enumeration runs because the scope changed: what it does not meet is frozen, never deleted. */
  moved: boolean;
  /** Nothing of the enumeration under way is stored yet. */
  begins: boolean;
  /** The enumeration under way began in this reading, and so many entries were met since. */
  met: number | null;
  /** Wall clock when an enumeration met nothing where records are known, and nothing was met since; null = none did. */
  doubted: number | null;
}

/** Feed key of suspects that left the scope because somebody changed it: `out` is all that a read can make of them. */
export const SCOPE_FEED = '(scope)';

/** Before the hash of the scope while the enumeration that a changed scope asks for is under way. */
const MOVING = 'moving:';
/** Before the instant at which an enumeration was empty although records are known. */
const EMPTY = 'empty:';

/** An empty listing is looked at again no earlier than this (milliseconds). */
export const LOOK_AGAIN_MS = 300_000;

export const scopeToStore = (
  at: Pick<Position, 'moved' | 'scanning' | 'cursor'>,
  scopeHash: string,
): string => (at.moved && (at.scanning || at.cursor === null) ? `${MOVING}${scopeHash}` : scopeHash);

export const emptyAt = (now: number): string => `${EMPTY}${now}`;

/** When the last enumeration found nothing where records are known; null = it did not. */
export function foundEmptyAt(feed: Pick<FeedRow, 'pageHash'>): number | null {
  return feed.pageHash?.startsWith(EMPTY) === true ? Number(feed.pageHash.slice(EMPTY.length)) : null;
}

/**
 * When a feed is due for its audit, an enumeration of everything: `every` milliseconds after the last one, spread by
 * the feed's name over half of that on either side, so that nothing happens on the hour. Null = never by itself.
 */
export function auditDueAt(feed: Pick<FeedRow, 'id' | 'scannedAt'>, every: number | null): number | null {
  if (every === null || feed.scannedAt === null) return null;
  return feed.scannedAt + every * (0.5 + unit('audit', feed.id));
}

/** A feed keeps one hash for each lane that it told everything to, so one that was away is told again. */
function isMoved(known: string | null, scopeHash: string): boolean {
  if (known === null || known === scopeHash) return false;
  // One lane among a thousand: the hashes of the others are not taken apart for it.
  if (!scopeHash.includes(' ')) return !` ${known} `.includes(` ${scopeHash} `);
  const told = new Set(known.split(' '));
  return scopeHash.split(' ').some((hash) => !told.has(hash));
}

/** The scope that a feed was read under last, and whether the enumeration that a changed one asks for is under way. */
function readUnder({ scopeHash }: Pick<FeedRow, 'scopeHash'>): { known: string | null; wasMoving: boolean } {
  const wasMoving = scopeHash?.startsWith(MOVING) === true;
  return { known: wasMoving ? scopeHash.slice(MOVING.length) : scopeHash, wasMoving };
}

/** Was its scope changed, and not enumerated under the new one to the end? What the scope takes is not known then. */
export function isUnlisted(feed: Pick<FeedRow, 'scopeHash'>, scopeHash: string): boolean {
  const { known, wasMoving } = readUnder(feed);
  return wasMoving || isMoved(known, scopeHash);
}

/**
 * Goes on where the last reading stopped, or starts an enumeration where the cursor says nothing any more. The feeds
 * of one side share the generations of its links: when one of them is enumerated, the others are too, and the last one
 * sweeps.
 */
export function startOf(
  feed: FeedRow,
  of: {
    readonly scopeHash: string;
    readonly fence: number;
    readonly now: number;
    readonly auditMs: number | null;
    /** The other feeds of the same side. */
    readonly siblings: readonly FeedRow[];
  },
): Position {
  const newest = Math.max(0, ...of.siblings.map((other) => other.gen));
  const { known, wasMoving } = readUnder(feed);
  const changed = isMoved(known, of.scopeHash);
  const due = auditDueAt(feed, of.auditMs);
  const again = changed || newest > feed.gen || (!feed.scanning && due !== null && due <= of.now);
  const cursor = again ? null : feed.cursor;
  const begins = cursor === null;
  return {
    cursor,
    gen: begins ? Math.max(newest, newest > feed.gen ? 0 : feed.gen + 1) : feed.gen,
    scanning: begins || feed.scanning,
    moved: changed || wasMoving,
    fence: of.fence,
    begins,
    met: begins ? 0 : null,
    doubted: foundEmptyAt(feed),
  };
}
