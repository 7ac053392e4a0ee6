import { formatDay } from '../calendar-day.ts';
import { type IdSpace, occurrenceItemId } from '../item-id.ts';
import { formatWall, toInstant, toWall, type Zone, type ZonedTime } from '../zoned-time.ts';
import { toPlainText, toPreview } from './event-body.ts';
import type { Attendee, EventContent, Location, Response, TimeSlot } from './event-content.ts';
import { EVENT_PROPERTIES } from './event-input.ts';
import { type Instance, occurrenceContent, originalStartOf } from './event-instances.ts';
import { iCalUIdOf } from './global-id.ts';
import type { StoredEvent } from './stored-event.ts';

/** How a request wants events to be shown. */
export interface EventView {
  readonly ids: IdSpace;
  readonly immutableIds: boolean;
  /** Name to write the times with, and the zone it stands for. */
  readonly timeZone: string;
  readonly zone: Zone;
  readonly isText: boolean;
  /** Undefined: everything that is shown without asking. */
  readonly select: readonly string[] | undefined;
  /** Extended properties to show, by key with the id as asked. */
  readonly extended: ReadonlyMap<string, string>;
  readonly hasExceptions: boolean;
}

/** What is shown: a single event, the master of a series, or one of its dates. */
export interface Shown {
  readonly event: StoredEvent;
  readonly day: number | null;
  readonly isException: boolean;
  readonly content: EventContent;
}

export const shownWhole = (event: StoredEvent): Shown => ({
  event,
  day: null,
  isException: false,
  content: event.content,
});

/** Seven digits at most, without zeros at the end; the store keeps more than milliseconds. */
export function toTicks(at: number, salt: string): string {
  const rest = [...salt].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 10_000, 7);
  const fraction = `${new Date(at).toISOString().slice(20, 23)}${String(rest).padStart(4, '0')}`.replace(
    /0+$/,
    '',
  );
  return `${new Date(at).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

export const eventIdOf = (
  { event, day }: Pick<Shown, 'event' | 'day'>,
  view: Pick<EventView, 'ids' | 'immutableIds'>,
): string => {
  const id = view.immutableIds ? event.immutableId : event.id;
  return day === null ? id : occurrenceItemId(view.ids, id, day);
};

const masterIdOf = (event: StoredEvent, view: EventView): string =>
  view.immutableIds ? event.immutableId : event.id;

export const occurrenceIdOf = (event: StoredEvent, day: number, view: EventView): string =>
  `OID.${masterIdOf(event, view)}.${formatDay(day)}`;

export const typeOf = ({ event, day, isException }: Shown): string => {
  if (day !== null) return isException ? 'exception' : 'occurrence';
  return event.content.recurrence === null ? 'singleInstance' : 'seriesMaster';
};

function toTime(time: ZonedTime, isAllDay: boolean, view: EventView): Record<string, string> {
  const wall = isAllDay ? time.wall : toWall(toInstant(time.wall, time.zone), view.zone);
  return { dateTime: formatWall(wall), timeZone: view.timeZone };
}

const toResponse = ({ response, at }: Response): Record<string, string> => ({
  response,
  time: at === null ? '0001-01-01T00:00:00Z' : new Date(at).toISOString().replace(/\.?0*Z$/, 'Z'),
});

const toSlot = ({ start, end }: TimeSlot, view: EventView) => ({
  start: toTime(start, false, view),
  end: toTime(end, false, view),
});

const toAttendee = (attendee: Attendee, view: EventView): Record<string, unknown> => ({
  type: attendee.type,
  status: toResponse(attendee.status),
  ...(attendee.proposedNewTime === undefined
    ? {}
    : { proposedNewTime: toSlot(attendee.proposedNewTime, view) }),
  emailAddress: {
    name: attendee.emailAddress.name,
    ...(attendee.emailAddress.address === undefined ? {} : { address: attendee.emailAddress.address }),
  },
});

const details = ({ locationUri, locationEmailAddress }: Location): Record<string, string> => ({
  ...(locationUri === undefined ? {} : { locationUri }),
  ...(locationEmailAddress === undefined ? {} : { locationEmailAddress }),
});

function toLocation(location: Location | undefined): Record<string, unknown> {
  if (location === undefined)
    return {
      displayName: '',
      locationType: 'default',
      uniqueIdType: 'unknown',
      address: {},
      coordinates: {},
    };
  const { displayName, address, coordinates } = location;
  const shown = { displayName, ...details(location), locationType: 'default', uniqueId: displayName };
  return { ...shown, uniqueIdType: 'private', address, coordinates };
}

const toListedLocation = (location: Location): Record<string, unknown> => ({
  displayName: location.displayName,
  ...details(location),
  locationType: 'default',
  uniqueId: location.displayName,
  uniqueIdType: 'private',
  ...(Object.keys(location.address).length > 0 ? { address: location.address } : {}),
  ...(Object.keys(location.coordinates).length > 0 ? { coordinates: location.coordinates } : {}),
});

type Getter = (shown: Shown, view: EventView) => unknown;

const plain = (name: keyof EventContent): readonly [string, Getter] => [name, ({ content }) => content[name]];

const originalStart: Getter = ({ event, day }, view) =>
  day === null
    ? undefined
    : new Date(originalStartOf(event, day, view.zone)).toISOString().replace('.000Z', 'Z');

/** In the order of the service. */
const GETTERS: ReadonlyMap<string, Getter> = new Map<string, Getter>([
  ['createdDateTime', ({ event }) => toTicks(event.createdAt, event.immutableId)],
  ['lastModifiedDateTime', ({ event }) => toTicks(event.modifiedAt, event.changeKey)],
  ['changeKey', ({ event }) => event.changeKey],
  plain('categories'),
  ['transactionId', ({ event, day }) => (day === null ? event.transaction?.id : undefined)],
  ['originalStartTimeZone', ({ content }) => content.start.timeZone],
  ['originalEndTimeZone', ({ content }) => content.end.timeZone],
  ['iCalUId', ({ event, day }) => iCalUIdOf(event.uid, day)],
  plain('reminderMinutesBeforeStart'),
  plain('isReminderOn'),
  ['hasAttachments', () => false],
  plain('subject'),
  ['bodyPreview', ({ content }) => toPreview(content.body)],
  plain('importance'),
  plain('sensitivity'),
  plain('isAllDay'),
  plain('isCancelled'),
  ['isOrganizer', ({ event }) => event.isOrganizer],
  plain('responseRequested'),
  ['seriesMasterId', ({ event, day }, view) => (day === null ? null : masterIdOf(event, view))],
  plain('showAs'),
  ['type', typeOf],
  [
    'webLink',
    (shown, view) =>
      `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(eventIdOf(shown, view))}&exvsurl=1&path=/calendar/item`,
  ],
  ['onlineMeetingUrl', () => null],
  plain('isOnlineMeeting'),
  plain('onlineMeetingProvider'),
  plain('allowNewTimeProposals'),
  ['isDraft', () => false],
  plain('hideAttendees'),
  plain('recurrence'),
  plain('onlineMeeting'),
  ['responseStatus', ({ content }) => toResponse(content.response)],
  [
    'body',
    ({ content }, { isText }) =>
      isText
        ? { contentType: 'text', content: toPlainText(content.body) }
        : { contentType: 'html', content: content.body },
  ],
  ['start', ({ content }, view) => toTime(content.start, content.isAllDay, view)],
  ['end', ({ content }, view) => toTime(content.end, content.isAllDay, view)],
  ['location', ({ content }) => toLocation(content.locations[0])],
  ['locations', ({ content }) => content.locations.map(toListedLocation)],
  ['attendees', ({ content }, view) => content.attendees.map((attendee) => toAttendee(attendee, view))],
  ['organizer', ({ event }) => ({ emailAddress: event.organizer })],
  ['originalStart', originalStart],
]);

/** Only shown where they are named. */
const ASKED: ReadonlyMap<string, Getter> = new Map<string, Getter>([
  ['uid', ({ event }) => event.uid],
  ['occurrenceId', ({ event, day }, view) => (day === null ? null : occurrenceIdOf(event, day, view))],
  [
    'cancelledOccurrences',
    ({ event, day }, view) =>
      day !== null || event.content.recurrence === null
        ? []
        : [...event.cancelled].sort((a, b) => a - b).map((each) => occurrenceIdOf(event, each, view)),
  ],
]);

export const SELECTABLE: ReadonlySet<string> = new Set([
  'id',
  'exceptionOccurrences',
  ...EVENT_PROPERTIES,
  ...GETTERS.keys(),
  ...ASKED.keys(),
]);

const ALL = [...GETTERS.keys()];

export const toEtag = (event: StoredEvent): string => `W/"${event.changeKey}"`;

const exceptionsOf = (event: StoredEvent, view: EventView): readonly Record<string, unknown>[] =>
  [...event.exceptions.keys()]
    .sort((a, b) => a - b)
    .map((day) => {
      const content = occurrenceContent(event, day);
      return toGraphEvent({ event, day, isException: true, content }, { ...view, hasExceptions: false });
    });

/** Etag and id come under every `$select`; an extended property only where `$expand` asked for it. */
export function toGraphEvent(shown: Shown, view: EventView): Record<string, unknown> {
  const { event } = shown;
  const item: Record<string, unknown> = { '@odata.etag': toEtag(event), id: eventIdOf(shown, view) };
  for (const name of view.select ?? ALL) {
    const value = (GETTERS.get(name) ?? ASKED.get(name))?.(shown, view);
    if (value !== undefined) item[name] = value;
  }
  if (view.hasExceptions && shown.day === null && event.content.recurrence !== null)
    item.exceptionOccurrences = exceptionsOf(event, view);
  const extended = [...view.extended].flatMap(([key, id]) => {
    const value = event.extended.get(key);
    return value === undefined ? [] : [{ id, value }];
  });
  if (extended.length > 0) item.singleValueExtendedProperties = extended;
  return item;
}

/** An occurrence as delta tells it: seven members, the rest is the master's. */
export function toStub(instance: Instance, view: EventView): Record<string, unknown> {
  const { event, content } = instance;
  return {
    '@odata.etag': toEtag(event),
    id: eventIdOf(instance, view),
    seriesMasterId: masterIdOf(event, view),
    type: 'occurrence',
    start: toTime(content.start, content.isAllDay, view),
    end: toTime(content.end, content.isAllDay, view),
  };
}
