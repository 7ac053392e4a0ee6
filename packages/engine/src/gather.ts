import type { Link, ReadResult, Side, StoreRecord, Suspect } from '@tidelock/core';
import { absent } from './absent.ts';
import { linksNow } from './conclude.ts';
import { type Core, now, state, store } from './effect.ts';
import { featuresOf } from './features.ts';
import type { Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { otherSide } from './link-plan.ts';
import { type Candidate, type MatchResult, matchRecords, type PairDecision } from './match.ts';
import { FOREIGN_FEED, inScope } from './observe.ts';
import type { Loaded, Unknown } from './unknown.ts';

const KEY_CHUNK = 400;
/** Of a first sync everybody is asked about, and each question waits for the answer to the one before it. */
const ASK_CHUNK = 2_000;
/** A key shared by more records of a side than this (info@...) says nothing. */
const COMMON_KEY = 20;
const GROUP_SIZE = 200;

/** Records that may belong together, batched: each group holds whole connected components. */
export interface Group {
  readonly a: readonly string[];
  readonly b: readonly string[];
}

export interface Candidates {
  readonly groups: readonly Group[];
  /** Unknown records that share no key with the other side. */
  readonly alone: readonly Suspect[];
  /** Links of candidates that are linked already, or half. */
  readonly links: Readonly<Record<Side, ReadonlyMap<string, Link>>>;
  /** Unknown records outside this lane's scope, here only to be matched: never created on the other side. */
  readonly foreign: Set<string>;
}

type Edges = Map<string, Set<string>>;

function connect(edges: Edges, x: string, y: string): void {
  edges.set(x, (edges.get(x) ?? new Set()).add(y));
  edges.set(y, (edges.get(y) ?? new Set()).add(x));
}

/** Joins unknown records of `side` with everything on the other side that shares a blocking key with them. */
function* joinByKeys(pass: Pass, side: Side, at: { suspects: readonly Suspect[]; edges: Edges }): Core<void> {
  const { suspects, edges } = at;
  const to = otherSide(side);
  for (let start = 0; start < suspects.length; start += ASK_CHUNK) {
    const chunk = suspects.slice(start, start + ASK_CHUNK);
    const keys = [...new Set(chunk.flatMap((suspect) => suspect.keys ?? []))];
    const found = yield* state('candidates', pass.lane.spec.id, to, keys, COMMON_KEY);
    for (const suspect of chunk) {
      const rare = (suspect.keys ?? [])
        .map((key) => found.get(key) ?? [])
        .filter((ids) => ids.length <= COMMON_KEY);
      for (const id of new Set(rare.flat())) connect(edges, side + suspect.id, to + id);
    }
  }
}

function* linksOf(pass: Pass, side: Side, ids: readonly string[]): Core<Map<string, Link>> {
  const out = new Map<string, Link>();
  for (let start = 0; start < ids.length; start += KEY_CHUNK) {
    const links = yield* linksNow(pass, {
      by: 'native',
      side,
      ids: ids.slice(start, start + KEY_CHUNK),
    });
    for (const link of links) {
      const id = (side === 'a' ? link.a : link.b)?.id;
      if (id !== undefined && link.status !== 'tomb') out.set(id, link);
    }
  }
  return out;
}

/** Everything that can be reached from `start`; marks it as seen. */
function componentOf(start: string, edges: Edges, seen: Set<string>): string[] {
  const nodes = [start];
  seen.add(start);
  for (const node of nodes) {
    for (const next of edges.get(node) ?? []) {
      if (!seen.has(next)) nodes.push(next);
      seen.add(next);
    }
  }
  return nodes;
}

/**
 * Connected components over the edges, packed into groups of about {@link GROUP_SIZE} records. A component that holds
 * a record with a write of unknown outcome is left for later: nobody knows yet whom it belongs to.
 */
function pack(edges: Edges, busy: ReadonlySet<string>): Group[] {
  const groups: { a: string[]; b: string[] }[] = [];
  const seen = new Set<string>();
  for (const start of edges.keys()) {
    if (seen.has(start)) continue;
    const component = componentOf(start, edges, seen);
    if (component.some((node) => busy.has(node))) continue;
    const last = groups.at(-1);
    const full = last === undefined || last.a.length + last.b.length > GROUP_SIZE;
    const group = full ? { a: [], b: [] } : last;
    if (full) groups.push(group);
    for (const node of component) {
      (node.startsWith('a') ? group.a : group.b).push(node.slice(1));
    }
  }
  return groups;
}

function* busyNodes(pass: Pass, links: Candidates['links']): Core<Set<string>> {
  const open = yield* state('openIntentsOf', pass.lane.spec.id);
  const busy = new Set(open.map((intent) => intent.linkId));
  const nodes = (side: Side): string[] =>
    [...links[side]].flatMap(([id, link]) => (busy.has(link.id) ? [side + id] : []));
  return new Set([...nodes('a'), ...nodes('b')]);
}

/** Records under review that a newcomer reaches are matched again together with it, not counted as taken. */
function drawIn(edges: Edges, { unknown, waiting }: Loaded): Suspect[] {
  const drawn = [...edges.keys()].flatMap((node) => waiting.get(node) ?? []);
  for (const suspect of drawn) {
    waiting.delete(suspect.side + suspect.id);
    unknown[suspect.side].set(suspect.id, suspect);
  }
  return drawn;
}

export function* findCandidates(pass: Pass, loaded: Loaded): Core<Candidates> {
  const { unknown } = loaded;
  const edges: Edges = new Map();
  let fresh = [...unknown.a.values(), ...unknown.b.values()];
  while (fresh.length > 0) {
    for (const side of ['a', 'b'] as const)
      yield* joinByKeys(pass, side, { suspects: fresh.filter((suspect) => suspect.side === side), edges });
    fresh = drawIn(edges, loaded);
  }
  const ids = (side: Side): string[] =>
    [...edges.keys()].flatMap((node) =>
      node.startsWith(side) && !unknown[side].has(node.slice(1)) ? [node.slice(1)] : [],
    );
  const links = { a: yield* linksOf(pass, 'a', ids('a')), b: yield* linksOf(pass, 'b', ids('b')) };
  const isolated = (['a', 'b'] as const).flatMap((side) =>
    [...unknown[side].values()].filter((suspect) => !edges.has(side + suspect.id)),
  );
  const foreign = new Set(
    isolated.filter((suspect) => suspect.feed === FOREIGN_FEED).map((suspect) => suspect.side + suspect.id),
  );
  const busy = yield* busyNodes(pass, links);
  return { groups: pack(edges, busy), alone: isolated, links, foreign };
}

function* settleGone(pass: Pass, unknown: Unknown, gone: readonly { side: Side; id: string }[]): Core<void> {
  const suspects = gone.flatMap(({ side, id }) => unknown[side].get(id) ?? []);
  for (const suspect of suspects) unknown[suspect.side].delete(suspect.id);
  if (suspects.length === 0) return;
  const wall = yield* now();
  const { settled, doubted } = absent(pass, suspects, wall);
  yield* state('commitLane', { guard: pass.guard, now: wall, suspects: doubted, settled });
}

export interface Gathered {
  readonly records: Readonly<Record<Side, Map<string, StoreRecord>>>;
  /** Sides of which a record could not be read: whether it matches one of the others is not known. */
  readonly unread: ReadonlySet<Side>;
}

/** Longest wait for a partner that cannot be read, milliseconds: one bad record must not hold back others for ever. */
const UNREAD_WAIT_MS = 3_600_000;

/** Those of a group that match nothing, less those whose match may be among what could not be read: they wait. */
export function placeable(suspects: readonly Suspect[], { unread }: Gathered, wall: number): Suspect[] {
  return suspects.filter(
    ({ side, at }) => !unread.has(side === 'a' ? 'b' : 'a') || wall - at >= UNREAD_WAIT_MS,
  );
}

/**
 * The record to match with: what was found, and of half a pair also what is outside by now. Whoever resembles that one is its
 * partner, and no second one.
 */
function matchable(read: ReadResult, unknown: Unknown[Side]): StoreRecord | null {
  if (read.state === 'found') return read.record;
  return read.state === 'out' && !unknown.has(read.id) ? (read.record ?? null) : null;
}

const isAbsent = ({ state: said }: ReadResult): boolean =>
  said === 'gone' || said === 'merged' || said === 'out';

/**
 * Contents of a group's records, from the cache or by a read. What is gone is forgotten; what cannot be read is left
 * out of this matching and stays unknown.
 */
export function* gatherRecords(pass: Pass, group: Group, unknown: Unknown): Core<Gathered> {
  const unread = new Set<Side>();
  const out = { a: new Map<string, StoreRecord>(), b: new Map<string, StoreRecord>() };
  const gone: { side: Side; id: string }[] = [];
  for (const side of ['a', 'b'] as const) {
    const missing: string[] = [];
    for (const id of group[side]) {
      const cached = pass.lane.cache.get(side, id, unknown[side].get(id)?.mono ?? '');
      if (cached) out[side].set(id, cached);
      else missing.push(id);
    }
    const reads = missing.length === 0 ? [] : yield* store(side, 'read', missing);
    gone.push(...reads.filter(isAbsent).map(({ id }) => ({ side, id })));
    if (reads.some(({ state: said }) => said === 'failed')) unread.add(side);
    for (const read of reads) {
      const record = matchable(read, unknown[side]);
      if (record !== null) out[side].set(record.id, record);
      if (read.state === 'found') pass.lane.cache.put(side, read.record);
    }
  }
  yield* settleGone(pass, unknown, gone);
  return { records: out, unread };
}

/**
 * A half link is free to be matched, also one that is frozen, and so is a pair whose other record is proven gone.
 */
export function seeksPartner(link: Link, side: Side): boolean {
  if (link.status === 'out') return (side === 'a' ? link.b : link.a) === null;
  const [gone, alone] = side === 'a' ? [link.goneA, link.goneB] : [link.goneB, link.goneA];
  return link.status === 'half' || (link.status === 'live' && alone && !gone);
}

/** Records waiting for a person count as taken: a newcomer that resembles them waits too. */
function candidatesOf(
  pass: Pass,
  side: Side,
  at: { records: ReadonlyMap<string, StoreRecord>; links: ReadonlyMap<string, Link>; unknown: Unknown },
): Candidate[] {
  const { mapping, canon } = pass.lane;
  // By id, not in the order in which they were read: equal candidates give equal questions.
  const sorted = [...at.records.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
  return sorted.map((record) => {
    const link = at.links.get(record.id);
    return {
      id: record.id,
      features: featuresOf(mapping, canon, getFields(mapping, side, record)),
      createdAt: record.createdAt ?? 0,
      linked: link === undefined ? !at.unknown[side].has(record.id) : !seeksPartner(link, side),
    };
  });
}

export function matchGroup(
  pass: Pass,
  at: {
    unknown: Unknown;
    records: Readonly<Record<Side, ReadonlyMap<string, StoreRecord>>>;
    candidates: Candidates;
    decided: ReadonlyMap<string, PairDecision>;
  },
): MatchResult {
  const { records, candidates, unknown } = at;
  for (const side of ['a', 'b'] as const)
    for (const record of records[side].values())
      if (!inScope(pass.lane, side, record)) candidates.foreign.add(side + record.id);
  const left = candidatesOf(pass, 'a', { records: records.a, links: candidates.links.a, unknown });
  const right = candidatesOf(pass, 'b', { records: records.b, links: candidates.links.b, unknown });
  return matchRecords(left, right, at.decided);
}
