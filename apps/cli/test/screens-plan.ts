import { createScreenWorld, type ScreenWorld } from './screen-world.ts';

/** What is seen, by the name of its region in docs/screens.md. */
export type Screens = Record<string, string>;

async function meet(world: ScreenWorld): Promise<void> {
  const ben = { firstName: 'Ben', lastName: 'Brown', email: 'ben.brown@northwind.example' };
  await world.add('a', { ...ben, mobilePhone: '+1 202 555 0101' });
  await world.add('b', { ...ben, notes: 'Met in Boston.' });
  await world.add('a', { firstName: 'Eva', lastName: 'Evans', email: 'eva@fabrikam.example' });
  await world.add('a', { firstName: 'Łukasz', lastName: 'Wójcik', email: 'lukasz@fabrikam.example' });
  await world.add('b', { firstName: '太郎', lastName: '山田', email: 'taro.yamada@tailspin.example' });
  await world.add('b', {
    firstName: 'Maximiliane-Theodora',
    lastName: 'von und zu Hohenstein-Waldburg-Sonnenberg',
    email: 'maximiliane-theodora.hohenstein@wingtip-toys-of-the-north.example',
    mobilePhone: '+49 30 123456',
  });
  await world.add('a', { firstName: 'Pat', lastName: 'Young', email: 'office@alpine.example' });
  await world.add('b', { firstName: 'Zoe', lastName: 'Zimmer', email: 'office@alpine.example' });
}

async function change(world: ScreenWorld): Promise<void> {
  await world.edit('b', 'Brown', { mobilePhone: '+1 202 555 0199', notes: null });
  await world.edit('a', 'Wójcik', {
    notes: 'Prefers e-mail.',
    homeAddress: { street: '1 Main St', city: 'Gdańsk' },
  });
  await world.edit('a', 'Evans', { mobilePhone: '+1 202 555 0120' });
  await world.edit('b', 'Evans', { mobilePhone: '+1 202 555 0121' });
  await world.edit('a', '山田', { birthday: '1980-04-01' });
  await world.edit('b', '山田', { birthday: '1980-01-04' });
  for (const name of ['Adams', 'Baker', 'Clark', 'Davis']) await world.remove('a', name);
}

async function grow(world: ScreenWorld): Promise<void> {
  for (const [first, last] of [
    ['Ann', 'Adams'],
    ['Bob', 'Baker'],
    ['Cem', 'Clark'],
    ['Dora', 'Davis'],
  ] as const)
    await world.add('a', {
      firstName: first,
      lastName: last,
      email: `${first}@litware.example`.toLowerCase(),
    });
  await world.see('sync');
}

/** A first plan, its question, and later a plan that meets edits and held deletes. */
export async function planScreens(): Promise<Screens> {
  const world = await createScreenWorld();
  const screens: Screens = {};
  const see = async (name: string, words: string, columns?: number): Promise<string> => {
    const out = await world.see(words, columns);
    screens[name] = `$ tidelock ${words}\n${out.trimEnd()}`;
    return out;
  };
  try {
    await meet(world);
    await see('plan-first', 'plan');
    await see('review-match', 'review');
    const id = /decide (\S+) link/.exec(screens['review-match'] ?? '')?.[1] ?? '';
    await see('review-show', `review show ${id}`);
    await see('review-decide', `review decide ${id} separate`);
    await grow(world);
    await change(world);
    await see('plan-later', 'plan --out monday.jsonl', 120);
    await world.edit('b', 'Wójcik', { notes: 'Prefers calls.' });
    await world.add('b', { firstName: 'Gül', lastName: 'Güneş', email: 'gul@adatum.example' });
    const out = await see('sync-plan', 'sync --plan monday.jsonl');
    const hash = /decide (\S+) apply/.exec(out)?.[1] ?? '';
    await see('review-all', 'review');
    await see('sync-approve', `sync --plan monday.jsonl --approve ${hash.slice(0, 8)}`);
    return screens;
  } finally {
    await world.dispose();
  }
}
