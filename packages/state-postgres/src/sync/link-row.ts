import type { Link, LinkPut, Quarantine, Side, SideRef } from '@tidelock/core';
import { bool, int, json, type Row, text, textOrNull, word } from '../row.ts';
import type { Sequence } from './lane-key.ts';

/** `parked_until` of a link that only a person or another input can wake. */
const PARKED_FOR_GOOD = Number.MAX_SAFE_INTEGER;

const SIDES = ['a', 'b'] as const;

/** Columns of one side with their types, as `jsonb_to_recordset` reads them. */
const sideColumns = (x: Side): Record<string, string> => ({
  [`${x}_id`]: 'text',
  [`${x}_inc`]: 'bigint',
  [`${x}_version`]: 'text',
  [`${x}_mono`]: 'text',
  [`${x}_stamp`]: 'text',
  [`${x}_gen`]: 'bigint',
  [`${x}_container`]: 'text',
  [`${x}_closed`]: 'boolean',
  [`shown_${x}`]: 'jsonb',
  [`gone_${x}`]: 'boolean',
  [`dirty_${x}`]: 'bigint',
  [`clean_${x}`]: 'bigint',
  [`seen_${x}`]: 'text',
});

const COLUMNS: Readonly<Record<string, string>> = {
  id: 'text',
  status: 'text',
  ...sideColumns('a'),
  ...sideColumns('b'),
  quarantine: 'jsonb',
  parked_until: 'bigint',
  holds: 'jsonb',
  updated_at: 'bigint',
};

const names = Object.keys(COLUMNS);
const record = Object.entries({ ...COLUMNS, mark_a: 'bigint', mark_b: 'bigint' })
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

const isMark = (name: string): boolean => name === 'dirty_a' || name === 'dirty_b';
const onInsert = (name: string): string =>
  isMark(name) ? `coalesce(r.mark_${name.slice(-1)}, r.${name})` : `r.${name}`;

/** A generation moves with its record only: another record's does not count for it. */
const updateSide = (x: Side): string => `
  ${x}_id = r.${x}_id, ${x}_inc = r.${x}_inc, ${x}_version = r.${x}_version,
  ${x}_mono = r.${x}_mono, ${x}_stamp = r.${x}_stamp, ${x}_container = r.${x}_container,
  ${x}_closed = r.${x}_closed,
  ${x}_gen = case when l.${x}_id = r.${x}_id then greatest(l.${x}_gen, r.${x}_gen) else r.${x}_gen end,
  shown_${x} = r.shown_${x}, gone_${x} = r.gone_${x},
  clean_${x} = greatest(l.clean_${x}, r.clean_${x}), dirty_${x} = coalesce(r.mark_${x}, l.dirty_${x}),`;

/** `r.dirty_x` is what the caller had read: a higher stored value came from a feed since, which unparks. */
export const PUT_LINKS = `merge into $.link l
  using (select * from jsonb_to_recordset($2::jsonb) as r(${record})) r on l.lane = $1::bigint and l.id = r.id
  when matched then update set status = r.status, ${SIDES.map(updateSide).join('')}
    quarantine = r.quarantine, holds = r.holds, updated_at = r.updated_at,
    parked_until = case when l.dirty_a > r.dirty_a or l.dirty_b > r.dirty_b then 0 else r.parked_until end
  when not matched then insert (lane, ${names.join(', ')})
    values ($1::bigint, ${names.map(onInsert).join(', ')})`;

function fromSide(x: Side, ref: SideRef | null): Record<string, unknown> {
  if (ref === null) return {};
  return {
    [`${x}_id`]: ref.id,
    [`${x}_inc`]: ref.inc,
    [`${x}_version`]: ref.version,
    [`${x}_mono`]: ref.mono,
    [`${x}_stamp`]: ref.stamp,
    [`${x}_gen`]: ref.gen,
    [`${x}_container`]: ref.container ?? null,
    [`${x}_closed`]: ref.closed ?? null,
  };
}

function toParkedUntil(quarantine: Quarantine | null): number {
  if (quarantine === null) return 0;
  return quarantine.nextAt === null ? PARKED_FOR_GOOD : quarantine.nextAt;
}

/** By column name; what is left out is null. Takes a value of the sequence for each side marked. */
export function fromPut({ link, mark }: LinkPut, sequence: Sequence): Record<string, unknown> {
  const marks = (mark ?? []).map((x) => [`mark_${x}`, sequence.next()]);
  return {
    ...{ id: link.id, status: link.status, quarantine: link.quarantine, holds: link.holds },
    ...{ parked_until: toParkedUntil(link.quarantine), updated_at: link.updatedAt },
    ...fromSide('a', link.a),
    ...fromSide('b', link.b),
    ...{ shown_a: link.shownA, gone_a: link.goneA, shown_b: link.shownB, gone_b: link.goneB },
    ...{ dirty_a: link.dirtyA, clean_a: link.cleanA, seen_a: link.seenA },
    ...{ dirty_b: link.dirtyB, clean_b: link.cleanB, seen_b: link.seenB },
    ...Object.fromEntries(marks),
  };
}

function toSide(row: Row, x: Side): SideRef | null {
  const id = textOrNull(row, `${x}_id`);
  if (id === null) return null;
  const container = textOrNull(row, `${x}_container`);
  return {
    ...(container === null ? {} : { container }),
    ...(row[`${x}_closed`] === true ? { closed: true as const } : {}),
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
    shownA: json(row, 'shown_a'),
    shownB: json(row, 'shown_b'),
    goneA: bool(row, 'gone_a'),
    goneB: bool(row, 'gone_b'),
    quarantine: json(row, 'quarantine'),
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
