import type { SQLInputValue } from 'node:sqlite';
import type { Link, Quarantine, SideRef } from '@tidelock/core';
import {
  bool,
  int,
  json,
  jsonOrNull,
  type Row,
  text,
  textOrNull,
  toBit,
  toJson,
  toJsonOrNull,
  word,
} from '../row.ts';

/** `parked_until` of a link that only a person or another input can wake. */
export const PARKED_FOR_GOOD = Number.MAX_SAFE_INTEGER;

const sideColumns = (x: 'a' | 'b'): string[] => [
  `${x}_id`,
  `${x}_inc`,
  `${x}_version`,
  `${x}_mono`,
  `${x}_stamp`,
  `${x}_gen`,
  `shown_${x}`,
  `gone_${x}`,
  `dirty_${x}`,
  `clean_${x}`,
  `seen_${x}`,
];

const COLUMNS = [
  'lane',
  'id',
  'status',
  ...sideColumns('a'),
  ...sideColumns('b'),
  'quarantine',
  'parked_until',
  'holds',
  'updated_at',
];

/** A generation moves with its record only: another record's does not count for it. */
const updateSide = (x: 'a' | 'b'): string => `
  ${x}_id = excluded.${x}_id, ${x}_inc = excluded.${x}_inc, ${x}_version = excluded.${x}_version,
  ${x}_mono = excluded.${x}_mono, ${x}_stamp = excluded.${x}_stamp,
  ${x}_gen = case when ${x}_id = excluded.${x}_id then max(${x}_gen, excluded.${x}_gen) else excluded.${x}_gen end,
  shown_${x} = excluded.shown_${x}, gone_${x} = excluded.gone_${x},
  clean_${x} = max(clean_${x}, excluded.clean_${x}),`;

/** Parameters behind the columns: the mark that the same put sets on a side, or null. */
const MARK = { a: COLUMNS.length + 1, b: COLUMNS.length + 2 } as const;
const parameterOf = (column: string): string => `?${COLUMNS.indexOf(column) + 1}`;
const insertedFor = (column: string): string => {
  if (column === 'dirty_a') return `coalesce(?${MARK.a}, ${parameterOf(column)})`;
  return column === 'dirty_b' ? `coalesce(?${MARK.b}, ${parameterOf(column)})` : parameterOf(column);
};

/**
 * The `dirty_x` parameters are what the caller had read: a higher stored value came from a feed since, which unparks.
 * Marks are set by the same statement: a row is written once.
 */
export const PUT_LINK = `insert into link (${COLUMNS.join(', ')}) values (${COLUMNS.map(insertedFor).join(', ')})
  on conflict (lane, id) do update set status = excluded.status, ${updateSide('a')} ${updateSide('b')}
    dirty_a = coalesce(?${MARK.a}, dirty_a), dirty_b = coalesce(?${MARK.b}, dirty_b),
    quarantine = excluded.quarantine, holds = excluded.holds, updated_at = excluded.updated_at,
    parked_until = case when dirty_a > ${parameterOf('dirty_a')} or dirty_b > ${parameterOf('dirty_b')} then 0
      else excluded.parked_until end`;

const fromSide = (ref: SideRef | null): SQLInputValue[] =>
  ref === null
    ? [null, null, null, null, null, null]
    : [ref.id, ref.inc, ref.version, ref.mono, ref.stamp, ref.gen];

function toParkedUntil(quarantine: Quarantine | null): number {
  if (quarantine === null) return 0;
  return quarantine.nextAt === null ? PARKED_FOR_GOOD : quarantine.nextAt;
}

/** In the order of the parameters of `PUT_LINK`. */
export function fromLink(
  lane: number,
  link: Link,
  marks: Readonly<Record<'a' | 'b', number | null>>,
): SQLInputValue[] {
  return [
    lane,
    link.id,
    link.status,
    ...fromSide(link.a),
    toJsonOrNull(link.shownA),
    toBit(link.goneA),
    link.dirtyA,
    link.cleanA,
    link.seenA,
    ...fromSide(link.b),
    toJsonOrNull(link.shownB),
    toBit(link.goneB),
    link.dirtyB,
    link.cleanB,
    link.seenB,
    toJsonOrNull(link.quarantine),
    toParkedUntil(link.quarantine),
    toJson(link.holds),
    link.updatedAt,
    marks.a,
    marks.b,
  ];
}

function toSide(row: Row, x: 'a' | 'b'): SideRef | null {
  const id = textOrNull(row, `${x}_id`);
  if (id === null) return null;
  return {
    id,
    inc: int(row, `${x}_inc`),
    version: text(row, `${x}_version`),
    mono: text(row, `${x}_mono`),
    stamp: textOrNull(row, `${x}_stamp`),
    gen: int(row, `${x}_gen`),
  };
}

export function toLink(row: Row, laneId: string): Link {
  return {
    laneId,
    id: text(row, 'id'),
    status: word(row, 'status'),
    a: toSide(row, 'a'),
    b: toSide(row, 'b'),
    shownA: jsonOrNull(row, 'shown_a'),
    shownB: jsonOrNull(row, 'shown_b'),
    goneA: bool(row, 'gone_a'),
    goneB: bool(row, 'gone_b'),
    quarantine: jsonOrNull(row, 'quarantine'),
    holds: json(row, 'holds'),
    updatedAt: int(row, 'updated_at'),
    dirtyA: int(row, 'dirty_a'),
    dirtyB: int(row, 'dirty_b'),
    cleanA: int(row, 'clean_a'),
    cleanB: int(row, 'clean_b'),
    seenA: text(row, 'seen_a'),
    seenB: text(row, 'seen_b'),
  };
}
