import type { Link, LinkStatus, Mark, Side, SideRef } from '@tidelock/core';

/**
 * What `state@1` says about the links of one lane, as plainly as it can be written. Slow and in memory: it is here to
 * be compared with, not to be used.
 */
export interface LinkModel {
  /** False = refused as a whole; nothing changed. */
  put(links: readonly Link[], marked: readonly Side[]): boolean;
  mark(marks: readonly Mark[]): boolean;
  all(): Link[];
  work(now: number): string[];
  unseen(side: Side, gen: number): string[];
  counts(now: number): Record<LinkStatus | 'dirty' | 'parked', number>;
}

interface Entry {
  readonly link: Link;
  readonly parkedUntil: number;
}

const ACTIVE: ReadonlySet<LinkStatus> = new Set(['half', 'live', 'out', 'detached']);
const WATCHED: ReadonlySet<LinkStatus> = new Set(['half', 'live', 'out']);

const later = (x: string, y: string): string => (x > y ? x : y);

function keepGen(old: SideRef | null, next: SideRef | null): SideRef | null {
  if (next === null || old === null || old.id !== next.id) return next;
  return { ...next, gen: Math.max(old.gen, next.gen) };
}

function parkedUntil(link: Link): number {
  if (link.quarantine === null) return 0;
  return link.quarantine.nextAt ?? Number.POSITIVE_INFINITY;
}

function replace(old: Entry | undefined, put: Link): Entry {
  if (old === undefined) return { link: put, parkedUntil: parkedUntil(put) };
  const { dirtyA, dirtyB, cleanA, cleanB, seenA, seenB } = old.link;
  const newer = dirtyA > put.dirtyA || dirtyB > put.dirtyB;
  return {
    link: {
      ...{ ...put, a: keepGen(old.link.a, put.a), b: keepGen(old.link.b, put.b) },
      ...{ dirtyA, dirtyB, seenA, seenB },
      ...{ cleanA: Math.max(cleanA, put.cleanA), cleanB: Math.max(cleanB, put.cleanB) },
    },
    parkedUntil: newer ? 0 : parkedUntil(put),
  };
}

interface Half {
  readonly ref: SideRef | null;
  readonly dirty: number;
  readonly clean: number;
  readonly seen: string;
}

const halfOf = (link: Link, side: Side): Half =>
  side === 'a'
    ? { ref: link.a, dirty: link.dirtyA, clean: link.cleanA, seen: link.seenA }
    : { ref: link.b, dirty: link.dirtyB, clean: link.cleanB, seen: link.seenB };

const withHalf = (link: Link, side: Side, half: Half): Link =>
  side === 'a'
    ? { ...link, a: half.ref, dirtyA: half.dirty, seenA: half.seen }
    : { ...link, b: half.ref, dirtyB: half.dirty, seenB: half.seen };

function moved(half: Half, mark: Mark): SideRef | null {
  if (half.ref === null) return null;
  const ref = { ...half.ref, gen: Math.max(half.ref.gen, mark.gen ?? -1) };
  const { mono } = mark;
  const late = mono !== undefined && (mono < ref.mono || mono < half.seen);
  if (mark.kind === 'dirty' || half.dirty > half.clean || late) return ref;
  return { ...ref, version: mark.version ?? ref.version, mono: mono ?? ref.mono };
}

function applyMark(entry: Entry, mark: Mark, value: number): Entry {
  const half = halfOf(entry.link, mark.side);
  const dirty = mark.kind === 'dirty';
  const next: Half = {
    ...half,
    ref: moved(half, mark),
    dirty: dirty ? value : half.dirty,
    seen: later(half.seen, mark.mono ?? ''),
  };
  return { link: withHalf(entry.link, mark.side, next), parkedUntil: dirty ? 0 : entry.parkedUntil };
}

const isDirty = (link: Link): boolean => link.dirtyA > link.cleanA || link.dirtyB > link.cleanB;

const isWork = (link: Link): boolean =>
  isDirty(link) || link.status === 'half' || ((link.goneA || link.goneB) && link.status !== 'tomb');

function isUnique(entries: Iterable<Entry>): boolean {
  const taken = new Set<string>();
  for (const { link } of entries) {
    if (!ACTIVE.has(link.status)) continue;
    for (const id of [link.a && `a${link.a.id}`, link.b && `b${link.b.id}`]) {
      if (id === null) continue;
      if (taken.has(id)) return false;
      taken.add(id);
    }
  }
  return true;
}

export function createLinkModel(): LinkModel {
  let entries = new Map<string, Entry>();
  let sequence = 0;
  const sorted = (): Entry[] => [...entries.values()].sort((x, y) => (x.link.id < y.link.id ? -1 : 1));
  const ids = (keep: (entry: Entry) => boolean): string[] =>
    sorted()
      .filter(keep)
      .map((entry) => entry.link.id);
  const next = (): number => {
    sequence += 1;
    return sequence;
  };
  const commit = (changed: Map<string, Entry>, before: number): boolean => {
    if (isUnique(changed.values())) {
      entries = changed;
      return true;
    }
    sequence = before;
    return false;
  };
  return {
    put(links, marked) {
      const before = sequence;
      const changed = new Map(entries);
      for (const link of links) {
        sequence = Math.max(sequence, link.dirtyA, link.dirtyB, link.cleanA, link.cleanB);
      }
      for (const put of links) {
        let entry = replace(changed.get(put.id), put);
        for (const side of marked) {
          const link = withHalf(entry.link, side, { ...halfOf(entry.link, side), dirty: next() });
          entry = { ...entry, link };
        }
        changed.set(put.id, entry);
      }
      return commit(changed, before);
    },
    mark(marks) {
      if (marks.some((mark) => !entries.has(mark.linkId))) return false;
      for (const mark of marks) {
        const entry = entries.get(mark.linkId);
        const value = mark.kind === 'dirty' ? next() : 0;
        if (entry !== undefined) entries.set(mark.linkId, applyMark(entry, mark, value));
      }
      return true;
    },
    all: () => sorted().map((entry) => entry.link),
    work: (now) => ids(({ link, parkedUntil: until }) => isWork(link) && until <= now),
    unseen: (side, gen) =>
      ids(({ link }) => {
        const { ref } = halfOf(link, side);
        return WATCHED.has(link.status) && ref !== null && ref.gen < gen;
      }),
    counts(now) {
      const of = (status: LinkStatus): number => ids(({ link }) => link.status === status).length;
      return {
        ...{ half: of('half'), live: of('live'), tomb: of('tomb'), out: of('out') },
        ...{ merged: of('merged'), detached: of('detached') },
        dirty: ids(({ link }) => isDirty(link)).length,
        parked: ids((entry) => entry.parkedUntil > now).length,
      };
    },
  };
}
