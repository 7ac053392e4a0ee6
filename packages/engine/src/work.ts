import type { Link, ReadResult, Side, StoreRecord, Suspect } from '@tidelock/core';
import { type Core, now, progress, state, store } from './effect.ts';
import { releaseEnded } from './ended.ts';
import type { Pass } from './lane.ts';
import { type CompiledMapping, getFields } from './lens.ts';
import {
  type LinkPlan,
  type PlanContext,
  type PlannedWrite,
  refNow,
  type Seen,
  shownOf,
} from './link-plan.ts';
import { unchanged } from './merge.ts';
import { newLink } from './new-link.ts';
import { planLink } from './plan.ts';
import { PRE_READ_MS } from './policy.ts';
import { findLate } from './zombie.ts';

const READ_CHUNK = 500;

/** One link's work in this pass: what is known of its sides, and the plan that follows from it. */
export interface Work {
  readonly seen: Record<Side, Seen>;
  plan: LinkPlan;
  /** A read that was needed told nothing (stale or failed): the link waits for the next pass. */
  unread: boolean;
  /** Monotonic instant at which each side was last read in this pass; null = not read, content came from a feed. */
  readonly readAt: Record<Side, number | null>;
}

const UNCHANGED: Seen = { state: 'unchanged' };
const SIDES = ['a', 'b'] as const;
const idOn = (link: Link, side: Side): string | undefined => (side === 'a' ? link.a : link.b)?.id;
/** Nothing is planned for these; what was reported of them needs no look. */
const RESTING: ReadonlySet<Link['status']> = new Set(['tomb', 'merged', 'detached']);
const isGone = (link: Link, side: Side): boolean => (side === 'a' ? link.goneA : link.goneB);

/** What is left of a plan that was carried out: nobody comes back to it in this pass. */
const NO_LINK = newLink('', '', 0);
const CARRIED_OUT: LinkPlan = {
  link: NO_LINK,
  next: NO_LINK,
  action: 'none',
  rule: '',
  reads: [],
  writes: [],
};

/** A link that was dealt with is not kept until the pass ends, nor are its contents: a pass has thousands of them. */
export function forget(work: Work): void {
  work.seen.a = UNCHANGED;
  work.seen.b = UNCHANGED;
  work.plan = CARRIED_OUT;
}

/** A preview shows what will come of it, without second looks. */
export function contextOf({ lane, sketch }: Pass, wall: number): PlanContext {
  const lagOf = (side: Side): number => (sketch !== null ? 0 : lane.caps[side].lagSeconds * 1_000);
  const lagMs = { a: lagOf('a'), b: lagOf('b') };
  return { mapping: lane.mapping, policy: lane.policy, now: wall, lagMs, notifies: lane.notifies };
}

/**
 * Sides whose content the first plan needs: those reported since the base was made; both where that is unclear. Half
 * links need theirs when their turn comes: thousands of them would fill the memory, and the brake does not ask.
 */
function wanted(link: Link): Side[] {
  if (link.status === 'half' || RESTING.has(link.status)) return [];
  const unclear = link.status !== 'live' || link.quarantine !== null || link.shownA === null;
  const dirty = { a: link.dirtyA > link.cleanA, b: link.dirtyB > link.cleanB };
  return SIDES.filter(
    (side) => idOn(link, side) !== undefined && (dirty[side] || (unclear && !isGone(link, side))),
  );
}

/** The newest that is known of a side: what feeds have shown, and what the link was made or written on. */
function newest(link: Link, side: Side): string {
  const [seen, ref] = side === 'a' ? [link.seenA, link.a] : [link.seenB, link.b];
  return ref !== null && ref.mono > seen ? ref.mono : seen;
}

const fresh = (link: Link, side: Side, record: StoreRecord): boolean => record.mono >= newest(link, side);

/** What a read says about a side of a link; null = nothing that could be planned on. */
function toSeen(link: Link, side: Side, read: ReadResult | undefined): Seen | null {
  if (read?.state === 'found')
    return fresh(link, side, read.record) ? { state: 'found', record: read.record } : null;
  if (read?.state === 'gone') return { state: 'gone' };
  if (read?.state === 'out') return { state: 'out', record: read.record };
  return read?.state === 'merged' && link.status === 'half' ? { state: 'gone' } : null;
}

/** Takes a read into the work; a merge comes back as a suspicion, to be followed to its winner. */
function takeRead(
  work: Work,
  of: { side: Side; read: ReadResult | undefined; at: number },
): ReadResult | null {
  const { side, read, at } = of;
  const seen = toSeen(work.plan.link, side, read);
  work.readAt[side] = at;
  work.seen[side] = seen ?? UNCHANGED;
  work.unread ||= seen === null;
  return seen === null ? (read ?? null) : null;
}

/** Reads one side of some links; answers the merges it ran into. */
function* readChunk(side: Side, chunk: readonly Work[], at: number): Core<ReadResult[]> {
  const ids = chunk.map((work) => idOn(work.plan.link, side) ?? '');
  const reads = yield* store(side, 'read', ids);
  return chunk.flatMap((work, index) => takeRead(work, { side, read: reads[index], at }) ?? []);
}

/** Reads one side of many links. A stale read (older than what the feed has shown) leaves that link for later. */
export function* readSide(pass: Pass, side: Side, of: { items: readonly Work[]; at: number }): Core<void> {
  const left: ReadResult[] = [];
  for (let start = 0; start < of.items.length; start += READ_CHUNK)
    left.push(...(yield* readChunk(side, of.items.slice(start, start + READ_CHUNK), of.at)));
  const into = left.flatMap((read) => (read.state === 'merged' ? [read] : []));
  if (into.length === 0) return;
  const wall = yield* now();
  const { laneId } = pass.guard;
  const base = { laneId, side, feed: pass.lane.feeds[side][0] ?? '', mono: '', at: wall, seq: 0 };
  const merged = into.map((read): Suspect => ({ ...base, id: read.id, why: 'merged', into: read.into }));
  pass.more = true;
  yield* state('commitLane', { guard: pass.guard, now: wall, suspects: merged });
}

/** Content that a feed carried is used once; what it leads to is read again by whoever comes back to the link. */
function takeCached(pass: Pass, work: Work, side: Side): boolean {
  const { link } = work.plan;
  // Carried content is older than the verdict: only a read shows that a record is back.
  if (isGone(link, side) || link.status === 'out') return false;
  const known = newest(link, side);
  // A pair that followed a merge: nothing was told of this record yet, so nothing says how old carried content is (0182).
  if (known === '') return false;
  const { cache } = pass.lane;
  const cached = cache.get(side, idOn(link, side) ?? '', known);
  if (cached === undefined) return false;
  work.seen[side] = { state: 'found', record: cached };
  if (pass.sketch === null) cache.drop(side, cached.id);
  return true;
}

function* firstLook(pass: Pass, items: readonly Work[], at: number): Core<void> {
  for (const side of SIDES) {
    const asked = items.filter((work) => wanted(work.plan.link).includes(side));
    const missing = asked.filter((work) => !takeCached(pass, work, side));
    yield* readSide(pass, side, { items: missing, at });
  }
}

function* planOn(pass: Pass, work: Work, wall: number): Core<void> {
  const { seen, plan } = work;
  const late = yield* findLate(pass, { link: plan.link, seen });
  work.plan = planLink(plan.link, seen, { ...contextOf(pass, wall), late });
}

/** Links that are asked for at a time: an answer is in the memory of two threads at once, and once more on its way between them. */
const ANSWER_LINKS = 1_000;

/** What has work, as much as one pass may plan, by id. */
function* linksWithWork(pass: Pass, wall: number): Core<Link[]> {
  const { maxLinks } = pass.lane.policy;
  const links: Link[] = [];
  for (let after: string | undefined; links.length < maxLinks; after = links.at(-1)?.id) {
    const limit = Math.min(ANSWER_LINKS, maxLinks - links.length);
    const query = { by: 'work', now: wall, limit } as const;
    const from = after === undefined ? query : { ...query, after };
    const some = yield* state('links', pass.lane.spec.id, from);
    links.push(...some);
    if (some.length < limit) break;
  }
  return links;
}

/** Plans what has work, as much as one pass may. Nothing is written. */
export function* planWork(pass: Pass, at: number): Core<Work[]> {
  const { maxLinks } = pass.lane.policy;
  const wall = yield* now();
  pass.plannedAt = wall;
  const links = yield* linksWithWork(pass, wall);
  if (links.length === 0) return [];
  const due = yield* releaseEnded(pass, links);
  const { ready, free } = yield* planLinks(pass, due, at);
  pass.more ||= links.length >= maxLinks && free > 0;
  return ready;
}

/**
 * Plans these links on what feeds carried and fresh reads. `free`: those without a write of unknown outcome; `ready`:
 * those of them whose contents could be read.
 */
export function* planLinks(
  pass: Pass,
  links: readonly Link[],
  at: number,
): Core<{ readonly ready: Work[]; readonly free: number }> {
  const wall = yield* now();
  const laneId = pass.lane.spec.id;
  const open = yield* state('openIntentsOf', laneId);
  const busy = new Set(open.map((intent) => intent.linkId));
  const idle = { action: 'none', writes: [], reads: [], rule: '' } as const;
  const items = links
    .filter((link) => !busy.has(link.id))
    .map(
      (link): Work => ({
        seen: { a: UNCHANGED, b: UNCHANGED },
        plan: { ...idle, link, next: link },
        readAt: { a: null, b: null },
        unread: false,
      }),
    );
  yield* firstLook(pass, items, at);
  const ready = items.filter((work) => !work.unread);
  for (const work of ready) yield* planOn(pass, work, wall);
  yield* progress({ phase: 'plan', done: ready.length, total: items.length });
  return { ready, free: items.length };
}

/** A write that the store itself refuses where the record is newer than the one that was read. */
export function isGuarded({ lane }: Pass, { side, op }: PlannedWrite): boolean {
  const caps = lane.caps[side];
  return op === 'update' ? caps.conditionalUpdate : caps.conditionalDelete;
}

/**
 * Must the target be read (again) before it is written? Always once in this pass, so that whole-value properties are
 * composed on what is there; and a moment ago where the store would let us overwrite a newer value unseen (W2).
 */
export function isStale(pass: Pass, of: { work: Work; write: PlannedWrite }, at: number): boolean {
  const { work, write } = of;
  if (write.op === 'create') return false;
  const readAt = work.readAt[write.side];
  return readAt === null || (!isGuarded(pass, write) && at - readAt > PRE_READ_MS);
}

function toRead(pass: Pass, work: Work, at: number): Side[] {
  const stale = work.plan.writes
    .filter((write) => isStale(pass, { work, write }, at))
    .map((write) => write.side);
  return [...new Set([...work.plan.reads, ...stale])];
}

/** Half links whose content was carried earlier are planned on it, without a read. */
function* planHalves(pass: Pass, items: readonly Work[]): Core<void> {
  const halves = items.filter((work) => work.plan.link.status === 'half' && work.plan.reads.length > 0);
  const ready = halves.filter((work) => work.plan.reads.every((side) => takeCached(pass, work, side)));
  if (ready.length === 0) return;
  const context = contextOf(pass, yield* now());
  for (const work of ready) work.plan = planLink(work.plan.link, work.seen, context);
}

/** Reads what provisional plans still need and plans them again on it. */
export function* completePlans(pass: Pass, items: readonly Work[], at: number): Core<void> {
  yield* planHalves(pass, items);
  for (let round = 0; round < 2; round++) {
    const needs = new Map(items.map((work) => [work, toRead(pass, work, at)]));
    const again = items.filter((work) => !work.unread && (needs.get(work)?.length ?? 0) > 0);
    if (again.length === 0) return;
    for (const side of SIDES) {
      const items = again.filter((work) => needs.get(work)?.includes(side) === true);
      yield* readSide(pass, side, { items, at });
    }
    const wall = yield* now();
    for (const work of again) yield* planOn(pass, work, wall);
  }
}

/**
 * A pair whose write was refused as it would be sent again: it stays as it is. What was read of it is known from here on, as a feed that
 * overlaps would have it looked at in every pass. An edit that only this read shows keeps its report: nothing else makes its side work.
 */
export function leftParked(mapping: CompiledMapping, { plan: { link }, seen }: Work): Link {
  const known = (side: Side): Link['a'] => {
    const now = seen[side];
    const isWork = side === 'a' ? link.dirtyA > link.cleanA : link.dirtyB > link.cleanB;
    const rests =
      now.state === 'found' && unchanged(mapping, shownOf(link, side), getFields(mapping, side, now.record));
    return isWork || rests ? refNow(link[side], now) : link[side];
  };
  return { ...link, a: known('a'), b: known('b') };
}
