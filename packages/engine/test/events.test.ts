import type { EventTime, Fields, Recurrence } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { why } from '../src/index.ts';
import {
  createEventWorld,
  DAY_MS,
  EVENTS,
  type EventWorld,
  event,
  guests,
  laneId,
  START,
} from './event-world.ts';

let world: EventWorld;
afterEach(() => world.close());
const mailbox = (index = 0) => {
  const one = world.mailboxes[index];
  if (one === undefined) throw new Error(`there is no mailbox ${index}`);
  return one;
};
const inCrm = () => world.all(world.crm);
const linksOf = (index = 0) => world.state.sync.links(laneId(index), { by: 'page', after: '', limit: 100 });
const weekly: Recurrence = {
  ...{ kind: 'recurrence', every: 'week', interval: 1, days: ['thursday'], weekStart: 'monday' },
  zone: 'Europe/Berlin',
};

describe('a series', () => {
  const FIRST = '2026-01-29T08:00:00Z';
  const SECOND = '2026-02-05T08:00:00Z';

  it('goes over as one record with its exceptions, and comes back without a write', async () => {
    world = await createEventWorld();
    const exceptions = { kind: 'occurrences', byStart: { [FIRST]: 'cancelled' } } as const;
    await mailbox().oracle.userCreate(event('Weekly', 21, { rule: weekly, exceptions }));
    await world.sync();
    expect((await inCrm()).map(({ fields }) => fields)).toMatchObject([{ rule: weekly, exceptions }]);
    const before = { ...world.written };
    await world.sync();
    expect(world.written).toEqual(before);
  });

  it('has what both sides did to different dates (AC-17, AC-40)', async () => {
    world = await createEventWorld();
    const id = await mailbox().oracle.userCreate(event('Weekly', 21, { rule: weekly }));
    await world.sync();
    const [there] = await inCrm();
    await mailbox().oracle.userUpdate(id, {
      exceptions: { kind: 'occurrences', byStart: { [FIRST]: 'cancelled' } },
    });
    await world.crm.oracle.userUpdate(there?.id ?? '', {
      exceptions: { kind: 'occurrences', byStart: { [SECOND]: { subject: 'Longer' } } },
    });
    await world.sync();
    const both = { kind: 'occurrences', byStart: { [FIRST]: 'cancelled', [SECOND]: { subject: 'Longer' } } };
    for (const store of [mailbox(), world.crm])
      expect((await world.all(store)).map(({ fields }) => fields.exceptions)).toEqual([both]);
  });

  it('that is cut and goes on as another one makes two, without a loss or a twin (AC-18)', async () => {
    world = await createEventWorld();
    const id = await mailbox().oracle.userCreate(
      event('Weekly', 21, {
        rule: weekly,
        exceptions: { kind: 'occurrences', byStart: { [FIRST]: { subject: 'First' } } },
      }),
    );
    await world.sync();
    await mailbox().oracle.userUpdate(id, { rule: { ...weekly, until: '2026-03-12' } });
    await mailbox().oracle.userCreate(event('Weekly', 77, { rule: { ...weekly, days: ['thursday'] } }));
    await world.sync();
    const shown = async (store: Parameters<EventWorld['all']>[0]): Promise<Fields[]> =>
      (await world.all(store)).map(
        ({ fields: { when, rule, exceptions } }) => ({ when, rule, exceptions }) as Fields,
      );
    expect(await shown(world.crm)).toEqual(await shown(mailbox()));
    expect(await inCrm()).toHaveLength(2);
  });
});

describe("a copy of somebody else's event", () => {
  async function copy(): Promise<{ readonly a: string; readonly b: string }> {
    world = await createEventWorld();
    world.foreign.add('Theirs');
    const a = await mailbox().oracle.userCreate(event('Theirs', 30, { city: 'uid-1', page: '<p>One</p>' }));
    await world.sync();
    return { a, b: (await inCrm())[0]?.id ?? '' };
  }

  it('is created in the CRM, never written, and explained', async () => {
    const { b } = await copy();
    await world.crm.oracle.userUpdate(b, { page: '<p>Two</p>' });
    const { a: before } = world.written;
    await world.sync();
    expect(world.written.a).toBe(before);
    expect((await inCrm())[0]?.fields.page).toBe('<p>Two</p>');
    const [link] = await linksOf();
    expect(link?.a).toMatchObject({ closed: true });
    const rows = await world.state.sync.history(laneId(0), { limit: 20 });
    expect(
      rows.filter(({ op, field, rule }) => op === 'hold' && field === 'body' && rule === 'read-only'),
    ).toHaveLength(1);
    if (link === undefined) throw new Error('there is a link');
    const [lane] = await world.state.sync.lanes();
    if (lane === undefined) throw new Error('there is a lane');
    const told = why({
      ...{ link, suspects: [], reviews: [], intents: [], history: rows, lane, mapping: null },
      policy: { create: { a: true, b: true }, onDelete: { a: 'delete', b: 'delete' } },
      rules: EVENTS.fields,
    });
    expect(told.map(({ code }) => code)).toContain('read-only');
  });

  it('wins over the edit once its organizer changes the same', async () => {
    const { a, b } = await copy();
    await world.crm.oracle.userUpdate(b, { page: '<p>Two</p>' });
    await world.sync();
    await mailbox().oracle.userUpdate(a, { page: '<p>Three</p>' });
    await world.sync();
    expect((await inCrm())[0]?.fields.page).toBe('<p>Three</p>');
  });

  const kept = { a: guests('ann'), b: guests('ann', 'bob') };
  const audited = async () => {
    await world.state.sync.resetFeeds('mailbox:0');
    await world.state.sync.resetFeeds('crm');
    world.advance(DAY_MS);
    await world.sync();
    return world.state.sync.reviews(laneId(0), { open: true });
  };

  it('leaves guests who were added in the CRM there when the two meet, as an edit that an audit asks nobody about', async () => {
    world = await createEventWorld();
    world.foreign.add('Theirs');
    await world.crm.oracle.userCreate(event('Theirs', 30, { city: 'uid-1', guests: kept.b }));
    await mailbox().oracle.userCreate(event('Theirs', 30, { city: 'uid-1', guests: kept.a }));
    await world.sync();
    expect((await inCrm()).map(({ fields }) => fields.guests)).toEqual([kept.b]);
    expect(await linksOf()).toMatchObject([{ shownA: { people: kept.a }, shownB: { people: kept.a } }]);
    expect(await audited()).toEqual([]);
  });

  it('gives its new guests to the CRM beside those who were added there', async () => {
    const { a, b } = await copy();
    await mailbox().oracle.userUpdate(a, { guests: kept.a });
    await world.sync();
    await world.crm.oracle.userUpdate(b, { guests: kept.b });
    await mailbox().oracle.userUpdate(a, { guests: guests('ann', 'cleo') });
    await world.sync();
    const [shown] = await inCrm();
    expect(shown?.fields.guests).toEqual(guests('ann', 'bob', 'cleo'));
    const agreed = { people: guests('ann', 'cleo') };
    expect(await linksOf()).toMatchObject([{ shownA: agreed, shownB: agreed }]);
    expect(await audited()).toEqual([]);
    await mailbox().oracle.userUpdate(a, { guests: guests('cleo') });
    await world.sync();
    expect((await inCrm())[0]?.fields.guests).toEqual(guests('bob', 'cleo'));
  });

  it('takes the edit back where the policy says so', async () => {
    const { b } = await copy();
    world.policy = { readOnly: 'revert' };
    await world.crm.oracle.userUpdate(b, { page: '<p>Two</p>' });
    await world.sync();
    expect((await inCrm())[0]?.fields.page).toBe('<p>One</p>');
  });

  it('is let go of without a deletion for the others', async () => {
    const { a } = await copy();
    await mailbox().oracle.userDelete(a);
    world.advance(DAY_MS);
    await world.sync();
    world.advance(DAY_MS);
    await world.sync();
    expect(await inCrm()).toHaveLength(1);
    expect(await linksOf()).toMatchObject([{ status: 'detached' }]);
  });

  it('is not declined when its event is deleted in the CRM', async () => {
    const { b } = await copy();
    await world.crm.oracle.userDelete(b);
    world.advance(DAY_MS);
    await world.sync();
    world.advance(DAY_MS);
    await world.sync();
    expect(await world.all(mailbox())).toHaveLength(1);
    expect(world.sent).toEqual([]);
  });
});

describe('the window (AC-25)', () => {
  const window = (from: number, to: number) => ({ from: START + from * DAY_MS, to: START + to * DAY_MS });

  it('moves on without a write, and nothing that it leaves or meets is made twice', async () => {
    world = await createEventWorld();
    world.window = window(0, 100);
    for (let n = 0; n < 20; n++) await mailbox().oracle.userCreate(event(`Event ${n}`, 10 * n));
    await world.sync();
    expect(await inCrm()).toHaveLength(10);
    const before = { ...world.written };
    world.window = window(35, 95);
    await world.sync();
    expect(world.written).toEqual(before);
    const frozen = (await linksOf()).filter(({ status }) => status === 'out');
    expect(frozen).toHaveLength(4);
    world.window = window(0, 100);
    await world.sync();
    expect(world.written).toEqual(before);
    expect((await linksOf()).every(({ status }) => status === 'live')).toBe(true);
    world.window = window(35, 135);
    await world.sync();
    expect(await inCrm()).toHaveLength(14);
  });

  it('is left by an event that was moved out of it, and neither side is changed', async () => {
    world = await createEventWorld();
    world.window = window(0, 100);
    const id = await mailbox().oracle.userCreate(event('Moved', 50));
    await world.sync();
    const before = { ...world.written };
    const { when } = event('Moved', 300);
    await mailbox().oracle.userUpdate(id, { when: when as EventTime });
    await world.sync();
    expect(world.written).toEqual(before);
    expect(await linksOf()).toMatchObject([{ status: 'out' }]);
    await mailbox().oracle.userUpdate(id, { when: event('Moved', 60).when as EventTime });
    await world.sync();
    expect((await inCrm()).map(({ fields }) => fields.when)).toEqual([event('Moved', 60).when]);
  });
});

describe('people', () => {
  it('are added and removed later as well (AC-39)', async () => {
    world = await createEventWorld();
    const id = await mailbox().oracle.userCreate(
      event('Meeting', 30, { guests: guests('a@x.com', 'b@x.com') }),
    );
    await world.sync();
    await mailbox().oracle.userUpdate(id, { guests: guests('b@x.com', 'c@x.com') });
    await world.sync();
    expect((await inCrm())[0]?.fields.guests).toEqual(guests('b@x.com', 'c@x.com'));
  });
});
