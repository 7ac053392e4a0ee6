import { describe, expect, it } from 'vitest';
import {
  ann,
  at,
  calendarLane,
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
} from '../src/calendar-scene.ts';
import { describeAnew, guestsOf, type Scene, shown, startsOf } from '../src/crm-events.ts';

describe.each(VENDORS)('series in a CRM that keeps none: %s', (vendor) => {
  it('AC-16, AC-22 every date of the series is there, at nine by the clocks of its zone, summer and winter', async () => {
    await using scene = await openScene(vendor);
    meet(scene, { subject: 'Weekly', day: '2027-03-02', more: TUESDAYS });
    await scene.world.sync();
    expect(instanceStarts(scene).length).toBeGreaterThan(30);
    expect(inHorizon(startsOf(scene))).toEqual(instanceStarts(scene));
    expect(startsOf(scene)).toContain('2027-03-23T08:00:00.000Z');
    expect(startsOf(scene)).toContain('2027-03-30T07:00:00.000Z');
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-17, AC-40 a date that is deleted or moved goes or moves alone', async () => {
    await using scene = await openScene(vendor);
    meet(scene, { subject: 'Weekly', day: '2027-03-02', more: TUESDAYS });
    await scene.world.sync();
    const before = shown(scene).length;
    scene.world.later();
    const [, second, third] = instances(scene);
    scene.world.graph.admin.deleteEvent(ann(scene), second?.id ?? '');
    const moved = { start: at('2027-03-17T11:00:00'), end: at('2027-03-17T12:00:00') };
    scene.world.graph.admin.updateEvent(ann(scene), third?.id ?? '', moved);
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(inHorizon(startsOf(scene))).toEqual(instanceStarts(scene));
    expect(startsOf(scene)).toContain('2027-03-17T10:00:00.000Z');
    expect(shown(scene)).toHaveLength(before - 1);
    expect(await isCalm(scene)).toBe(true);
  });

  const moveTo =
    (weekday: string, day: string) =>
    (scene: Scene, id: string, range: object): void => {
      scene.world.graph.admin.updateEvent(ann(scene), id, {
        start: at(`${day}T09:00:00`),
        end: at(`${day}T10:00:00`),
        recurrence: {
          pattern: { ...TUESDAYS.recurrence.pattern, daysOfWeek: [weekday] },
          range: { ...range, startDate: day },
        },
      });
    };
  const toThursdays = moveTo('thursday', '2027-03-04');
  const toFridays = moveTo('friday', '2027-03-05');

  it('AC-19 a series that goes to another day leaves no ghosts', async () => {
    await using scene = await openScene(vendor);
    const { pattern } = TUESDAYS.recurrence;
    const range = { ...TUESDAYS.recurrence.range, type: 'numbered', numberOfOccurrences: 8 };
    const more = { recurrence: { pattern, range } };
    const { immutableId } = meet(scene, { subject: 'Weekly', day: '2027-03-02', more });
    await scene.world.sync();
    expect(startsOf(scene)).toHaveLength(8);
    scene.world.later();
    toThursdays(scene, immutableId, range);
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    expect(shown(scene).every(({ start }) => new Date(start).getUTCDay() === 4)).toBe(true);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-19 a series of a whole year moves like any other event: one is no mass of deletes, and nobody is asked', async () => {
    await using scene = await openScene(vendor);
    for (let n = 0; n < 12; n += 1) meet(scene, { subject: `Meeting ${n}`, day: `2027-01-${n + 10}` });
    const { immutableId } = meet(scene, { subject: 'Weekly', day: '2027-03-02', more: TUESDAYS });
    await scene.world.sync();
    expect(startsOf(scene).length).toBeGreaterThan(12 + 30);
    for (const move of [toThursdays, toFridays]) {
      scene.world.later();
      move(scene, immutableId, TUESDAYS.recurrence.range);
      await settle(scene);
      expect((await calendarLane(scene)).held).toBeNull();
      expect(inHorizon(startsOf(scene))).toEqual(instanceStarts(scene));
    }
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-11 many series that are gone at once are as many events: the brake holds all their dates, and asks', async () => {
    await using scene = await openScene(vendor);
    const ids = Array.from({ length: 14 }, (_, n) =>
      meet(scene, { subject: `Weekly ${n}`, day: '2027-03-02', more: tuesdays(4) }),
    );
    await scene.world.sync();
    expect(startsOf(scene)).toHaveLength(14 * 4);
    scene.world.later();
    for (const { immutableId } of ids.slice(0, 12))
      scene.world.graph.admin.deleteEvent(ann(scene), immutableId);
    await settle(scene);
    const { held } = await calendarLane(scene);
    expect(held).toMatchObject({ side: 'b', count: 48 });
    expect(held?.reason).toBe('48 deletes, of 12 events, are more than 10 of 14 linked events');
    expect(startsOf(scene)).toHaveLength(14 * 4);
  });
});

describe.each(VENDORS)('single events: %s', (vendor) => {
  it('AC-23 a whole day is that day on both sides', async () => {
    await using scene = await openScene(vendor);
    scene.world.graph.admin.createEvent(ann(scene), {
      subject: 'Christmas Eve',
      isAllDay: true,
      start: at('2026-12-24T00:00:00'),
      end: at('2026-12-25T00:00:00'),
    });
    await scene.world.sync();
    expect(shown(scene)).toMatchObject([
      { subject: 'Christmas Eve', allDay: true, start: Date.parse('2026-12-24T00:00:00Z') },
    ]);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-25 an event that leaves the window changes neither side', async () => {
    await using scene = await openScene(vendor);
    const { immutableId } = meet(scene, { subject: 'Far away', day: '2027-01-12' });
    await scene.world.sync();
    expect(shown(scene)).toHaveLength(1);
    scene.world.later();
    const far = { start: at('2029-01-09T09:00:00'), end: at('2029-01-09T10:00:00') };
    scene.world.graph.admin.updateEvent(ann(scene), immutableId, far);
    const before = eventWrites(scene);
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(eventWrites(scene)).toEqual(before);
    expect(startsOf(scene)).toEqual(['2027-01-12T08:00:00.000Z']);
  });

  it('AC-29 another description in the CRM leaves the block of Teams as it is, byte for byte', async () => {
    await using scene = await openScene(vendor);
    const { admin, oracle } = scene.world.graph;
    const { immutableId } = meet(scene, {
      subject: 'Online',
      day: '2027-01-12',
      more: { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' },
    });
    admin.updateEvent(ann(scene), immutableId, { subject: 'Online, now' });
    await scene.world.sync();
    const before = oracle.event(ann(scene), immutableId);
    const [event] = shown(scene);
    expect(event?.text).not.toContain('Microsoft Teams meeting');
    scene.world.later();
    describeAnew(scene, event?.id ?? '', 'What we talk about');
    scene.world.later();
    await scene.world.sync();
    const after = oracle.event(ann(scene), immutableId);
    expect(after?.body).toContain('What we talk about');
    const { body = '' } = before ?? {};
    const block = body.slice(body.indexOf('<div'), body.lastIndexOf('</div>'));
    expect(block).toContain('Microsoft Teams meeting');
    expect(after?.body).toContain(block);
    expect(after?.onlineMeeting?.joinUrl).toBe(before?.onlineMeeting?.joinUrl);
    expect(after?.body).toContain(before?.onlineMeeting?.joinUrl ?? 'no link');
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-35 private events stay where they are', async () => {
    await using scene = await openScene(vendor);
    meet(scene, { subject: 'Doctor', day: '2027-01-12', more: { sensitivity: 'private' } });
    meet(scene, { subject: 'Review', day: '2027-01-13' });
    await scene.world.sync();
    expect(shown(scene).map(({ subject }) => subject)).toEqual(['Review']);
  });

  it('AC-39 who is on a meeting follows the invitation, in both directions of change', async () => {
    await using scene = await openScene(vendor);
    const { admin } = scene.world.graph;
    for (const name of ['Carla', 'Dan'])
      scene.world.crm.create({ lastName: name, email: `${name.toLowerCase()}@fabrikam.example` });
    const invited = (...names: string[]) =>
      names.map((name) => ({ type: 'required', emailAddress: { address: `${name}@fabrikam.example` } }));
    const { immutableId } = meet(scene, {
      subject: 'Review',
      day: '2027-01-12',
      more: { attendees: invited('carla') },
    });
    await scene.world.sync();
    const [event] = shown(scene);
    expect(guestsOf(scene, event?.id ?? '')).toEqual(['carla@fabrikam.example']);
    scene.world.later();
    admin.updateEvent(ann(scene), immutableId, { attendees: invited('dan') });
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(guestsOf(scene, event?.id ?? '')).toEqual(['dan@fabrikam.example']);
    expect(await isCalm(scene)).toBe(true);
  });

  it('one meeting of two mailboxes is one event of the CRM', async () => {
    await using scene = await openScene(vendor, { mailboxes: ['ann', 'ben'] });
    const { address } = scene.world.person('ben');
    const attendees = [{ type: 'required', emailAddress: { address } }];
    meet(scene, { subject: 'Together', day: '2027-01-12', more: { attendees } });
    expect(scene.world.graph.oracle.events(scene.world.person('ben').mailboxId)).toHaveLength(1);
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(shown(scene).map(({ subject }) => subject)).toEqual(['Together']);
    expect(await isCalm(scene)).toBe(true);
  });
});
