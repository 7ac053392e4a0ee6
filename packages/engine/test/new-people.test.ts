import type { Attendee, Outcome, RecordStore, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createInvitingStore } from '../src/index.ts';
import { isOfDomain, namesOf } from '../src/new-people.ts';

const attendee = (email: string, more: Partial<Attendee> = {}): Attendee => ({
  ...{ email, role: 'required', response: 'none' },
  ...more,
});
const event = (stamp: string, people: readonly Attendee[], more: object = {}): Write => ({
  ...{ op: 'create', stamp, owner: 'owner-1', ...more },
  fields: { people: { kind: 'people', organizer: null, attendees: people } },
});

/** Events of a CRM that knows nobody, and contacts that answer as they are told. */
function scene(answers: readonly Outcome[] = []) {
  const sent: { events: Write[]; contacts: Write[] } = { events: [], contacts: [] };
  const unused = () => Promise.reject(new Error('not asked for'));
  const store = (write: RecordStore['write'], strangers?: RecordStore['strangers']): RecordStore => ({
    ...{ probe: unused, feeds: unused, changes: unused, list: unused, read: unused, find: unused, write },
    ...(strangers === undefined ? {} : { strangers }),
  });
  const given = answers.values();
  const contacts = store(async (batch) => {
    sent.contacts.push(...batch);
    return batch.map((_, index) => given.next().value ?? { status: 'ok', id: `person-${index}` });
  });
  const events = store(
    async (batch) => {
      sent.events.push(...batch);
      return batch.map((_, index) => ({ status: 'ok', id: `event-${index}` }));
    },
    async (batch) =>
      batch.map((write) => {
        const people = write.op === 'create' ? write.fields.people : null;
        return typeof people === 'object' && people !== null && 'attendees' in people ? people.attendees : [];
      }),
  );
  const inviting = createInvitingStore(events, {
    ...{ contacts, storeKey: 'crm', people: 'people', ownDomains: new Set(['contoso.example']) },
    properties: { email: 'mail', firstName: 'first', lastName: 'last' },
  });
  return { inviting, sent };
}

describe('people whom the CRM does not know', () => {
  it('are made once, before the events that they are on, and belong to the owner of the first', async () => {
    const { inviting, sent } = scene();
    const jane = attendee('Jane@customer.example', { name: 'Doe, Jane' });
    const outcomes = await inviting.write([
      event('e1', [jane]),
      event('e2', [jane, attendee('max@customer.example')]),
    ]);
    expect(sent.contacts).toMatchObject([
      {
        op: 'create',
        owner: 'owner-1',
        fields: { mail: 'Jane@customer.example', first: 'Jane', last: 'Doe' },
      },
      { op: 'create', owner: 'owner-1', fields: { mail: 'max@customer.example', last: 'max' } },
    ]);
    expect(outcomes).toMatchObject([
      { notes: [{ property: 'people', code: 'created', people: ['jane@customer.example'] }] },
      { notes: [{ people: ['max@customer.example'] }] },
    ]);
    // The stamp is the address's: whoever asks again makes nobody again.
    const again = scene();
    await again.inviting.write([event('e9', [attendee('jane@CUSTOMER.example')])]);
    expect(again.sent.contacts.map((write) => 'stamp' in write && write.stamp)).toEqual(
      sent.contacts.slice(0, 1).map((write) => 'stamp' in write && write.stamp),
    );
  });

  it('are nobody where they are colleagues, rooms, or no address at all', async () => {
    const { inviting, sent } = scene();
    const people = [
      attendee('ann@contoso.example'),
      attendee('eve@mail.Contoso.example'),
      attendee('room@places.example', { role: 'resource' }),
      attendee('hall@places.example'),
      attendee('nobody'),
    ];
    const batch = [event('e1', people, { rooms: ['hall@places.example'] })];
    expect(await inviting.strangers?.(batch)).toEqual([[]]);
    expect(await inviting.write(batch)).toEqual([{ status: 'ok', id: 'event-0' }]);
    expect(sent.contacts).toEqual([]);
  });

  it.each<[string, Outcome, string]>([
    ['that nobody knows', { status: 'unknown', kind: 'unavailable' }, 'retry'],
    ['to come back later', { status: 'retry', kind: 'rate_limited', afterMs: 9 }, 'retry'],
    ['that it is refused', { status: 'rejected', code: 'validation-rule', message: 'no' }, 'ok'],
    ['that somebody has the address', { status: 'rejected', code: 'duplicate-key', message: 'no' }, 'ok'],
  ])('keep their event waiting exactly as long as it may help: an answer %s', async (_, answer, expected) => {
    const { inviting, sent } = scene([answer]);
    const batch = [event('e1', [attendee('jane@customer.example')]), event('e2', [])];
    const outcomes = await inviting.write(batch);
    expect(outcomes.map(({ status }) => status)).toEqual([expected, 'ok']);
    expect(sent.events.map((write) => 'stamp' in write && write.stamp)).toEqual(
      expected === 'ok' ? ['e1', 'e2'] : ['e2'],
    );
    expect(outcomes.every((outcome) => !('notes' in outcome))).toBe(true);
  });

  it('have the names that their address book gives them', () => {
    const names = (name: string | undefined) => {
      const { firstName, lastName } = namesOf({
        email: 'jd@x.example',
        ...(name === undefined ? {} : { name }),
      });
      return `${firstName ?? '-'}|${lastName}`;
    };
    expect(
      ['Jane  Doe', 'Doe, Jane', 'Jane van der Doe', 'Jane', 'jd@x.example', '', undefined].map(names),
    ).toEqual(['Jane|Doe', 'Jane|Doe', 'Jane van der|Doe', '-|Jane', '-|jd', '-|jd', '-|jd']);
    const own = new Set(['contoso.example']);
    expect(
      ['a@contoso.example', 'a@b.contoso.example', 'a@xcontoso.example', 'a@example'].map((one) =>
        isOfDomain(one, own),
      ),
    ).toEqual([true, true, false, false]);
  });
});
