import type { EventTime, FieldValue, Recurrence } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createVeiledStore, eventProperties, expandFor } from '../src/index.ts';
import {
  createEventWorld,
  DAY_MS,
  EVENTS,
  type EventWorld,
  event,
  guests,
  laneId,
  WITHOUT_SERIES,
} from './event-world.ts';

let world: EventWorld;
afterEach(() => world.close());

const properties = eventProperties(EVENTS);
if (properties === null) throw new Error('the mapping has a time');
const weekly: Recurrence = {
  ...{ kind: 'recurrence', every: 'week', interval: 1, days: ['thursday'], weekStart: 'monday' },
  zone: 'Europe/Berlin',
};

/** A CRM without series: those of the calendar are expanded from January to March. */
async function expandingWorld(window = { from: '2026-01-01', to: '2026-04-01' }): Promise<EventWorld> {
  const made: EventWorld = await createEventWorld(1, {
    crm: WITHOUT_SERIES,
    through: (of, store) => ({
      ...expandFor(store, of.crm.store, { properties: properties as NonNullable<typeof properties>, window }),
      feeds: async () => (await store.feeds()).map((feed) => ({ ...feed, scopeHash: window.from })),
    }),
  });
  return made;
}

const calendar = () => {
  const [one] = world.mailboxes;
  if (one === undefined) throw new Error('there is a mailbox');
  return one;
};
const days = async (): Promise<string[]> =>
  (await world.all(world.crm))
    .map(({ fields }) => `${(fields.when as EventTime).start.slice(0, 10)} ${String(fields.familyName)}`)
    .sort();
const settle = async (): Promise<void> => {
  for (let n = 0; n < 2; n++) {
    await world.sync();
    world.advance(DAY_MS);
  }
};

describe('a CRM that keeps no series', () => {
  const series = (rule: Recurrence, exceptions: FieldValue = null) =>
    event('Weekly', 21, { rule, exceptions });

  it('gets the occurrences of a series as single events, once (AC-16)', async () => {
    world = await expandingWorld();
    await calendar().oracle.userCreate(
      series(
        { ...weekly, count: 4 },
        {
          kind: 'occurrences',
          byStart: { '2026-01-29T08:00:00Z': 'cancelled', '2026-02-05T08:00:00Z': { subject: 'Special' } },
        },
      ),
    );
    await settle();
    expect(await days()).toEqual(['2026-01-22 Weekly', '2026-02-05 Special', '2026-02-12 Weekly']);
    expect((await world.all(world.crm)).every(({ fields }) => (fields.rule ?? null) === null)).toBe(true);
    const before = { ...world.written };
    await settle();
    expect(world.written).toEqual(before);
  });

  it('follows a series that moves to another day, without ghosts (AC-19)', async () => {
    world = await expandingWorld();
    const id = await calendar().oracle.userCreate(series({ ...weekly, count: 3 }));
    await settle();
    expect(await days()).toEqual(['2026-01-22 Weekly', '2026-01-29 Weekly', '2026-02-05 Weekly']);
    const { when } = event('Weekly', 22);
    await calendar().oracle.userUpdate(id, {
      when: when as EventTime,
      rule: { ...weekly, days: ['friday'], count: 3 },
    });
    await settle();
    expect(await days()).toEqual(['2026-01-23 Weekly', '2026-01-30 Weekly', '2026-02-06 Weekly']);
  });

  it('loses the one date that was deleted, and no other (AC-17, AC-40)', async () => {
    world = await expandingWorld();
    const id = await calendar().oracle.userCreate(series({ ...weekly, count: 3 }));
    await settle();
    await calendar().oracle.userUpdate(id, {
      exceptions: { kind: 'occurrences', byStart: { '2026-01-29T08:00:00Z': 'cancelled' } },
    });
    await settle();
    expect(await days()).toEqual(['2026-01-22 Weekly', '2026-02-05 Weekly']);
  });

  it('loses a series that was deleted as a whole', async () => {
    world = await expandingWorld();
    const id = await calendar().oracle.userCreate(series({ ...weekly, count: 2 }));
    await calendar().oracle.userCreate(event('Single', 40));
    await settle();
    await calendar().oracle.userDelete(id);
    await settle();
    expect(await days()).toEqual(['2026-02-10 Single']);
  });

  it('is topped up when the window moves on, and what it leaves stays (AC-42)', async () => {
    const window = { from: '2026-01-01', to: '2026-02-20' };
    world = await expandingWorld(window);
    await calendar().oracle.userCreate(series(weekly));
    await settle();
    expect(await days()).toHaveLength(5);
    Object.assign(window, { from: '2026-02-01', to: '2026-03-20' });
    await settle();
    expect(await days()).toHaveLength(9);
    const links = await world.state.sync.links(laneId(0), { by: 'page', after: '', limit: 100 });
    expect(links.filter(({ status }) => status === 'out')).toHaveLength(2);
  });

  it('never writes to an occurrence', async () => {
    world = await expandingWorld();
    await calendar().oracle.userCreate(series({ ...weekly, count: 2 }));
    await settle();
    const [first] = await world.all(world.crm);
    await world.crm.oracle.userUpdate(first?.id ?? '', { familyName: 'Edited in the CRM' });
    await settle();
    expect((await world.all(calendar())).map(({ fields }) => fields.familyName)).toEqual(['Weekly']);
    expect(world.written.a).toBe(0);
  });
});

describe('a private event (AC-35)', () => {
  const rules = { ...EVENTS, fields: [...EVENTS.fields] };
  const veiledWorld = (veils: 'private' | 'all') =>
    createEventWorld(1, {
      createWith: { familyName: 'Busy' },
      through: (_, store) =>
        createVeiledStore(store, {
          veils,
          mapping: {
            ...rules,
            fields: EVENTS.fields
              .map((rule) => ({ ...rule }))
              .concat({
                ...(EVENTS.fields[0] as (typeof EVENTS.fields)[number]),
                field: 'sensitivity',
                mailbox: 'notes',
                crm: 'notes',
              }),
          },
        }),
    });

  it('shows when it is, and nothing else; what the CRM calls it stays', async () => {
    world = await veiledWorld('private');
    const id = await calendar().oracle.userCreate(
      event('Doctor', 20, { notes: 'private', page: '<p>Results</p>', guests: guests('doctor@example.com') }),
    );
    await calendar().oracle.userCreate(event('Public', 21));
    await world.sync();
    const shown = (await world.all(world.crm)).map(({ fields }) => fields);
    expect(JSON.stringify(shown)).not.toMatch(/Doctor|Results|doctor@/);
    expect(shown.map(({ familyName }) => familyName).sort()).toEqual(['Busy', 'Public']);
    const [veiled] = (await world.all(world.crm)).filter(({ fields }) => fields.familyName === 'Busy');
    await world.crm.oracle.userUpdate(veiled?.id ?? '', { familyName: 'Away' });
    await calendar().oracle.userUpdate(id, { when: event('', 25).when as EventTime });
    await world.sync();
    const after = (await world.all(world.crm)).find((one) => one.id === veiled?.id);
    expect(after?.fields).toMatchObject({ familyName: 'Away', when: event('', 25).when });
    expect((await world.all(calendar())).map(({ fields }) => fields.familyName).sort()).toEqual([
      'Doctor',
      'Public',
    ]);
  });

  it('is like every other one where only free and busy are told', async () => {
    world = await veiledWorld('all');
    await calendar().oracle.userCreate(event('Public', 21, { page: '<p>Agenda</p>' }));
    await world.sync();
    expect(JSON.stringify(await world.all(world.crm))).not.toMatch(/Public|Agenda/);
    expect(await world.all(world.crm)).toHaveLength(1);
  });
});
