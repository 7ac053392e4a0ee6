import type { Change, ChangePage } from '@tidelock/core';
import { type Core, stopped, store } from './effect.ts';
import type { Reader } from './observe.ts';
import type { Position } from './scan.ts';

/** Changes that are stored in one transaction, give or take a page: a transaction costs as much as many rows. */
export const COMMIT_CHANGES = 1_000;

/** Pages of a feed that are stored together. */
export interface Stretch {
  readonly changes: Change[];
  pages: number;
  more: boolean;
  /** What the page after the last one failed with. */
  error: unknown;
}

/**
 * Reads pages until they are worth a transaction; `at` moves on to the cursor behind the last of them. A page that fails
 * is reported after the ones before it, so that those can be stored.
 */
export function* readStretch(reader: Reader, at: Position, maxPages: number): Core<Stretch> {
  const most = reader.commitChanges ?? COMMIT_CHANGES;
  const stretch: Stretch = { changes: [], pages: 0, more: true, error: null };
  while (stretch.more && stretch.changes.length < most && stretch.pages < maxPages) {
    if (stretch.pages > 0 && (yield* stopped())) return stretch;
    try {
      const page: ChangePage = yield* store(reader.side, 'changes', reader.feed.key, at.cursor);
      at.cursor = page.cursor;
      stretch.changes.push(...page.changes);
      stretch.more = page.more;
    } catch (error) {
      if (stretch.pages === 0) throw error;
      stretch.error = error;
      return stretch;
    }
    stretch.pages++;
  }
  return stretch;
}
