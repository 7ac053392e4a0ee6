import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Link, LinkPut, LinkStatus, Quarantine, Side, SideRef } from '@tidelock/core';
import { parseJson, type Row, toBit, toJson, toJsonOrNull } from '../row.ts';

/** `parked_until` of a link that only a person or another input can wake. */
export const PARKED_FOR_GOOD = Number.MAX_SAFE_INTEGER;

const sideColumns = (x: 'a' | 'b'): string[] => [
  `${x}_id`,
  `${x}_inc`,
  `${x}_version`,
  `${x}_mono`,
  `${x}_stamp`,
  `${x}_gen`,
  `${x}_container`,
  `${x}_closed`,
  `shown_${x}`,
  `gone_${x}`,
  `dirty_${x}`,
  `clean_${x}`,
  `seen_${x}`,
];

/** In the order of the parameters of every statement that puts a link. */
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
  'holder',
  'at_rest',
];

/** Parameters behind the columns: the marks that the same put sets, or null, and the row number of an update. */
const MARK_A = COLUMNS.length + 1;
const MARK_B = COLUMNS.length + 2;
const ROW = COLUMNS.length + 3;
const at = (column: string): string => `?${COLUMNS.indexOf(column) + 1}`;
const place = (column: string): number => COLUMNS.indexOf(column);

function insertedFor(column: string): string {
  if (column === 'dirty_a') return `coalesce(?${MARK_A}, ${at(column)})`;
  return column === 'dirty_b' ? `coalesce(?${MARK_B}, ${at(column)})` : at(column);
}

export const INSERT_LINK = `insert into link (${COLUMNS.join(', ')}) values (${COLUMNS.map(insertedFor).join(', ')})`;

/** Columns of the indexes by native id, stamp and generation: set only where they change, or each would be written anew. */
const INDEXED = {
  a: ['a_id', 'a_stamp', 'a_gen'],
  b: ['b_id', 'b_stamp', 'b_gen'],
  ends: ['holder', 'at_rest'],
} as const;
type Moved = Readonly<Record<keyof typeof INDEXED, boolean>>;

const KEPT = ['lane', 'id', 'seen_a', 'seen_b', ...Object.values(INDEXED).flat()];

/**
 * The `dirty_x` parameters are what the caller had read: a higher stored value came from a feed since, which unparks.
 * Marks are set by the same statement: a row is written once.
 */
function updatedBy(column: string): string {
  switch (column) {
    case 'dirty_a':
      return `dirty_a = coalesce(?${MARK_A}, dirty_a)`;
    case 'dirty_b':
      return `dirty_b = coalesce(?${MARK_B}, dirty_b)`;
    case 'clean_a':
    case 'clean_b':
      return `${column} = max(${column}, ${at(column)})`;
    case 'parked_until':
      return `parked_until = case when dirty_a > ${at('dirty_a')} or dirty_b > ${at('dirty_b')} then 0 else ${at('parked_until')} end`;
    default:
      return `${column} = ${at(column)}`;
  }
}

function updateOf(moved: Moved): string {
  const plain = COLUMNS.filter((column) => !KEPT.includes(column)).map(updatedBy);
  const indexed = (Object.keys(INDEXED) as (keyof typeof INDEXED)[])
    .filter((group) => moved[group])
    .flatMap((group) => INDEXED[group].map((column) => `${column} = ${at(column)}`));
  return `update link set ${[...plain, ...indexed].join(', ')} where n = ?${ROW}`;
}

const numberOf = ({ a, b, ends }: Moved): number => toBit(a) + 2 * toBit(b) + 4 * toBit(ends);
const UPDATES = Array.from({ length: 8 }, (_, bits) =>
  updateOf({ a: (bits & 1) > 0, b: (bits & 2) > 0, ends: (bits & 4) > 0 }),
);

/** Every statement is one text: making it anew for each row would cost as much as the row. */
export const updateLink = (moved: Moved): string => UPDATES[numberOf(moved)] ?? updateOf(moved);

const LOOKED_AT = `select id, n, status, ${Object.values(INDEXED).flat().join(', ')} from link`;
/** What an update is compared with. */
export const LOOK_AT_LINK = `${LOOKED_AT} where lane = ? and id = ?`;
/** The same of many. */
export const LOOK_AT_LINKS = `${LOOKED_AT} where lane = ? and id in (select value from json_each(?))`;

const isSet = (values: readonly SQLInputValue[], old: Row, columns: readonly string[]): boolean =>
  columns.some((column) => values[place(column)] !== old[column]);

/** Which indexed columns the put changes. A generation moves with its record only: another record's does not count. */
export function toUpdate(values: SQLInputValue[], old: Row): Moved {
  for (const x of ['a', 'b'] as const) {
    const [id, gen] = [place(`${x}_id`), place(`${x}_gen`)];
    const before = old[`${x}_gen`];
    if (values[id] === null || values[id] !== old[`${x}_id`] || typeof before !== 'number') continue;
    values[gen] = Math.max(before, Number(values[gen]));
  }
  return {
    a: isSet(values, old, INDEXED.a),
    b: isSet(values, old, INDEXED.b),
    ends: isSet(values, old, INDEXED.ends),
  };
}

function toParkedUntil(quarantine: Quarantine | null): number {
  if (quarantine === null) return 0;
  return quarantine.nextAt === null ? PARKED_FOR_GOOD : quarantine.nextAt;
}

const ENDED: ReadonlySet<LinkStatus> = new Set(['tomb', 'merged']);
const LOOKED_FOR: ReadonlySet<LinkStatus> = new Set(['live', 'half', 'out']);

/**
 * The parameters of a statement that puts a link, in their order: flat, as it crosses from one thread to another. The number of the lane, and
 * those that its marks get, are for whoever has the lane open (`complete`).
 */
export type LinkValues = SQLInputValue[];

/** The place of a side's mark among them, from 1 on; null = it has none. */
const placeIn = (mark: readonly Side[] | undefined, side: Side): number | null => {
  const place = mark?.indexOf(side) ?? -1;
  return place < 0 ? null : place + 1;
};

/** A side that there is not. */
const NOBODY = {
  ...{ id: null, inc: null, version: null, mono: null, stamp: null, gen: null, container: null },
  closed: false,
} as const;

/** One literal: lists that are spread into it would be made for each link, and thrown away. */
export function toLinkValues({ link, mark }: LinkPut): LinkValues {
  const { id, status, quarantine, holds } = link;
  const a: SideRef | typeof NOBODY = link.a ?? NOBODY;
  const b: SideRef | typeof NOBODY = link.b ?? NOBODY;
  const [shownA, shownB] = [toJsonOrNull(link.shownA), toJsonOrNull(link.shownB)];
  return [
    null,
    id,
    status,
    a.id,
    a.inc,
    a.version,
    a.mono,
    a.stamp,
    a.gen,
    a.container ?? null,
    toBit(a.closed === true),
    shownA,
    toBit(link.goneA),
    link.dirtyA,
    link.cleanA,
    link.seenA,
    b.id,
    b.inc,
    b.version,
    b.mono,
    b.stamp,
    b.gen,
    b.container ?? null,
    toBit(b.closed === true),
    shownB,
    toBit(link.goneB),
    link.dirtyB,
    link.cleanB,
    link.seenB,
    toJsonOrNull(quarantine),
    toParkedUntil(quarantine),
    toJson(holds),
    link.updatedAt,
    ENDED.has(status) ? id : '',
    toBit(!LOOKED_FOR.has(status)),
    placeIn(mark, 'a'),
    placeIn(mark, 'b'),
  ];
}

const [LANE, ID, STATUS] = [place('lane'), place('id'), place('status')];
const NUMBERS = ['dirty_a', 'dirty_b', 'clean_a', 'clean_b'].map(place);
const NATIVE = { a: place('a_id'), b: place('b_id') } as const;

export const idOf = (values: LinkValues): string => String(values[ID]);
export const statusOf = (values: LinkValues): string => String(values[STATUS]);
/** Native id; null where the link has nothing on this side. */
export const nativeOf = (values: LinkValues, side: 'a' | 'b'): string | null =>
  values[NATIVE[side]] as string | null;
/** The highest value of the lane's sequence that it names. */
export const highestOf = (values: LinkValues): number =>
  Math.max(...NUMBERS.map((index) => Number(values[index])));

const MARKS = [MARK_A - 1, MARK_B - 1];

/** With the number of the lane, and those of its marks. */
export function complete(values: LinkValues, lane: number, next: () => number): LinkValues {
  const completed = [...values];
  completed[LANE] = lane;
  const isReversed = completed[MARK_B - 1] === 1;
  for (const mark of isReversed ? MARKS.toReversed() : MARKS)
    if (completed[mark] !== null) completed[mark] = next();
  return completed;
}

/** What is read of a link, in this order; the rest of its row serves indexes. */
const READ = ['id', 'status', ...sideColumns('a'), ...sideColumns('b'), 'quarantine', 'holds', 'updated_at'];
export const LINK_CELLS = READ.map((column) => `link.${column}`).join(', ');

/**
 * A row as `LINK_CELLS` names it, flat, as it crosses from one thread to another. The table is a strict one: no cell holds anything
 * but what its column says.
 */
export type LinkCells = readonly SQLOutputValue[];

export const idIn = (cells: LinkCells): string => cells[0] as string;

const sideAt = (x: 'a' | 'b'): number => READ.indexOf(`${x}_id`);
const AT = { a: sideAt('a'), b: sideAt('b'), ends: READ.indexOf('quarantine') } as const;

function toSide(cells: LinkCells, at: number): SideRef | null {
  const id = cells[at] as string | null;
  if (id === null) return null;
  const container = cells[at + 6] as string | null;
  return {
    ...(container === null ? {} : { container }),
    ...(cells[at + 7] === 1 ? { closed: true as const } : {}),
    id,
    inc: cells[at + 1] as number,
    version: cells[at + 2] as string,
    mono: cells[at + 3] as string,
    stamp: cells[at + 4] as string | null,
    gen: cells[at + 5] as number,
  };
}

function fromJson<T>(cells: LinkCells, at: number): T {
  return parseJson<T>(cells[at], READ[at] ?? '');
}

const fromJsonOrNull = <T>(cells: LinkCells, at: number): T | null =>
  cells[at] === null ? null : fromJson<T>(cells, at);

export function toLink(cells: LinkCells, laneId: string): Link {
  const { a, b, ends } = AT;
  return {
    laneId,
    id: idIn(cells),
    status: cells[1] as LinkStatus,
    a: toSide(cells, a),
    b: toSide(cells, b),
    shownA: fromJsonOrNull(cells, a + 8),
    shownB: fromJsonOrNull(cells, b + 8),
    goneA: cells[a + 9] !== 0,
    goneB: cells[b + 9] !== 0,
    quarantine: fromJsonOrNull(cells, ends),
    holds: fromJson(cells, ends + 1),
    updatedAt: cells[ends + 2] as number,
    dirtyA: cells[a + 10] as number,
    dirtyB: cells[b + 10] as number,
    cleanA: cells[a + 11] as number,
    cleanB: cells[b + 11] as number,
    seenA: cells[a + 12] as string,
    seenB: cells[b + 12] as string,
  };
}
