import type { FeedCommit, LaneCommit, Outcome, Side, Write } from '@tidelock/core';
import { CheckFailed, type Sim } from './sim.ts';

/** What the checks of this file remember of one pass. */
export interface Watched {
  readonly sim: Sim;
  /** Entries of the enumeration under way; null = it began before this pass. */
  met: number | null;
  /** Store whose feed is read; the enumeration of another one is another one. */
  scanned: string;
  /** Feed whose enumeration is counted as an empty one already. */
  counted: string | null;
  /** Feeds of which entries were read that no commit has stored so far. */
  readonly unstored: Set<string>;
  /** Wall clock when the enumeration under way began; the clock of the state may jump before its end. */
  scanAt: number;
  /** Writes of the last batch that were refused alike, where they were too many. */
  refused: { readonly side: Side; readonly ids: ReadonlySet<string> } | null;
}

/** Too many refused alike are the store's trouble: it is asked about once, and no record is parked for it. */
export function checkSystemic(desk: Watched, commit: LaneCommit): void {
  const { refused, sim } = desk;
  if (refused === null) return;
  // Another chunk of the same pass may be stored in between.
  const isOfBatch = ({ id }: { readonly id: string }): boolean => {
    const intent = sim.state.tables.intents.get(id);
    return refused.ids.has(intent?.stamp ?? '') || refused.ids.has(intent?.targetId ?? '');
  };
  if (!(commit.closed ?? []).some(isOfBatch)) return;
  desk.refused = null;
  const parked = (commit.links ?? []).filter(({ link }) => link.quarantine?.code === 'validation-rule');
  const asked = (commit.reviews ?? []).some((review) => review.kind === 'systemic');
  if (!asked || parked.length > 0)
    throw new CheckFailed(
      'S13',
      `${refused.ids.size} writes were refused alike, and ${parked.length} were parked`,
    );
  desk.sim.count('rule breaker open');
}

export function noteRefusals(
  desk: Watched,
  side: Side,
  of: { writes: readonly Write[]; outcomes: readonly Outcome[] },
): void {
  const ids = of.writes.flatMap((write, index) =>
    of.outcomes[index]?.status === 'rejected'
      ? [write.op === 'create' ? `stamp:${write.stamp}` : write.id]
      : [],
  );
  desk.refused = ids.length >= 2 && ids.length === of.writes.length ? { side, ids: new Set(ids) } : null;
}

const LOOK_AGAIN = 300_000;

/** Enumerations that met nothing, as the store answered them: what the engine makes of them is not asked. */
export function noteScan(
  desk: Watched,
  feed: string,
  page: { readonly from: string | null; readonly met: number; readonly more: boolean },
): void {
  const { emptyScans } = desk.sim;
  if (page.met > 0) desk.unstored.add(feed);
  else if (desk.met === 0 && !page.more && desk.counted !== feed) {
    emptyScans.set(feed, (emptyScans.get(feed) ?? 0) + 1);
    desk.counted = feed;
  }
}

/** Entries that were stored speak against an empty look before them; what a process read that died is nobody's (row 3). */
export function noteStored({ sim, unstored }: Watched, { feed }: FeedCommit): void {
  if (unstored.delete(feed)) sim.emptyScans.delete(feed);
}

/** Nothing is concluded from an empty enumeration that was not empty some time before as well. */
export function checkSweep(desk: Watched, commit: FeedCommit): void {
  const swept = commit.lanes.some(({ suspects }) => suspects.some(({ why }) => why === 'missing'));
  const { pageHash, fence } = desk.sim.state.tables.feeds.get(commit.feed) ?? { pageHash: null };
  // Whoever has lost the feed stores nothing (7.4): others may have read on since.
  if (!swept || desk.met !== 0 || fence !== commit.fence) return;
  const before = pageHash?.startsWith('empty:') ? Number(pageHash.slice(6)) : null;
  const looks = desk.sim.emptyScans.get(commit.feed) ?? 0;
  if (looks < 2 || before === null || desk.scanAt - before < LOOK_AGAIN)
    throw new CheckFailed('S12', 'an empty enumeration was believed at first sight');
  desk.sim.count('rule scan empty twice');
}
