import assert from 'node:assert/strict';
import type { Fields, StoreRecord, Write } from '@tidelock/core';
import { caseOf, type RecordCase } from './record-case.ts';
import { normalValue, specOf } from './sample-values.ts';
import { first, type Session, stampOf } from './session.ts';

export function updateOf(record: StoreRecord, patch: Fields): Write {
  return { op: 'update', id: record.id, version: record.version, current: record, patch };
}

/** Another value for the roles that every store has. */
function newText(session: Session, text: string): Fields {
  return { [session.fixture.sample.text]: text };
}

async function assertField(session: Session, id: string, expected: Fields): Promise<void> {
  const real = await session.truth(id);
  assert.ok(real !== undefined, 'the record is not there');
  for (const [property, value] of Object.entries(expected)) {
    const spec = specOf(session.catalogue, property);
    assert.deepEqual(normalValue(spec, real.fields[property]), normalValue(spec, value));
  }
}

/** A record that the user changed after we read it: the record as we read it. */
async function overtaken(session: Session): Promise<StoreRecord> {
  const [id] = await session.seed(1);
  const stale = await session.found(id ?? '');
  await session.settle();
  await session.fixture.oracle.userUpdate(stale.id, newText(session, 'By the user'));
  await session.settle();
  return stale;
}

const conditionalUpdate = (declared: boolean) => (traits: { capabilities: { conditionalUpdate: boolean } }) =>
  traits.capabilities.conditionalUpdate === declared ? null : `conditionalUpdate is declared ${!declared}`;
const conditionalDelete = (declared: boolean) => (traits: { capabilities: { conditionalDelete: boolean } }) =>
  traits.capabilities.conditionalDelete === declared ? null : `conditionalDelete is declared ${!declared}`;

export const writeCases: readonly RecordCase[] = [
  caseOf('record-store-040', 'create writes the fields and the stamp', async (session) => {
    const fields = session.person(1);
    const outcome = await session.writeOne({ op: 'create', stamp: stampOf(1), fields });
    assert.ok(outcome.status === 'ok', outcome.status);
    const all = await session.fixture.oracle.all();
    assert.equal(all.length, 1);
    assert.equal(first(all).id, outcome.id);
    assert.equal(first(all).stamp, stampOf(1));
    await assertField(session, outcome.id, fields);
  }),
  caseOf('record-store-041', 'a second create with one stamp changes nothing', async (session) => {
    const id = await session.created(1);
    const other = { ...session.person(1), ...newText(session, 'Late') };
    const outcome = await session.writeOne({ op: 'create', stamp: stampOf(1), fields: other });
    assert.ok(outcome.status === 'duplicate' || outcome.status === 'ok', outcome.status);
    if (outcome.id !== undefined) assert.equal(outcome.id, id);
    assert.equal((await session.fixture.oracle.all()).length, 1);
    await assertField(session, id, session.person(1));
  }),
  caseOf(
    'record-store-042',
    'two creates with one stamp in one call make one record',
    async (session) => {
      const write: Write = { op: 'create', stamp: stampOf(1), fields: session.person(1) };
      const outcomes = await session.store.write([write, write]);
      assert.equal((await session.fixture.oracle.all()).length, 1);
      assert.equal(outcomes.filter((outcome) => outcome.status === 'ok').length >= 1, true);
      assert.equal(
        outcomes.every((each) => each.status === 'ok' || each.status === 'duplicate'),
        true,
      );
    },
    ({ capabilities }) => (capabilities.createKey === 'unique' ? null : 'createKey is declared lookup'),
  ),
  caseOf('record-store-043', 'update patches the named property and no other', async (session) => {
    const [id] = await session.seed(1);
    const { sample } = session.fixture;
    const record = await session.found(id ?? '');
    const before = session.compared((await session.truth(record.id))?.fields ?? {});
    const doctored = { ...record, fields: { ...record.fields, [sample.name]: 'Never sent' } };
    const outcome = await session.writeOne(updateOf(doctored, newText(session, 'Patched')));
    assert.equal(outcome.status, 'ok');
    const after = session.compared((await session.truth(record.id))?.fields ?? {});
    assert.deepEqual(after, { ...before, [sample.text]: 'Patched' });
  }),
  caseOf('record-store-044', 'null in a patch clears the property', async (session) => {
    const [id] = await session.seed(1);
    const { sample } = session.fixture;
    const blank = { [sample.text]: null, ...(sample.phone === undefined ? {} : { [sample.phone]: null }) };
    const outcome = await session.writeOne(updateOf(await session.found(id ?? ''), blank));
    assert.equal(outcome.status, 'ok');
    await assertField(session, id ?? '', { ...session.person(1), ...blank });
    const shown = await session.found(id ?? '');
    assert.equal(shown.fields[sample.text], null, 'a blank is shown as null');
  }),
  caseOf(
    'record-store-045',
    'a stale version is a conflict and changes nothing',
    async (session) => {
      const stale = await overtaken(session);
      const outcome = await session.writeOne(updateOf(stale, newText(session, 'By us')));
      assert.deepEqual(outcome, { status: 'conflict' });
      await assertField(session, stale.id, newText(session, 'By the user'));
    },
    conditionalUpdate(true),
  ),
  caseOf(
    'record-store-046',
    'without conditional updates a stale version goes through',
    async (session) => {
      const stale = await overtaken(session);
      const outcome = await session.writeOne(updateOf(stale, newText(session, 'By us')));
      assert.equal(outcome.status, 'ok');
      await assertField(session, stale.id, newText(session, 'By us'));
    },
    conditionalUpdate(false),
  ),
  caseOf('record-store-047', 'the version of an answer is good for the next write', async (session) => {
    const [id] = await session.seed(1);
    const record = await session.found(id ?? '');
    const outcome = await session.writeOne(updateOf(record, newText(session, 'One')));
    assert.ok(outcome.status === 'ok');
    const again = await session.found(record.id);
    if (outcome.version !== undefined) assert.equal(outcome.version, again.version);
    const next = await session.writeOne(updateOf(again, newText(session, 'Two')));
    assert.equal(next.status, 'ok');
    await assertField(session, record.id, newText(session, 'Two'));
  }),
  caseOf(
    'record-store-048',
    'the answer holds the record exactly where that is declared',
    async (session) => {
      const { representation } = session.traits.capabilities;
      const fields = session.person(1);
      const created = await session.writeOne({ op: 'create', stamp: stampOf(1), fields });
      assert.ok(created.status === 'ok');
      const updated = await session.writeOne(
        updateOf(await session.found(created.id), newText(session, 'New')),
      );
      assert.ok(updated.status === 'ok');
      if (!representation) {
        assert.equal(updated.record, undefined, 'representation is declared false and a record came');
        return;
      }
      assert.ok(created.record !== undefined && updated.record !== undefined, 'representation is declared');
      const read = await session.found(created.id);
      assert.equal(updated.record.version, read.version);
      assert.deepEqual(session.compared(updated.record.fields), session.compared(read.fields));
    },
  ),
  caseOf('record-store-049', 'an update can put a stamp on an existing record', async (session) => {
    const [id] = await session.seed(1);
    const record = await session.found(id ?? '');
    const write = { op: 'update', id: record.id, version: record.version, current: record } as const;
    const outcome = await session.writeOne({
      ...write,
      patch: newText(session, 'Linked'),
      stamp: stampOf(5),
    });
    assert.equal(outcome.status, 'ok');
    assert.equal((await session.truth(record.id))?.stamp, stampOf(5));
    await assertField(session, record.id, { ...session.person(1), ...newText(session, 'Linked') });
  }),
  caseOf('record-store-050', 'an update without a stamp leaves the stamp', async (session) => {
    const id = await session.created(1);
    const outcome = await session.writeOne(updateOf(await session.found(id), newText(session, 'Kept')));
    assert.equal(outcome.status, 'ok');
    assert.equal((await session.truth(id))?.stamp, stampOf(1));
  }),
  caseOf('record-store-051', 'an update of a deleted record is gone and revives nothing', async (session) => {
    const [id] = await session.seed(2);
    const record = await session.found(id ?? '');
    await session.fixture.oracle.userDelete(record.id);
    await session.settle();
    const outcome = await session.writeOne(updateOf(record, newText(session, 'Back')));
    assert.equal(outcome.status, 'gone');
    assert.equal(await session.truth(record.id), undefined);
    assert.equal((await session.fixture.oracle.all()).length, 1);
  }),
  caseOf('record-store-052', 'deletes delete those records only, and each is answered', async (session) => {
    const [id, twin, other] = await session.seed(3);
    const records = [await session.found(id ?? ''), await session.found(twin ?? '')];
    const deletes = records.map(({ id, version }): Write => ({ op: 'delete', id, version }));
    const outcomes = await session.store.write(deletes);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['ok', 'ok'],
    );
    assert.deepEqual(
      (await session.fixture.oracle.all()).map((each) => each.id),
      [other],
    );
  }),
  caseOf('record-store-053', 'deleting twice is gone or ok', async (session) => {
    const [id] = await session.seed(1);
    const record = await session.found(id ?? '');
    const write: Write = { op: 'delete', id: record.id, version: record.version };
    await session.writeOne(write);
    await session.settle();
    const outcome = await session.writeOne(write);
    assert.ok(outcome.status === 'gone' || outcome.status === 'ok', outcome.status);
  }),
  caseOf(
    'record-store-054',
    'deleting a version that was overtaken is a conflict and deletes nothing',
    async (session) => {
      const stale = await overtaken(session);
      const outcome = await session.writeOne({ op: 'delete', id: stale.id, version: stale.version });
      assert.deepEqual(outcome, { status: 'conflict' });
      await assertField(session, stale.id, newText(session, 'By the user'));
    },
    conditionalDelete(true),
  ),
  caseOf(
    'record-store-055',
    'without conditional deletes a stale version goes through',
    async (session) => {
      const stale = await overtaken(session);
      const outcome = await session.writeOne({ op: 'delete', id: stale.id, version: stale.version });
      assert.equal(outcome.status, 'ok');
      assert.equal(await session.truth(stale.id), undefined);
    },
    conditionalDelete(false),
  ),
  caseOf(
    'record-store-056',
    'records say who changed them last',
    async (session) => {
      const id = await session.created(1);
      assert.equal((await session.found(id)).modifiedBy, 'us');
      await session.fixture.oracle.userUpdate(id, newText(session, 'By the user'));
      await session.settle();
      assert.equal((await session.found(id)).modifiedBy, 'other');
    },
    ({ capabilities }) => (capabilities.modifiedBy ? null : 'modifiedBy is declared false'),
  ),
  caseOf(
    'record-store-057',
    'a store that cannot say who changed a record does not guess',
    async (session) => {
      const id = await session.created(1);
      assert.equal((await session.found(id)).modifiedBy, undefined);
    },
    ({ capabilities }) => (capabilities.modifiedBy ? 'modifiedBy is declared true' : null),
  ),
];
