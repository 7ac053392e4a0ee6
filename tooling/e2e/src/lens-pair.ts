import type { Fields, Side } from '@tidelock/core';
import { getFields, mergeRecord, putFields } from '@tidelock/engine';
import type { Cell, LensWorld } from './lens-world.ts';

export const SIDES = ['a', 'b'] as const;

/** A new record that shows these values, as far as its side can hold them. */
export function cellOf(lens: LensWorld, side: Side, values: Fields): Cell {
  const patch = putFields(lens.mapping, side, { values: lens.required(side, values), current: null });
  return lens.create(side, patch);
}

export const shows = (lens: LensWorld, side: Side, cell: Cell): Fields =>
  getFields(lens.mapping, side, cell.read());

export type Shown = Readonly<Record<Side, Fields | null>>;

/** What the engine does with a pair until it writes nothing: how many rounds wrote, `limit` + 1 for too many. */
export function settle(
  lens: LensWorld,
  cells: Readonly<Record<Side, Cell>>,
  of: { base: Shown; limit: number },
): number {
  const { base, limit } = of;
  let shown = base;
  for (let hop = 0; hop <= limit; hop++) {
    const records = { a: cells.a.read(), b: cells.b.read() };
    const seen = { a: shows(lens, 'a', cells.a), b: shows(lens, 'b', cells.b) };
    const modifiedAt = { a: 0, b: 0 };
    const merged = mergeRecord(lens.mapping, {
      shown,
      seen,
      modifiedAt,
      master: 'b',
      skewMs: 120_000,
      holds: [],
    });
    let wrote = false;
    const next = { ...merged.shown };
    for (const side of SIDES) {
      const patch = putFields(lens.mapping, side, { values: merged.to[side], current: records[side] });
      if (Object.keys(patch).length === 0) continue;
      wrote = true;
      cells[side].write(patch);
      // Only a mailbox answers with the record; of the CRM it is believed that it holds what was sent.
      if (side === 'a') next.a = shows(lens, 'a', cells.a);
    }
    shown = next;
    if (!wrote) return hop;
  }
  return limit + 1;
}

export interface Pair {
  readonly cells: Readonly<Record<Side, Cell>>;
  readonly shown: Shown;
}

/** A record and the partner that a create makes of it. */
export function pairOf(lens: LensWorld, side: Side, cell: Cell): Pair {
  const to = side === 'a' ? 'b' : 'a';
  const source = shows(lens, side, cell);
  const partner = cellOf(lens, to, source);
  const sent = lens.required(to, source);
  const believed = Object.fromEntries(
    lens.mapping.fields.map((field) => [field.name, field.project(to, sent[field.name] ?? null) ?? null]),
  );
  const answered = to === 'a' ? shows(lens, 'a', partner) : believed;
  return side === 'a'
    ? { cells: { a: cell, b: partner }, shown: { a: source, b: answered } }
    : { cells: { a: partner, b: cell }, shown: { a: answered, b: source } };
}
