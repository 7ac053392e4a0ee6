import type {
  ChangePage,
  FeedCommit,
  Guard,
  LaneCommit,
  Lease,
  Link,
  OpenIntents,
  OpenResult,
  Outcome,
  ReadResult,
  Side,
  StoreRecord,
  Write,
} from '@tidelock/core';
import type { CompiledMapping, Effect, PlanItem } from '@tidelock/engine';
import type { Fate } from './fate.ts';
import { noteWithheld } from './post.ts';
import { CheckFailed, type Sim, storeOf } from './sim.ts';
import { noteBefore, noteDeletes } from './watch-brake.ts';
import { type Desk, NO_DELETES, seenOf } from './watch-desk.ts';
import {
  checkEnded,
  checkFeedLease,
  checkLease,
  checkLooks,
  checkRetried,
  noteAsked,
  noteFeedAsked,
  notePlanned,
} from './watch-lane.ts';
import { countMoves, linksBefore } from './watch-moves.ts';
import { checkVoids, noteFound, noteGone, noteJournaled, noteUnsure } from './watch-outcomes.ts';
import { crashRow, phaseOf } from './watch-rows.ts';
import { checkSweep, checkSystemic, noteRefusals, noteScan, noteStored } from './watch-rules.ts';
import { checkOpened, checkWrites } from './watch-writes.ts';

type Touching = Extract<Effect, { kind: 'store' | 'state' }>;

/** Looks at every effect of one worker: the checks that hold at each step. */
export interface Watch {
  /** `late`: the worker was suspended right in front of the effect, where no check of its own can see it (row 18). */
  before(effect: Touching, late: boolean): void;
  after(effect: Touching, value: unknown): void;
  fate(effect: Touching, fate: Fate): void;
  /**
   * The lease went to somebody else because the state's clock leapt forward: a send under it is one that its worker
   * could not know to be late, as after a pause (row 18).
   */
  overleapt(): boolean;
  /** The passes that follow are started with these filters. */
  knows(scopes: ReadonlyMap<string, string>): void;
  /** What follows carries out this plan, until the next reset. */
  approve(rows: readonly PlanItem[]): void;
  /** What the pass is doing. */
  phase(): string;
  /** A new pass begins: what was read before is forgotten. */
  reset(lane: number): void;
}

function checkGuard(desk: Desk, guard: Guard, rows: readonly { readonly laneId: string }[]): void {
  const row = desk.sim.state.tables.lanes.get(guard.laneId)?.row;
  if (row?.fence !== guard.fence)
    throw new CheckFailed('S10', `a commit of fence ${guard.fence} took effect under fence ${row?.fence}`);
  if (guard.laneId !== `lane-${desk.lane}` || rows.some((item) => item.laneId !== guard.laneId))
    throw new CheckFailed('S9', `a pass over lane-${desk.lane} touched ${guard.laneId}`);
}

/** What a store makes of a value that it re-formats in its own way cannot be predicted. */
const isTold = (sim: Sim, field: string): boolean => field !== 'town' || !sim.options.toAndFro;

function checkBase(desk: Desk, link: Link): void {
  if (desk.sim.settings.without.has('S6')) return;
  const { sim, mapping } = desk;
  for (const side of ['a', 'b'] as const) {
    const shown = side === 'a' ? link.shownA : link.shownB;
    const store = storeOf(sim, desk.lane, side);
    for (const name in shown) {
      const value = shown[name] ?? null;
      const property = mapping.byName.get(name)?.property[side] ?? name;
      if (value === null || !isTold(sim, name) || sim.ledger.everShown(store, property, value)) continue;
      throw new CheckFailed(
        'S6',
        `base ${side}.${name} of ${link.id} is ${JSON.stringify(value)}, never shown there`,
      );
    }
  }
}

const staysAt = (stood: Desk['stood'], { cursor, gen, scanning }: FeedCommit): boolean =>
  stood?.cursor === cursor && stood.gen === gen && stood.scanning === scanning;

function checkCursor(desk: Desk, commit: FeedCommit): void {
  const row = desk.sim.state.tables.feeds.get(commit.feed);
  if (row?.fence !== commit.fence)
    throw new CheckFailed('S10', `observations of fence ${commit.fence} took effect under ${row?.fence}`);
  if (commit.cursor === null && desk.met === 0) return;
  // What was named is noted beside the feed, which stays where it is. Where nobody names anything, no page may end there.
  if (desk.sim.options.named === true && commit.cursor !== null && staysAt(desk.stood, commit)) return;
  if (desk.page === null || commit.cursor !== desk.page.cursor)
    throw new CheckFailed(
      'S4',
      `cursor ${commit.cursor} was stored, the last page ended at ${desk.page?.cursor}`,
    );
}

function afterCommit(desk: Desk, commit: LaneCommit): void {
  const links = (commit.links ?? []).map((put) => put.link);
  checkGuard(desk, commit.guard, [...links, ...(commit.history ?? []), ...(commit.suspects ?? [])]);
  checkSystemic(desk, commit);
  checkVoids(desk, commit);
  noteDeletes(desk, commit);
  for (const link of links) checkBase(desk, link);
  countMoves(desk, links);
  for (const row of commit.history ?? []) {
    desk.sim.count(`rule ${row.op} ${ruleName(row.rule)}`);
    if (row.op === 'hold') noteWithheld(desk.sim, row.rule);
  }
  const conflicts = (commit.closed ?? []).flatMap((item) => item.conflicts);
  for (const { certainty } of conflicts) if (certainty === 'possible') desk.sim.count('risk R4');
}

/** Somebody else has the lane, and the clock leapt forward since this pass was sure of it. */
function isOverleapt({ sim, lane, fence, leaseAt }: Desk): boolean {
  const row = sim.state.tables.lanes.get(`lane-${lane}`)?.row;
  return row !== undefined && row.fence !== fence && sim.clock.leaptAt >= leaseAt;
}

function noteLease(desk: Desk, effect: Extract<Effect, { kind: 'state' }>, value: unknown): void {
  switch (effect.method) {
    case 'acquireLane':
      checkLease(desk, value as Lease | null);
      if (value !== null) desk.fence = (value as Lease).fence;
      desk.leaseAt = desk.sim.clock.now;
      break;
    case 'acquireFeed':
      checkFeedLease(desk, effect, value as Lease | null);
      break;
    case 'renewLane':
      if (value === true) desk.leaseAt = desk.sim.clock.now;
      break;
    case 'deletesSince':
      noteBefore(desk, effect);
      break;
    case 'links':
      notePlanned(desk, effect);
      break;
    case 'releaseLane':
      checkRetried(desk, effect);
      checkLooks(desk, effect);
      checkEnded(desk, effect);
  }
}

function afterState(desk: Desk, effect: Extract<Effect, { kind: 'state' }>, value: unknown): void {
  const [first] = effect.args;
  noteLease(desk, effect, value);
  if (effect.method === 'commitLane') afterCommit(desk, first as LaneCommit);
  if (effect.method === 'openIntents') {
    const request = first as OpenIntents;
    checkGuard(desk, request.guard, request.intents);
    const { opened } = value as OpenResult;
    noteJournaled(desk, opened);
    checkOpened(desk, request, opened);
  }
  if (effect.method !== 'commitObservations') return;
  checkCursor(desk, first as FeedCommit);
  noteStored(desk, first as FeedCommit);
}

const ruleName = (rule: string): string => (rule.includes('%') ? rule.replace(/\d+%.*$/, '') : rule);

const whyOf = (desk: Desk, side: Side, id: string): string =>
  desk.sim.state.tables.lanes.get(`lane-${desk.lane}`)?.suspects.get(`${side}\u0000${id}`)?.why ?? 'unknown';

function noteReads(desk: Desk, side: Side, reads: readonly ReadResult[]): void {
  if (desk.sim.traced) desk.sim.note(() => `  -> ${reads.map((read) => shortRead(read)).join(' ')}`);
  for (const read of reads) {
    noteGone(desk, side, read);
    desk.reads.set(side + read.id, { read, at: desk.sim.clock.now, seen: seenOf(desk, side, read.id) });
    if (desk.phase === 'verify') desk.sim.count(`evidence ${whyOf(desk, side, read.id)} ${read.state}`);
  }
}

const shortRead = (read: ReadResult): string =>
  read.state === 'found'
    ? `${read.id}=${read.record.version}@${read.record.mono.slice(-9)}`
    : `${read.id}=${read.state}`;

function notePage(desk: Desk, effect: Extract<Effect, { kind: 'store' }>, page: ChangePage): void {
  const from = effect.args[1] as string | null;
  const { name } = storeOf(desk.sim, desk.lane, effect.side);
  if (desk.scanned !== name) {
    desk.met = null;
    desk.scanned = name;
  }
  if (from === null) {
    desk.met = 0;
    desk.scanAt = desk.sim.clock.wall();
    desk.counted = null;
  }
  if (desk.met !== null) desk.met += page.changes.length;
  noteScan(desk, `${name}/main`, { from, met: page.changes.length, more: page.more });
  desk.page = { cursor: page.cursor, from };
}

function noteOutcomes(
  desk: Desk,
  { side, args }: Extract<Effect, { kind: 'store' }>,
  outcomes: readonly Outcome[],
): void {
  const sent = { writes: args[0] as readonly Write[], outcomes };
  noteRefusals(desk, side, sent);
  noteUnsure(desk, side, sent);
}

export function createWatch(sim: Sim, mapping: CompiledMapping): Watch {
  const desk: Desk = {
    ...{ sim, mapping, lane: 0, reads: new Map(), page: null, stood: undefined, phase: 'start' },
    ...{ live: 0, deletes: { a: 0, b: 0 }, was: new Map(), met: null, scanned: '', scanAt: 0, refused: null },
    ...{
      counted: null,
      unstored: new Set<string>(),
      unnamed: new Set<Side>(),
      before: NO_DELETES,
      plannedAt: null,
      ended: [],
    },
    ...{ feedHeldBy: null, found: new Map<string, readonly string[]>(), stampsAt: 0 },
    ...{ askedUntil: null, fence: 0, leaseAt: 0, approved: null, asked: null, scopes: new Map() },
  };
  return {
    phase: () => desk.phase,
    overleapt: () => isOverleapt(desk),
    knows(scopes) {
      desk.scopes = scopes;
    },
    approve(rows) {
      desk.approved = rows;
    },
    reset(lane) {
      desk.lane = lane;
      desk.reads.clear();
      desk.found.clear();
      desk.page = null;
      desk.met = null;
      desk.scanned = '';
      desk.refused = null;
      desk.live = 0;
      desk.deletes = { a: 0, b: 0 };
      desk.before = NO_DELETES;
      desk.plannedAt = null;
      desk.askedUntil = null;
      desk.ended = [];
      desk.unnamed.clear();
      desk.unstored.clear();
      desk.phase = 'start';
      desk.approved = null;
    },
    fate(effect, fate) {
      desk.phase = phaseOf(desk, effect);
      if (!fate.startsWith('crash')) return;
      const row = crashRow(desk, effect);
      if (row !== null) sim.count(`crash ${row} ${fate.slice(6)}`);
    },
    before(effect, late) {
      if (effect.kind === 'state' && effect.method === 'commitObservations') {
        const commit = effect.args[0] as FeedCommit;
        checkSweep(desk, commit);
        desk.stood = sim.state.tables.feeds.get(commit.feed);
      }
      if (effect.kind === 'state' && effect.method === 'acquireLane') noteAsked(desk, effect);
      if (effect.kind === 'state' && effect.method === 'acquireFeed') noteFeedAsked(desk, effect);
      if (effect.kind === 'state' && effect.method === 'commitLane')
        desk.was = linksBefore(desk, effect.args[0] as LaneCommit);
      if (!late && effect.kind === 'store' && effect.method === 'write')
        checkWrites(desk, effect.side, effect.args[0] as readonly Write[]);
    },
    after(effect, value) {
      if (effect.kind === 'state') return afterState(desk, effect, value);
      if (effect.method === 'write') noteOutcomes(desk, effect, value as readonly Outcome[]);
      if (effect.method === 'find') noteFound(desk, effect, value as readonly (readonly StoreRecord[])[]);
      if (effect.method === 'read') noteReads(desk, effect.side, value as readonly ReadResult[]);
      if (effect.method === 'changes') notePage(desk, effect, value as ChangePage);
    },
  };
}
