import { afterEach, describe, expect, it } from 'vitest';
import type { ApplyReport, Engine, PlanItem } from '../src/index.ts';
import { createWorld, person, type TestWorld, type WorldOptions } from './world.ts';

let world: TestWorld;
afterEach(() => world.close());

async function open(options?: WorldOptions): Promise<TestWorld> {
  world = await createWorld(options);
  return world;
}

async function planOf(engine: Engine = world.engine): Promise<readonly PlanItem[]> {
  const [report] = await engine.plan();
  return report?.plan ?? [];
}

const apply = (rows: readonly PlanItem[], engine: Engine = world.engine): Promise<ApplyReport> =>
  engine.apply(new Map([['lane-1', rows]]));

/** `create b First7 Family7: done` */
const fates = (report: ApplyReport): string[] =>
  report.fates
    .flatMap((lane) => lane.rows)
    .map(({ row, fate }) => `${row.action} ${row.side ?? '-'} ${row.title}: ${fate}`)
    .toSorted();

const only = (report: ApplyReport): Set<string> =>
  new Set(report.fates.flatMap((lane) => lane.rows.map((row) => row.fate)));

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

const idOf = async (side: 'a' | 'b', familyName: string): Promise<string> =>
  (await world[side].oracle.all()).find((record) => record.fields.familyName === familyName)?.id ?? '';

describe('an approved plan', () => {
  it('is carried out whole when nothing changed, and does nothing the second time', async () => {
    await meet(await open());
    const plan = await planOf();
    const report = await apply(plan, await world.restart());
    expect([...only(report)].toSorted()).toEqual(['already', 'done']);
    expect(fates(report).filter((text) => text.endsWith('already'))).toEqual([
      'review - Adams ↔ Zuckermann: already',
    ]);
    expect(report).toMatchObject({
      settled: true,
      lanes: [{ counts: { created: 2, updated: 3, linked: 3 } }],
    });
    expect(report.fates[0]).toMatchObject({ beyond: 0 });
    const after = await world.snapshot();
    const again = await apply(plan, await world.restart());
    expect(only(again)).toEqual(new Set(['already']));
    expect(again.lanes[0]?.counts).toMatchObject({ created: 0, updated: 0, deleted: 0, linked: 0 });
    expect(await world.snapshot()).toEqual(after);
    expect(await planOf()).toEqual([]);
  });

  it('leaves a row whose record was edited, says what changed, and carries out the others', async () => {
    await meet(await open());
    const plan = await planOf();
    await world.a.oracle.userUpdate(await idOf('a', 'Family1'), { notes: 'edited' });
    await world.b.oracle.userDelete(await idOf('b', 'Family8'));
    const report = await apply(plan);
    expect(fates(report).filter((text) => text.endsWith('drift'))).toEqual([
      'create a First8 Family8: drift',
      'link - First1 Family1: drift',
      'update a First1 Family1: drift',
    ]);
    const drifted = report.fates[0]?.rows.find(({ row, fate }) => fate === 'drift' && row.action === 'link');
    expect(drifted?.obstacle?.a[0]?.version).not.toBe(drifted?.row.a[0]?.version);
    expect(drifted?.obstacle?.b).toEqual(drifted?.row.b);
    const { a, b } = await world.snapshot();
    expect(a.find((fields) => fields.familyName === 'Family1')).toMatchObject({ notes: 'edited' });
    expect(b.find((fields) => fields.familyName === 'Family1')).toMatchObject({ notes: 'known' });
    expect(a.find((fields) => fields.familyName === 'Family0')).toMatchObject({ notes: 'known' });
  });

  it('lets wait what is new, also when it is new to a pair of the plan', async () => {
    await open();
    await world.a.oracle.userCreate(person(1));
    await world.a.oracle.userCreate(person(2));
    await world.engine.sync();
    await world.a.oracle.userUpdate(await idOf('a', 'Family1'), { notes: 'planned' });
    const plan = await planOf();
    expect(plan).toHaveLength(1);
    await world.a.oracle.userUpdate(await idOf('a', 'Family2'), { notes: 'not planned' });
    await world.a.oracle.userCreate(person(3));
    const report = await apply(plan);
    expect(fates(report)).toEqual(['update b First1 Family1: done']);
    expect(report.fates[0]?.beyond).toBe(2);
    const { b } = await world.snapshot();
    expect(b.map((fields) => fields.notes ?? null).toSorted()).toEqual([null, 'planned']);
    expect((await planOf()).map((item) => item.action).toSorted()).toEqual(['create', 'update']);
  });

  it('creates nobody who turned up on the other side meanwhile', async () => {
    await open();
    await world.a.oracle.userCreate(person(1));
    const plan = await planOf();
    await world.b.oracle.userCreate(person(1));
    const report = await apply(plan);
    expect(fates(report)).toEqual(['create b First1 Family1: drift']);
    expect(await world.b.oracle.all()).toHaveLength(1);
    expect((await planOf()).map((item) => item.action)).toEqual(['link']);
    expect((await world.engine.sync()).lanes[0]?.counts).toMatchObject({ linked: 1, created: 0 });
  });

  it('makes no pair that it does not name, where the plan was made under other decisions', async () => {
    await meet(await open());
    const plan = (await planOf()).filter((item) => item.title !== 'First0 Family0');
    const report = await apply(plan);
    expect(only(report).has('drift')).toBe(false);
    const counts = await world.state.sync.counts('lane-1', 0);
    expect(counts.live).toBe(4);
    expect(report.fates[0]?.beyond).toBe(2);
  });

  it('goes on after any kill, and after a stop, without a second record', async () => {
    for (let at = 3; at < 60; at += 3) {
      await meet(await open());
      const plan = await planOf();
      let effects = 0;
      const doomed = await world.restart({
        onEffect: () => {
          if (++effects === at) throw new Error('killed');
        },
      });
      await apply(plan, doomed).catch(() => undefined);
      const report = await apply(plan, await world.restart());
      const left = [...only(report)].filter((fate) => fate !== 'done' && fate !== 'already');
      expect(left, `killed at ${at}: ${fates(report).join('; ')}`).toEqual([]);
      const { a, b } = await world.snapshot();
      expect([a.length, b.length]).toEqual([6, 6]);
      if (at < 57) await world.close();
    }
  });

  it('stops at a safe point when asked to, and says what is left', async () => {
    await meet(await open());
    const plan = await planOf();
    const stop = new AbortController();
    const engine = await world.restart({
      signal: stop.signal,
      onEffect: (effect) => {
        if (effect.kind === 'state' && effect.method === 'openIntentsOf') stop.abort();
      },
    });
    const report = await apply(plan, engine);
    expect(only(report)).toContain('pending');
    expect(only(report)).not.toContain('drift');
    expect(only(await apply(plan, await world.restart())).has('drift')).toBe(false);
  });
});

describe('deletes that the brake holds', () => {
  async function mass(): Promise<readonly PlanItem[]> {
    await open({
      policy: { brake: { least: 1, share: 0, folderShare: 1, blankShare: 0.9, everywhere: 1_000 } },
    });
    for (let n = 0; n < 4; n++) await world.a.oracle.userCreate(person(n));
    await world.engine.sync();
    for (const name of ['Family0', 'Family1', 'Family2'])
      await world.a.oracle.userDelete(await idOf('a', name));
    await world.a.oracle.userUpdate(await idOf('a', 'Family3'), { notes: 'm' });
    return planOf();
  }

  it('stay held without an approval, and go with it', async () => {
    const plan = await mass();
    const held = await apply(plan);
    expect(fates(held).map((text) => text.split(': ')[1])).toEqual(['held', 'held', 'held', 'done']);
    expect(await world.b.oracle.all()).toHaveLength(4);
    const hash = plan.find((item) => item.held !== null)?.held ?? '';
    await world.engine.decideHeld('lane-1', hash, 'apply');
    const report = await apply(plan);
    expect([...only(report)].toSorted()).toEqual(['already', 'done']);
    expect(await world.b.oracle.all()).toHaveLength(1);
  });

  it('go without the one that came back', async () => {
    const plan = await mass();
    const hash = plan.find((item) => item.held !== null)?.held ?? '';
    await world.engine.decideHeld('lane-1', hash, 'apply');
    await world.b.oracle.userUpdate(await idOf('b', 'Family1'), { notes: 'still needed' });
    const report = await apply(plan);
    expect(fates(report).filter((text) => text.startsWith('delete'))).toEqual([
      'delete b First0 Family0: done',
      'delete b First1 Family1: drift',
      'delete b First2 Family2: done',
    ]);
  });

  it('approve nothing else: rows under a hash that is not theirs stay held', async () => {
    const plan = await mass();
    const hash = plan.find((item) => item.held !== null)?.held ?? '';
    await world.engine.decideHeld('lane-1', hash, 'apply');
    const smuggled = plan.filter((item) => item.title !== 'First0 Family0');
    const report = await apply(smuggled);
    expect(fates(report)).toContain('delete b First1 Family1: held');
    expect(await world.b.oracle.all()).toHaveLength(4);
  });
});
