import assert from 'node:assert/strict';
import type { FieldSpec, FieldValue } from '@tidelock/core';
import { caseOf, type RecordCase } from './record-case.ts';
import { longestValue, normalValue } from './sample-values.ts';
import type { Session } from './session.ts';
import { updateOf } from './write-cases.ts';

/** Properties that the suite writes one by one. */
function writable(session: Session): readonly (readonly [string, FieldSpec])[] {
  const { untouched = [] } = session.fixture.sample;
  return Object.entries(session.catalogue).filter(
    ([property, spec]) => spec.writable && !untouched.includes(property),
  );
}

function valueFor(session: Session, property: string, spec: FieldSpec): FieldValue {
  return session.fixture.sample.values?.[property] ?? longestValue(spec, 7);
}

/** Writes one property and returns the value that a fresh read shows. */
async function roundTrip(session: Session, id: string, entry: readonly [string, FieldValue]) {
  const [property, value] = entry;
  const outcome = await session.writeOne(updateOf(await session.found(id), { [property]: value }));
  await session.settle();
  return { outcome, shown: (await session.found(id)).fields[property] };
}

export const valueCases: readonly RecordCase[] = [
  caseOf(
    'record-store-080',
    'PutGet: the longest value of every writable property comes back',
    async (session) => {
      const id = await session.created(1);
      for (const [property, spec] of writable(session)) {
        const value = valueFor(session, property, spec);
        const { outcome, shown } = await roundTrip(session, id, [property, value]);
        assert.equal(outcome.status, 'ok', `writing "${property}" ended as "${outcome.status}"`);
        const back = normalValue(spec, shown);
        if (spec.resolved && back === null) continue;
        assert.deepEqual(back, normalValue(spec, value), `"${property}" came back otherwise`);
      }
    },
  ),
  caseOf('record-store-081', 'GetPut: writing back what was read changes nothing', async (session) => {
    const id = await session.created(1);
    const record = await session.found(id);
    const before = session.compared(record.fields);
    const patch = Object.fromEntries(
      writable(session).flatMap(([property]) => {
        const value = record.fields[property];
        return value === undefined ? [] : [[property, value]];
      }),
    );
    const outcome = await session.writeOne(updateOf(record, patch));
    assert.equal(outcome.status, 'ok');
    await session.settle();
    assert.deepEqual(session.compared((await session.found(id)).fields), before);
  }),
  caseOf('record-store-082', 'PutPut: the last of two writes is what is there', async (session) => {
    const id = await session.created(1);
    const { sample } = session.fixture;
    await roundTrip(session, id, [sample.text, 'One']);
    const { shown } = await roundTrip(session, id, [sample.text, 'Two']);
    assert.equal(shown, 'Two');
    assert.equal((await session.truth(id))?.fields[sample.text], 'Two');
  }),
  caseOf('record-store-083', 'every optional writable property can be cleared', async (session) => {
    const id = await session.created(1);
    for (const [property, spec] of writable(session)) {
      if (spec.required) continue;
      await roundTrip(session, id, [property, valueFor(session, property, spec)]);
      const { outcome, shown } = await roundTrip(session, id, [property, null]);
      assert.equal(outcome.status, 'ok', `clearing "${property}" ended as "${outcome.status}"`);
      // A choice always stands on something: what the store puts there is told.
      const told = outcome.status === 'ok' && outcome.notes?.some((note) => note.property === property);
      if (spec.type === 'choice' && told === true) continue;
      assert.equal(normalValue(spec, shown), null, `"${property}" was not cleared`);
    }
  }),
  caseOf(
    'record-store-084',
    'a value that is too long is refused or kept, never cut in silence',
    async (session) => {
      const { sample } = session.fixture;
      const spec = session.catalogue[sample.text];
      if (spec?.maxLength === undefined) return;
      const id = await session.created(1);
      const value = 'x'.repeat(spec.maxLength + 1);
      const { outcome, shown } = await roundTrip(session, id, [sample.text, value]);
      if (outcome.status === 'rejected') assert.equal(shown, 'Text 1');
      else assert.ok(shown === value || (outcome.status === 'ok' && (outcome.notes ?? []).length > 0));
    },
  ),
  caseOf(
    'record-store-085',
    'a property that the catalogue does not have is refused by name',
    async (session) => {
      const id = await session.created(1);
      const before = session.compared((await session.truth(id))?.fields ?? {});
      const outcome = await session.writeOne(updateOf(await session.found(id), { 'no-such-property': 'x' }));
      assert.ok(outcome.status === 'rejected', `ended as "${outcome.status}"`);
      assert.deepEqual(session.compared((await session.truth(id))?.fields ?? {}), before);
    },
  ),
];
