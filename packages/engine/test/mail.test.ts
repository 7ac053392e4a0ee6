import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventWorld, DAY_MS, type EventWorld, event, guests, laneId } from './event-world.ts';

let world: EventWorld;
const mailbox = () => {
  const [one] = world.mailboxes;
  if (one === undefined) throw new Error('there is a mailbox');
  return one;
};
const forty = guests(
  ...Array.from({ length: 40 }, (_, n) => `guest${String(n).padStart(2, '0')}@example.com`),
);

beforeEach(async () => {
  world = await createEventWorld();
});
afterEach(() => world.close());

/** A meeting of forty people in both stores, in step; the first sync is over. */
async function meeting(): Promise<{ readonly a: string; readonly b: string }> {
  const a = await mailbox().oracle.userCreate(
    event('Kick-off', 30, { guests: forty, page: '<p>Agenda</p>' }),
  );
  await world.sync();
  const [inCrm] = await world.all(world.crm);
  expect(inCrm?.fields).toMatchObject({ familyName: 'Kick-off', guests: forty });
  return { a, b: inCrm?.id ?? '' };
}

const bodyInMailbox = async () => (await world.all(mailbox()))[0]?.fields.page;
const reviews = () => world.state.sync.reviews(laneId(0), { open: true });

describe('AC-02 a small edit in the CRM of a meeting with forty people', () => {
  beforeEach(async () => {
    const { b } = await meeting();
    await world.crm.oracle.userUpdate(b, { page: '<p>Agenda, corrected</p>' });
  });

  it('waits under "hold", is listed with its number of people, and nobody lets it go by answering', async () => {
    const engine = await world.engine();
    const [planned] = await engine.plan();
    expect(planned?.plan).toMatchObject([{ action: 'update', side: 'a', emails: 0, withheld: 40 }]);
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda</p>');
    const [review, ...more] = await reviews();
    expect(more).toEqual([]);
    expect(review).toMatchObject({
      kind: 'parked',
      reasons: [expect.stringContaining('would notify 40 people')],
    });
    const rows = await world.state.sync.history(laneId(0), { limit: 10 });
    expect(rows.find(({ op }) => op === 'hold')?.rule).toContain('would notify 40 people');
    if (review !== undefined) await world.desk().answer(review, 'retry');
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda</p>');
    expect(world.sent).toEqual([]);
  });

  it('is planned anew, and goes once, when the policy is another one', async () => {
    await world.sync();
    expect(world.sent).toEqual([]);
    world.policy = { mail: 'send' };
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda, corrected</p>');
    expect(world.sent).toHaveLength(40);
    expect(await reviews()).toEqual([]);
  });

  it('waits under "ask" until a person lets it go, and then goes alone', async () => {
    world.policy = { mail: 'ask' };
    await world.sync();
    expect(world.sent).toEqual([]);
    const [review] = await reviews();
    if (review === undefined) throw new Error('nothing is asked');
    await world.desk().answer(review, 'retry');
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda, corrected</p>');
    expect(world.sent).toHaveLength(40);
    const [inCrm] = await world.all(world.crm);
    await world.crm.oracle.userUpdate(inCrm?.id ?? '', { page: '<p>Another</p>' });
    await world.sync();
    expect(world.sent).toHaveLength(40);
    expect(await reviews()).toHaveLength(1);
  });

  it('is never made under "crm-only", and asks nobody', async () => {
    world.policy = { mail: 'crm-only' };
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda</p>');
    expect([world.sent, await reviews()]).toEqual([[], []]);
  });

  it('is not made beyond the budget of a run, whatever the policy', async () => {
    world.policy = { mail: 'send', mailBudget: 39 };
    await world.sync();
    expect(world.sent).toEqual([]);
    expect((await reviews())[0]?.reasons[0]).toContain('more than the 39 that this run may still notify');
  });

  it('keeps the pair from nothing else: what the mailbox changes arrives meanwhile', async () => {
    await world.sync();
    const [inMailbox] = await world.all(mailbox());
    await mailbox().oracle.userUpdate(inMailbox?.id ?? '', { familyName: 'Kick-off, renamed' });
    await world.sync();
    expect((await world.all(world.crm))[0]?.fields).toMatchObject({
      familyName: 'Kick-off, renamed',
      page: '<p>Agenda, corrected</p>',
    });
    expect(world.sent).toEqual([]);
    expect(await reviews()).toHaveLength(1);
    world.policy = { mail: 'send' };
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda, corrected</p>');
  });

  it('takes nothing back that was merged while it waits, whatever the mailbox changes later', async () => {
    const [inMailbox] = await world.all(mailbox());
    const [inCrm] = await world.all(world.crm);
    await world.crm.oracle.userUpdate(inCrm?.id ?? '', {
      page: '<p>Agenda, corrected</p>',
      guests: { ...forty, attendees: [...forty.attendees, ...guests('crm@example.com').attendees] },
    });
    await mailbox().oracle.userUpdate(inMailbox?.id ?? '', {
      guests: { ...forty, attendees: [...forty.attendees, ...guests('outlook@example.com').attendees] },
    });
    await world.sync();
    const invited = async (store: typeof world.crm): Promise<string> =>
      JSON.stringify((await world.all(store))[0]?.fields.guests);
    expect(await invited(world.crm)).toMatch(/outlook@example.com/);
    expect(await invited(world.crm)).toMatch(/crm@example.com/);
    await mailbox().oracle.userUpdate(inMailbox?.id ?? '', { familyName: 'Kick-off, moved' });
    await world.sync();
    expect((await world.all(world.crm))[0]?.fields.familyName).toBe('Kick-off, moved');
    expect(await invited(world.crm)).toMatch(/crm@example.com/);
    expect(await invited(world.crm)).toMatch(/outlook@example.com/);
    expect(world.sent).toEqual([]);
  });

  it('goes by itself once nobody is invited any more', async () => {
    await world.sync();
    expect(await reviews()).toHaveLength(1);
    const [inMailbox] = await world.all(mailbox());
    await mailbox().oracle.userUpdate(inMailbox?.id ?? '', { guests: null });
    await world.sync();
    expect(await bodyInMailbox()).toBe('<p>Agenda, corrected</p>');
    expect(world.sent).toEqual([]);
    expect(await reviews()).toEqual([]);
  });

  it('goes to nobody when an idle pass follows', async () => {
    await world.sync();
    const before = { ...world.written };
    await world.sync();
    expect(world.written).toEqual(before);
  });
});

describe('AC-03 a first sync', () => {
  it('creates no past meeting with attendees in a mailbox, and sends nothing, whatever the policy', async () => {
    world.policy = { mail: 'send' };
    for (let n = 0; n < 60; n++)
      await world.crm.oracle.userCreate(
        event(`Past ${n}`, -60 + (n % 50), { guests: guests(`old${n}@example.com`) }),
      );
    await world.crm.oracle.userCreate(event('To come', 20, { guests: guests('new@example.com') }));
    await world.crm.oracle.userCreate(event('Past, alone', -20));
    await world.crm.oracle.userCreate(event('To come, alone', 21));
    await world.sync();
    const subjects = (await world.all(mailbox())).map(({ fields }) => fields.familyName);
    expect(subjects.sort()).toEqual(['Past, alone', 'To come, alone']);
    expect(world.sent).toEqual([]);
    const asked = (await reviews()).flatMap(({ reasons }) => reasons);
    expect(asked).toEqual([expect.stringContaining('nobody gets mail because of a first sync')]);
  });

  it('comes to its end, and then a new meeting invites those that the policy lets it invite', async () => {
    world.policy = { mail: 'send' };
    await world.crm.oracle.userCreate(event('First', 20));
    await world.sync();
    await world.crm.oracle.userCreate(event('Second', 21, { guests: guests('new@example.com') }));
    await world.sync();
    expect(world.sent).toEqual(['new@example.com']);
  });

  it('never creates a meeting that was over before it came to its turn, also later', async () => {
    world.policy = { mail: 'send' };
    await world.sync();
    await world.crm.oracle.userCreate(event('Yesterday', -1, { guests: guests('new@example.com') }));
    await world.crm.oracle.userCreate(
      event('Weekly since last year', -300, {
        guests: guests('new@example.com'),
        rule: {
          kind: 'recurrence',
          every: 'week',
          interval: 1,
          days: ['monday'],
          count: 10,
          zone: 'Europe/Berlin',
        },
      }),
    );
    await world.crm.oracle.userCreate(
      event('Weekly, goes on', -300, {
        guests: guests('weekly@example.com'),
        rule: { kind: 'recurrence', every: 'week', interval: 1, days: ['monday'], zone: 'Europe/Berlin' },
      }),
    );
    await world.sync();
    expect((await world.all(mailbox())).map(({ fields }) => fields.familyName)).toEqual(['Weekly, goes on']);
    expect(world.sent).toEqual(['weekly@example.com']);
  });
});

describe('the budget of a run', () => {
  it('is never overdrawn, however many meetings there are', async () => {
    world.policy = { mail: 'send', mailBudget: 7 };
    await world.sync();
    for (let n = 0; n < 12; n++)
      await world.crm.oracle.userCreate(
        event(`Meeting ${n}`, 20 + n, { guests: guests(`a${n}@example.com`, `b${n}@example.com`) }),
      );
    const engine = await world.engine();
    const [report] = await engine.round();
    expect(world.sent.length).toBeLessThanOrEqual(7);
    expect(world.sent).toHaveLength(6);
    expect(report?.counts).toMatchObject({ created: 3, notified: 6, withheld: 9 });
  });
});

describe('a deletion in the CRM', () => {
  it('cancels no meeting without being counted (AC-01)', async () => {
    const { b } = await meeting();
    await world.crm.oracle.userDelete(b);
    world.advance(DAY_MS);
    await world.sync();
    world.advance(DAY_MS);
    await world.sync();
    expect(await world.all(mailbox())).toHaveLength(1);
    expect(world.sent).toEqual([]);
    expect((await reviews())[0]?.reasons[0]).toContain('Deleting it in the mailbox would notify 40 people');
  });

  it('takes the place of a change that waits, and of a meeting that waits to be made', async () => {
    const { b } = await meeting();
    await world.crm.oracle.userUpdate(b, { page: '<p>Agenda, corrected</p>' });
    const waits = await world.crm.oracle.userCreate(event('New', 40, { guests: guests('new@example.com') }));
    await world.sync();
    const said = async () => (await reviews()).flatMap(({ reasons }) => reasons).toSorted();
    expect(await said()).toEqual([
      expect.stringContaining('The change in the mailbox would notify 1 person'),
      expect.stringContaining('The change in the mailbox would notify 40 people'),
    ]);
    await world.crm.oracle.userDelete(b);
    await world.crm.oracle.userDelete(waits);
    world.advance(DAY_MS);
    await world.sync();
    world.advance(DAY_MS);
    await world.sync();
    const links = await world.state.sync.links(laneId(0), { by: 'native', side: 'b', ids: [b, waits] });
    const byId = new Map(links.map((link) => [link.b?.id, link]));
    expect(byId.get(b)?.quarantine?.message).toContain('Deleting it in the mailbox would notify 40 people');
    expect(byId.get(waits)?.status ?? 'tomb').toBe('tomb');
    expect(world.sent).toEqual([]);
  });
});
