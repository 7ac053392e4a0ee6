import { describe, expect, it } from 'vitest';
import { lunch, mondays, noon, withEvents } from './calendar-fixture.ts';
import { readDelta } from './microsoft365-fixture.ts';

const december = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';
const on = (day: string, subject = day) => ({ ...lunch, subject, start: noon(day), end: noon(day) });
type Entry = Record<string, unknown> & { id: string; type?: string; '@removed'?: object };
const removed = (id: string) => ({
  '@odata.type': '#microsoft.graph.event',
  id,
  '@removed': { reason: 'deleted' },
});
const kinds = (entries: readonly Entry[]) =>
  entries.map((entry) => (entry['@removed'] ? 'removed' : entry.type)).sort();

const withDelta = async (events: readonly object[], size = 200) => {
  const world = await withEvents();
  const made: { id: string; immutableId: string }[] = world.emulator.admin.seedEvents(
    world.ann,
    events as Record<string, unknown>[],
  );
  const headers = { prefer: `odata.maxpagesize=${size}` };
  const read = (link: string) => readDelta(world, link, headers);
  const first = await read(`/users/${world.ann}/calendarView/delta?${december}`);
  return { ...world, made, first, read };
};

describe('calendarView delta', () => {
  it('tells masters and single events whole, and the dates of a series as stubs of seven members', async () => {
    const { first, made, path, graph } = await withDelta([on('2026-12-03'), mondays, on('2027-02-01')]);
    expect(kinds(first.entries)).toEqual([
      'occurrence',
      'occurrence',
      'occurrence',
      'occurrence',
      'seriesMaster',
      'singleInstance',
    ]);
    const stub = first.entries.find((entry: Entry) => entry.type === 'occurrence');
    expect(Object.keys(stub).sort()).toEqual(
      ['@odata.etag', '@odata.type', 'end', 'id', 'seriesMasterId', 'start', 'type'].sort(),
    );
    expect(stub).toMatchObject({ '@odata.type': '#microsoft.graph.event', seriesMasterId: made[1]?.id });
    const single = first.entries.find((entry: Entry) => entry.type === 'singleInstance');
    const whole = (await graph('GET', `${path}/${made[0]?.id}`)).body;
    const { '@odata.context': context, ...fields } = whole;
    expect(context).toContain('/events/$entity');
    expect(single).toEqual({ '@odata.type': '#microsoft.graph.event', ...fields });
  });

  it('does not part a series, however small the pages are', async () => {
    const { ann, graph } = await withDelta([on('2026-12-03'), mondays, on('2026-12-04')]);
    const headers = { prefer: 'odata.maxpagesize=1' };
    const sizes: number[] = [];
    let link = `/users/${ann}/calendarView/delta?${december}`;
    for (;;) {
      const { body } = await graph('GET', link, { headers });
      sizes.push(body.value.length);
      expect('@odata.nextLink' in body).not.toBe('@odata.deltaLink' in body);
      if (body['@odata.deltaLink'] !== undefined) break;
      link = body['@odata.nextLink'];
      expect(link).not.toContain('DateTime');
    }
    expect(sizes.sort()).toEqual([1, 1, 5]);
  });

  it('tells a series again with all its dates, and says nothing of one that was cancelled', async () => {
    const { first, made, read, graph, path, dates } = await withDelta([mondays]);
    const id = made[0]?.id ?? '';
    const [one, two, three] = await dates(id);
    await graph('DELETE', `${path}/${two.id}`);
    const next = await read(first.deltaLink);
    expect(kinds(next.entries)).toEqual(['occurrence', 'occurrence', 'occurrence', 'seriesMaster']);
    expect(next.entries.some((entry: Entry) => entry.id === two.id)).toBe(false);
    await graph('PATCH', `${path}/${three.id}`, { body: { subject: 'Changed' } });
    const again = await read(next.deltaLink);
    expect(again.entries.find((entry: Entry) => entry.id === three.id)).toMatchObject({
      type: 'exception',
      subject: 'Changed',
      attendees: [],
    });
    expect(again.entries.find((entry: Entry) => entry.id === one.id).subject).toBeUndefined();
    expect((await read(again.deltaLink)).entries).toEqual([]);
  });

  it('reports as removed what is deleted, what leaves the window, and what was never in it', async () => {
    const { first, made, read, emulator, ann } = await withDelta([
      on('2026-12-03'),
      on('2026-12-04'),
      mondays,
    ]);
    const { admin } = emulator;
    const [gone, left, series] = made;
    admin.deleteEvent(ann, gone?.id ?? '');
    admin.updateEvent(ann, left?.id ?? '', { start: noon('2027-01-20'), end: noon('2027-01-20') });
    const never = admin.createEvent(ann, on('2019-05-01'));
    const next = await read(first.deltaLink);
    const byId = (a: Entry, b: Entry) => (a.id < b.id ? -1 : 1);
    const expected = [gone, left, never].map((ref) => removed(ref?.id ?? ''));
    expect([...next.entries].sort(byId)).toEqual(expected.sort(byId));
    admin.updateEvent(ann, never.id, { start: noon('2026-12-20'), end: noon('2026-12-20') });
    const back = await read(next.deltaLink);
    expect(back.entries).toMatchObject([{ id: never.id, type: 'singleInstance' }]);
    const range = { type: 'noEnd', startDate: '2027-03-01' };
    const march = { start: noon('2027-03-01'), end: noon('2027-03-01') };
    admin.updateEvent(ann, series?.id ?? '', { ...march, recurrence: { ...mondays.recurrence, range } });
    expect((await read(back.deltaLink)).entries).toEqual([removed(series?.id ?? '')]);
  });

  it('begins with what is there: of what was deleted before, a first round says nothing', async () => {
    const { made, read, emulator, ann } = await withDelta([on('2026-12-03'), on('2026-12-04')]);
    emulator.admin.deleteEvent(ann, made[0]?.id ?? '');
    const again = await read(`/users/${ann}/calendarView/delta?${december}`);
    expect(again.entries).toMatchObject([{ id: made[1]?.id }]);
  });

  it('does not tell what is deleted while the pages are read, and says so in the next round', async () => {
    const { made, emulator, ann, graph } = await withDelta([on('2026-12-03'), on('2026-12-04')]);
    const headers = { prefer: 'odata.maxpagesize=1' };
    const first = (await graph('GET', `/users/${ann}/calendarView/delta?${december}`, { headers })).body;
    const other = made.find(({ id }) => id !== first.value[0].id)?.id ?? '';
    emulator.admin.deleteEvent(ann, other);
    const second = (await graph('GET', first['@odata.nextLink'], { headers })).body;
    expect(second.value).toEqual([]);
    expect((await graph('GET', second['@odata.deltaLink'], { headers })).body.value).toEqual([
      removed(other),
    ]);
  });

  it('fills pages up to the size that was asked for, and ends with the last thing told', async () => {
    const days = ['01', '02', '03', '04', '05'].map((day) => on(`2026-12-${day}`));
    const { made, emulator, ann, graph } = await withDelta([...days.slice(0, 3), mondays, ...days.slice(3)]);
    emulator.admin.deleteEvent(ann, made[5]?.id ?? '');
    const sizes: number[] = [];
    let link: string | undefined = `/users/${ann}/calendarView/delta?${december}`;
    while (link !== undefined) {
      const { body }: { body: { value: unknown[]; '@odata.nextLink'?: string } } = await graph('GET', link, {
        headers: { prefer: 'odata.maxpagesize=4' },
      });
      sizes.push(body.value.length);
      link = body['@odata.nextLink'];
    }
    expect(sizes).toEqual([3, 5, 1]);
  });

  it('reports a date that was moved out of the window as removed', async () => {
    const { first, made, read, graph, path, dates } = await withDelta([mondays]);
    const found = await dates(made[0]?.id ?? '');
    const last = found[3];
    expect(last.start.dateTime).toContain('2026-12-28');
    await graph('PATCH', `${path}/${last.id}`, {
      body: { start: noon('2027-01-02'), end: noon('2027-01-02') },
    });
    const next = await read(first.deltaLink);
    expect(kinds(next.entries)).toEqual([
      'occurrence',
      'occurrence',
      'occurrence',
      'removed',
      'seriesMaster',
    ]);
    expect(next.entries).toContainEqual(removed(last.id));
  });

  it('says nothing of what enters the window by the passing of time only', async () => {
    const { first, read, clock } = await withDelta([on('2027-02-01')]);
    expect(first.entries).toEqual([]);
    clock.advance(3_000_000);
    expect((await read(first.deltaLink)).entries).toEqual([]);
  });

  it('takes no query options, and a window of two ends', async () => {
    const { ann, graph, first } = await withDelta([on('2026-12-03')]);
    const path = `/users/${ann}/calendarView/delta?${december}`;
    for (const option of ['$select=subject', '$top=5', '$filter=x', '$expand=x', '$orderby=x', '$search=x'])
      expect([option, (await graph('GET', `${path}&${option}`)).status]).toEqual([option, 400]);
    expect((await graph('GET', `/users/${ann}/calendarView/delta`)).status).toBe(400);
    expect((await graph('GET', `${first.deltaLink}&$select=subject`)).status).toBe(400);
    const other = first.deltaLink.replace('/calendarView', '/calendar/calendarView');
    expect((await graph('GET', other)).status).toBe(200);
    expect((await graph('GET', first.deltaLink.slice(0, -4))).body.error.code).toBe('ErrorInvalidUrlQuery');
  });

  it('is one per calendar, and a move between calendars is a removal here and news there', async () => {
    const { ann, emulator, graph, made, first, read } = await withDelta([on('2026-12-03')]);
    const other = emulator.admin.createCalendar(ann, 'Other');
    const there = await read(`/users/${ann}/calendars/${other.id}/calendarView/delta?${december}`);
    expect(there.entries).toEqual([]);
    const [event] = made;
    const moved = emulator.admin.moveEvent(ann, event?.id ?? '', other.id);
    expect(moved.immutableId).toBe(event?.immutableId);
    expect((await read(first.deltaLink)).entries).toEqual([removed(event?.id ?? '')]);
    expect((await read(there.deltaLink)).entries).toMatchObject([{ id: moved.id }]);
    const foreign = first.deltaLink.replace('/calendarView', `/calendars/${other.id}/calendarView`);
    expect((await graph('GET', foreign)).status).toBe(400);
  });

  it('forgets its tokens, also between two pages', async () => {
    const { ann, emulator, graph } = await withDelta([on('2026-12-03'), on('2026-12-04')]);
    const headers = { prefer: 'odata.maxpagesize=1' };
    const page = await graph('GET', `/users/${ann}/calendarView/delta?${december}`, { headers });
    emulator.admin.expireDeltaTokens(ann);
    const lost = await graph('GET', page.body['@odata.nextLink'], { headers });
    expect([lost.status, lost.body.error.code]).toEqual([410, 'SyncStateNotFound']);
    const fresh = await graph('GET', `/users/${ann}/calendarView/delta?${december}`);
    emulator.faults.inject({
      fault: { kind: 'named', name: 'expired-delta-token', data: { location: true } },
    });
    const gone = await graph('GET', fresh.body['@odata.deltaLink']);
    expect([gone.status, gone.headers.has('location')]).toEqual([410, true]);
    const restarted = await graph('GET', gone.headers.get('location') ?? '');
    expect(restarted.body.value).toHaveLength(2);
  });

  it('writes times in the preferred zone and bodies as text, on each request anew', async () => {
    const { ann, graph } = await withDelta([on('2026-12-03')]);
    const headers = {
      prefer:
        'outlook.timezone="Pacific Standard Time", outlook.body-content-type="text", odata.maxpagesize=5',
    };
    const answer = await graph('GET', `/users/${ann}/calendarView/delta?${december}`, { headers });
    expect(answer.body.value[0]).toMatchObject({
      start: { dateTime: '2026-12-03T12:00:00.0000000', timeZone: 'Pacific Standard Time' },
      body: { contentType: 'text', content: 'Does noon work?' },
    });
    expect(answer.headers.get('preference-applied')).toBe(
      'outlook.timezone="Pacific Standard Time", outlook.body-content-type="text", odata.maxpagesize=5',
    );
  });

  it('repeats, turns in circles, comes empty and keeps silent where it is told to', async () => {
    const { ann, emulator, graph, first, made, read } = await withDelta([on('2026-12-03'), mondays]);
    const path = `/users/${ann}/calendarView/delta?${december}`;
    const named = (name: string) => emulator.faults.inject({ fault: { kind: 'named', name } });
    named('endless-pages');
    const turn = (await graph('GET', path, { headers: { prefer: 'odata.maxpagesize=1' } })).body;
    const again = (
      await graph('GET', turn['@odata.nextLink'], { headers: { prefer: 'odata.maxpagesize=1' } })
    ).body;
    expect(again.value).toEqual(turn.value);
    named('empty-page');
    const empty = (await graph('GET', path)).body;
    expect([empty.value, typeof empty['@odata.nextLink']]).toEqual([[], 'string']);
    expect((await read(empty['@odata.nextLink'])).entries).toHaveLength(6);
    named('duplicate-entries');
    expect((await read(path)).entries).toHaveLength(7);
    emulator.admin.hideFromDelta(ann, made[1]?.id ?? '');
    expect((await read(path)).entries).toHaveLength(1);
    emulator.admin.touchEvent(ann, made[1]?.id ?? '');
    expect((await read(first.deltaLink)).entries).toEqual([]);
  });
});
