import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../src/world.ts';

let world: World;
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

/** The product with a profile that has events, restarted on it. */
async function withEvents(events: object = {}): Promise<void> {
  world = await createWorld({ judged: false });
  const profiles = { calendar: { contacts: { records: 'all' }, events } };
  world.stage.writeConfig({ ...world.stage.config, defaultProfile: 'calendar', profiles });
  await world.restart();
}

const berlin = (dateTime: string) => ({ dateTime, timeZone: 'W. Europe Standard Time' });

async function settle(): Promise<void> {
  for (let n = 0; n < 3; n++) {
    await world.sync();
    world.later();
  }
}

describe('a calendar beside the contacts', () => {
  it('goes into the CRM: a single event, and a series as the dates that its CRM can keep', async () => {
    await withEvents();
    const { mailboxId } = world.person();
    world.graph.admin.createEvent(mailboxId, {
      subject: 'Kick-off',
      start: berlin('2026-12-01T09:00:00'),
      end: berlin('2026-12-01T10:00:00'),
    });
    world.graph.admin.createEvent(mailboxId, {
      subject: 'Weekly',
      start: berlin('2026-12-02T09:00:00'),
      end: berlin('2026-12-02T10:00:00'),
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['wednesday'] },
        range: { type: 'numbered', startDate: '2026-12-02', numberOfOccurrences: 3 },
      },
    });
    await settle();
    const shown = world.salesforce.oracle
      .events()
      .map((event) => `${String(event.Subject)} ${String(event.StartDateTime)}`)
      .sort();
    expect(shown).toEqual([
      'Kick-off 2026-12-01T08:00:00.000+0000',
      'Weekly 2026-12-02T08:00:00.000+0000',
      'Weekly 2026-12-09T08:00:00.000+0000',
      'Weekly 2026-12-16T08:00:00.000+0000',
    ]);
    const reports = await world.round();
    expect(reports.every(({ counts }) => counts.created + counts.updated + counts.deleted === 0)).toBe(true);
  });

  it('AC-02 a CRM edit of a meeting waits with the people it would reach, and mails nobody', async () => {
    await withEvents();
    const { mailboxId } = world.person();
    const address = (email: string) => ({ type: 'required', emailAddress: { address: email, name: email } });
    world.graph.admin.createEvent(mailboxId, {
      subject: 'Board',
      start: berlin('2026-12-01T09:00:00'),
      end: berlin('2026-12-01T10:00:00'),
      attendees: [address('one@customer.example'), address('two@customer.example')],
    });
    await settle();
    const [event] = world.salesforce.oracle.events();
    expect(event?.Subject).toBe('Board');
    world.salesforce.admin.updateEvent(String(event?.Id), { Subject: 'Board, corrected' });
    world.later();
    const planned = (await world.plan()).flatMap(({ plan }) => plan);
    expect(planned).toMatchObject([{ action: 'update', side: 'a', emails: 0, withheld: 2 }]);
    await settle();
    expect(world.graph.oracle.events(mailboxId).map(({ subject }) => subject)).toEqual(['Board']);
    expect(world.graph.oracle.mails({ by: 'app' })).toEqual([]);
  });
});
