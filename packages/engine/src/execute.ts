import type { Link, Side } from '@tidelock/core';
import { loadBreakers } from './breaker.ts';
import { executeChunk } from './chunk.ts';
import { breathe, type Core, fork, mono, progress, stopped } from './effect.ts';
import type { Pass } from './lane.ts';
import type { Done } from './sending.ts';
import { doneOf } from './settle.ts';
import { completePlans, forget, type Work } from './work.ts';

/** Writes named one by one in a report; the counts hold them all. */
export const MAX_DONE = 500;

/**
 * Chunks of one lane that are under way side by side: while one is on the wire, the other is planned and stored. Where a chunk is one request,
 * it is on the wire for a moment only, and there are four; where it is many, a third would wait behind two others, with its intents open.
 */
const AT_ONCE = { oneRequest: 4, many: 2 } as const;
/** Chunks between two safe points of a lane that nobody waits behind, where the contents of new records have to be read. */
const STRETCH = 5;

const isHalf = ({ plan }: Work): boolean => plan.link.status === 'half';

/** Whether all that new records need was carried by feeds: it is taken when their chunk is planned. */
function areKept(pass: Pass, items: readonly Work[]): boolean {
  const { cache } = pass.lane;
  const isKept = ({ a, b }: Link): boolean =>
    (a === null || cache.has('a', a.id)) && (b === null || cache.has('b', b.id));
  return items.every((work) => !isHalf(work) || isKept(work.plan.link));
}

/** Contents of new records, where they have to be read: several chunks together take fewer requests. */
function* fillHalves(pass: Pass, items: readonly Work[]): Core<void> {
  if (!areKept(pass, items)) yield* completePlans(pass, items.filter(isHalf), yield* mono());
}

/** What a store refuses altogether was known to the pass just before, and nothing is tried out in samples. */
const mayBeginWithAll = ({ goesOn, breakers }: Pass): boolean => goesOn && breakers.open.size === 0;

/**
 * Chunks up to the next safe point. The first goes alone, unless the pass goes on with what one just before it has left: what a store
 * refuses altogether is known before the next is sent. Where nobody waits and nothing has to be read together, all of them: at each
 * safe point one of those under way waits for the other.
 */
function chunksAhead(on: Carrying, of: { readonly left: readonly Work[]; readonly room: number }): number {
  const { chunk } = on.pass;
  if (on.passed === 0 && !mayBeginWithAll(on.pass)) return 1;
  const all = Math.ceil(of.left.length / chunk);
  const most = of.room === Number.POSITIVE_INFINITY && areKept(on.pass, of.left) ? all : STRETCH;
  return Math.min(most, Math.max(1, Math.ceil(of.room / chunk)));
}

interface Carrying {
  readonly pass: Pass;
  readonly done: Done[];
  readonly total: number;
  /** Links that were dealt with, and writes made since the last safe point. */
  passed: number;
  writes: number;
}

function* runChunk(on: Carrying, chunk: readonly Work[]): Core<void> {
  const { pass, done, total } = on;
  const made = yield* executeChunk(pass, chunk);
  const named = made.slice(0, Math.max(0, MAX_DONE - done.length));
  done.push(...named.map((sending) => doneOf(pass.lane, sending)));
  for (const work of chunk) forget(work);
  on.writes += made.length;
  on.passed += chunk.length;
  yield* progress({ phase: 'write', done: on.passed, total });
}

/** Takes one chunk after the other, beside others that take from the same ones. */
function* runChunks(on: Carrying, chunks: Iterator<readonly Work[]>): Core<void> {
  for (let next = chunks.next(); next.done !== true; next = chunks.next()) {
    if (yield* stopped()) {
      on.pass.more = true;
      return;
    }
    yield* runChunk(on, next.value);
  }
}

function chunksOf(items: readonly Work[], size: number): (readonly Work[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

/** Sides that are written, as far as it is planned: of half a pair, the one that it lacks. */
function targetsOf({ plan: { link, writes } }: Work): readonly Side[] {
  if (writes.length > 0 || link.status !== 'half') return writes.map(({ side }) => side);
  return [link.a === null ? 'a' : 'b'];
}

function atOnceOf({ lane: { caps }, chunk }: Pass, chunks: readonly (readonly Work[])[]): number {
  const sides = new Set(chunks.flatMap((works) => works.flatMap(targetsOf)));
  const isOneRequest = [...sides].every((side) => caps[side].batch.write >= chunk);
  return isOneRequest ? AT_ONCE.oneRequest : AT_ONCE.many;
}

/** Chunks share no link, so they may be under way side by side; deletes follow one after the other. */
function* runStretch(on: Carrying, chunks: readonly (readonly Work[])[]): Core<void> {
  const queue = chunks.values();
  const single = on.pass.approval !== null || chunks.flat().some(isDelete);
  const most = single ? 1 : (on.pass.chunksAtOnce ?? atOnceOf(on.pass, chunks));
  const parts = Array.from({ length: Math.min(most, chunks.length) }, () => runChunks(on, queue));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) yield* only;
  else yield* fork(parts);
}

const isDelete = (work: Work): boolean => work.plan.action === 'delete';

/** Carries a plan out in chunks, creates and updates first, deletes last. Ends early when asked to stop. */
export function* execute(pass: Pass, items: readonly Work[], held: ReadonlySet<string>): Core<Done[]> {
  const free = items.filter((work) => !held.has(work.plan.link.id));
  const kept = free.filter((work) => !isDelete(work));
  const mayWrite = ({ plan }: Work): boolean => plan.writes.length > 0 || plan.link.status === 'half';
  if (free.some(mayWrite)) yield* loadBreakers(pass);
  const on: Carrying = { pass, done: [], total: free.length, passed: 0, writes: 0 };
  const { chunk } = pass;
  for (const group of [kept, free.filter(isDelete)]) {
    if (group.length === 0) continue;
    let room = yield* breathe({ writes: 0, planned: on.total - on.passed });
    for (let start = 0; start < group.length; ) {
      const ahead = chunksAhead(on, { left: group.slice(start), room });
      const stretch = group.slice(start, start + ahead * chunk);
      if (yield* stopped()) {
        pass.more = true;
        return on.done;
      }
      yield* fillHalves(pass, group.slice(start, start + STRETCH * chunk));
      yield* runStretch(on, chunksOf(stretch, chunk));
      start += stretch.length;
      room = yield* breathe({ writes: on.writes, planned: on.total - on.passed });
      on.writes = 0;
    }
  }
  return on.done;
}
