import { describe, expect, it } from 'vitest';
import { lunch, mondays, noon, withEvents } from './calendar-fixture.ts';

describe('a series', () => {
  it('has dates with ids, etag and identity of their own kind', async () => {
    const { graph, path, post, dates } = await withEvents();
    const master = await post(mondays);
    expect(master).toMatchObject({
      type: 'seriesMaster',
      recurrence: {
        pattern: {
          type: 'weekly',
          month: 0,
          dayOfMonth: 0,
          daysOfWeek: ['monday'],
          firstDayOfWeek: 'sunday',
        },
        range: { endDate: '2027-01-31', recurrenceTimeZone: 'Pacific Standard Time', numberOfOccurrences: 0 },
      },
    });
    const found = await dates(master.id);
    expect(found).toHaveLength(8);
    expect(found[1]).toMatchObject({
      type: 'occurrence',
      seriesMasterId: master.id,
      recurrence: null,
      subject: 'Lunch',
      start: { dateTime: '2026-12-14T20:00:00.0000000', timeZone: 'UTC' },
      originalStart: '2026-12-14T20:00:00Z',
      '@odata.etag': master['@odata.etag'],
    });
    expect(new Set(found.map((each: { iCalUId: string }) => each.iCalUId)).size).toBe(8);
    expect(found[1].iCalUId.slice(32, 40)).toBe('07EA0C0E');
    const one = await graph('GET', `${path}/${found[1].id}?$select=occurrenceId,uid`);
    expect(one.body).toMatchObject({ occurrenceId: `OID.${master.id}.2026-12-14`, uid: master.iCalUId });
    const immutable = await graph('GET', `${path}/${found[1].id}`, {
      headers: { prefer: 'IdType="ImmutableId"' },
    });
    expect(immutable.body.id).not.toBe(found[1].id);
    expect((await graph('GET', `${path}/${immutable.body.id}`)).body.id).toBe(found[1].id);
    const list = await graph('GET', path);
    expect(list.body.value.map((each: { type: string }) => each.type)).toEqual(['seriesMaster']);
  });

  it('keeps what was changed and cancelled of it, and tells both with the master only', async () => {
    const { graph, path, post, dates } = await withEvents();
    const { id } = await post(mondays);
    const [, second, third] = await dates(id);
    const moved = await graph('PATCH', `${path}/${second.id}`, {
      body: { subject: 'Late lunch', start: noon('2026-12-15'), end: noon('2026-12-15') },
    });
    expect(moved.body).toMatchObject({
      id: second.id,
      type: 'exception',
      originalStart: '2026-12-14T20:00:00Z',
    });
    expect((await graph('DELETE', `${path}/${third.id}`)).status).toBe(204);
    expect((await graph('GET', `${path}/${third.id}`)).status).toBe(404);
    expect((await graph('DELETE', `${path}/${third.id}`)).status).toBe(404);
    const left = await dates(id);
    expect(left.map((each: { type: string }) => each.type).slice(0, 3)).toEqual([
      'occurrence',
      'exception',
      'occurrence',
    ]);
    const select = '$select=subject,exceptionOccurrences,cancelledOccurrences&$expand=exceptionOccurrences';
    const read = await graph('GET', `${path}/${id}?${select}`);
    expect(read.body.cancelledOccurrences).toEqual([`OID.${id}.2026-12-21`]);
    expect(read.body.exceptionOccurrences).toMatchObject([{ id: second.id, subject: 'Late lunch' }]);
    expect((await graph('GET', `${path}?$expand=exceptionOccurrences`)).status).toBe(400);
    const listed = await graph('GET', `${path}?$select=subject,cancelledOccurrences`);
    expect(listed.body.value[0]).not.toHaveProperty('cancelledOccurrences');
  });

  it('gives an exception the changes of its master, but not over its own', async () => {
    const { graph, path, post, dates } = await withEvents();
    const { id } = await post(mondays);
    const [first] = await dates(id);
    await graph('PATCH', `${path}/${first.id}`, { body: { subject: 'Mine' } });
    await graph('PATCH', `${path}/${id}`, { body: { subject: 'Theirs', showAs: 'free' } });
    expect((await dates(id))[0]).toMatchObject({ subject: 'Mine', showAs: 'free', type: 'exception' });
  });

  it('forgets its changed dates when it is rescheduled, and keeps those it still has when it ends earlier', async () => {
    const { graph, path, post, dates } = await withEvents();
    const { id, recurrence } = await post(mondays);
    const found = await dates(id);
    for (const [index, subject] of [
      [1, 'kept'],
      [6, 'lost'],
    ] as const)
      await graph('PATCH', `${path}/${found[index].id}`, { body: { subject } });
    await graph('DELETE', `${path}/${found[2].id}`);
    const range = { ...recurrence.range, endDate: '2027-01-11' };
    const cut = await graph('PATCH', `${path}/${id}`, { body: { recurrence: { ...recurrence, range } } });
    expect(cut.status).toBe(200);
    expect((await dates(id)).map((each: { subject: string }) => each.subject)).toEqual([
      'Lunch',
      'kept',
      'Lunch',
      'Lunch',
      'Lunch',
    ]);
    const thursdays = { ...recurrence, pattern: { ...recurrence.pattern, daysOfWeek: ['thursday'] } };
    await graph('PATCH', `${path}/${id}`, { body: { recurrence: thursdays } });
    const after = await dates(id);
    expect(after.every((each: { type: string }) => each.type === 'occurrence')).toBe(true);
    expect(after[0].start.dateTime).toBe('2026-12-10T20:00:00.0000000');
    await graph('PATCH', `${path}/${id}`, { body: { recurrence: null } });
    expect((await graph('GET', `${path}/${id}`)).body).toMatchObject({
      type: 'singleInstance',
      recurrence: null,
    });
  });

  it('forgets its changed dates with another time of day, and keeps them with everything else that is written', async () => {
    const { graph, path, post, dates } = await withEvents();
    const { id } = await post(mondays);
    const [first, second] = await dates(id);
    await graph('PATCH', `${path}/${first.id}`, { body: { subject: 'Mine' } });
    await graph('DELETE', `${path}/${second.id}`);
    await graph('PATCH', `${path}/${id}`, {
      body: { location: { displayName: 'Elsewhere' }, start: lunch.start },
    });
    expect((await dates(id)).slice(0, 2).map((each: { subject: string }) => each.subject)).toEqual([
      'Mine',
      'Lunch',
    ]);
    expect(await dates(id)).toHaveLength(7);
    const later = { ...lunch.start, dateTime: '2026-12-07T12:30:00' };
    await graph('PATCH', `${path}/${id}`, { body: { start: later } });
    expect(new Set((await dates(id)).map((each: { subject: string }) => each.subject))).toEqual(
      new Set(['Lunch']),
    );
    expect(await dates(id)).toHaveLength(8);
  });

  it('lets no date pass its neighbours or share their day', async () => {
    const { graph, path, post, dates } = await withEvents();
    const { id } = await post(mondays);
    const [, second, third] = await dates(id);
    const move = (day: string) =>
      graph('PATCH', `${path}/${second.id}`, { body: { start: noon(day), end: noon(day) } });
    for (const day of ['2026-12-07', '2026-12-05', '2026-12-21', '2026-12-23']) {
      const { status, body } = await move(day);
      expect([day, status, body.error.code]).toEqual([day, 400, 'ErrorOccurrenceCrossingBoundary']);
    }
    expect((await move('2026-12-20')).status).toBe(200);
    await graph('DELETE', `${path}/${third.id}`);
    expect((await move('2026-12-22')).status).toBe(200);
  });

  it('is gone with its last date', async () => {
    const { graph, path, post, dates, emulator, ann } = await withEvents();
    const range = { type: 'numbered', startDate: '2026-12-07', numberOfOccurrences: 2 };
    const { id } = await post({ ...mondays, recurrence: { ...mondays.recurrence, range } });
    for (const each of await dates(id)) await graph('DELETE', `${path}/${each.id}`);
    expect(emulator.oracle.events(ann)).toEqual([]);
    expect((await graph('GET', `${path}/${id}`)).status).toBe(404);
  });

  it('sent in one zone with a pattern in another keeps the wall time of its pattern', async () => {
    const { post, dates } = await withEvents();
    const at = (time: string) => ({ dateTime: `2026-10-19T${time}:00`, timeZone: 'UTC' });
    const range = { type: 'noEnd', startDate: '2026-10-19', recurrenceTimeZone: 'W. Europe Standard Time' };
    const { id } = await post({
      subject: 'Stand-up',
      start: at('07:00'),
      end: at('07:30'),
      recurrence: { pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] }, range },
    });
    const found = await dates(id, '2026-10-18', '2026-11-01');
    expect(found.map((each: { start: { dateTime: string } }) => each.start.dateTime.slice(5, 16))).toEqual([
      '10-19T07:00',
      '10-26T08:00',
    ]);
  });

  it('split by a person at one of its dates ends there, and goes on as another', async () => {
    const { ann, emulator, graph, path, post, dates } = await withEvents();
    const range = { type: 'numbered', startDate: '2026-12-07', numberOfOccurrences: 6 };
    const { id, iCalUId } = await post({ ...mondays, recurrence: { ...mondays.recurrence, range } });
    const found = await dates(id);
    for (const each of [found[1], found[4]])
      await graph('PATCH', `${path}/${each.id}`, { body: { subject: 'Mine' } });
    const next = emulator.admin.splitSeries(ann, found[3].id, {
      start: noon('2026-12-31'),
      end: { dateTime: '2026-12-31T13:00', timeZone: 'Pacific Standard Time' },
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['thursday'] },
        range: { ...range, startDate: '2026-12-31', numberOfOccurrences: 3 },
      },
    });
    const show = async (of: string) =>
      (await dates(of)).map(
        (each: { start: { dateTime: string }; subject: string }) =>
          `${each.start.dateTime.slice(5, 10)} ${each.subject}`,
      );
    expect(await show(id)).toEqual(['12-07 Lunch', '12-14 Mine', '12-21 Lunch']);
    expect(await show(next.id)).toEqual(['12-31 Lunch', '01-07 Lunch', '01-14 Lunch']);
    expect((await graph('GET', `${path}/${next.id}`)).body.iCalUId).not.toBe(iCalUId);
    expect(() => emulator.admin.splitSeries(ann, found[0].id, {})).toThrow('none before it');
    expect(() => emulator.admin.splitSeries(ann, id, {})).toThrow('id of a date');
  });
});
