import assert from 'node:assert/strict';
import type { Write } from '@tidelock/core';
import type { RecordStoreTraits } from './fixture.ts';
import { caseOf, type RecordCase } from './record-case.ts';
import { longestValue } from './sample-values.ts';
import { idsOf, type Session, stampOf } from './session.ts';

const notifies = ({ capabilities }: RecordStoreTraits): string | null =>
  capabilities.events?.notifies ? null : 'events.notifies is declared false';

/** The properties that hold people, and the addresses in a value that the suite makes for them. */
function invitation(session: Session): { readonly write: Write; readonly invited: readonly string[] } {
  const guests = Object.entries(session.catalogue).filter(
    ([, spec]) => spec.type === 'people' && spec.writable,
  );
  const values = guests.map(([property, spec]) => [property, longestValue(spec, 91)] as const);
  const invited = values.flatMap(([, value]) =>
    typeof value === 'object' && value !== null && 'attendees' in value
      ? value.attendees.map(({ email }) => email.toLowerCase())
      : [],
  );
  assert.ok(invited.length > 0, 'a store that notifies has a property for people');
  const fields = { ...session.person(91), ...Object.fromEntries(values) };
  return { write: { op: 'create', stamp: stampOf(91), fields }, invited };
}

/** What only stores of events promise. */
export const eventCases: readonly RecordCase[] = [
  caseOf(
    'record-store-090',
    'events are declared, with findShared, and with audience exactly where the store notifies',
    async (session) => {
      const { events } = session.traits.capabilities;
      assert.ok(events !== undefined, 'events is not declared');
      assert.ok(session.store.findShared !== undefined, 'there is no findShared');
      assert.equal(session.store.audience !== undefined, events.notifies);
    },
  ),
  caseOf(
    'record-store-091',
    'the audience of a create names everybody that it invites, and nobody twice',
    async (session) => {
      const { write, invited } = invitation(session);
      const before = session.fixture.requests?.();
      const named = session.store.audience?.(write) ?? [];
      assert.deepEqual(
        invited.filter((email) => !named.includes(email)),
        [],
      );
      assert.equal(new Set(named.map((email) => email.toLowerCase())).size, named.length);
      assert.deepEqual(session.store.audience?.(write), named);
      assert.equal(session.fixture.requests?.(), before, 'audience made a request');
    },
    notifies,
  ),
  caseOf(
    'record-store-092',
    'the audience of a delete names everybody in the record',
    async (session) => {
      const { write, invited } = invitation(session);
      const outcome = await session.writeOne(write);
      assert.ok(outcome.status === 'ok', `the invitation ended as "${outcome.status}"`);
      await session.settle();
      const current = await session.found(outcome.id);
      const named =
        session.store.audience?.({ op: 'delete', id: current.id, version: current.version, current }) ?? [];
      assert.deepEqual(
        invited.filter((email) => !named.includes(email)),
        [],
      );
    },
    notifies,
  ),
  caseOf(
    'record-store-093',
    'what copies of one event have in common finds them, and nothing else does',
    async (session) => {
      const id = await session.created(1);
      await session.seed(2);
      const { shared } = await session.found(id);
      assert.deepEqual(await session.store.findShared?.([]), []);
      assert.deepEqual(await session.store.findShared?.(['no-such-event']), [[]]);
      if (shared === undefined) return;
      const [found = []] = (await session.store.findShared?.([shared])) ?? [];
      assert.deepEqual(idsOf(found), [id]);
    },
  ),
];
