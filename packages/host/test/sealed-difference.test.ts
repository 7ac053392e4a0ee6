import { createSecretKey, randomBytes } from 'node:crypto';
import type { Fields, Link, SyncState } from '@tidelock/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealSyncState } from '../src/index.ts';
import { differenceOf, withDifference } from '../src/sealing/difference.ts';
import { createFieldSealer } from '../src/sealing/field-seal.ts';

const value = fc.oneof(
  fc.constantFrom(null, '', 'Ada', true, 0),
  fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
  fc.record({ city: fc.constantFrom('Bonn', 'Rome') }),
);
const fields = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd', 'e', 'toString'),
  value,
) as fc.Arbitrary<Fields>;

const stored = <T>(of: T): T => JSON.parse(JSON.stringify(of)) as T;

test('fields are what they were, whatever they are told apart from', () => {
  fc.assert(
    fc.property(fields, fields, (one, base) => {
      expect(stored(withDifference(base, stored(differenceOf(one, base))))).toEqual(stored(one));
    }),
  );
});

const sealer = createFieldSealer('tenant', [
  { id: '11111111-1111-4111-8111-111111111111', key: createSecretKey(randomBytes(32)) },
]);

/** A state of one link, which answers what was put last. */
function createOneLink() {
  let link: Link | undefined;
  const state: Partial<SyncState> = {
    async commitLane({ links = [] }) {
      link = links[0]?.link;
    },
    links: async () => (link === undefined ? [] : [link]),
  };
  return {
    state: sealSyncState(state as SyncState, async () => sealer),
    kept: (): string => String(link?.shownA?.['~sealed']),
    keep: (sealed: string): void => {
      if (link !== undefined) link = { ...link, shownA: { '~sealed': sealed }, shownB: null };
    },
  };
}

const aLink = (shownA: Fields | null, shownB: Fields | null): Link =>
  ({ laneId: 'lane', id: 'link', shownA, shownB }) as Partial<Link> as Link;
const put = (link: Link): Parameters<SyncState['commitLane']>[0] => ({
  guard: { laneId: 'lane', fence: 1 },
  now: 0,
  links: [{ link }],
});
const NOTES = 'Met at the fair. '.repeat(30);

test('what both sides of a pair show is stored once', async () => {
  const { state, kept } = createOneLink();
  const shown = { lastName: 'Lovelace', notes: NOTES, home: { city: 'Bonn' } };
  await state.commitLane(put(aLink(shown, { ...shown, home: { city: 'Bonn' } })));
  expect(kept().length).toBeLessThan(NOTES.length * 2);
  const [same] = await state.links('lane', { by: 'id', ids: ['link'] });
  expect([same?.shownA, same?.shownB]).toEqual([shown, shown]);
});

const SIDES: readonly (readonly [a: Fields | null, b: Fields | null])[] = [
  [{ lastName: 'Lovelace' }, null],
  [null, { lastName: 'Lovelace' }],
  [
    { lastName: 'Lovelace', phone: null },
    { lastName: 'Lovelac', email: 'a@b.example' },
  ],
];

test.each(SIDES)('each side opens as it was: %j, %j', async (shownA, shownB) => {
  const { state } = createOneLink();
  await state.commitLane(put(aLink(shownA, shownB)));
  for (const query of [
    { by: 'id', ids: ['link'] },
    { by: 'native', side: 'a', ids: ['x'] },
  ] as const) {
    const [link] = await state.links('lane', query);
    expect([link?.shownA, link?.shownB]).toEqual([shownA, shownB]);
  }
});

test('a pair that is opened later can be copied and changed as any other, and shows no member of its own', async () => {
  const { state } = createOneLink();
  const whole = {
    ...aLink({ lastName: 'Lovelace' }, { lastName: 'King' }),
    status: 'live',
    seenA: '1',
  } as Link;
  await state.commitLane(put(whole));
  const [link] = await state.links('lane', { by: 'native', side: 'a', ids: ['x'] });
  if (link === undefined) throw new Error('there is no link');
  expect(Object.getOwnPropertyDescriptor(link, 'shownA')?.get, 'nobody has asked yet').toBeDefined();
  expect(Reflect.ownKeys({ ...link }).toSorted()).toEqual(Object.keys(whole).toSorted());
  expect({ ...link, seenA: '2' }).toEqual({ ...whole, seenA: '2' });
  expect(structuredClone(link)).toEqual(whole);
  expect(JSON.parse(JSON.stringify(link))).toEqual(whole);
});

test('a pair that an earlier version sealed, both sides whole, opens as it was', async () => {
  const { state, keep } = createOneLink();
  await state.commitLane(put(aLink({}, {})));
  keep(sealer.seal({ table: 'link', column: 'shown', row: 'lane/link' }, [{ a: 1 }, { b: 2 }]));
  const [link] = await state.links('lane', { by: 'id', ids: ['link'] });
  expect([link?.shownA, link?.shownB]).toEqual([{ a: 1 }, { b: 2 }]);
});
