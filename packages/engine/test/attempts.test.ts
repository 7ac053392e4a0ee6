import type { Fields, Intent } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { sentWith } from '../src/attempts.ts';
import { compileMapping, createCanon } from '../src/index.ts';
import type { Lane } from '../src/lane.ts';
import { MAPPING } from './world.ts';

const text = { type: 'text', label: 'x', writable: true, maxLength: 8 } as const;
const fields = ['title', 'town'].map((field) => ({
  ...MAPPING.fields[0],
  ...{ field, mailbox: field, crm: field },
}));
const catalogue = { title: text, town: text };
const mapping = compileMapping(
  { ...MAPPING, fields } as never,
  { a: catalogue, b: catalogue },
  createCanon({ region: 'US' }),
);
const lane = { mapping } as unknown as Lane;

const sent = (values: Fields): Intent => ({ side: 'b', op: 'create', sent: values }) as Intent;
const [old, recent] = [sent({ title: 'old' }), sent({ title: 'new' })];
const which = (attempts: readonly Intent[], shown: Fields): number | undefined => {
  const found = sentWith(lane, attempts, shown);
  return found && attempts.indexOf(found);
};

describe('which of several creates with one stamp has made a record (5.5)', () => {
  it('is the one whose values the record shows, whichever was sent last', () => {
    expect(which([old, recent], { title: 'old', town: null })).toBe(0);
    expect(which([old, recent], { title: 'new', town: null })).toBe(1);
  });

  it('is told by what the store keeps of a value', () => {
    const long = sent({ title: 'a long title' });
    expect(which([long, recent], { title: 'a long t', town: null })).toBe(0);
  });

  it('is the fullest of those that the record shows', () => {
    const full = sent({ title: 'old', town: 'Bern' });
    expect(which([old, full], { title: 'old', town: 'Bern' })).toBe(1);
    expect(which([old, full], { title: 'old', town: null })).toBe(0);
  });

  it('is not known of a record that shows what none of them sent: somebody has edited it', () => {
    expect(which([old, recent], { title: 'edited', town: null })).toBeUndefined();
    expect(which([], { title: 'old', town: null })).toBeUndefined();
  });
});
