import { describe, expect, it } from 'vitest';
import {
  ann,
  calendarLane,
  eventLinks,
  eventReviews,
  eventWrites,
  instanceStarts,
  invited,
  isCalm,
  meet,
  openScene,
  settle,
  tuesdays,
  VENDORS,
  why,
} from '../src/calendar-scene.ts';
import {
  describeAnew,
  refuseSubject,
  type Scene,
  shown,
  shownAs,
  startsOf,
  subjects,
} from '../src/crm-events.ts';
import { KILLED } from '../src/world.ts';

const CALENDAR = /\/calendar/;

async function statusOf(scene: Scene) {
  const { id } = await calendarLane(scene);
  const row = (await scene.world.platform().status()).find(({ laneId }) => laneId === id);
  if (row === undefined) throw new Error('there is no status of the calendar');
  return row;
}

const day = (n: number): string => `2027-01-${String(n + 1).padStart(2, '0')}`;

describe.each(VENDORS)('trouble: %s', (vendor) => {
  it('AC-20 one event that the CRM refuses costs that event: it is parked with its reason, and mending it is enough', async () => {
    await using scene = await openScene(vendor);
    for (let n = 0; n < 20; n += 1) meet(scene, { subject: `Meeting ${n}`, day: day(n) });
    // Somebody without an address is nobody to write to, and no reason to stop.
    const nameless = [
      { type: 'required', emailAddress: { name: 'Somebody' } },
      ...invited('a@customer.example'),
    ];
    meet(scene, { subject: 'Nameless', day: '2027-01-26', more: { attendees: nameless } });
    refuseSubject(scene, 'Poison');
    const poison = meet(scene, { subject: 'Poison', day: '2027-01-28' }).immutableId;
    await settle(scene);
    expect(subjects(scene)).toHaveLength(21);
    expect(subjects(scene)).not.toContain('Poison');
    const parked = (await eventReviews(scene)).filter(({ kind }) => kind === 'parked');
    expect(parked).toHaveLength(1);
    expect(parked[0]?.reasons.join(' ')).toMatch(/validation/i);
    expect((await calendarLane(scene)).errorKind).toBeNull();
    // The cursor moved on: others are seen, and the parked one is not tried each time.
    meet(scene, { subject: 'Next', day: '2027-01-27' });
    await settle(scene);
    expect(subjects(scene)).toContain('Next');
    const { admin } = scene.world.graph;
    admin.updateEvent(ann(scene), poison, { subject: 'Harmless' });
    await settle(scene);
    expect(subjects(scene)).toContain('Harmless');
    expect((await eventLinks(scene)).filter(({ quarantine }) => quarantine !== null)).toEqual([]);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-30 a worker is killed in the middle of a calendar: the next one goes on, nothing is made twice', async () => {
    await using scene = await openScene(vendor);
    for (let n = 0; n < 12; n += 1) meet(scene, { subject: `Meeting ${n}`, day: day(n) });
    meet(scene, { subject: 'Weekly', day: '2027-03-02', more: tuesdays(6) });
    for (const steps of [40, 70, 100]) {
      scene.world.killAt({ steps });
      await scene.world.sync().catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== KILLED) throw error;
      });
      await scene.world.restart();
    }
    await settle(scene);
    expect(startsOf(scene)).toEqual(instanceStarts(scene));
    expect(await statusOf(scene)).toMatchObject({ working: false, errorKind: null, openOutcomes: 0 });
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-30 a calendar that fails for an hour says so: the last success, the lag, the next try, and an alarm', async () => {
    await using scene = await openScene(vendor);
    meet(scene, { subject: 'Before', day: '2027-01-12' });
    await scene.world.sync();
    const { lastOkAt } = await statusOf(scene);
    const fault = scene.world.graph.faults.inject({
      match: { path: CALENDAR },
      times: 100_000,
      fault: { kind: 'status', status: 503, body: { error: { code: 'ErrorServerBusy', message: 'busy' } } },
    });
    meet(scene, { subject: 'Meanwhile', day: '2027-01-13' });
    for (let turn = 0; turn < 7; turn += 1) {
      scene.world.later(10);
      await scene.world.round();
    }
    const failing = await statusOf(scene);
    expect(failing).toMatchObject({ lastOkAt, errorKind: 'unavailable', alarm: true });
    expect(failing.lagMs).toBeGreaterThanOrEqual(3_600_000);
    expect(failing.nextTryAt).not.toBeNull();
    // The contacts of the same mailbox are not held up.
    const contacts = (await scene.world.platform().status()).find(({ laneId }) => laneId !== failing.laneId);
    expect(contacts).toMatchObject({ errorKind: null, alarm: false });
    fault.remove();
    await settle(scene);
    expect(await statusOf(scene)).toMatchObject({ errorKind: null, errorCount: 0, alarm: false });
    expect(subjects(scene)).toEqual(['Before', 'Meanwhile']);
  });

  it('AC-31 moved to another calendar and back between two looks: one pair, nothing written, edits go on', async () => {
    await using scene = await openScene(vendor);
    const { admin, oracle } = scene.world.graph;
    const home = oracle.calendars(ann(scene)).find(({ isDefault }) => isDefault)?.id ?? '';
    const away = admin.createCalendar(ann(scene), 'Elsewhere').id;
    const moved = meet(scene, { subject: 'Moved', day: '2027-01-12' });
    const edited = meet(scene, { subject: 'Edited', day: '2027-01-13' });
    const series = meet(scene, { subject: 'Weekly', day: '2027-03-02', more: tuesdays(4) });
    await settle(scene);
    const [before, ids] = [eventWrites(scene), shown(scene).map(({ id }) => id)];
    for (const { immutableId } of [moved, series]) {
      admin.moveEvent(ann(scene), immutableId, away);
      scene.world.later(1);
      admin.moveEvent(ann(scene), immutableId, home);
    }
    await settle(scene);
    expect(eventWrites(scene)).toEqual(before);
    admin.moveEvent(ann(scene), edited.immutableId, away);
    await settle(scene);
    // Elsewhere is outside, which deletes nothing.
    expect(shown(scene).map(({ id }) => id)).toEqual(ids);
    admin.updateEvent(ann(scene), edited.immutableId, { subject: 'Edited while away' });
    admin.moveEvent(ann(scene), edited.immutableId, home);
    await settle(scene);
    expect(subjects(scene)).toContain('Edited while away');
    describeAnew(scene, shownAs(scene, 'Moved').id, 'Still one pair');
    await settle(scene);
    expect(oracle.event(ann(scene), moved.immutableId)?.text).toContain('Still one pair');
    expect(shown(scene).map(({ id }) => id)).toEqual(ids);
    expect(await why(scene, 'Moved')).toContain('In step');
    expect(await isCalm(scene)).toBe(true);
  });
});
