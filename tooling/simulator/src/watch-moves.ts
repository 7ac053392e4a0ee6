import type { Intent, LaneCommit, Link, Side } from '@tidelock/core';
import { CheckFailed } from './sim.ts';
import { type Desk, refOf } from './watch-desk.ts';

const SIDES = ['a', 'b'] as const;

/** Links as they are before a commit, and the tombstones that name their records. */
export function linksBefore(desk: Desk, commit: LaneCommit): ReadonlyMap<string, Link> {
  const stored = desk.sim.state.tables.lanes.get(commit.guard.laneId)?.links;
  const before = new Map<string, Link>();
  for (const { link } of commit.links ?? []) {
    const was = stored?.get(link.id)?.link;
    if (was !== undefined) before.set(link.id, was);
  }
  return before;
}

const buried = (desk: Desk, link: Link, side: Side): boolean =>
  [...(desk.sim.state.tables.lanes.get(link.laneId)?.links.values() ?? [])].some(
    (other) =>
      other.link.status === 'tomb' &&
      refOf(other.link, side) !== null &&
      refOf(other.link, side)?.id === refOf(link, side)?.id,
  );

/** What the journal has sent under a stamp, when it was the same each time. */
function sentUnder(desk: Desk, laneId: string, stamp: string): Intent | undefined {
  const creates = [...desk.sim.state.tables.intents.values()].filter(
    (intent) => intent.laneId === laneId && intent.op === 'create' && intent.stamp === stamp,
  );
  const texts = new Set(creates.map((intent) => JSON.stringify(intent.sent)));
  return texts.size === 1 ? creates[0] : undefined;
}

/**
 * Nobody's journal speaks for this record any more, and it meets whomever it matches anew: somebody brought the very one back
 * that a tombstone names, or the pair that sent it was merged away (6.4).
 */
function isOnItsOwn(desk: Desk, { laneId, linkId }: Intent, ref: { side: Side; id: string }): boolean {
  const link = desk.sim.state.tables.lanes.get(laneId)?.links.get(linkId)?.link;
  return link?.status === 'merged' || (link?.status === 'tomb' && refOf(link, ref.side)?.id === ref.id);
}

/** A record that gets its place by its stamp starts from what its create has sent: else a later delete is an edit (S6). */
function checkAdopted(desk: Desk, link: Link, was: Link): void {
  for (const side of SIDES) {
    const ref = refOf(link, side);
    if (ref === null || typeof ref.stamp !== 'string' || refOf(was, side) !== null) continue;
    const known = sentUnder(desk, link.laneId, ref.stamp);
    if (known !== undefined && isOnItsOwn(desk, known, { side, id: ref.id })) continue;
    if (known !== undefined && (link.shownA === null || link.shownB === null))
      throw new CheckFailed('S6', `${ref.id} is adopted without the base that its create has sent`);
    desk.sim.count('stamp adopted');
  }
}

const isLook = (link: Link): boolean => link.quarantine?.code === 'second-look';

const isQuiet = (link: Link): boolean => link.cleanA >= link.dirtyA && link.cleanB >= link.dirtyB;

/** What the change of one link is called. */
function movesOf(link: Link, was: Link): string[] {
  const moves: readonly (readonly [string, boolean])[] = [
    ['action back in scope', was.status === 'out' && link.status === 'live'],
    ['action merged', link.status === 'merged' && was.status !== 'merged'],
    ['action versions only', link.status === 'live' && link.a?.version !== was.a?.version && isQuiet(link)],
    ['look first', isLook(link) && was.quarantine === null],
    ['look second', isLook(was) && link.quarantine === null],
  ];
  return moves.flatMap(([name, happened]) => (happened ? [name] : []));
}

/** What a link that is new is called, where a tombstone names one of its records. */
function birthOf(desk: Desk, link: Link): string | null {
  const revived = link.status === 'live' && (link.goneA || link.goneB);
  if (!revived && link.status !== 'half') return null;
  if (!SIDES.some((side) => buried(desk, link, side))) return null;
  return revived ? 'stamp revived' : 'action resurrect';
}

/** Counts the rows of the action table that leave no history of their own. */
export function countMoves(desk: Desk, links: readonly Link[]): void {
  for (const link of links) {
    const was = desk.was.get(link.id);
    const cells = was === undefined ? [birthOf(desk, link)] : movesOf(link, was);
    for (const cell of cells) if (cell !== null) desk.sim.count(cell);
    if (was?.status === 'half' && link.status === 'live') checkAdopted(desk, link, was);
  }
}
