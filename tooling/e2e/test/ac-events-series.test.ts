import { describe, expect, it } from 'vitest';
import {
  ann,
  at,
  calendarLane,
  DAY_MS,
  eventWrites,
  inHorizon,
  instanceStarts,
  instances,
  isCalm,
  meet,
  openScene,
  settle,
  TUESDAYS,
  tuesdays,
  VENDORS,
  why,
} from '../src/calendar-scene.ts';
import { describeAnew, shown, shownAs, startsOf, subjects } from '../src/crm-events.ts';

const isoDay = (start: number): string => new Date(start).toISOString().slice(0, 10);

describe.each(VENDORS)('series: %s', (vendor) => {
  it('AC-18 "this and following" is two series whose dates together are what Outlook shows', async () => {
    await using scene = await openScene(vendor);
    const { admin } = scene.world.graph;
    const master = meet(scene, { subject: 'Weekly', day: '2027-03-02', more: tuesdays(14) });
    // An exception before the split.
    const third = instances(scene)[2];
    const moved = {
      start: at('2027-03-17T11:00:00'),
      end: at('2027-03-17T12:00:00'),
      subject: 'Weekly, later',
    };
    admin.updateEvent(ann(scene), third?.id ?? '', moved);
    await scene.world.sync();
    const ids = new Map(shown(scene).map(({ start, id }) => [start, id]));
    expect(ids.size).toBe(14);
    scene.world.later();
    const tenth = instances(scene)[9];
    admin.splitSeries(ann(scene), tenth?.id ?? '', {
      start: at('2027-05-06T15:00:00'),
      end: at('2027-05-06T16:00:00'),
      recurrence: {
        pattern: { ...TUESDAYS.recurrence.pattern, daysOfWeek: ['thursday'] },
        range: {
          ...TUESDAYS.recurrence.range,
          type: 'numbered',
          startDate: '2027-05-06',
          numberOfOccurrences: 5,
        },
      },
    });
    await settle(scene, 3);
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    expect(startsOf(scene)).toHaveLength(14);
    expect(subjects(scene).filter((subject) => subject === 'Weekly, later')).toHaveLength(1);
    // What was before the split is the same record as ever.
    for (const { start, id } of shown(scene).slice(0, 9)) expect(ids.get(start)).toBe(id);
    expect(scene.world.graph.oracle.event(ann(scene), master.immutableId)?.exceptions).not.toEqual({});
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-22 every date over the change of the clocks in October is at nine, and only what is moved moves', async () => {
    await using scene = await openScene(vendor);
    const master = meet(scene, {
      subject: 'Weekly',
      day: '2027-09-07',
      more: {
        recurrence: {
          pattern: TUESDAYS.recurrence.pattern,
          range: { ...TUESDAYS.recurrence.range, startDate: '2027-09-07' },
        },
      },
    });
    await scene.world.sync();
    expect(startsOf(scene)).toEqual(
      expect.arrayContaining([
        '2027-10-19T07:00:00.000Z',
        '2027-10-26T07:00:00.000Z',
        '2027-11-02T08:00:00.000Z',
        '2027-11-09T08:00:00.000Z',
      ]),
    );
    expect(shown(scene).every(({ start, end }) => end - start === DAY_MS / 24)).toBe(true);
    scene.world.later();
    scene.world.graph.admin.updateEvent(ann(scene), master.immutableId, {
      start: at('2027-09-07T10:30:00'),
      end: at('2027-09-07T11:30:00'),
    });
    await settle(scene, 3);
    expect(startsOf(scene)).toEqual(
      expect.arrayContaining(['2027-10-26T08:30:00.000Z', '2027-11-02T09:30:00.000Z']),
    );
    const { start, recurrence } = scene.world.graph.oracle.event(ann(scene), master.immutableId) ?? {};
    expect([start?.timeZone, recurrence?.range.recurrenceTimeZone]).toEqual([
      'W. Europe Standard Time',
      'W. Europe Standard Time',
    ]);
  });

  it('AC-23 whole days stay whole days in every zone: a birthday on the Pacific coast, a week of holidays', async () => {
    await using scene = await openScene(vendor);
    const { admin } = scene.world.graph;
    const day = (date: string, timeZone: string) => ({ dateTime: `${date}T00:00:00`, timeZone });
    admin.createEvent(ann(scene), {
      subject: 'Birthday',
      isAllDay: true,
      start: day('2027-03-01', 'Pacific Standard Time'),
      end: day('2027-03-02', 'Pacific Standard Time'),
      recurrence: {
        pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 1, month: 3 },
        range: { type: 'noEnd', startDate: '2027-03-01', recurrenceTimeZone: 'Pacific Standard Time' },
      },
    });
    admin.createEvent(ann(scene), {
      subject: 'Holidays',
      isAllDay: true,
      start: day('2027-01-04', 'Tokyo Standard Time'),
      end: day('2027-01-09', 'Tokyo Standard Time'),
    });
    await scene.world.sync();
    const birthday = shownAs(scene, 'Birthday');
    expect([birthday.allDay, isoDay(birthday.start), isoDay(birthday.end)]).toEqual([
      true,
      '2027-03-01',
      '2027-03-02',
    ]);
    const holidays = shownAs(scene, 'Holidays');
    expect([holidays.allDay, isoDay(holidays.start), isoDay(holidays.end)]).toEqual([
      true,
      '2027-01-04',
      '2027-01-09',
    ]);
    // Somebody at the CRM touches it: the dates do not move on the way back.
    scene.world.later();
    describeAnew(scene, holidays.id, 'Away');
    await settle(scene, 3);
    const back = scene.world.graph.oracle.events(ann(scene)).find(({ subject }) => subject === 'Holidays');
    expect(back).toMatchObject({ isAllDay: true });
    expect(back?.text).toContain('Away');
    expect([back?.start.dateTime, back?.end.dateTime].map((text) => text?.slice(0, 10))).toEqual([
      '2027-01-04',
      '2027-01-09',
    ]);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-24 an event in a zone that nobody knows stands at its instant, and says so', async () => {
    await using scene = await openScene(vendor);
    const { admin, oracle } = scene.world.graph;
    const [start, end] = [at('2027-07-13T09:00:00'), at('2027-07-13T10:00:00')];
    const single = admin.createEvent(ann(scene), { subject: 'Odd', start, end }, { hasCustomZone: true });
    const series = {
      subject: 'Odd weekly',
      start: at('2027-07-06T14:00:00'),
      end: at('2027-07-06T15:00:00'),
      recurrence: {
        pattern: TUESDAYS.recurrence.pattern,
        range: {
          ...TUESDAYS.recurrence.range,
          type: 'numbered',
          startDate: '2027-07-06',
          numberOfOccurrences: 3,
        },
      },
    };
    admin.createEvent(ann(scene), series, { hasCustomZone: true });
    // The name of old of another zone of today.
    admin.createEvent(ann(scene), {
      subject: 'Renamed',
      start: { dateTime: '2027-07-14T09:00:00', timeZone: 'Asia/Calcutta' },
      end: { dateTime: '2027-07-14T10:00:00', timeZone: 'Asia/Calcutta' },
    });
    await scene.world.sync();
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    expect(startsOf(scene)).toContain('2027-07-14T03:30:00.000Z');
    expect(startsOf(scene)).toHaveLength(5);
    scene.world.later();
    describeAnew(scene, shownAs(scene, 'Odd').id, 'Where were we');
    await settle(scene, 3);
    expect(oracle.event(ann(scene), single.immutableId)?.text).toContain('Where were we');
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    expect(await why(scene, 'Odd')).toMatch(/zone/i);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-25 the window moves with the days: what comes into it appears, what leaves it stays, and nothing is made twice', async () => {
    await using scene = await openScene(vendor, { events: { window: { pastDays: 7, futureDays: 60 } } });
    meet(scene, {
      subject: 'Weekly',
      day: '2026-11-24',
      more: {
        recurrence: {
          pattern: TUESDAYS.recurrence.pattern,
          range: { ...TUESDAYS.recurrence.range, startDate: '2026-11-24' },
        },
      },
    });
    meet(scene, { subject: 'In March', day: '2027-03-10' });
    await scene.world.sync();
    expect(subjects(scene)).not.toContain('In March');
    const first = shown(scene).map(({ id }) => id);
    const before = eventWrites(scene);
    // No process is started anew: the window is that of the day.
    scene.world.later(60 * 24 * 70);
    await settle(scene);
    expect(subjects(scene)).toContain('In March');
    expect(shown(scene).map(({ id }) => id)).toEqual(expect.arrayContaining(first));
    const dates = startsOf(scene).filter((start) => start >= '2027-02-02');
    expect(inHorizon(dates)).toEqual(
      expect.arrayContaining(['2027-02-02T08:00:00.000Z', '2027-03-30T07:00:00.000Z']),
    );
    expect(new Set(startsOf(scene)).size).toBe(startsOf(scene).length);
    expect(eventWrites(scene).mailbox).toBe(before.mailbox);
    expect(await isCalm(scene)).toBe(true);
  });
});

describe.each(VENDORS)('a calendar that is hard to read: %s', (vendor) => {
  const DELTA = /calendarView\/delta/;

  it('AC-41 endless pages: noticed, read as a plain view, flagged, and nothing is lost', async () => {
    await using scene = await openScene(vendor, { stage: { exchange: { pageSize: 5 } } });
    for (let n = 0; n < 12; n += 1)
      meet(scene, { subject: `Meeting ${n}`, day: `2027-01-${String(n + 10).padStart(2, '0')}` });
    meet(scene, { subject: 'Weekly', day: '2027-03-02', more: tuesdays(4) });
    const { faults, log } = scene.world.graph;
    const fault = faults.inject({
      match: { path: DELTA },
      times: 100_000,
      fault: { kind: 'named', name: 'endless-pages' },
    });
    const reports = await scene.world.round();
    expect(reports.map(({ degraded }) => degraded)).toContain(true);
    expect(log.count({ path: DELTA })).toBeLessThan(20);
    expect(scene.world.logged.some(({ event }) => event === 'feed.degraded')).toBe(true);
    await scene.world.round();
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    fault.remove();
    await settle(scene);
    expect(startsOf(scene)).toHaveLength(16);
    expect((await calendarLane(scene)).errorKind).toBeNull();
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-42 five series without an end, and a service that times out over a long window: it is halved', async () => {
    await using scene = await openScene(vendor);
    for (const [n, day] of ['2027-03-02', '2027-03-09', '2027-03-16', '2027-03-23', '2027-03-30'].entries())
      meet(scene, {
        subject: `Endless ${n}`,
        day,
        more: {
          recurrence: {
            pattern: TUESDAYS.recurrence.pattern,
            range: { ...TUESDAYS.recurrence.range, startDate: day },
          },
        },
      });
    scene.world.graph.faults.inject({
      times: 100_000,
      fault: { kind: 'named', name: 'slow-view', data: { days: 120 } },
    });
    await settle(scene);
    expect(inHorizon(startsOf(scene))).toEqual(instanceStarts(scene));
    expect((await calendarLane(scene)).errorKind).toBeNull();
    expect(await isCalm(scene)).toBe(true);
    // What crosses from one part of the window into another is still one event.
    const { immutableId } = meet(scene, { subject: 'Crossing', day: '2026-12-08' });
    await settle(scene);
    const { id } = shownAs(scene, 'Crossing');
    const far = { start: at('2027-09-07T09:00:00'), end: at('2027-09-07T10:00:00') };
    scene.world.graph.admin.updateEvent(ann(scene), immutableId, far);
    await settle(scene);
    expect(shownAs(scene, 'Crossing')).toMatchObject({ id, start: Date.parse('2027-09-07T07:00:00Z') });
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-43 what delta leaves out is found by comparing with the view', async () => {
    await using scene = await openScene(vendor);
    const { immutableId } = meet(scene, { subject: 'Own series', day: '2027-03-02', more: tuesdays(6) });
    meet(scene, { subject: 'Told', day: '2027-01-12' });
    scene.world.graph.admin.hideFromDelta(ann(scene), immutableId);
    await settle(scene);
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    // Changed while nobody is told: found by the next comparison, which comes by itself.
    scene.world.graph.admin.updateEvent(ann(scene), immutableId, { subject: 'Own series, renamed' });
    scene.world.later(60 * 24 * 15);
    await settle(scene);
    expect(subjects(scene).filter((subject) => subject === 'Own series, renamed')).toHaveLength(6);
    expect(await isCalm(scene)).toBe(true);
  });
});
