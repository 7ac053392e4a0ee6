import type { Mark, Side } from '@tidelock/core';
import { int, intOrNull, type Row, text, textOrNull } from '../row.ts';

/** What marks can move on one side of a link. A side that is not there has neither version, mono nor generation. */
export interface MarkedSide {
  readonly version: string | null;
  readonly mono: string | null;
  readonly gen: number | null;
  readonly dirty: number;
  readonly clean: number;
  readonly seen: string;
}

export interface MarkedLink {
  readonly a: MarkedSide;
  readonly b: MarkedSide;
  readonly parkedUntil: number;
}

const later = (x: string, y: string): string => (x > y ? x : y);

function markDirty(side: MarkedSide, mark: Mark, value: number): MarkedSide {
  return {
    ...side,
    gen: side.gen === null ? null : Math.max(side.gen, mark.gen ?? -1),
    dirty: value,
    seen: later(side.seen, mark.mono ?? ''),
  };
}

/**
 * Version and mono move only while the side is not dirty (its content is not what is shown, whatever the reader
 * thought) and never back behind what was seen.
 */
function markClean(side: MarkedSide, mark: Mark): MarkedSide {
  const { mono } = mark;
  const seen = later(side.seen, mono ?? '');
  if (side.gen === null || side.mono === null) return { ...side, seen };
  const late = mono !== undefined && mono < later(side.mono, side.seen);
  const moves = side.dirty <= side.clean && !late;
  return {
    ...side,
    version: moves ? (mark.version ?? side.version) : side.version,
    mono: moves ? (mono ?? side.mono) : side.mono,
    gen: Math.max(side.gen, mark.gen ?? -1),
    seen,
  };
}

/** A dirty mark wakes a parked link: its input may be another one now. `next` gives the value of a dirty mark. */
export function applyMark(link: MarkedLink, mark: Mark, next: () => number): MarkedLink {
  const side = link[mark.side];
  if (mark.kind === 'clean') return { ...link, [mark.side]: markClean(side, mark) };
  return { ...link, [mark.side]: markDirty(side, mark, next()), parkedUntil: 0 };
}

const columns = (x: Side): string =>
  `l.${x}_version, l.${x}_mono, l.${x}_gen, l.dirty_${x}, l.clean_${x}, l.seen_${x}`;

/**
 * The links that marks name, over all lanes of a page. The lanes are named once more by themselves: so the planner sees
 * which partitions it needs, and does not spend ten times the work on planning for all of them.
 */
export const READ_MARKED = `select l.lane, l.id, l.parked_until, ${columns('a')}, ${columns('b')}
  from jsonb_to_recordset($1::jsonb) as r(lane bigint, id text) join $.link l on l.lane = r.lane and l.id = r.id
  where l.lane = any($2::bigint[])`;

const setSide = (x: Side): string =>
  `${x}_version = r.${x}_version, ${x}_mono = r.${x}_mono, ${x}_gen = r.${x}_gen,
   dirty_${x} = r.dirty_${x}, seen_${x} = r.seen_${x}`;

const sideRecord = (x: Side): string =>
  `${x}_version text, ${x}_mono text, ${x}_gen bigint, dirty_${x} bigint, seen_${x} text`;

export const WRITE_MARKED = `update $.link l
  set ${setSide('a')}, ${setSide('b')}, parked_until = r.parked_until
  from jsonb_to_recordset($1::jsonb)
    as r(lane bigint, id text, ${sideRecord('a')}, ${sideRecord('b')}, parked_until bigint)
  where l.lane = r.lane and l.id = r.id and l.lane = any($2::bigint[])`;

const toMarkedSide = (row: Row, x: Side): MarkedSide => ({
  version: textOrNull(row, `${x}_version`),
  mono: textOrNull(row, `${x}_mono`),
  gen: intOrNull(row, `${x}_gen`),
  dirty: int(row, `dirty_${x}`),
  clean: int(row, `clean_${x}`),
  seen: text(row, `seen_${x}`),
});

export const toMarkedLink = (row: Row): MarkedLink => ({
  a: toMarkedSide(row, 'a'),
  b: toMarkedSide(row, 'b'),
  parkedUntil: int(row, 'parked_until'),
});

const fromMarkedSide = (x: Side, side: MarkedSide): Record<string, unknown> => ({
  [`${x}_version`]: side.version,
  [`${x}_mono`]: side.mono,
  [`${x}_gen`]: side.gen,
  [`dirty_${x}`]: side.dirty,
  [`seen_${x}`]: side.seen,
});

export const fromMarkedLink = (link: MarkedLink): Record<string, unknown> => ({
  ...fromMarkedSide('a', link.a),
  ...fromMarkedSide('b', link.b),
  parked_until: link.parkedUntil,
});
