import { readExtended } from '../contact-input.ts';
import { GraphFailure, invalidProperty, unreadableBody } from '../graph-error.ts';
import { readZonedTime } from '../zoned-time.ts';
import { toStoredHtml, toStoredText } from './event-body.ts';
import {
  type Attendee,
  type EventContent,
  IMPORTANCES,
  NEW_EVENT,
  PROVIDERS,
  SENSITIVITIES,
  SHOW_AS,
} from './event-content.ts';
import { settleTimes } from './event-times.ts';
import {
  type Fields,
  isRecord,
  member,
  readAttendees,
  readFlag,
  readLocation,
  readLocations,
  readMinutes,
  readOneOf,
  readText,
  readTexts,
  wrongType,
} from './event-values.ts';

/** A write as sent: changed properties, and extended properties by their id. */
export interface EventWrite {
  readonly changes: Partial<EventContent>;
  readonly extended: ReadonlyMap<string, string>;
  /** What the request named, whether it changes anything or not. */
  readonly named: readonly string[];
}

type Reader = (value: unknown, name: string) => Partial<EventContent>;

function readBody(value: unknown): Partial<EventContent> {
  if (value === null) return { body: '' };
  if (!isRecord(value)) throw wrongType('body', 'microsoft.graph.itemBody');
  const content = readText(member(value, 'content'), 'body/content');
  const type = member(value, 'contentType') ?? 'text';
  const kind = readOneOf(type, { name: 'body/contentType', among: ['text', 'html'] });
  return { body: kind === 'html' ? toStoredHtml(content) : toStoredText(content) };
}

const oneOf =
  <N extends keyof EventContent, T extends string>(property: N, among: readonly T[]): Reader =>
  (value, name) => ({ [property]: readOneOf(value, { name, among }) });
const flag =
  (property: keyof EventContent): Reader =>
  (value, name) => ({ [property]: readFlag(value, name) });

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['subject', (value, name) => ({ subject: readText(value, name) })],
  ['body', readBody],
  ['start', (value, name) => ({ start: readZonedTime(value, name) })],
  ['end', (value, name) => ({ end: readZonedTime(value, name) })],
  ['isAllDay', flag('isAllDay')],
  ['importance', oneOf('importance', IMPORTANCES)],
  ['sensitivity', oneOf('sensitivity', SENSITIVITIES)],
  ['showAs', oneOf('showAs', SHOW_AS)],
  ['categories', (value, name) => ({ categories: readTexts(value, name) })],
  ['isReminderOn', flag('isReminderOn')],
  ['reminderMinutesBeforeStart', (value, name) => ({ reminderMinutesBeforeStart: readMinutes(value, name) })],
  ['responseRequested', flag('responseRequested')],
  ['allowNewTimeProposals', flag('allowNewTimeProposals')],
  ['hideAttendees', flag('hideAttendees')],
  ['isOnlineMeeting', flag('isOnlineMeeting')],
  ['onlineMeetingProvider', oneOf('onlineMeetingProvider', PROVIDERS)],
]);

/** Accepted and ignored: the service keeps these itself. */
const READ_ONLY: ReadonlySet<string> = new Set([
  'id',
  'changeKey',
  'createdDateTime',
  'lastModifiedDateTime',
  'bodyPreview',
  'iCalUId',
  'uid',
  'organizer',
  'isOrganizer',
  'isCancelled',
  'isDraft',
  'hasAttachments',
  'webLink',
  'type',
  'seriesMasterId',
  'originalStart',
  'originalStartTimeZone',
  'originalEndTimeZone',
  'responseStatus',
  'onlineMeeting',
  'onlineMeetingUrl',
  'occurrenceId',
  'cancelledOccurrences',
]);

const ELSEWHERE: ReadonlySet<string> = new Set([
  'attendees',
  'recurrence',
  'location',
  'locations',
  'transactionId',
  'singleValueExtendedProperties',
]);

export const EVENT_PROPERTIES: readonly string[] = [...READERS.keys(), ...READ_ONLY, ...ELSEWHERE];

const readLocationFields = (body: Fields): Partial<EventContent> => {
  if ('locations' in body && !('location' in body))
    return { locations: readLocations(body.locations, 'locations') };
  if (!('location' in body)) return {};
  const location = readLocation(body.location, 'location');
  const others = 'locations' in body ? readLocations(body.locations, 'locations').slice(1) : [];
  return { locations: Object.freeze(location === undefined ? [] : [location, ...others]) };
};

function readProperty(name: string, value: unknown): Partial<EventContent> {
  const reader = READERS.get(name);
  if (reader !== undefined) return reader(value, name);
  if (READ_ONLY.has(name) || ELSEWHERE.has(name) || name.includes('@')) return {};
  if (['multiValueExtendedProperties', 'extensions', 'attachments'].includes(name))
    throw new GraphFailure(501, 'NotImplemented', 'This operation target is not yet supported.');
  throw unreadableBody(
    `The property '${name}' does not exist on type 'microsoft.graph.event'. Make sure to only use property names that are ` +
      'defined by the type.',
  );
}

/** Once a meeting is online it stays so, with the provider it has. */
function settleOnline(
  changes: Partial<EventContent>,
  before: EventContent | undefined,
): Partial<EventContent> {
  if (before?.isOnlineMeeting === true) {
    const { isOnlineMeeting, onlineMeetingProvider, ...others } = changes;
    return others;
  }
  if (changes.isOnlineMeeting !== true) return changes;
  const provider = changes.onlineMeetingProvider ?? 'teamsForBusiness';
  return { ...changes, onlineMeetingProvider: provider === 'unknown' ? 'teamsForBusiness' : provider };
}

export interface ReadRules {
  /** What the event holds now; undefined for a new one. */
  readonly before: EventContent | undefined;
  /** An occurrence has no pattern, and gets none. */
  readonly isOccurrence?: boolean;
  /** People and imports may name attendees without an address. */
  readonly isLenient?: boolean;
}

const TIMES = ['start', 'end', 'isAllDay', 'recurrence'] as const;

/** Only what differs in meaning from before, with times made whole. */
function settle(
  changes: Partial<EventContent>,
  body: Fields,
  before: EventContent | undefined,
): Partial<EventContent> {
  if (before !== undefined && !TIMES.some((name) => name in body)) return changes;
  const { start, end } = { start: before?.start, end: before?.end, ...changes };
  if (start === undefined || end === undefined)
    throw invalidProperty(`The property '${start === undefined ? 'start' : 'end'}' is required.`);
  const whole: EventContent = { ...(before ?? NEW_EVENT), ...changes, start, end };
  const raw = 'recurrence' in body ? body.recurrence : undefined;
  const settled = settleTimes(raw === null ? { ...whole, recurrence: null } : whole, { raw, before });
  return {
    ...changes,
    start: settled.start,
    end: settled.end,
    isAllDay: settled.isAllDay,
    recurrence: settled.recurrence,
  };
}

/** The key that a create is stamped with; undefined without one. */
export const readTransactionId = (body: unknown): string | undefined =>
  isRecord(body) && body.transactionId !== undefined
    ? readText(body.transactionId, 'transactionId') || undefined
    : undefined;

/** Reads the body of a POST (without `before`) or PATCH. Throws as the service refuses. */
export function readEventWrite(body: unknown, rules: ReadRules): EventWrite {
  if (!isRecord(body)) throw unreadableBody('The request body is not an object.');
  const { before, isLenient = false, isOccurrence = false } = rules;
  if (before !== undefined && readTransactionId(body) !== undefined)
    throw invalidProperty("The property 'transactionId' can only be set when the event is created.");
  if (isOccurrence && (body.recurrence ?? null) !== null)
    throw invalidProperty("The property 'recurrence' cannot be set on an occurrence.");
  const read = Object.entries(body).map(([name, value]) => readProperty(name, value));
  const attendees: readonly Attendee[] | undefined =
    'attendees' in body
      ? readAttendees(body.attendees ?? [], { isLenient, before: before?.attendees ?? [] })
      : undefined;
  const changes = settleOnline(
    Object.assign({}, ...read, readLocationFields(body), attendees === undefined ? {} : { attendees }),
    before,
  );
  const extended =
    'singleValueExtendedProperties' in body ? readExtended(body.singleValueExtendedProperties) : new Map();
  const { recurrence, ...others } = body;
  return {
    changes: settle(changes, isOccurrence ? others : body, before),
    extended,
    named: Object.keys(body).filter((name) => !READ_ONLY.has(name) && !name.includes('@')),
  };
}
