import type { FeedRow, Link, Quarantine, ReadResult, Side } from '@tidelock/core';
import type { CompiledMapping, PlanItem } from '@tidelock/engine';
import type { Watched } from './watch-rules.ts';

export interface Reading {
  readonly read: ReadResult;
  readonly at: number;
  /** What feeds had shown of the record when it was read. */
  readonly seen: string;
}

/** A lane as it was when a worker asked for it. */
export interface Asked {
  readonly owner: string;
  readonly holder: string | null;
  /** The process that holds it, whatever name it gave. */
  readonly heldBy: object | null;
  /** Mapping under which records were refused. */
  readonly scopeHash: string | null;
  /** Refused records that are not due, with what they wait for. */
  readonly parked: ReadonlyMap<string, Quarantine>;
}

/** Deletes before those of the pass, when its brake asked for them. */
export interface DeletesBefore {
  readonly day: Readonly<Record<Side, number>>;
  readonly everywhere: number;
}

export const NO_DELETES: DeletesBefore = { day: { a: 0, b: 0 }, everywhere: 0 };

/** What a watch remembers of the pass under way. */
export interface Desk extends Watched {
  readonly mapping: CompiledMapping;
  lane: number;
  readonly reads: Map<string, Reading>;
  /** Live links when the pass began to plan, and deletes that it has journaled since, by side. */
  live: number;
  deletes: Record<Side, number>;
  /** Sides of which a delete was journaled that nobody has let go by name. */
  readonly unnamed: Set<Side>;
  before: DeletesBefore;
  /** Wall clock when the pass asked for what is due; null = it has not. */
  plannedAt: number | null;
  /** Until when it asked, when all was done, for looks to come back for; null = it has not. */
  askedUntil: number | null;
  /** Pairs that had ended by then, and were reported of since. */
  ended: readonly Link[];
  /** Rows of the plan that is carried out; null = a pass of its own. */
  approved: readonly PlanItem[] | null;
  /** Filters that the pass was started with, by feed id. */
  scopes: ReadonlyMap<string, string>;
  /** Who held the lane when it was asked for, and what waited for its next try then. */
  asked: Asked | null;
  /** Fence of the pass, and true time when its lease was granted or renewed last. */
  fence: number;
  leaseAt: number;
  /** Feed that was asked for last, and the process that holds it, if one does. */
  feedHeldBy: object | null;
  /** Records that the store showed under an address in this pass, and that stood in no link of the lane. */
  readonly found: Map<string, readonly string[]>;
  /** When the store was last asked for stamps. */
  stampsAt: number;
  /** Status of the links that a commit is about to change. */
  was: ReadonlyMap<string, Link>;
  /** A feed as it was stored before what is committed to it now. */
  stood: FeedRow | undefined;
  page: { cursor: string; from: string | null } | null;
  /** Pass is past planning: used to tell crash rows apart. */
  phase: string;
}

export const refOf = (link: Link, side: Side): Link['a'] => (side === 'a' ? link.a : link.b);

/** Highest version time that feeds have shown to this lane of a record that stands in a link. */
export function seenOf(desk: Desk, side: Side, id: string): string {
  const links = desk.sim.state.tables.lanes.get(`lane-${desk.lane}`)?.links.values() ?? [];
  for (const { link } of links)
    if (link.status !== 'tomb' && refOf(link, side)?.id === id) return side === 'a' ? link.seenA : link.seenB;
  return '';
}
