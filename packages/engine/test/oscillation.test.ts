import type { HistoryRow, Side } from '@tidelock/core';
import { MappingSchema } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMapping, createCanon, OSCILLATION, oscillates } from '../src/index.ts';

const text = { type: 'text' as const, label: 'x', writable: true };
const mapping = compileMapping(
  MappingSchema.parse({
    version: 1,
    kind: 'contact',
    fields: [{ field: 'town', mailbox: 'town', crm: 'Town' }],
  }),
  { a: { town: text }, b: { Town: text } },
  createCanon({ region: 'US' }),
);
const [town] = mapping.fields;
if (town === undefined) throw new Error('no field');
const NOW = 1_800_000_000_000;

/** Writes in the order of time, as `side:old>new`. */
const rows = (...writes: string[]): HistoryRow[] =>
  writes
    .map((write, index): HistoryRow => {
      const [, side, old, next] = /^(.):(.*)>(.*)$/.exec(write) ?? [];
      return {
        ...{
          runId: 'r',
          seq: index,
          laneId: 'l',
          linkId: 'k',
          side: side as Side,
          op: 'update',
          field: 'town',
        },
        ...{ old: old || null, new: next || null, rule: 'a>b', at: NOW - 1_000 * (writes.length - index) },
        ...{ intentId: null, cause: null, mapping: null },
      } as HistoryRow;
    })
    .toReversed();
const ask = (next: string, of: HistoryRow[], modifiedBy?: 'us' | 'other') => {
  const [side, value = ''] = next.split(':') as [Side, string];
  return oscillates(town, { side, value, modifiedBy }, { rows: of, now: NOW });
};

const LOOP = ['b:>x', 'a:x>X', 'b:X>x', 'a:x>X'];

describe('the oscillation breaker', () => {
  it('holds a value that goes to and fro between two stores', () => {
    expect(ask('b:x', rows(...LOOP))).toBe(true);
    expect(ask('b:x', rows(...LOOP), 'us')).toBe(true);
  });

  it.each([
    ['fewer than four writes', rows(...LOOP.slice(1)), 'b:x', undefined],
    ['a value that is new', rows(...LOOP), 'b:y', undefined],
    ['somebody else changed it', rows(...LOOP), 'b:x', 'other'],
    ['a person who goes to and fro on one side', rows('b:x>y', 'b:y>x', 'b:x>y', 'b:y>x'), 'b:y', undefined],
    ['a person in between', rows('b:>x', 'a:x>X', 'b:X>x', 'a:x>new'), 'b:x', undefined],
    [
      'all of it long ago',
      rows(...LOOP).map((row) => ({ ...row, at: NOW - OSCILLATION.withinMs })),
      'b:x',
      undefined,
    ],
    ['another field', rows(...LOOP).map((row) => ({ ...row, field: 'title' })), 'b:x', undefined],
  ] as const)('leaves alone: %s', (...row) => {
    const [, of, next, by] = row;
    expect(ask(next, [...of], by)).toBe(false);
  });

  it('never holds values that were all written for the first time', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 6, maxLength: 12 }),
        (values) => {
          const written = values.map(
            (value, n) => `${n % 2 === 0 ? 'b' : 'a'}:>${value.replaceAll(/[>\n]/g, '_')}${n}`,
          );
          return !ask('b:fresh!', rows(...written));
        },
      ),
    );
  });
});
