import type { PhysicalAddress } from '../contact-content.ts';
import type { PatternedRecurrence } from '../recurrence.ts';
import type { ZonedTime } from '../zoned-time.ts';

export const IMPORTANCES = ['low', 'normal', 'high'] as const;
export const SENSITIVITIES = ['normal', 'personal', 'private', 'confidential'] as const;
export const SHOW_AS = ['free', 'tentative', 'busy', 'oof', 'workingElsewhere', 'unknown'] as const;
export const ATTENDEE_TYPES = ['required', 'optional', 'resource'] as const;
export const RESPONSES = [
  'none',
  'organizer',
  'tentativelyAccepted',
  'accepted',
  'declined',
  'notResponded',
] as const;
export const PROVIDERS = ['unknown', 'skypeForBusiness', 'skypeForConsumer', 'teamsForBusiness'] as const;

export type ShowAs = (typeof SHOW_AS)[number];
export type AttendeeType = (typeof ATTENDEE_TYPES)[number];
export type ResponseType = (typeof RESPONSES)[number];
export type Provider = (typeof PROVIDERS)[number];

/** `at` is null while nobody has answered; the wire then shows the year 1. */
export interface Response {
  readonly response: ResponseType;
  readonly at: number | null;
}

export interface TimeSlot {
  readonly start: ZonedTime;
  readonly end: ZonedTime;
}

export interface Attendee {
  readonly type: AttendeeType;
  /** Without an address only where a person or an import put it so: Graph itself refuses that. */
  readonly emailAddress: { readonly name: string; readonly address: string | undefined };
  readonly status: Response;
  readonly proposedNewTime: TimeSlot | undefined;
}

export interface Location {
  readonly displayName: string;
  readonly address: PhysicalAddress;
  readonly coordinates: Readonly<Record<string, number>>;
  readonly locationUri: string | undefined;
  readonly locationEmailAddress: string | undefined;
}

export interface OnlineMeeting {
  readonly joinUrl: string;
  readonly conferenceId: string;
  readonly tollNumber: string;
}

/** What an event is, without ids and versions. Frozen; a write replaces it, an exception of a series overrides parts of it. */
export interface EventContent {
  readonly subject: string;
  /** HTML as Exchange keeps it; empty where there is none. */
  readonly body: string;
  readonly start: ZonedTime;
  readonly end: ZonedTime;
  readonly isAllDay: boolean;
  readonly recurrence: PatternedRecurrence | null;
  readonly importance: (typeof IMPORTANCES)[number];
  readonly sensitivity: (typeof SENSITIVITIES)[number];
  readonly showAs: ShowAs;
  readonly categories: readonly string[];
  readonly isReminderOn: boolean;
  readonly reminderMinutesBeforeStart: number;
  /** The first is the one shown as `location`. */
  readonly locations: readonly Location[];
  readonly attendees: readonly Attendee[];
  readonly responseRequested: boolean;
  readonly allowNewTimeProposals: boolean;
  readonly hideAttendees: boolean;
  readonly isOnlineMeeting: boolean;
  readonly onlineMeetingProvider: Provider;
  readonly onlineMeeting: OnlineMeeting | null;
  /** Of the mailbox the event is in. */
  readonly response: Response;
  readonly isCancelled: boolean;
}

const none: readonly never[] = Object.freeze([]);

/** What a new event has where nothing else was said. */
export const NEW_EVENT: Omit<EventContent, 'start' | 'end'> = Object.freeze({
  subject: '',
  body: '',
  isAllDay: false,
  recurrence: null,
  importance: 'normal',
  sensitivity: 'normal',
  showAs: 'busy',
  categories: none,
  isReminderOn: true,
  reminderMinutesBeforeStart: 15,
  locations: none,
  attendees: none,
  responseRequested: true,
  allowNewTimeProposals: true,
  hideAttendees: false,
  isOnlineMeeting: false,
  onlineMeetingProvider: 'unknown',
  onlineMeeting: null,
  response: Object.freeze({ response: 'organizer', at: null }),
  isCancelled: false,
});
