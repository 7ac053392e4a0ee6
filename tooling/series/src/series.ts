export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export const INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;
export const TYPES = [
  'daily',
  'weekly',
  'absoluteMonthly',
  'relativeMonthly',
  'absoluteYearly',
  'relativeYearly',
] as const;

export interface SeriesPattern {
  readonly type: (typeof TYPES)[number];
  readonly interval: number;
  readonly dayOfMonth: number;
  readonly month: number;
  readonly daysOfWeek: readonly (typeof WEEKDAYS)[number][];
  readonly firstDayOfWeek: (typeof WEEKDAYS)[number];
  readonly index: (typeof INDEXES)[number];
}

export interface SeriesRange {
  readonly type: 'endDate' | 'noEnd' | 'numbered';
  readonly startDate: string;
  readonly endDate?: string;
  readonly numberOfOccurrences?: number;
}

/** One date that somebody moved. Both times are wall time, `YYYY-MM-DDTHH:mm`. */
export interface MovedDate {
  readonly day: string;
  readonly start: string;
  readonly end: string;
}

/** A series as a calendar gets it, and how it is looked at. */
export interface RandomSeries {
  readonly pattern: SeriesPattern;
  readonly range: SeriesRange;
  /** As it is written, Windows or IANA. */
  readonly timeZone: string;
  /** IANA. */
  readonly zone: string;
  readonly isAllDay: boolean;
  /** Minutes after midnight of the first date. */
  readonly from: number;
  /** Minutes. */
  readonly length: number;
  readonly moved: readonly MovedDate[];
  /** Dates that were cancelled. */
  readonly cancelled: readonly string[];
  /** Instants, milliseconds since 1970. */
  readonly window: { readonly start: number; readonly end: number };
  /** The zone of whoever looks. */
  readonly viewer: { readonly timeZone: string; readonly zone: string };
}
