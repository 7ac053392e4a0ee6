import { describe, expect, it } from 'vitest';
import {
  addToTimes,
  createTimeIndex,
  mayTouch,
  removeFromTimes,
} from '../src/microsoft365/calendar/time-index.ts';
import { lunch, mondays, noon, withEvents, zone } from './calendar-fixture.ts';

const december = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';
type Row = { type: string; subject: string; start: { dateTime: string } };

describe('calendarView', () => {
  it('shows dates and single events by their start, never a master', async () => {
    const { graph, ann, post, path, dates } = await withEvents();
    const { id } = await post(mondays);
    await post({ ...lunch, subject: 'Single', start: noon('2026-12-13'), end: noon('2026-12-13') });
    await post({ ...lunch, subject: 'Outside', start: noon('2027-02-01'), end: noon('2027-02-01') });
    const [, second, third] = await dates(id);
    await graph('PATCH', `${path}/${second.id}`, {
      body: { start: noon('2026-12-12'), end: noon('2026-12-12') },
    });
    await graph('DELETE', `${path}/${third.id}`);
    const { body } = await graph('GET', `/users/${ann}/calendarView?${december}&$top=50`);
    expect(body.value.map((row: Row) => [row.type, row.subject, row.start.dateTime.slice(5, 10)])).toEqual([
      ['occurrence', 'Lunch', '12-07'],
      ['exception', 'Lunch', '12-12'],
      ['singleInstance', 'Single', '12-13'],
      ['occurrence', 'Lunch', '12-28'],
    ]);
    const paged = await graph(
      'GET',
      `/users/${ann}/calendar/calendarView?${december}&$top=3&$select=subject`,
    );
    expect(Object.keys(paged.body.value[0]).sort()).toEqual(['@odata.etag', 'id', 'subject']);
    const next = await graph('GET', paged.body['@odata.nextLink']);
    expect(next.body.value).toHaveLength(1);
  });

  it('takes in what touches the window, by the instant and whatever zone is preferred', async () => {
    const { graph, ann, post } = await withEvents();
    const at = (dateTime: string) => ({ dateTime, timeZone: 'UTC' });
    await post({ subject: 'Night', start: at('2026-12-01T22:00'), end: at('2026-12-02T02:00') });
    const seen = async (start: string, end: string, headers = {}) =>
      (
        await graph('GET', `/users/${ann}/calendarView?startdatetime=${start}&EndDateTime=${end}`, {
          headers,
        })
      ).body.value.length;
    expect(await seen('2026-12-02T00:00:00', '2026-12-03T00:00:00')).toBe(1);
    expect(await seen('2026-12-02T02:00:00Z', '2026-12-03T00:00:00Z')).toBe(0);
    expect(await seen('2026-12-01T20:00:00Z', '2026-12-01T22:00:00Z')).toBe(0);
    expect(await seen('2026-12-02T03:00:00%2B02:00', '2026-12-02T04:00:00%2B02:00')).toBe(1);
    expect(await seen('2026-12-02T00:00:00', '2026-12-03T00:00:00', zone('Asia/Tokyo'))).toBe(1);
  });

  it('puts whole days where they are looked at', async () => {
    const { graph, ann, post } = await withEvents();
    const at = (day: string) => ({ dateTime: `${day}T00:00:00`, timeZone: 'UTC' });
    await post({ subject: 'Holiday', isAllDay: true, start: at('2026-12-24'), end: at('2026-12-25') });
    const window = 'startDateTime=2026-12-25T02:00:00Z&endDateTime=2026-12-25T04:00:00Z';
    const seen = async (headers = {}) =>
      (await graph('GET', `/users/${ann}/calendarView?${window}`, { headers })).body.value.length;
    expect(await seen()).toBe(0);
    expect(await seen(zone('America/Los_Angeles'))).toBe(1);
  });

  it.each([
    ['no window', ''],
    ['half a window', 'startDateTime=2026-12-01T00:00:00Z'],
    ['no date', 'startDateTime=soon&endDateTime=2026-12-01T00:00:00Z'],
    ['an end before its start', 'startDateTime=2026-12-02&endDateTime=2026-12-01'],
    ['more than five years', 'startDateTime=2020-01-01&endDateTime=2026-01-01'],
    ['a selection it does not support', `${december}&$select=subject,createdDateTime`],
    ['an option it does not know', `${december}&$search=x`],
  ])('is refused with %s', async (_what, query) => {
    const { graph, ann } = await withEvents();
    expect((await graph('GET', `/users/${ann}/calendarView?${query}`)).status).toBe(400);
  });

  it('of a full calendar is found too', async () => {
    const { emulator, graph, ann } = await withEvents();
    const day = (index: number) => new Date(Date.UTC(2024, 0, 1) + index * 8 * 3_600_000).toISOString();
    emulator.admin.seedEvents(
      ann,
      Array.from({ length: 5000 }, (_, index) => {
        const dateTime = day(index).slice(0, 19);
        const range = { type: 'noEnd', startDate: dateTime.slice(0, 10) };
        const pattern = { type: 'daily', interval: 1 };
        const start = { dateTime, timeZone: 'Europe/Berlin' };
        return {
          subject: `${index}`,
          start,
          end: start,
          ...(index % 50 === 0 ? { recurrence: { pattern, range } } : {}),
        };
      }),
    );
    for (let month = 1; month <= 9; month += 1) {
      const window = `startDateTime=2026-0${month}-01&endDateTime=2026-0${month}-08`;
      const { body } = await graph('GET', `/users/${ann}/calendarView?${window}&$top=1000&$select=subject`);
      expect(body.value.length).toBeGreaterThan(300);
    }
  });
});

describe('instances', () => {
  it('need a window, and a single event has none', async () => {
    const { graph, post, path } = await withEvents();
    const { id } = await post(lunch);
    expect((await graph('GET', `${path}/${id}/instances`)).status).toBe(400);
    expect((await graph('GET', `${path}/${id}/instances?${december}`)).body.value).toEqual([]);
  });
});

describe('the index of times', () => {
  const DAY_MS = 86_400_000;
  const fill = () => {
    const index = createTimeIndex<number>();
    for (let day = 0; day < 5000; day += 1)
      addToTimes(index, day, { start: day * DAY_MS, end: (day + 1) * DAY_MS });
    return index;
  };

  it('names what may touch a window, and little else', () => {
    const index = fill();
    for (const from of [0, 31, 32, 2500, 4990]) {
      const found = new Set(mayTouch(index, { start: from * DAY_MS, end: (from + 7) * DAY_MS }));
      for (let day = from; day < Math.min(5000, from + 7); day += 1) expect(found.has(day)).toBe(true);
      expect(found.size).toBeLessThan(120);
    }
  });

  it('names what has no end at any time, and nothing that was taken out', () => {
    const index = fill();
    addToTimes(index, -1, { start: 10 * DAY_MS, end: Number.POSITIVE_INFINITY });
    const late = { start: 90_000 * DAY_MS, end: 90_001 * DAY_MS };
    expect([...mayTouch(index, late)]).toEqual([-1]);
    for (const item of [-1, 2500]) removeFromTimes(index, item);
    expect([...mayTouch(index, late)]).toEqual([]);
    expect(new Set(mayTouch(index, { start: 2500 * DAY_MS, end: 2501 * DAY_MS })).has(2500)).toBe(false);
  });
});
