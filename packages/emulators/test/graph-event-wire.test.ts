import { createExchangeCheck, hasSlice } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { lunch, mondays, noon, withEvents } from './calendar-fixture.ts';
import { example, expectLike } from './graph-example.ts';
import { readDelta, stamp } from './microsoft365-fixture.ts';

const window = 'startDateTime=2016-12-01T00:00:00Z&endDateTime=2016-12-30T00:00:00Z';
const december = { start: noon('2016-12-09'), end: noon('2016-12-09') };

describe('the shared examples', () => {
  it.skipIf(!hasSlice)(
    'of events and calendars have the shapes of our answers [skipped: ../shared is absent]',
    async () => {
      const { graph, ann, path, dates } = await withEvents();
      const post = async (id: string, without: readonly string[] = []) => {
        const { request } = example(id);
        const answer = await graph('POST', path, { body: request.body, headers: request.headers });
        expectLike(id, answer, without);
        return answer.body;
      };
      const meeting = await post('event-create-meeting');
      const again = await graph('POST', path, {
        body: example('error-duplicate-transaction-id').request.body,
      });
      expectLike('error-duplicate-transaction-id', again);
      await post('event-create-all-day');
      await post('event-create-with-extended-property');
      const series = await post('event-create-recurring-weekly');
      const prefer = { prefer: 'outlook.timezone="Pacific Standard Time"' };
      const select = '$select=subject,body,bodyPreview,organizer,attendees,start,end,location';
      expectLike(
        'event-get-select-prefer-tz',
        await graph('GET', `${path}/${meeting.id}?${select},hideAttendees`, { headers: prefer }),
        ['locations'],
      );
      expectLike(
        'event-list-select-prefer-tz',
        await graph('GET', `${path}?${select}`, { headers: prefer }),
        ['locations'],
      );
      const [first, second] = await dates(series.id, '2017-09-01', '2017-12-31');
      const day = { start: noon('2017-09-05'), end: noon('2017-09-05') };
      await graph('PATCH', `${path}/${first.id}`, { body: { subject: 'Moved', ...day } });
      await graph('DELETE', `${path}/${second.id}`);
      const instances = `startDateTime=2017-09-01&endDateTime=2017-10-01&$select=subject,bodyPreview,seriesMasterId,type,recurrence,start,end`;
      expectLike(
        'event-instances-with-exception',
        await graph('GET', `${path}/${series.id}/instances?${instances}`),
      );
      const whole =
        '$select=subject,start,end,occurrenceId,exceptionOccurrences,cancelledOccurrences&$expand=exceptionOccurrences';
      expectLike(
        'event-seriesmaster-cancelled-and-exceptions',
        await graph('GET', `${path}/${series.id}?${whole}`),
        ['Subject'],
      );
      const stale = { 'if-match': 'W/"old"' };
      expectLike(
        'error-412-stale-etag',
        await graph('PATCH', `${path}/${meeting.id}`, { body: { subject: 'new' }, headers: stale }),
      );
      const update = example('event-update').request.body;
      expectLike('event-update', await graph('PATCH', `${path}/${meeting.id}`, { body: update }));
      expectLike('event-delete', await graph('DELETE', `${path}/${meeting.id}`));
      expectLike('error-404-item-not-found', await graph('GET', `${path}/${meeting.id}`));
      const calendars = `/users/${ann}/calendars`;
      expectLike(
        'calendar-create',
        await graph('POST', calendars, { body: example('calendar-create').request.body }),
      );
    },
  );

  it.skipIf(!hasSlice)(
    'of calendarView and its delta have them too [skipped: ../shared is absent]',
    async () => {
      const world = await withEvents();
      const { graph, ann, emulator } = world;
      const { admin } = emulator;
      const refs = admin.seedEvents(
        ann,
        ['Plan', 'Car', 'Food', 'Cook', 'Rest'].map((subject) => ({ ...lunch, ...december, subject })),
      );
      const headers = { prefer: 'odata.maxpagesize=2' };
      const base = `/users/${ann}/calendarView`;
      expectLike(
        'calendarview-list-default-calendar',
        await graph('GET', `/users/${ann}/calendar/calendarView?${window}`),
      );
      const one = await graph('GET', `${base}/delta?${window}`, { headers });
      expectLike('calendarview-delta-page1', one);
      const two = await graph('GET', one.body['@odata.nextLink'], { headers });
      expectLike('calendarview-delta-page2', two);
      const three = await graph('GET', two.body['@odata.nextLink'], { headers });
      expectLike('calendarview-delta-page3-deltalink', three);
      admin.deleteEvent(ann, refs[0]?.id ?? '');
      admin.createEvent(ann, {
        ...lunch,
        ...december,
        location: {
          displayName: 'Chapel',
          address: {
            street: '900 Broadway',
            city: 'Seattle',
            state: 'WA',
            countryOrRegion: 'US',
            postalCode: '1',
          },
          coordinates: { latitude: 47.6, longitude: -122.3 },
        },
      });
      const next = await graph('GET', three.body['@odata.deltaLink'], { headers });
      next.body.value.sort((a: object, b: object) => Number('@removed' in b) - Number('@removed' in a));
      expectLike('calendarview-delta-next-round-removed', next);
      admin.createEvent(ann, { ...lunch, start: noon('2019-01-01'), end: noon('2019-01-01') });
      expectLike(
        'calendarview-delta-out-of-window-removed',
        await graph('GET', next.body['@odata.deltaLink'], { headers }),
      );
      admin.createEvent(ann, mondays);
      const year = await graph('GET', `${base}/delta?startDateTime=2026-12-01&endDateTime=2027-01-01`, {
        headers,
      });
      year.body.value = year.body.value.filter((item: { type: string }) => item.type === 'occurrence');
      expectLike('calendarview-delta-occurrence-minimal', year);
      const { deltaLink } = await readDelta(world, `${base}/delta?${window}`);
      emulator.faults.inject({ fault: { kind: 'named', name: 'expired-delta-token' } });
      expectLike('delta-token-expired-410', await graph('GET', deltaLink));
    },
  );
});

describe('the published shapes', () => {
  it.skipIf(!hasSlice)('hold for all traffic of calendars [skipped: ../shared is absent]', async () => {
    const world = await withEvents();
    const { graph, batch, ann, path, post, dates, emulator } = world;
    const check = createExchangeCheck('answers');
    const { id } = await post({
      ...mondays,
      attendees: [{ type: 'optional', emailAddress: { address: 'x@y.example', name: 'X' } }],
      singleValueExtendedProperties: [{ id: stamp, value: 'C-1' }],
    });
    const [first, second] = await dates(id);
    await graph('PATCH', `${path}/${first.id}`, {
      body: { subject: 'Changed', location: { displayName: 'B', address: { city: 'C' } } },
    });
    await graph('DELETE', `${path}/${second.id}`);
    await graph(
      'GET',
      `${path}/${id}?$select=subject,exceptionOccurrences,cancelledOccurrences&$expand=exceptionOccurrences`,
    );
    await post({ ...lunch, isOnlineMeeting: true });
    await post({ nonsense: 1 });
    await graph('GET', `${path}?$orderby=start/dateTime&$count=true`);
    const view = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z';
    await graph('GET', `/users/${ann}/calendarView?${view}`);
    const { deltaLink } = await readDelta(world, `/users/${ann}/calendarView/delta?${view}`);
    await graph('DELETE', `${path}/${id}`);
    await readDelta(world, deltaLink);
    await graph('GET', `/users/${ann}/calendarView/delta`);
    const calendar = (await graph('POST', `/users/${ann}/calendars`, { body: { name: 'Two' } })).body.id;
    await readDelta(world, `/users/${ann}/calendars/${calendar}/calendarView/delta?${view}`);
    await batch([
      { id: '1', method: 'GET', url: `/users/${ann}/calendar` },
      { id: '2', method: 'DELETE', url: `/users/${ann}/calendars/${calendar}` },
      { id: '3', method: 'GET', url: `${path}/x` },
    ]);
    const { entries } = emulator.log;
    expect(entries.length).toBeGreaterThan(18);
    expect(entries.flatMap(check)).toEqual([]);
  });
});
