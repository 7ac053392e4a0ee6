import { afterEach, describe, expect, it } from 'vitest';
import type { PlanItem } from '../src/index.ts';
import { createWorld, person, type TestWorld, type WorldOptions } from './world.ts';

let world: TestWorld;
afterEach(() => world.close());

async function open(options?: WorldOptions): Promise<TestWorld> {
  world = await createWorld(options);
  return world;
}

async function planOf(): Promise<readonly PlanItem[]> {
  const [report] = await world.engine.plan();
  return report?.plan ?? [];
}

const brief = (items: readonly PlanItem[]): string[] =>
  items.map(({ action, side, title }) => `${action} ${side ?? '-'} ${title}`).toSorted();

const remembered = async () => {
  const { sync } = world.state;
  const counts = await sync.counts('lane-1', 0);
  return {
    links: (await sync.links('lane-1', { by: 'page', after: '', limit: 99 })).length,
    reviews: (await sync.reviews('lane-1')).length,
    history: (await sync.history('lane-1', { limit: 99 })).length,
    intents: counts.openIntents,
  };
};

/** Everything a first sync can meet: pairs, strangers, a doubt. */
async function meet({ a, b }: TestWorld): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await a.oracle.userCreate(person(n));
    await b.oracle.userCreate(person(n, { notes: 'known' }));
  }
  await a.oracle.userCreate(person(7));
  await b.oracle.userCreate(person(8));
  await a.oracle.userCreate({ familyName: 'Adams', email: 'office@customers.example' });
  await b.oracle.userCreate({ familyName: 'Zuckermann', email: 'office@customers.example' });
}

describe('a preview', () => {
  it('shows pairs, questions and writes, and leaves no conclusion behind but the questions', async () => {
    await meet(await open());
    const before = await world.snapshot();
    const plan = await planOf();
    expect(brief(plan)).toEqual([
      'create a First8 Family8',
      'create b First7 Family7',
      'link - First0 Family0',
      'link - First1 Family1',
      'link - First2 Family2',
      'review - Adams ↔ Zuckermann',
      'update a First0 Family0',
      'update a First1 Family1',
      'update a First2 Family2',
    ]);
    expect(await world.snapshot()).toEqual(before);
    expect(await remembered()).toEqual({ links: 0, reviews: 1, history: 0, intents: 0 });
    const pair = plan.find((item) => item.action === 'link');
    expect(pair).toMatchObject({ linkId: null, risk: 'link', emails: 0, held: null });
    expect(pair?.match?.score).toBeGreaterThanOrEqual(75);
    expect(pair?.a).toHaveLength(1);
    expect(pair?.a[0]?.version).toMatch(/./);
  });

  it('says the same when it is asked again, and in another process', async () => {
    await meet(await open());
    const plan = await planOf();
    expect(await planOf()).toEqual(plan);
    const again = await (await world.restart()).plan();
    expect(again[0]?.plan).toEqual(plan);
  });

  it('takes answers before the first write', async () => {
    await meet(await open());
    const question = (await planOf()).find((item) => item.action === 'review')?.question;
    await world.state.sync.decide(question?.id ?? '', 'link', 1);
    const plan = await planOf();
    expect(brief(plan).filter((text) => text.includes('Adams'))).toEqual(['link - Adams', 'update a Adams']);
    expect(plan.filter((item) => item.action === 'review')).toEqual([]);
  });

  it('is what sync then does', async () => {
    await meet(await open());
    const plan = await planOf();
    const { lanes } = await world.engine.sync();
    const done = lanes[0]?.done.map(({ op, side, title }) => `${op} ${side} ${title}`) ?? [];
    const planned = brief(plan).filter((text) => /^(create|update|delete)/.test(text));
    expect(done.toSorted()).toEqual(planned);
    expect(lanes[0]?.counts).toMatchObject({ linked: 3, reviews: 1 });
  });

  it('is complete where one pass would do a part only', async () => {
    await open({ policy: { maxLinks: 10 } });
    for (let n = 0; n < 35; n++) await world.a.oracle.userCreate(person(n));
    expect(await planOf()).toHaveLength(35);
    await world.engine.sync();
    const [first] = await world.a.oracle.all();
    for (const { id } of await world.a.oracle.all())
      await world.a.oracle.userUpdate(id, { notes: `of ${id}` });
    const plan = await planOf();
    expect(plan).toHaveLength(35);
    expect(plan[0]).toMatchObject({ action: 'update', side: 'b', risk: 'fill' });
    expect(first).toBeDefined();
  });

  it('names what is at risk, and holds what the brake would hold', async () => {
    await open({
      policy: { brake: { least: 1, share: 0, folderShare: 1, blankShare: 0.9, everywhere: 1_000 } },
    });
    for (let n = 0; n < 4; n++) await world.a.oracle.userCreate(person(n, { notes: 'n' }));
    await world.engine.sync();
    const [one, two, three, four] = await world.a.oracle.all();
    await world.a.oracle.userDelete(one?.id ?? '');
    await world.a.oracle.userDelete(two?.id ?? '');
    await world.a.oracle.userUpdate(three?.id ?? '', { notes: null });
    await world.a.oracle.userUpdate(four?.id ?? '', { notes: 'm' });
    const plan = await planOf();
    const risks = plan.map(({ risk, held }) => `${risk} ${held === null ? 'free' : 'held'}`).toSorted();
    expect(risks).toEqual(['blank free', 'delete held', 'delete held', 'overwrite free']);
    const [lane] = await world.state.sync.lanes();
    expect(lane?.held?.hash).toBe(plan.find((item) => item.action === 'delete')?.held);
    expect(await planOf()).toEqual(plan);
  });

  it('shows what leaves the folder and what was merged, every time it is asked', async () => {
    await open();
    for (let n = 0; n < 3; n++) await world.a.oracle.userCreate(person(n));
    await world.engine.sync();
    const [first] = await world.a.oracle.all();
    await world.a.oracle.userMove?.(first?.id ?? '');
    const [, second, third] = await world.b.oracle.all();
    await world.b.oracle.userMerge?.(second?.id ?? '', third?.id ?? '');
    const plan = await planOf();
    expect(plan.map(({ action, rule }) => `${action}: ${rule}`).toSorted()).toEqual([
      'freeze: left the scope',
      'review: duplicate',
    ]);
    expect(await planOf()).toEqual(plan);
    const links = await world.state.sync.links('lane-1', { by: 'page', after: '', limit: 9 });
    expect(links.map((link) => link.status)).toEqual(['live', 'live', 'live']);
  });

  it('looks people up where the lane sees a part of the store only', async () => {
    await open({ policy: { owners: ['me'] } });
    await world.b.oracle.userCreate(person(1));
    const { server } = world.b;
    for (const row of server.rows.values()) Object.assign(row, { owner: 'somebody-else' });
    await world.a.oracle.userCreate(person(1));
    const actions = (await planOf()).map((item) => item.action);
    expect(actions).not.toContain('create');
  });
});
