import { expect, it } from 'vitest';
import { createEngine } from '../src/index.ts';
import { createOffice } from './office.ts';
import { person } from './world.ts';

const MINUTE = 60_000;

/** Two mailboxes over one person in a CRM that does not compare, and says that it was one of us who changed a record last. */
async function createPair() {
  const office = await createOffice({}, ['one', 'two']);
  const lanes = office.lanes.map((lane) => ({ ...lane, policy: { ...lane.policy, owners: null } }));
  const engine = createEngine({ ...office.options, hub: false, lanes });
  await engine.prepare();
  await office.crm.oracle.userCreate(person(1));
  await engine.sync();
  const stores = [office.mailbox('one'), office.mailbox('two'), office.crm];
  const notes = async (): Promise<unknown[]> =>
    (await Promise.all(stores.map((store) => store.oracle.all()))).flatMap((all) =>
      all.map(({ fields }) => fields.notes),
    );
  const say = async (at: (typeof stores)[number] | undefined, text: string): Promise<void> => {
    const [record] = (await at?.oracle.all()) ?? [];
    await at?.oracle.userUpdate(record?.id ?? '', { notes: text });
  };
  return { ...office, engine, stores, notes, say };
}

it.each([
  ['after hours', 120 * MINUTE],
  ['within a minute', MINUTE],
])('what a mailbox says again that another one has said once is an edit, %s', async (_, between) => {
  const { engine, stores, notes, say, advance, close } = await createPair();
  const [one, two, crm] = stores;
  await say(one, 'first');
  await engine.sync();
  advance(between);
  await say(crm, 'second');
  await engine.sync();
  expect(await notes()).toEqual(['second', 'second', 'second']);
  advance(between);
  await say(two, 'first');
  const { settled } = await engine.sync();
  expect(settled).toBe(true);
  expect(await notes()).toEqual(['first', 'first', 'first']);
  await close();
});

it('two lanes do not take back from one another what each of them has sent once', async () => {
  const { engine, stores, notes, say, advance, close } = await createPair();
  const [one, two] = stores;
  for (const [store, text] of [
    [one, 'first'],
    [two, 'second'],
    [one, 'first'],
    [two, 'second'],
  ] as const) {
    await say(store, text);
    advance(MINUTE);
    const { settled } = await engine.sync();
    expect(settled).toBe(true);
    expect(new Set(await notes()).size).toBe(1);
  }
  await close();
});
