import type { ConfigInput } from '@tidelock/host';
import { describe, expect, it } from 'vitest';
import { isQuiet, writes } from '../src/inspect.ts';
import { createWorld, type World } from '../src/world.ts';

const VENDORS = ['salesforce', 'hubspot'] as const;
type Vendor = (typeof VENDORS)[number];
type Rules = NonNullable<NonNullable<ConfigInput['profiles']>[string]['events']>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM = Date.parse('2026-11-23T00:00:00Z');
/** Inside the window of every test. */
const HORIZON = { start: FROM, end: FROM + 340 * DAY_MS };

interface Scene {
  readonly world: World;
  readonly vendor: Vendor;
}

/** What the CRM shows, in order of time. */
function shown({ world, vendor }: Scene) {
  const rows =
    vendor === 'salesforce'
      ? world.salesforce.oracle
          .events()
          .filter((row) => row.IsDeleted !== true && row.IsChild !== true)
          .map((row) => ({
            id: String(row.Id),
            subject: String(row.Subject),
            start: Date.parse(String(row.StartDateTime).replace('+0000', 'Z')),
            allDay: row.IsAllDayEvent === true,
            text: String(row.Description ?? ''),
          }))
      : world.stage.hubspot.oracle.meetings().map(({ id, properties }) => ({
          id,
          subject: properties.hs_meeting_title ?? '',
          start: Date.parse(properties.hs_meeting_start_time ?? ''),
          allDay: properties.tidelock_all_day === 'true',
          text: properties.hs_meeting_body ?? '',
        }));
  return rows.sort((left, right) => left.start - right.start);
}

const startsOf = (scene: Scene): readonly string[] =>
  shown(scene).map(({ start }) => new Date(start).toISOString());

/** Contacts on an event of the CRM, by address. */
function guestsOf({ world, vendor }: Scene, id: string): readonly string[] {
  if (vendor === 'hubspot') {
    const { oracle } = world.stage.hubspot;
    const ids = oracle.meeting(id)?.contacts ?? [];
    return ids.map((each) => oracle.contact(each)?.properties.email ?? '').sort();
  }
  const { oracle } = world.salesforce;
  const related = oracle.eventRelations().filter((row) => row.EventId === id && row.IsDeleted !== true);
  const emails = related.map((row) => oracle.contacts().find((each) => each.Id === row.RelationId)?.Email);
  return emails.map(String).sort();
}

/** Somebody at the CRM writes another description. */
function describeAnew({ world, vendor }: Scene, id: string, text: string): void {
  if (vendor === 'salesforce') world.salesforce.admin.updateEvent(id, { Description: text });
  else world.stage.hubspot.admin.updateMeeting(id, { hs_meeting_body: `<p>${text}</p>` });
}

async function open(
  vendor: Vendor,
  of: { readonly mailboxes?: readonly string[]; readonly events?: Rules } = {},
): Promise<Scene & AsyncDisposable> {
  const mailboxes = of.mailboxes ?? ['ann'];
  const world = await createWorld({ vendor, mailboxes, stateFile: 'state.db' });
  world.stage.writeConfig({
    ...world.stage.config,
    mailboxes: mailboxes.map((name) => ({ address: world.person(name).address, profile: 'sales' })),
    profiles: { sales: { contacts: { records: 'all' }, events: of.events ?? {} } },
  });
  await world.restart();
  return { world, vendor, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

const ann = ({ world }: Scene): string => world.person('ann').mailboxId;

/** At the wall clock of Berlin. */
const at = (dateTime: string) => ({ dateTime, timeZone: 'W. Europe Standard Time' });

function meet(scene: Scene, of: { subject: string; day: string; more?: Readonly<Record<string, unknown>> }) {
  const { subject, day, more } = of;
  const [start, end] = [at(`${day}T09:00:00`), at(`${day}T10:00:00`)];
  return scene.world.graph.admin.createEvent(ann(scene), { subject, start, end, ...more });
}

/** Every Tuesday at nine from March on, over both changes of the clocks. */
const TUESDAYS = {
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'], firstDayOfWeek: 'monday' },
    range: { type: 'noEnd', startDate: '2027-03-02', recurrenceTimeZone: 'W. Europe Standard Time' },
  },
};

/** What Outlook shows of the series. */
const instances = (scene: Scene) => scene.world.graph.oracle.instances(ann(scene), HORIZON);
const instanceStarts = (scene: Scene): readonly string[] =>
  instances(scene)
    .map(({ start }) => new Date(start).toISOString())
    .sort();

const inHorizon = (starts: readonly string[]): readonly string[] =>
  starts.filter((start) => Date.parse(start) < HORIZON.end);

describe.each(VENDORS)('series in a CRM that keeps none: %s', (vendor) => {
  it('AC-16, AC-22 every date of the series is there, at nine by the clocks of its zone, summer and winter', async () => {
    await using scene = await open(vendor);
    meet(scene, { subject: 'Weekly', day: '2027-03-02', more: TUESDAYS });
    await scene.world.sync();
    expect(instanceStarts(scene).length).toBeGreaterThan(30);
    expect(inHorizon(startsOf(scene))).toEqual(instanceStarts(scene));
    expect(startsOf(scene)).toContain('2027-03-23T08:00:00.000Z');
    expect(startsOf(scene)).toContain('2027-03-30T07:00:00.000Z');
    expect(await isQuiet(scene.world)).toBe(true);
  });

  it('AC-17, AC-40 a date that is deleted or moved goes or moves alone', async () => {
    await using scene = await open(vendor);
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
    expect(await isQuiet(scene.world)).toBe(true);
  });

  const toThursdays = (scene: Scene, id: string, range: object): void => {
    scene.world.graph.admin.updateEvent(ann(scene), id, {
      start: at('2027-03-04T09:00:00'),
      end: at('2027-03-04T10:00:00'),
      recurrence: {
        pattern: { ...TUESDAYS.recurrence.pattern, daysOfWeek: ['thursday'] },
        range: { ...range, startDate: '2027-03-04' },
      },
    });
  };

  it('AC-19 a series that goes to another day leaves no ghosts', async () => {
    await using scene = await open(vendor);
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
    expect(await isQuiet(scene.world)).toBe(true);
  });

  it('AC-19 of a series of a whole year the new dates are there at once, and the brake asks about the old ones', async () => {
    await using scene = await open(vendor);
    const { immutableId } = meet(scene, { subject: 'Weekly', day: '2027-03-02', more: TUESDAYS });
    await scene.world.sync();
    const before = startsOf(scene);
    scene.world.later();
    toThursdays(scene, immutableId, TUESDAYS.recurrence.range);
    await scene.world.sync();
    expect(startsOf(scene)).toEqual(expect.arrayContaining([...before, ...instanceStarts(scene)]));
    const lanes = await scene.world.platform().state.sync.lanes();
    const calendar = lanes.find(({ storeA }) => storeA.startsWith('calendar:'));
    expect(calendar?.held).toMatchObject({ side: 'b', count: before.length });
  });
});

describe.each(VENDORS)('single events: %s', (vendor) => {
  it('AC-23 a whole day is that day on both sides', async () => {
    await using scene = await open(vendor);
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
    expect(await isQuiet(scene.world)).toBe(true);
  });

  it('AC-25 an event that leaves the window changes neither side', async () => {
    await using scene = await open(vendor);
    const { immutableId } = meet(scene, { subject: 'Far away', day: '2027-01-12' });
    await scene.world.sync();
    expect(shown(scene)).toHaveLength(1);
    scene.world.later();
    const far = { start: at('2029-01-09T09:00:00'), end: at('2029-01-09T10:00:00') };
    scene.world.graph.admin.updateEvent(ann(scene), immutableId, far);
    const before = writes(scene.world);
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(writes(scene.world)).toEqual(before);
    expect(startsOf(scene)).toEqual(['2027-01-12T08:00:00.000Z']);
  });

  it('AC-29 another description in the CRM leaves the block of Teams as it is, byte for byte', async () => {
    await using scene = await open(vendor);
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
    expect(await isQuiet(scene.world)).toBe(true);
  });

  it('AC-35 private events stay where they are', async () => {
    await using scene = await open(vendor);
    meet(scene, { subject: 'Doctor', day: '2027-01-12', more: { sensitivity: 'private' } });
    meet(scene, { subject: 'Review', day: '2027-01-13' });
    await scene.world.sync();
    expect(shown(scene).map(({ subject }) => subject)).toEqual(['Review']);
  });

  it('AC-39 who is on a meeting follows the invitation, in both directions of change', async () => {
    await using scene = await open(vendor);
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
    expect(await isQuiet(scene.world)).toBe(true);
  });

  it('one meeting of two mailboxes is one event of the CRM', async () => {
    await using scene = await open(vendor, { mailboxes: ['ann', 'ben'] });
    const { address } = scene.world.person('ben');
    const attendees = [{ type: 'required', emailAddress: { address } }];
    meet(scene, { subject: 'Together', day: '2027-01-12', more: { attendees } });
    expect(scene.world.graph.oracle.events(scene.world.person('ben').mailboxId)).toHaveLength(1);
    await scene.world.sync();
    scene.world.later();
    await scene.world.sync();
    expect(shown(scene).map(({ subject }) => subject)).toEqual(['Together']);
    expect(await isQuiet(scene.world)).toBe(true);
  });
});
