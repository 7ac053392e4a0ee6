import assert from 'node:assert/strict';
import type { Write } from '@tidelock/core';
import type { RecordStoreTraits } from './fixture.ts';
import { caseOf, type RecordCase } from './record-case.ts';
import { longestValue } from './sample-values.ts';
import { idsOf, type Session, stampOf } from './session.ts';
import { propertyOf } from './time-cases.ts';

const notifies = ({ capabilities }: RecordStoreTraits): string | null =>
  capabilities.events?.notifies ? null : 'events.notifies is declared false';

const meetsOnline = (traits: RecordStoreTraits): string | null =>
  traits.events?.userMeetOnline ? null : 'the fixture knows no online meetings';

const invites = (traits: RecordStoreTraits): string | null =>
  traits.events?.userInvited ? null : 'the fixture knows no invitations from outside';

const tellsStrangers = ({ tellsStrangers: does }: RecordStoreTraits): string | null =>
  does ? null : 'the store has no `strangers`: people on events are no records of their own';

const NOBODY = 'Nobody.Knows.Me@nowhere.example';

/** An event with these people on it. */
function eventWith(session: Session, seed: number, emails: readonly string[]): Write {
  const [property] = Object.entries(session.catalogue).find(([, { type }]) => type === 'people') ?? [];
  assert.ok(property !== undefined, 'a store that tells strangers has a property for people');
  const attendees = emails.map((email) => ({ email, role: 'required', response: 'none' }) as const);
  const people = { kind: 'people', organizer: null, attendees } as const;
  return { op: 'create', stamp: stampOf(seed), fields: { ...session.person(seed), [property]: people } };
}

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
  caseOf(
    'record-store-097',
    'the block of an online meeting stays byte for byte around what is written',
    async (session) => {
      const { events: oracle } = session.traits;
      const body = propertyOf(session, 'html');
      if (body === undefined || oracle?.userMeetOnline === undefined || oracle.body === undefined) return;
      const id = await session.created(1);
      const block = await oracle.userMeetOnline(id);
      await session.settle();
      const current = await session.found(id);
      assert.ok(!String(current.fields[body]).includes(block), 'the block is part of the value');
      const patch = { [body]: '<p>Another agenda</p>' };
      const outcome = await session.writeOne({ op: 'update', id, version: current.version, current, patch });
      assert.equal(outcome.status, 'ok');
      assert.ok((await oracle.body(id)).includes(block), 'the block was changed');
      await session.settle();
      const after = await session.found(id);
      assert.equal(after.fields[body], '<p>Another agenda</p>');
      await session.fixture.oracle.userUpdate(id, { [body]: '<p>No link any more</p>' });
      await session.settle();
      const bare = await session.found(id);
      const refused = await session.writeOne({
        op: 'update',
        id,
        version: bare.version,
        current: bare,
        patch,
      });
      assert.ok(
        refused.status === 'rejected' && refused.code === 'protected',
        'a body without its block was written',
      );
    },
    meetsOnline,
  ),
  caseOf(
    'record-store-098',
    'a copy that belongs to somebody else says so, and takes nothing but what is personal',
    async (session) => {
      const { events: oracle } = session.traits;
      if (oracle?.userInvited === undefined) return;
      const id = await oracle.userInvited(session.person(1));
      await session.settle();
      const current = await session.found(id);
      assert.equal(current.writable, false);
      const { text } = session.fixture.sample;
      const patch = { [text]: 'Mine' };
      const refused = await session.writeOne({ op: 'update', id, version: current.version, current, patch });
      assert.ok(refused.status === 'rejected' && refused.code === 'read-only');
      assert.deepEqual(
        session.store.audience?.({ op: 'update', id, version: current.version, current, patch: {} }) ?? [],
        [],
      );
    },
    invites,
  ),
  caseOf(
    'record-store-099',
    'of the people on events exactly those are strangers whom the store knows nobody of, write by write, and nothing is written',
    async (session) => {
      const { store, fixture } = session;
      // The suite's guests are known to the store: other cases write them.
      const batch = [
        eventWith(session, 1, ['guest1@example.com']),
        eventWith(session, 2, [NOBODY, 'Guest2@Example.com']),
        { op: 'create', stamp: stampOf(3), fields: session.person(3) } as const,
        eventWith(session, 4, [NOBODY]),
      ];
      const before = await fixture.oracle.all();
      const strangers = (await store.strangers?.(batch)) ?? [];
      const named = strangers.map((people) => people.map(({ email }) => email.toLowerCase()));
      assert.deepEqual(named, [[], [NOBODY.toLowerCase()], [], [NOBODY.toLowerCase()]]);
      assert.deepEqual(await store.strangers?.([]), []);
      assert.deepEqual(await fixture.oracle.all(), before);
    },
    tellsStrangers,
  ),
];
