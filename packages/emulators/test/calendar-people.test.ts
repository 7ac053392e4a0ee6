import { describe, expect, it } from 'vitest';
import { lunch, mondays, noon, withEvents } from './calendar-fixture.ts';
import { stamp } from './microsoft365-fixture.ts';

const CUSTOM = 'tzone://Microsoft/Custom';
const berlin = (dateTime: string) => ({ dateTime, timeZone: 'Europe/Berlin' });
const weekly = {
  subject: 'Old',
  start: berlin('2026-10-19T09:00'),
  end: berlin('2026-10-19T10:00'),
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] },
    range: { type: 'numbered', startDate: '2026-10-19', numberOfOccurrences: 3 },
  },
};
type Row = { start: { dateTime: string } };
const starts = (rows: readonly Row[]) => rows.map(({ start }) => start.dateTime.slice(5, 16));

describe('a zone of Outlook’s own making', () => {
  const withCustom = async () => {
    const world = await withEvents();
    const { id } = world.emulator.admin.createEvent(world.ann, weekly, { hasCustomZone: true });
    const dates = async () => starts(await world.dates(id, '2026-10-01', '2026-12-01'));
    return { ...world, id, dates, to: `${world.path}/${id}` };
  };

  it('has no name on the wire, and keeps its time all the same', async () => {
    const { graph, to, dates } = await withCustom();
    const { body } = await graph('GET', to);
    expect(body).toMatchObject({
      originalStartTimeZone: CUSTOM,
      originalEndTimeZone: CUSTOM,
      recurrence: { range: { recurrenceTimeZone: CUSTOM } },
      start: { dateTime: '2026-10-19T07:00:00.0000000', timeZone: 'UTC' },
    });
    expect(await dates()).toEqual(['10-19T07:00', '10-26T08:00', '11-02T08:00']);
  });

  it('stays when something else is changed, and when the time is, in whatever zone that is sent', async () => {
    const { graph, to, dates } = await withCustom();
    await graph('PATCH', to, { body: { subject: 'New' } });
    expect((await graph('GET', to)).body).toMatchObject({ subject: 'New', originalStartTimeZone: CUSTOM });
    const utc = (dateTime: string) => ({ dateTime, timeZone: 'UTC' });
    const moved = { start: utc('2026-10-19T08:00'), end: utc('2026-10-19T08:30') };
    expect((await graph('PATCH', to, { body: moved })).status).toBe(200);
    expect(await dates()).toEqual(['10-19T08:00', '10-26T09:00', '11-02T09:00']);
  });

  it('is nothing to write with', async () => {
    const { graph, path } = await withCustom();
    const body = { ...lunch, start: { ...lunch.start, timeZone: CUSTOM } };
    const refused = await graph('POST', path, { body });
    expect([refused.status, refused.body.error.code]).toEqual([400, 'TimeZoneNotSupportedException']);
    const preferred = await graph('GET', path, { headers: { prefer: `outlook.timezone="${CUSTOM}"` } });
    expect(preferred.status).toBe(400);
  });
});

describe('what a person does in Outlook', () => {
  it('copies an event with the stamp that programs left on it, as an event of its own', async () => {
    const { emulator, ann, post, graph, path } = await withEvents();
    const extended = [{ id: stamp, value: 'C-1' }];
    const attendees = [{ emailAddress: { address: 'pat@customer.example' } }];
    const made = await post({ ...lunch, attendees, singleValueExtendedProperties: extended });
    const before = emulator.oracle.mails().length;
    const copied = emulator.admin.copyEvent(ann, made.id);
    expect(copied.id).not.toBe(made.id);
    const [original, copy] = emulator.oracle.events(ann);
    expect(copy).toMatchObject({ subject: 'Lunch', extended, attendees: [] });
    expect(copy?.uid).not.toBe(original?.uid);
    expect(emulator.oracle.mails()).toHaveLength(before);
    emulator.admin.deleteEvent(ann, copied.id);
    expect((await graph('GET', `${path}/${made.id}`)).status).toBe(200);
    expect(emulator.oracle.eventTombstones(ann)).toMatchObject([
      { id: copied.id, by: 'user', subject: 'Lunch' },
    ]);
  });

  it('names somebody without an address, which no application may write but every one reads', async () => {
    const { emulator, ann, graph, path } = await withEvents();
    const attendees = [
      { emailAddress: { name: 'Bo' } },
      { emailAddress: { address: 'pat@customer.example' } },
    ];
    const { id } = emulator.admin.createEvent(ann, { ...lunch, attendees });
    const { body } = await graph('GET', `${path}/${id}`);
    expect(body.attendees[0].emailAddress).toEqual({ name: 'Bo' });
    expect(emulator.oracle.mails().map(({ to }) => to)).toEqual(['pat@customer.example']);
  });

  it('is counted apart from what applications write', async () => {
    const { emulator, ann, post } = await withEvents();
    const version = emulator.oracle.calendarVersion(ann);
    await post(lunch);
    emulator.admin.createEvent(ann, mondays);
    expect(emulator.oracle.writes(ann)).toMatchObject([{ method: 'POST', status: 201 }]);
    expect(emulator.oracle.calendarVersion(ann)).toBe(version + 2);
    expect(emulator.oracle.calendars(ann)).toMatchObject([{ name: 'Calendar', isDefault: true, events: 2 }]);
  });

  it('changes one date of a series by the id of that date, and the oracle tells what is its own', async () => {
    const { emulator, ann, dates } = await withEvents();
    const { id } = emulator.admin.createEvent(ann, mondays);
    const [first, second] = await dates(id);
    emulator.admin.updateEvent(ann, first.id, {
      subject: 'Mine',
      start: noon('2026-12-08'),
      end: noon('2026-12-08'),
    });
    emulator.admin.deleteEvent(ann, second.id);
    const event = emulator.oracle.event(ann, id);
    expect(event?.cancelled).toEqual(['2026-12-14']);
    expect(event?.exceptions['2026-12-07']).toMatchObject({
      subject: 'Mine',
      start: { dateTime: '2026-12-08T12:00:00.0000000', timeZone: 'Pacific Standard Time' },
    });
  });
});
