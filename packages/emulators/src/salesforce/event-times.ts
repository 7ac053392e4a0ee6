import { badRequest } from './api-error.ts';
import type { Changes } from './record-input.ts';
import type { FieldValue } from './schema.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const MOST_DAYS = 14;

type Stored = Readonly<Record<string, FieldValue>>;

const integrity = (message: string, fields: readonly string[]): Error =>
  badRequest('FIELD_INTEGRITY_EXCEPTION', message, fields);

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const toMidnight = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

const momentOf = (value: FieldValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

interface Given {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly minutes: number | undefined;
}

/** Every field that says the start has to say the same. */
function givenStart(changes: Changes, allDay: boolean): number | undefined {
  const day =
    typeof changes.ActivityDate === 'string' ? Date.parse(`${changes.ActivityDate}T00:00:00Z`) : undefined;
  const moments = [
    momentOf(changes.StartDateTime),
    momentOf(changes.ActivityDateTime),
    allDay ? day : undefined,
  ]
    .filter((each) => each !== undefined)
    .map((each) => (allDay ? toMidnight(each) : each));
  const [first, ...others] = moments;
  if (others.some((each) => each !== first))
    throw integrity('Due Date Time: must be equal to the start date and time', ['ActivityDateTime']);
  return first;
}

function given(changes: Changes, allDay: boolean): Given {
  const end = momentOf(changes.EndDateTime);
  return {
    start: givenStart(changes, allDay),
    end: end === undefined ? undefined : allDay ? toMidnight(end) : end,
    minutes: momentOf(changes.DurationInMinutes),
  };
}

/** The end of an all-day event is its last day, so that one day lasts from a midnight to the same midnight. */
const minutesBetween = (start: number, end: number, allDay: boolean): number =>
  (end - start) / MINUTE_MS + (allDay ? DAY_MINUTES : 0);

function lengthOf(
  of: Given,
  start: number,
  at: { readonly allDay: boolean; readonly before: Stored | undefined },
): number {
  const { allDay, before } = at;
  const fromEnd = of.end === undefined ? undefined : minutesBetween(start, of.end, allDay);
  if (fromEnd !== undefined && of.minutes !== undefined && fromEnd !== of.minutes)
    throw integrity('Duration: the end and the duration do not add up to the same time', [
      'DurationInMinutes',
    ]);
  const minutes = fromEnd ?? of.minutes;
  if (minutes !== undefined) return minutes;
  const kept = before?.IsAllDayEvent === allDay ? momentOf(before.DurationInMinutes) : undefined;
  if (kept !== undefined) return kept;
  if (allDay) return DAY_MINUTES;
  const missing = ['DurationInMinutes', 'ActivityDateTime'];
  throw badRequest('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing);
}

function requireLength(minutes: number, allDay: boolean, multiDay: boolean): void {
  if (minutes < 0) throw integrity('End Date Time: the end lies before the start', ['EndDateTime']);
  if (allDay && (minutes === 0 || minutes % DAY_MINUTES !== 0))
    throw integrity('Duration: an all-day event lasts whole days', ['DurationInMinutes']);
  const days = multiDay ? MOST_DAYS : 1;
  if (minutes > days * DAY_MINUTES)
    throw integrity(`Duration: an event cannot last longer than ${days} ${days === 1 ? 'day' : 'days'}`, [
      'DurationInMinutes',
    ]);
}

/**
 * Start, end and length of an event after a write, in all the fields that say them. Datetimes are milliseconds since
 * 1970; those of all-day events are midnights in UTC and belong to no zone. Throws what the service throws for times that
 * contradict each other, are missing, or are too far apart.
 */
export function eventTimes(
  changes: Changes,
  at: { readonly before: Stored | undefined; readonly multiDay: boolean },
): Changes {
  const { before, multiDay } = at;
  const allDay = (changes.IsAllDayEvent ?? before?.IsAllDayEvent ?? false) === true;
  const of = given(changes, allDay);
  const kept = momentOf(before?.StartDateTime);
  const start = of.start ?? (kept !== undefined && allDay ? toMidnight(kept) : kept);
  if (start === undefined || changes.StartDateTime === null) {
    const missing = ['DurationInMinutes', 'ActivityDateTime'];
    throw badRequest(
      'REQUIRED_FIELD_MISSING',
      `Required fields are missing: [${missing.join(', ')}]`,
      missing,
    );
  }
  const minutes = lengthOf(of, start, { allDay, before });
  requireLength(minutes, allDay, multiDay);
  const end = start + (minutes - (allDay ? DAY_MINUTES : 0)) * MINUTE_MS;
  return {
    IsAllDayEvent: allDay,
    StartDateTime: start,
    EndDateTime: end,
    ActivityDateTime: start,
    ActivityDate: isoDay(start),
    EndDate: isoDay(end),
    DurationInMinutes: minutes,
  };
}

const TIME_FIELDS = [
  'IsAllDayEvent',
  'StartDateTime',
  'EndDateTime',
  'ActivityDateTime',
  'ActivityDate',
  'DurationInMinutes',
] as const;

/** Whether a write says anything about when. */
export const namesTimes = (changes: Changes): boolean => TIME_FIELDS.some((name) => name in changes);
