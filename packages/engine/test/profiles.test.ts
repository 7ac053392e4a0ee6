import type { Fields, Link } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { why } from '../src/index.ts';
import {
  createProfileWorld,
  laneId,
  PROFILES,
  type Profile,
  type ProfileWorld,
  type Shown,
  TOWNS,
  text,
} from './profile-world.ts';

type Act =
  | { readonly act: 'create'; readonly where: number; readonly town: number; readonly chosen: boolean }
  | {
      readonly act: 'edit';
      readonly where: number;
      readonly which: number;
      readonly what: 'site' | 'town' | 'tags';
      readonly value: number;
    }
  | { readonly act: 'follow'; readonly mailbox: number; readonly profile: number }
  | { readonly act: 'leave' | 'reset' | 'reset-twice'; readonly mailbox: number }
  | { readonly act: 'sync' };

const small = fc.nat({ max: 5 });
const place = fc.nat({ max: 2 });
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constant('create' as const),
        where: place,
        town: place,
        chosen: fc.boolean(),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        act: fc.constant('edit' as const),
        where: place,
        which: small,
        what: fc.constantFrom('site' as const, 'town' as const, 'tags' as const),
        value: small,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        act: fc.constant('follow' as const),
        mailbox: fc.nat({ max: 1 }),
        profile: fc.nat({ max: PROFILES.length - 1 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constantFrom('leave' as const, 'reset' as const, 'reset-twice' as const),
        mailbox: fc.nat({ max: 1 }),
      }),
    },
    { weight: 7, arbitrary: fc.constant({ act: 'sync' as const }) },
  ),
  { minLength: 4, maxLength: 24 },
);

const storeOf = (world: ProfileWorld, where: number) => world.mailboxes[where] ?? world.crm;

async function edit(world: ProfileWorld, act: Extract<Act, { act: 'edit' }>, token: number): Promise<void> {
  const store = storeOf(world, act.where);
  const records = await world.people(store);
  const record = records[act.which % Math.max(1, records.length)];
  if (record === undefined) return;
  const patches: Readonly<Record<typeof act.what, Fields>> = {
    site: { website: `https://example.com/${token}` },
    town: { city: TOWNS[act.value % TOWNS.length] ?? null },
    tags: { tags: act.value % 2 === 0 ? ['crm', 'friend'] : ['friend'] },
  };
  const patch = patches[act.what];
  // Categories belong to the mailbox.
  if (act.what === 'tags' && store === world.crm) return;
  await store.oracle.userUpdate(record.id, patch);
}

async function perform(world: ProfileWorld, act: Act, token: number): Promise<void> {
  switch (act.act) {
    case 'create':
      await storeOf(world, act.where).oracle.userCreate({
        familyName: `Family${token}`,
        email: `person${token}@example.com`,
        phone: `+1202555${String(1000 + token)}`,
        city: TOWNS[act.town] ?? null,
        ...(act.chosen ? { tags: ['crm'] } : {}),
      });
      return;
    case 'edit':
      return edit(world, act, token);
    case 'follow':
      world.follows[act.mailbox] = act.profile;
      return;
    case 'leave':
      world.follows[act.mailbox] = null;
      return;
    case 'reset':
      return world.reset(act.mailbox);
    case 'reset-twice':
      await world.reset(act.mailbox);
      return world.reset(act.mailbox);
    case 'sync':
      await world.sync();
  }
}

const tagsOf = ({ fields }: Shown): readonly string[] => (Array.isArray(fields.tags) ? fields.tags : []);

/** The rules again, in other words than the product's. */
const meets: Readonly<Record<string, { a(shown: Shown): boolean; b(shown: Shown): boolean }>> = {
  everything: { a: () => true, b: () => true },
  north: { a: () => true, b: ({ fields }) => ['Kiel', 'Bonn'].includes(text(fields.city)) },
  kiel: { a: () => true, b: ({ fields }) => fields.city === 'Kiel' },
  'not-ulm': { a: () => true, b: ({ fields }) => fields.city !== 'Ulm' },
  chosen: { a: (shown) => tagsOf(shown).includes('crm'), b: () => true },
  'chosen-north': { a: (shown) => tagsOf(shown).includes('crm'), b: ({ fields }) => fields.city === 'Kiel' },
};

const byMail = (people: readonly Shown[]): Map<string, Shown> =>
  new Map(people.map((shown) => [text(shown.fields.email), shown]));

async function sayWhy(world: ProfileWorld, index: number, link: Link): Promise<string> {
  const { sync } = world.state;
  const lane = (await sync.lanes()).find((row) => row.id === laneId(index));
  if (lane === undefined) throw new Error('no such lane');
  const history = await sync.history(lane.id, { linkId: link.id, limit: 100 });
  const policy = { create: { a: true, b: true }, onDelete: { a: 'delete', b: 'delete' } } as const;
  return why({
    link,
    suspects: [],
    reviews: [],
    intents: [],
    history,
    lane,
    policy,
    rules: [],
    mapping: null,
  })
    .map((sentence) => sentence.text)
    .join(' ');
}

interface Sides {
  readonly profile: Profile;
  readonly rule: { a(shown: Shown): boolean; b(shown: Shown): boolean };
  readonly mine: readonly Shown[];
  readonly theirs: readonly Shown[];
}

/** What is inside on both sides is there on both, and equal. */
function checkPeople({ profile, rule, mine, theirs }: Sides): void {
  const [a, b] = [byMail(mine), byMail(theirs)];
  for (const [mail, there] of b) {
    const here = a.get(mail);
    if (here === undefined) expect(rule.b(there), `${mail} is inside and missing in the mailbox`).toBe(false);
    else if (rule.b(there) && rule.a(here)) {
      expect(text(here.fields.city)).toBe(text(there.fields.city));
      if (profile.fields.includes('site')) expect(text(here.fields.website)).toBe(text(there.fields.website));
    }
  }
  for (const [mail, here] of a)
    if (!b.has(mail))
      expect(rule.a(here) && rule.b(here), `${mail} is inside and missing in the CRM`).toBe(false);
}

/** What is outside rests, and says which rule of which profile keeps it off. */
async function checkPairs(world: ProfileWorld, index: number, { profile, rule, mine, theirs }: Sides) {
  const links = await world.state.sync.links(laneId(index), { by: 'page', after: '', limit: 500 });
  for (const link of links) {
    const here = mine.find(({ id }) => id === link.a?.id);
    const there = theirs.find(({ id }) => id === link.b?.id);
    const outA = here !== undefined && !rule.a(here);
    // What would be outside over there is not created there.
    const outB = there === undefined ? here !== undefined && !rule.b(here) : !rule.b(there);
    expect(link.status, 'a pair rests exactly when one of its records is outside').toBe(
      outA || outB ? 'out' : 'live',
    );
    if (!outA && !outB) continue;
    const said = await sayWhy(world, index, link);
    expect(said).toContain(`profile "${profile.name}"`);
    if (!outA) expect(said).toMatch(/"(town|city)"/);
    if (!outB) expect(said).toMatch(/"(labels|tags)"/);
  }
}

async function checkLane(world: ProfileWorld, index: number, profile: Profile): Promise<void> {
  const rule = meets[profile.name];
  if (rule === undefined) throw new Error(`no model of ${profile.name}`);
  const [mine, theirs] = [await world.people(storeOf(world, index)), await world.people(world.crm)];
  const sides = { profile, rule, mine, theirs };
  checkPeople(sides);
  await checkPairs(world, index, sides);
}

async function checkAll(world: ProfileWorld): Promise<void> {
  for (let round = 0; round < 6; round++) await world.sync();
  expect(world.written.delete).toBe(0);
  for (const store of [...world.mailboxes, world.crm]) {
    const mails = (await world.people(store)).map(({ fields }) => text(fields.email));
    expect(mails.length, 'twice the same person in one store').toBe(new Set(mails).size);
  }
  for (const [index, profile] of world.follows.entries()) {
    const chosen = profile === null ? undefined : PROFILES[profile];
    if (chosen !== undefined) await checkLane(world, index, chosen);
  }
  const before = { ...world.written };
  await world.sync();
  for (const index of [0, 1]) await world.reset(index);
  await world.sync();
  expect(world.written, 'at rest, and after a reset, nothing is written').toEqual(before);
}

/** What the property found once. */
const FOUND: readonly [Act[]][] = [
  [
    [
      { act: 'create', where: 0, town: 0, chosen: false },
      { act: 'edit', where: 0, which: 0, what: 'site', value: 0 },
      { act: 'follow', mailbox: 0, profile: 3 },
      { act: 'sync' },
      { act: 'follow', mailbox: 0, profile: 0 },
      { act: 'sync' },
    ],
  ],
];

const RUNS = Number(process.env.TIDELOCK_PROFILE_RUNS ?? 60);

describe('must-show 9: profiles change while people edit', () => {
  it.each([true, false])(
    'nothing is deleted, nothing doubled, what is inside converges, and why names the rule (contents in feeds: %s)',
    async (content) => {
      await fc.assert(
        fc.asyncProperty(acts, async (list) => {
          const world = await createProfileWorld({ content });
          try {
            for (const [token, act] of list.entries()) await perform(world, act, token);
            await checkAll(world);
          } finally {
            await world.close();
          }
        }),
        { numRuns: RUNS, examples: [...FOUND] },
      );
    },
    600_000,
  );
});
