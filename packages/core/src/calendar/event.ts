/**
 * When an event is, as one value: mixing the start of one with the end of another makes nonsense. `end` is exclusive.
 *
 * - At a time of day: wall time `YYYY-MM-DDTHH:mm:ss` in `zone`, an IANA name. `zone` null: the zone's name could not be
 *   resolved; the wall time is UTC then, and the event stands at its absolute instant.
 * - All day: dates `YYYY-MM-DD`, `zone` null. Dates never pass through a zone.
 */
export interface EventTime {
  readonly kind: 'time';
  readonly start: string;
  readonly end: string;
  readonly zone: string | null;
}

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const WEEK_INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;
export type WeekIndex = (typeof WEEK_INDEXES)[number];

/**
 * The rule of a series whose first day is the day of its `EventTime.start`. What falls on the rule's days from then on is
 * an occurrence; the first day itself only if the rule says so.
 *
 * - `day`: every `interval` days.
 * - `week`: on `days` of every `interval`th week; weeks begin on `weekStart` (absent = monday).
 * - `month`, `year`: of every `interval`th month, or of `month` in every `interval`th year, either `monthDay`, which in a
 *   shorter month is its last day, or the `index`th (absent = first) of the days that are one of `days`.
 *
 * `until` is the last date, inclusive, in the series' zone; `count` the number of occurrences, cancelled ones included;
 * without either there is no end.
 */
export interface Recurrence {
  readonly kind: 'recurrence';
  readonly every: 'day' | 'week' | 'month' | 'year';
  /** 1 to 999. */
  readonly interval: number;
  readonly days?: readonly Weekday[];
  readonly index?: WeekIndex;
  /** 1 to 31. */
  readonly monthDay?: number;
  /** 1 to 12. */
  readonly month?: number;
  readonly weekStart?: Weekday;
  readonly until?: string;
  readonly count?: number;
  /** IANA zone in which the days are counted and the wall time is kept; null for all-day series. */
  readonly zone: string | null;
}

export const ATTENDEE_ROLES = ['required', 'optional', 'resource'] as const;
export const ATTENDEE_RESPONSES = ['none', 'accepted', 'tentative', 'declined'] as const;

export interface Attendee {
  /** Compared without case. Never blank. */
  readonly email: string;
  /** As the store shows it; two attendees with one address are one, whatever they are called. */
  readonly name?: string;
  readonly role: (typeof ATTENDEE_ROLES)[number];
  readonly response: (typeof ATTENDEE_RESPONSES)[number];
}

/** Who takes part. A list of one's own, without others, is blank (`null`). */
export interface People {
  readonly kind: 'people';
  /** Address of the organizer; null = the store does not say. */
  readonly organizer: string | null;
  /** Everybody but the organizer. */
  readonly attendees: readonly Attendee[];
}

/** What an exception of a series may show differently from its series. */
export const OCCURRENCE_FIELDS = [
  'time',
  'subject',
  'location',
  'body',
  'people',
  'showAs',
  'sensitivity',
  'categories',
  'reminder',
] as const;
export type OccurrenceField = (typeof OCCURRENCE_FIELDS)[number];

/** Only the fields that differ from the series. */
export type Exception = Readonly<
  Partial<Record<OccurrenceField, string | readonly string[] | EventTime | People | null>>
>;

/**
 * The occurrences of a series that are not as the rule makes them, by occurrence key: the start that the rule gives them,
 * in UTC (`YYYY-MM-DDTHH:mm:ssZ`), or the date of an all-day occurrence. It stays the key of an occurrence that was moved.
 */
export interface Occurrences {
  readonly kind: 'occurrences';
  readonly byStart: Readonly<Record<string, 'cancelled' | Exception>>;
}

/** Values that only events have; told apart from addresses by `kind`. */
export type EventValue = EventTime | Recurrence | Occurrences | People;

/** Part of a calendar that is looked at: dates in UTC, `to` exclusive. Leaving it freezes a pair and deletes nothing. */
export interface EventWindow {
  readonly from: string;
  readonly to: string;
}
