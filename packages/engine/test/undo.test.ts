import type { Fields, HistoryRow, Link } from '@tidelock/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UndoMode, UndoReport, UndoTarget } from '../src/index.ts';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const LANE = 'lane-1';
const HOUR = 3_600_000;

const links = (): Promise<readonly Link[]> =>
  world.state.sync.links(LANE, { by: 'page', after: '', limit: 100 });
const history = (): Promise<readonly HistoryRow[]> => world.state.sync.history(LANE, { limit: 1_000 });
const only = <T>(list: readonly T[]): T => {
  if (list.length !== 1) throw new Error(`expected one, got ${list.length}`);
  return list[0] as T;
};
const onA = async () => (await world.a.oracle.all()).map((record) => record.fields);
const onB = async () => (await world.b.oracle.all()).map((record) => record.fields);

/** One pair, born in the mailbox and in step. */
async function aPair(fields: Fields = {}): Promise<{ a: string; b: string }> {
  await world.a.oracle.userCreate(person(1, fields));
  await world.engine.sync();
  world.advance(HOUR);
  const [a, b] = [only(await world.a.oracle.all()), only(await world.b.oracle.all())];
  return { a: a.id, b: b.id };
}

/** The id of the run that wrote last. */
async function lastRun(): Promise<string> {
  return (await history())[0]?.runId ?? '';
}

const undo = (
  target: UndoTarget,
  more: { mode?: UndoMode; preview?: boolean; approved?: string } = {},
): Promise<UndoReport> => world.desk().undo(LANE, { target, mode: 'hold', preview: false, ...more });

async function resume(): Promise<void> {
  await world.state.sync.pauseLane(LANE, null);
  world.advance(HOUR);
  await world.engine.sync();
}

describe('an update', () => {
  test('is taken back where it was written, and the field waits for a person', async () => {
    const { a, b } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    world.advance(HOUR);
    expect(only(await onB()).phone).toBe('+12025550111');
    const runId = await lastRun();

    const before = await history();
    const plan = await undo({ runId }, { preview: true });
    expect(plan).toMatchObject({ runId: null, paused: false, held: null, open: 0 });
    expect(plan.items).toMatchObject([
      {
        side: 'b',
        op: 'update',
        outcome: 'planned',
        holds: ['phone'],
        changes: [{ field: 'phone', to: 'b', old: '+12025550111', new: person(1).phone, rule: 'undo' }],
      },
    ]);
    expect(await history()).toEqual(before);
    expect(only(await onB()).phone).toBe('+12025550111');

    const report = await undo({ runId });
    expect(report.items).toMatchObject([{ outcome: 'done', title: 'First1 Family1' }]);
    expect(report).toMatchObject({ paused: true, open: 0, stopped: false });
    expect(only(await onB()).phone).toBe(person(1).phone);
    expect(only(await onA()).phone).toBe('+12025550111');
    expect(only(await links()).holds).toEqual(['phone']);
    expect((await history()).slice(1)).toEqual(before);
    expect((await history())[0]).toMatchObject({
      ...{ op: 'update', side: 'b', field: 'phone', old: '+12025550111', new: person(1).phone, rule: 'undo' },
      cause: { kind: 'undo', runId },
    });
    expect((await world.state.sync.runs(LANE, 1))[0]).toMatchObject({ kind: 'undo', counts: { updated: 1 } });

    const paused = await world.engine.sync();
    expect(paused.lanes[0]?.status).toBe('paused');
    await resume();
    expect(only(await onB()).phone).toBe(person(1).phone);
    const [review] = await world.state.sync.reviews(LANE, { open: true });
    expect(review).toMatchObject({
      kind: 'conflict',
      reasons: [expect.stringMatching(/^"phone" was undone in the CRM/)],
    });

    await world.b.oracle.userUpdate(b, { phone: '+12025550122' });
    world.advance(HOUR);
    await world.engine.sync();
    expect(only(await onA()).phone).toBe('+12025550122');
    expect(only(await links()).holds).toEqual([]);
    expect(await world.state.sync.reviews(LANE, { open: true })).toEqual([]);
  });

  test('is answered for through review like any held field', async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    world.advance(HOUR);
    await undo({ runId: await lastRun() });
    const review = only(await world.state.sync.reviews(LANE, { open: true }));
    await world.desk().answer(review, 'mailbox');
    await resume();
    expect(only(await onB()).phone).toBe('+12025550111');
    expect(only(await links()).holds).toEqual([]);
  });

  test('is taken back on both sides with "revert-source", if the source still has that value', async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111', notes: 'new note' });
    await world.engine.sync();
    world.advance(HOUR);
    const runId = await lastRun();
    await world.a.oracle.userUpdate(a, { notes: 'newer note' });
    await undo({ runId }, { mode: 'revert-source' });
    expect(only(await onA())).toMatchObject({ phone: person(1).phone, notes: 'newer note' });
    expect(only(await onB())).toMatchObject({ phone: person(1).phone });
    expect(only(await onB()).notes ?? null).toBeNull();
    expect(only(await links()).holds).toEqual(['notes']);
    await resume();
    expect(only(await onA()).phone).toBe(person(1).phone);
  });

  test('parts the pair for good with "detach"', async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    world.advance(HOUR);
    await undo({ runId: await lastRun() }, { mode: 'detach' });
    expect(only(await links())).toMatchObject({ status: 'detached', holds: [] });
    await world.a.oracle.userUpdate(a, { phone: '+12025550133' });
    await resume();
    expect(only(await onB()).phone).toBe(person(1).phone);
    expect(await world.state.sync.reviews(LANE, { open: true })).toEqual([]);
  });

  test('that somebody changed since stays as it is, and is named', async () => {
    const { a, b } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111', notes: 'note' });
    await world.engine.sync();
    world.advance(HOUR);
    const runId = await lastRun();
    await world.b.oracle.userUpdate(b, { phone: '+12025550199' });
    const report = await undo({ runId });
    expect(report.items.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['done', null],
      [
        'skipped',
        expect.stringMatching(/"phone" was changed since in the CRM: it shows .*0199.*no longer .*0111/),
      ],
    ]);
    expect(only(await onB())).toMatchObject({ phone: '+12025550199' });
    expect(only(await onB()).notes ?? null).toBeNull();
  });

  test('leaves edits of other fields to the next pass, which carries them over', async () => {
    const { a, b } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111', notes: 'note' });
    await world.engine.sync();
    world.advance(HOUR);
    const runId = await lastRun();
    await world.b.oracle.userUpdate(b, { notes: 'newer note' });
    world.advance(HOUR);
    await undo({ runId });
    await resume();
    expect(only(await onA()).notes).toBe('newer note');
  });

  test('is taken back over several runs of a period in one write', async () => {
    const { a } = await aPair();
    const since = (await history())[0]?.at ?? 0;
    for (const phone of ['+12025550111', '+12025550112', '+12025550113']) {
      await world.a.oracle.userUpdate(a, { phone });
      await world.engine.sync();
      world.advance(HOUR);
    }
    const report = await undo({ since: since + 1 });
    expect(report.items).toMatchObject([
      { outcome: 'done', changes: [{ old: '+12025550113', new: person(1).phone }] },
    ]);
    expect(only(await onB()).phone).toBe(person(1).phone);
  });

  test('and an item without a run: what the last run did to it', async () => {
    const { a } = await aPair();
    for (const phone of ['+12025550111', '+12025550112']) {
      await world.a.oracle.userUpdate(a, { phone });
      await world.engine.sync();
      world.advance(HOUR);
    }
    await undo({ linkIds: [only(await links()).id] });
    expect(only(await onB()).phone).toBe('+12025550111');
  });

  test('whose values have expired is left alone, and the report says why', async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    const runId = await lastRun();
    const none = { intents: 0, claims: 0, tombstones: 0, history: 0 };
    await world.state.sync.prune({ ...none, values: Number.MAX_SAFE_INTEGER });
    const report = await undo({ runId });
    expect(report).toMatchObject({ paused: false, items: [{ outcome: 'skipped' }] });
    expect(report.items[0]?.reason).toMatch(/values are kept for a limited time/);
  });
});
