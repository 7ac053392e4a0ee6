import type { Intent, Link, LinkPut, LinkQuery, LinkStatus, Mark, Side, SideRef } from '@tidelock/core';
import { byText, checkLane, type LaneTable, later, refOf, refused, type StoredLink } from './tables.ts';

const ACTIVE: ReadonlySet<LinkStatus> = new Set(['half', 'live', 'out', 'detached']);
const WATCHED: ReadonlySet<LinkStatus> = new Set(['half', 'live', 'out']);

function keepGen(old: SideRef | null, next: SideRef | null): SideRef | null {
  if (next === null || old === null || old.id !== next.id || old.gen <= next.gen) return next;
  return { ...next, gen: old.gen };
}

function parkedUntil(link: Link): number {
  if (link.quarantine === null) return 0;
  return link.quarantine.nextAt ?? Number.POSITIVE_INFINITY;
}

function replaced(old: StoredLink | undefined, put: Link): StoredLink {
  if (old === undefined) return { link: put, parkedUntil: parkedUntil(put) };
  const was = old.link;
  const newer = was.dirtyA > put.dirtyA || was.dirtyB > put.dirtyB;
  return {
    link: {
      ...put,
      a: keepGen(was.a, put.a),
      b: keepGen(was.b, put.b),
      dirtyA: was.dirtyA,
      dirtyB: was.dirtyB,
      seenA: was.seenA,
      seenB: was.seenB,
      cleanA: Math.max(was.cleanA, put.cleanA),
      cleanB: Math.max(was.cleanB, put.cleanB),
    },
    parkedUntil: newer ? 0 : parkedUntil(put),
  };
}

function assertApart(put: Link, other: Link): void {
  const isOne =
    put.id !== other.id &&
    ACTIVE.has(other.status) &&
    ((put.a !== null && put.a.id === other.a?.id) || (put.b !== null && put.b.id === other.b?.id));
  if (isOne) throw refused('A native id would stand in two links.', 'state.commitLane', 'not-unique');
}

/** What is stored was looked at when it was put. */
function assertUnique(links: ReadonlyMap<string, StoredLink>, puts: readonly LinkPut[]): void {
  for (const { link } of puts) {
    const put = links.get(link.id)?.link;
    if (put === undefined || !ACTIVE.has(put.status)) continue;
    for (const other of links.values()) assertApart(put, other.link);
  }
}

export interface PutResult {
  readonly links: Map<string, StoredLink>;
  readonly sequence: number;
}

/** The lane's links and sequence after the puts. Throws before anything changed; the caller stores the result. */
export function withPuts(lane: LaneTable, puts: readonly LinkPut[]): PutResult {
  let { sequence } = lane;
  if (puts.length === 0) return { links: lane.links, sequence };
  checkLane(
    lane.row.id,
    puts.map(({ link }) => link),
  );
  for (const { link } of puts)
    sequence = Math.max(sequence, link.dirtyA, link.dirtyB, link.cleanA, link.cleanB);
  const links = new Map(lane.links);
  for (const { link: put, mark = [] } of puts) {
    let stored = replaced(links.get(put.id), put);
    for (const side of mark) {
      const dirty = ++sequence;
      stored = {
        ...stored,
        link: side === 'a' ? { ...stored.link, dirtyA: dirty } : { ...stored.link, dirtyB: dirty },
      };
    }
    links.set(put.id, stored);
  }
  assertUnique(links, puts);
  return { links, sequence };
}

function movedRef(link: Link, mark: Mark): SideRef | null {
  const ref = refOf(link, mark.side);
  if (ref === null) return null;
  const kept = mark.gen !== undefined && mark.gen > ref.gen ? { ...ref, gen: mark.gen } : ref;
  const [dirty, clean, seen] =
    mark.side === 'a' ? [link.dirtyA, link.cleanA, link.seenA] : [link.dirtyB, link.cleanB, link.seenB];
  const { mono } = mark;
  const late = mono !== undefined && mono < later(ref.mono, seen);
  if (mark.kind === 'dirty' || dirty > clean || late) return kept;
  return { ...kept, version: mark.version ?? kept.version, mono: mono ?? kept.mono };
}

/** `mark.linkId` must be there. */
export function applyMark(lane: LaneTable, mark: Mark): void {
  const stored = lane.links.get(mark.linkId);
  if (stored === undefined) return;
  const { link } = stored;
  const isDirty = mark.kind === 'dirty';
  if (isDirty) lane.sequence++;
  const ref = movedRef(link, mark);
  const next: Link =
    mark.side === 'a'
      ? {
          ...link,
          a: ref,
          dirtyA: isDirty ? lane.sequence : link.dirtyA,
          seenA: later(link.seenA, mark.mono ?? ''),
        }
      : {
          ...link,
          b: ref,
          dirtyB: isDirty ? lane.sequence : link.dirtyB,
          seenB: later(link.seenB, mark.mono ?? ''),
        };
  lane.links.set(link.id, { link: next, parkedUntil: isDirty ? 0 : stored.parkedUntil });
}

export const isDirty = (link: Link): boolean => link.dirtyA > link.cleanA || link.dirtyB > link.cleanB;

const isWork = (link: Link): boolean =>
  isDirty(link) || link.status === 'half' || ((link.goneA || link.goneB) && link.status !== 'tomb');

const RANK: Readonly<Record<LinkStatus, number>> = {
  half: 0,
  live: 0,
  out: 0,
  detached: 0,
  merged: 1,
  tomb: 2,
};

type ByNative = Extract<LinkQuery, { by: 'native' }>;

/** One native id may stand in one active link and in any number of others: the best rank answers. */
function byNative(lane: LaneTable, { side, ids, ended }: ByNative): Link[] {
  const found: Link[] = [];
  if (ids.length === 0) return found;
  for (const { link } of lane.links.values()) {
    const ref = refOf(link, side);
    if (ref !== null && ids.includes(ref.id)) found.push(link);
  }
  if (found.length < 2 || ended === true) return found;
  const best = new Map<string, number>();
  for (const link of found) {
    const id = refOf(link, side)?.id ?? '';
    best.set(id, Math.min(best.get(id) ?? RANK.tomb, RANK[link.status]));
  }
  return found.filter((link) => RANK[link.status] === best.get(refOf(link, side)?.id ?? ''));
}

const byId = (x: Link, y: Link): number => byText(x.id, y.id);

const sorted = (links: Link[]): Link[] => (links.length < 2 ? links : links.sort(byId));

function workOf(lane: LaneTable, query: Extract<LinkQuery, { by: 'work' }>): Link[] {
  const found: Link[] = [];
  const { now, after = '' } = query;
  for (const { link, parkedUntil: until } of lane.links.values())
    if (until <= now && link.id > after && isWork(link)) found.push(link);
  return sorted(found).slice(0, query.limit);
}

const genOf = (link: Link, side: Side): number => refOf(link, side)?.gen ?? 0;

function linksWhere(lane: LaneTable, of: (link: Link) => boolean): Link[] {
  const found: Link[] = [];
  for (const { link } of lane.links.values()) if (of(link)) found.push(link);
  return sorted(found);
}

function unseen(lane: LaneTable, side: Side, gen: number): Link[] {
  const missing = linksWhere(
    lane,
    (link) => WATCHED.has(link.status) && refOf(link, side) !== null && genOf(link, side) < gen,
  );
  return missing.length < 2 ? missing : missing.sort((x, y) => genOf(x, side) - genOf(y, side));
}

export function queryLinks(
  lane: LaneTable,
  query: LinkQuery,
  intents: ReadonlyMap<string, Intent>,
): readonly Link[] {
  if (query.by === 'id')
    return [...new Set(query.ids)].flatMap((id) => lane.links.get(id)?.link ?? []).sort(byId);
  if (query.by === 'work') return workOf(lane, query);
  if (query.by === 'native') return sorted(byNative(lane, query));
  if (query.by === 'unseen') return unseen(lane, query.side, query.gen).slice(0, query.limit);
  if (query.by === 'page') return linksWhere(lane, (link) => link.id > query.after).slice(0, query.limit);
  const stamps = new Set<string | null | undefined>(query.stamps);
  const sent = new Set<string>();
  for (const { laneId, linkId, stamp } of intents.values())
    if (laneId === lane.row.id && stamp !== null && stamps.has(stamp)) sent.add(linkId);
  const carries = (ref: SideRef | null): boolean => typeof ref?.stamp === 'string' && stamps.has(ref.stamp);
  return linksWhere(lane, (link) => sent.has(link.id) || carries(link.a) || carries(link.b));
}
