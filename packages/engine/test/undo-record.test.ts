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

describe('a create', () => {
  test('is deleted if nobody edited it since, and its source is not copied again', async () => {
    await aPair();
    const report = await undo({ runId: await lastRun() });
    expect(report).toMatchObject({ held: null, items: [{ op: 'delete', outcome: 'done' }] });
    expect(await onB()).toEqual([]);
    expect(await onA()).toHaveLength(1);
    await resume();
    expect(await onB()).toEqual([]);
    expect(only(await links())).toMatchObject({ status: 'detached' });
  });

  test('stays if somebody edited it', async () => {
    const { b } = await aPair();
    const runId = await lastRun();
    await world.b.oracle.userUpdate(b, { notes: 'mine' });
    const report = await undo({ runId });
    expect(report.items).toMatchObject([
      {
        outcome: 'skipped',
        reason: expect.stringMatching(/edited in the CRM since it was created: "notes"/),
      },
    ]);
    expect(await onB()).toHaveLength(1);
    expect(only(await links()).status).toBe('live');
  });

  test('of many waits at the brake until its hash is approved', async () => {
    for (let n = 1; n <= 12; n++) await world.a.oracle.userCreate(person(n));
    await world.engine.sync();
    const runId = await lastRun();
    const first = await undo({ runId });
    expect(first).toMatchObject({ paused: false, held: { count: 12 } });
    expect(first.items.every((item) => item.outcome === 'held')).toBe(true);
    expect(await onB()).toHaveLength(12);
    const approved = first.held?.hash ?? '';
    const second = await undo({ runId }, { approved });
    expect(second.items.filter((item) => item.outcome === 'done')).toHaveLength(12);
    expect(await onB()).toEqual([]);
  });
});

describe('a delete', () => {
  async function deletedPair(): Promise<{ before: Fields; runId: string }> {
    const { a } = await aPair({ notes: 'kept', tags: ['x', 'y'] });
    const before = only(await onB());
    await world.a.oracle.userDelete(a);
    await world.engine.sync();
    world.advance(HOUR);
    expect(await onB()).toEqual([]);
    return { before, runId: await lastRun() };
  }

  test('comes back from the snapshot in history, alone: what was deleted by a person stays deleted', async () => {
    const { before, runId } = await deletedPair();
    const report = await undo({ runId });
    expect(report.items).toMatchObject([
      { op: 'create', outcome: 'done', reason: expect.stringMatching(/comes back as a new record/) },
    ]);
    expect(only(await onB())).toEqual(before);
    await resume();
    await world.engine.sync();
    expect(await onA()).toEqual([]);
    expect(only(await onB())).toEqual(before);
    expect((await links()).filter((link) => link.status === 'detached')).toHaveLength(1);
  });

  test('comes back on both sides with "revert-source", and the two are a pair again', async () => {
    const { before, runId } = await deletedPair();
    await undo({ runId }, { mode: 'revert-source' });
    expect(only(await onB())).toEqual(before);
    const back = only(await world.a.oracle.all());
    expect(back.fields).toMatchObject({ email: person(1).email, notes: 'kept' });
    await resume();
    await world.a.oracle.userUpdate(back.id, { notes: 'again' });
    world.advance(HOUR);
    await world.engine.sync();
    expect(only(await onB()).notes).toBe('again');
    expect((await links()).filter((link) => link.status === 'live')).toHaveLength(1);
  });
});

describe('an undo', () => {
  test('of an undo is an undo: the values are back, and nothing waits any more', async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    world.advance(HOUR);
    await undo({ runId: await lastRun() });
    world.advance(HOUR);
    const undone = await lastRun();
    await undo({ runId: undone });
    expect(only(await onB()).phone).toBe('+12025550111');
    expect(only(await links()).holds).toEqual([]);
    await resume();
    expect(only(await onB()).phone).toBe('+12025550111');
  });

  test('of an undone create makes the record again, paired as before', async () => {
    const { a } = await aPair();
    const before = only(await onB());
    await undo({ runId: await lastRun() });
    world.advance(HOUR);
    await undo({ runId: await lastRun() });
    expect(only(await onB())).toEqual(before);
    await resume();
    await world.a.oracle.userUpdate(a, { notes: 'flows' });
    world.advance(HOUR);
    await world.engine.sync();
    expect(only(await onB()).notes).toBe('flows');
    expect(await onA()).toHaveLength(1);
  });

  test('repeated does nothing more', async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    world.advance(HOUR);
    const runId = await lastRun();
    await undo({ runId });
    const before = await history();
    const again = await undo({ runId });
    expect(again.items).toMatchObject([{ outcome: 'skipped', reason: '"phone" is as it was already.' }]);
    expect(await history()).toEqual(before);
  });

  test('waits for a lane that somebody else works on', async () => {
    await aPair();
    const runId = await lastRun();
    await world.state.sync.acquireLane({
      laneId: LANE,
      owner: 'other',
      now: 0,
      ttlMs: Number.MAX_SAFE_INTEGER,
    });
    await expect(undo({ runId })).rejects.toMatchObject({ kind: 'conflict', operation: 'undo.lane' });
  });

  test("a pause by undo ends when the lane's configuration changes", async () => {
    const { a } = await aPair();
    await world.a.oracle.userUpdate(a, { phone: '+12025550111' });
    await world.engine.sync();
    world.advance(HOUR);
    await undo({ runId: await lastRun() });
    expect((await world.engine.sync()).lanes[0]?.status).toBe('paused');
    const [row] = await world.state.sync.lanes();
    await world.state.sync.pauseLane(LANE, {
      ...row?.paused,
      by: 'undo',
      at: 0,
      reason: '',
      under: 'another',
    });
    expect((await world.engine.sync()).lanes[0]?.status).toBe('done');
    expect((await world.state.sync.lanes())[0]?.paused).toBeNull();
    expect(only(await onB()).phone).toBe(person(1).phone);
  });
});
