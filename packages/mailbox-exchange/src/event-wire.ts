import { z } from 'zod';

// Lenient on purpose: unknown members are ignored, and a property of an unexpected type reads as absent, which the
// contract takes for "unknown", never for "blank".
const Text = z.string().nullable().optional().catch(undefined);
const Flag = z.boolean().nullable().optional().catch(undefined);
const Whole = z.int().nullable().optional().catch(undefined);
const Texts = z.array(z.string()).nullable().optional().catch(undefined);

const WireTime = z.object({ dateTime: z.string(), timeZone: Text });
const WireAddress = z.object({ address: Text, name: Text });

const WireAttendee = z.object({
  type: Text,
  emailAddress: WireAddress.optional().catch(undefined),
  status: z.object({ response: Text }).optional().catch(undefined),
});
export type WireAttendee = z.output<typeof WireAttendee>;

const WirePattern = z.object({
  type: z.string(),
  interval: z.int(),
  month: Whole,
  dayOfMonth: Whole,
  daysOfWeek: Texts,
  firstDayOfWeek: Text,
  index: Text,
});

const WireRange = z.object({
  type: z.string(),
  startDate: Text,
  endDate: Text,
  recurrenceTimeZone: Text,
  numberOfOccurrences: Whole,
});

const WireRecurrence = z.object({ pattern: WirePattern, range: WireRange });
export type WireRecurrence = z.output<typeof WireRecurrence>;

const Extended = z.object({ id: z.string(), value: Text });

/** One item of a calendar: a single event, a master, an exception, or the stub of an occurrence. */
export const WireEvent = z.object({
  id: z.string().min(1),
  '@odata.etag': z.string().optional().catch(undefined),
  changeKey: Text,
  type: Text,
  seriesMasterId: Text,
  iCalUId: Text,
  createdDateTime: Text,
  lastModifiedDateTime: Text,
  originalStart: Text,
  originalStartTimeZone: Text,
  subject: Text,
  body: z.object({ contentType: Text, content: Text }).nullable().optional().catch(undefined),
  start: WireTime.nullable().optional().catch(undefined),
  end: WireTime.nullable().optional().catch(undefined),
  isAllDay: Flag,
  recurrence: WireRecurrence.nullable().optional().catch(undefined),
  location: z.object({ displayName: Text }).nullable().optional().catch(undefined),
  attendees: z.array(WireAttendee).nullable().optional().catch(undefined),
  organizer: z
    .object({ emailAddress: WireAddress.optional().catch(undefined) })
    .nullable()
    .optional()
    .catch(undefined),
  isOrganizer: Flag,
  isCancelled: Flag,
  showAs: Text,
  sensitivity: Text,
  categories: Texts,
  isReminderOn: Flag,
  reminderMinutesBeforeStart: Whole,
  isOnlineMeeting: Flag,
  onlineMeeting: z.object({ joinUrl: Text }).nullable().optional().catch(undefined),
  webLink: Text,
  singleValueExtendedProperties: z.array(Extended).optional().catch(undefined),
  exceptionOccurrences: z.array(z.unknown()).optional().catch(undefined),
  cancelledOccurrences: z.array(z.string()).optional().catch(undefined),
});
export type WireEvent = z.output<typeof WireEvent>;

const PLAIN = [
  'changeKey',
  'type',
  'seriesMasterId',
  'iCalUId',
  'createdDateTime',
  'lastModifiedDateTime',
  'originalStart',
  'originalStartTimeZone',
  'subject',
  'body',
  'start',
  'end',
  'isAllDay',
  'recurrence',
  'location',
  'attendees',
  'organizer',
  'isOrganizer',
  'isCancelled',
  'showAs',
  'sensitivity',
  'categories',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'isOnlineMeeting',
  'onlineMeeting',
  'webLink',
] as const;

/** What is asked for when an event is read by its id: with the dates of a series that are not as its pattern says. */
export const EVENT_SELECT = [...PLAIN, 'cancelledOccurrences'].join(',');
