import assert from 'node:assert/strict';
import type { ErrorKind, Outcome, Write } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import { caseOf, type RecordCase } from './record-case.ts';
import { first, type Session, stampOf } from './session.ts';
import { updateOf } from './write-cases.ts';

function creates(session: Session, count: number): readonly Write[] {
  return Array.from({ length: count }, (_, index) => ({
    op: 'create',
    stamp: stampOf(index + 1),
    // Nobody that a case has seeded: stores may refuse two records with one address.
    fields: session.person(index + 101),
  }));
}

/** Twenty creates of which one is replaced. */
function withOne(session: Session, odd: Write): readonly Write[] {
  return creates(session, 20).map((write, index) => (index === 11 ? odd : write));
}

async function assertOthersApplied(session: Session, outcomes: readonly Outcome[]): Promise<void> {
  assert.equal(outcomes.length, 20);
  const stamps = new Map((await session.fixture.oracle.all()).map((record) => [record.id, record.stamp]));
  outcomes.forEach((outcome, index) => {
    if (index === 11) return;
    assert.ok(outcome.status === 'ok', `item ${index} ended as "${outcome.status}"`);
    assert.equal(
      stamps.get(outcome.id),
      stampOf(index + 1),
      `the outcome of item ${index} names another record`,
    );
  });
}

/** A refusal of the whole call: thrown, or the same kind for the item. Never `ok`, `gone` or `unknown`. */
async function refused(session: Session, write: Write, kind: ErrorKind): Promise<Outcome | null> {
  try {
    return await session.writeOne(write);
  } catch (error) {
    assert.ok(isAdapterError(error), `threw ${String(error)}`);
    assert.equal(error.kind, kind);
    return null;
  }
}

function refusalCase(index: number, fault: '401' | '403', kind: ErrorKind): RecordCase {
  return caseOf(
    `record-store-06${index}`,
    `a write under ${fault} is ${kind} and not executed`,
    async (session) => {
      await session.fixture.faults.next(fault, 'write');
      const outcome = await refused(session, first(creates(session, 1)), kind);
      await session.fixture.faults.clear();
      assert.deepEqual(await session.fixture.oracle.all(), []);
      if (outcome === null) return;
      const said =
        outcome.status === 'rejected'
          ? outcome.code
          : outcome.status === 'retry'
            ? outcome.kind
            : outcome.status;
      assert.ok(said === kind || (kind === 'forbidden' && said === 'permission'), `answered ${said}`);
    },
  );
}

function lostCase(index: number, applied: boolean): RecordCase {
  const what = applied ? 'was applied' : 'was not applied';
  return caseOf(
    `record-store-06${index}`,
    `a lost answer to a write that ${what} is unknown`,
    async (session) => {
      const [id] = await session.seed(1);
      const { sample, oracle, faults } = session.fixture;
      const record = await session.found(id ?? '');
      const writes: readonly Write[] = [
        { op: 'create', stamp: stampOf(1), fields: session.person(2) },
        updateOf(record, { [sample.text]: 'Perhaps' }),
        { op: 'delete', id: record.id, version: record.version },
      ];
      for (const write of applied ? writes.slice(0, 2) : writes) {
        await faults.loseAnswer(applied);
        const outcome = await session.writeOne(write);
        await faults.clear();
        assert.equal(outcome.status, 'unknown', write.op);
      }
      const all = await oracle.all();
      assert.equal(all.length, applied ? 2 : 1, 'the write was sent a second time, or not at all');
      assert.equal(all.find((each) => each.id === id)?.fields[sample.text], applied ? 'Perhaps' : 'Text 1');
    },
  );
}

export const outcomeCases: readonly RecordCase[] = [
  caseOf('record-store-058', 'outcomes have the order of the writes', async (session) => {
    const ids = await session.seed(4);
    const records = await Promise.all(ids.map((id) => session.found(id)));
    const updates = records.map((record, index) =>
      updateOf(record, { [session.fixture.sample.text]: `N${index}` }),
    );
    const batch = creates(session, 17).flatMap((write, index) => [write, ...updates.slice(index, index + 1)]);
    const outcomes = await session.store.write(batch);
    assert.equal(outcomes.length, batch.length);
    const all = await session.fixture.oracle.all();
    batch.forEach((write, index) => {
      const outcome = outcomes[index];
      assert.ok(outcome?.status === 'ok', `item ${index} ended as "${outcome?.status}"`);
      const real = all.find((each) => each.id === outcome.id);
      if (write.op === 'create') assert.equal(real?.stamp, write.stamp);
      else assert.equal(outcome.id, write.id);
    });
  }),
  caseOf('record-store-059', 'a write to a deleted record costs one item of twenty', async (session) => {
    const [id] = await session.seed(1);
    const record = await session.found(id ?? '');
    await session.fixture.oracle.userDelete(record.id);
    await session.settle();
    const odd = updateOf(record, { [session.fixture.sample.text]: 'Nobody' });
    const outcomes = await session.store.write(withOne(session, odd));
    await assertOthersApplied(session, outcomes);
    assert.equal(outcomes[11]?.status, 'gone');
  }),
  caseOf(
    'record-store-060',
    'an item that the store refuses costs one item of twenty',
    async (session) => {
      const fields = { ...session.person(12), ...session.fixture.sample.refused };
      const outcomes = await session.store.write(
        withOne(session, { op: 'create', stamp: stampOf(12), fields }),
      );
      await assertOthersApplied(session, outcomes);
      assert.equal(outcomes[11]?.status, 'rejected');
      assert.equal((await session.fixture.oracle.all()).length, 19);
    },
    (traits) => (traits.canRefuse ? null : 'the fixture names nothing that this store refuses'),
  ),
  refusalCase(1, '401', 'auth'),
  refusalCase(2, '403', 'forbidden'),
  caseOf('record-store-063', 'a write under 429 is retry with the wait and not executed', async (session) => {
    await session.fixture.faults.next('429', 'write');
    const outcomes = await session.store.write(creates(session, 3));
    await session.fixture.faults.clear();
    assert.deepEqual(await session.fixture.oracle.all(), []);
    assert.equal(outcomes.length, 3);
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'retry', outcome.status);
      assert.equal(outcome.kind, 'rate_limited');
      assert.ok((outcome.afterMs ?? 0) > 0, 'no afterMs');
    }
  }),
  caseOf('record-store-064', 'a write under 500 or a time-out is unknown', async (session) => {
    for (const fault of ['500', 'timeout'] as const) {
      await session.fixture.faults.next(fault, 'write');
      const outcome = await session.writeOne(first(creates(session, 1)));
      await session.fixture.faults.clear();
      assert.deepEqual(outcome, { status: 'unknown', kind: 'unavailable' }, fault);
    }
  }),
  lostCase(5, true),
  lostCase(6, false),
  caseOf(
    'record-store-067',
    'an item that the batch answer leaves out is unknown, the others stand',
    async (session) => {
      await session.fixture.faults.dropBatchItem?.();
      const outcomes = await session.store.write(creates(session, 3));
      await session.fixture.faults.clear();
      assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ['ok', 'ok', 'unknown']);
      const all = await session.fixture.oracle.all();
      outcomes.forEach((outcome, index) => {
        if (outcome.status !== 'ok') return;
        assert.equal(all.find((each) => each.id === outcome.id)?.stamp, stampOf(index + 1));
      });
    },
    (traits) => (traits.canDropItem ? null : 'the vendor answers each write by itself'),
  ),
];
