import type { CrmVendor } from '@tidelock/emulators';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;

/** The product with calendars, and which CRM it has. */
export interface Scene {
  readonly world: World;
  readonly vendor: CrmVendor;
}

/** An event as people at the CRM see it. */
export interface ShownEvent {
  readonly id: string;
  readonly subject: string;
  readonly location: string;
  /** Instants; of whole days midnights in UTC. */
  readonly start: number;
  readonly end: number;
  readonly allDay: boolean;
  readonly text: string;
  readonly owner: string;
}

const instant = (value: unknown): number => Date.parse(String(value).replace('+0000', 'Z'));

function shownInSalesforce({ salesforce }: World): ShownEvent[] {
  const rows = salesforce.oracle.events().filter((row) => row.IsDeleted !== true && row.IsChild !== true);
  return rows.map((row) => {
    const allDay = row.IsAllDayEvent === true;
    return {
      id: String(row.Id),
      subject: String(row.Subject ?? ''),
      location: String(row.Location ?? ''),
      start: instant(row.StartDateTime),
      // The last day is the end there.
      end: instant(row.EndDateTime) + (allDay ? DAY_MS : 0),
      allDay,
      text: String(row.Description ?? ''),
      owner: String(row.OwnerId),
    };
  });
}

const shownInHubSpot = ({ stage }: World): ShownEvent[] =>
  stage.hubspot.oracle.meetings().map(({ id, properties }) => ({
    id,
    subject: properties.hs_meeting_title ?? '',
    location: properties.hs_meeting_location ?? '',
    start: Date.parse(properties.hs_meeting_start_time ?? ''),
    end: Date.parse(properties.hs_meeting_end_time ?? ''),
    allDay: properties.tidelock_all_day === 'true',
    text: properties.hs_meeting_body ?? '',
    owner: properties.hubspot_owner_id ?? '',
  }));

/** What the CRM shows, in order of time. */
export function shown({ world, vendor }: Scene): readonly ShownEvent[] {
  const rows = vendor === 'salesforce' ? shownInSalesforce(world) : shownInHubSpot(world);
  return rows.sort((left, right) => left.start - right.start || (left.subject < right.subject ? -1 : 1));
}

export const subjects = (scene: Scene): readonly string[] =>
  shown(scene)
    .map(({ subject }) => subject)
    .sort();

export const startsOf = (scene: Scene): readonly string[] =>
  shown(scene).map(({ start }) => new Date(start).toISOString());

/** The only event with this subject. */
export function shownAs(scene: Scene, subject: string): ShownEvent {
  const [found, ...others] = shown(scene).filter((event) => event.subject === subject);
  if (found === undefined || others.length > 0)
    throw new Error(`the CRM has ${found === undefined ? 'no' : 'more than one'} event "${subject}"`);
  return found;
}

/** Contacts on an event of the CRM, by address. */
export function guestsOf({ world, vendor }: Scene, id: string): readonly string[] {
  if (vendor === 'hubspot') {
    const { oracle } = world.stage.hubspot;
    const ids = oracle.meeting(id)?.contacts ?? [];
    return ids.map((each) => oracle.contact(each)?.properties.email ?? '').sort();
  }
  const { oracle } = world.salesforce;
  const related = oracle.eventRelations().filter((row) => row.EventId === id && row.IsDeleted !== true);
  const contacts = new Map(oracle.contacts().map((each) => [each.Id, String(each.Email)]));
  return related.flatMap((row) => contacts.get(row.RelationId) ?? []).sort();
}

/** Users of the CRM on an event, by native id; its owner is not among them. */
export function colleaguesOf({ world, vendor }: Scene, id: string): readonly string[] {
  if (vendor === 'hubspot') {
    const owners = world.stage.hubspot.oracle.meeting(id)?.properties.hs_attendee_owner_ids ?? '';
    return owners
      .split(';')
      .filter((each) => each !== '')
      .sort();
  }
  const { oracle } = world.salesforce;
  return oracle
    .eventRelations()
    .filter((row) => row.EventId === id && row.IsDeleted !== true && String(row.RelationId).startsWith('005'))
    .map((row) => String(row.RelationId))
    .sort();
}

/** Somebody at the CRM writes another description. */
export function describeAnew({ world, vendor }: Scene, id: string, text: string): void {
  if (vendor === 'salesforce') world.salesforce.admin.updateEvent(id, { Description: text });
  else world.stage.hubspot.admin.updateMeeting(id, { hs_meeting_body: `<p>${text}</p>` });
}

/** From now on the CRM takes no event with this subject. */
export function refuseSubject({ world, vendor }: Scene, subject: string): void {
  if (vendor === 'hubspot') {
    const rule = { objectType: 'meetings', property: 'hs_meeting_title', value: subject };
    world.stage.hubspot.admin.refuseValue(rule);
    return;
  }
  world.salesforce.admin.addValidationRule({
    object: 'Event',
    message: `Nothing may be called ${subject}`,
    field: 'Subject',
    failsWhen: (values) => values.Subject === subject,
  });
}

/** Somebody at the CRM throws an event away. */
export function removeAtCrm({ world, vendor }: Scene, id: string): void {
  if (vendor === 'salesforce') world.salesforce.admin.deleteEvent(id);
  else world.stage.hubspot.admin.archiveMeeting(id);
}

export interface CrmMeeting {
  readonly subject: string;
  readonly start: string;
  readonly end: string;
  /** Ids of contacts who take part. */
  readonly guests?: readonly string[];
  readonly owner?: string;
}

/** Somebody at the CRM makes an event. Its id. */
export function makeAtCrm({ world, vendor }: Scene, of: CrmMeeting): string {
  const { subject, start, end, guests = [], owner } = of;
  if (vendor === 'hubspot') {
    const values = { hs_meeting_title: subject, hs_meeting_start_time: start, hs_meeting_end_time: end };
    const { admin } = world.stage.hubspot;
    return admin.createMeeting(owner === undefined ? values : { ...values, hubspot_owner_id: owner }, guests);
  }
  const { admin } = world.salesforce;
  const values = { Subject: subject, StartDateTime: start, EndDateTime: end };
  const id = admin.createEvent({ ...values, ...(owner === undefined ? {} : { OwnerId: owner }) });
  for (const guest of guests) admin.relate(id, guest);
  return id;
}
