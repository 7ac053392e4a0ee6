import { type DayNumber, parseDay } from '../calendar-day.ts';
import type { PatternedRecurrence } from '../recurrence.ts';
import {
  allDays,
  occurrenceOn,
  occurrencesIn,
  patternDaysIn,
  type Series,
  touches,
  type Window,
} from '../series.ts';
import { toInstant, type Zone, type ZonedTime } from '../zoned-time.ts';
import type { EventContent } from './event-content.ts';
import type { StoredEvent } from './stored-event.ts';

const DAY_MS = 86_400_000;

/** A single event, or one date of a series as it is looked at: moved, changed, or as the pattern says. */
export interface Instance {
  readonly event: StoredEvent;
  /** Its date in the pattern; null for a single event. */
  readonly day: DayNumber | null;
  readonly isException: boolean;
  /** What holds for it, with start and end of its own and no recurrence. */
  readonly content: EventContent;
  /** Instants. All-day ones are midnights in the zone they are looked at. */
  readonly start: number;
  readonly end: number;
}

type Body = Pick<StoredEvent, 'content' | 'exceptions' | 'cancelled'>;

/** Undefined for a single event. */
export function seriesOf({ recurrence, start, end, isAllDay }: EventContent): Series | undefined {
  if (recurrence === null) return undefined;
  return { recurrence, zone: start.zone, start: start.wall, end: end.wall, isAllDay };
}

const instantOf = ({ wall, zone }: ZonedTime, whole: Zone | undefined): number =>
  toInstant(wall, whole ?? zone);

/** Start and end as instants; whole days are midnights in `floating`. */
export function boundsOf(content: Pick<EventContent, 'start' | 'end' | 'isAllDay'>, floating: Zone): Window {
  const whole = content.isAllDay ? floating : undefined;
  return { start: instantOf(content.start, whole), end: instantOf(content.end, whole) };
}

/** What the pattern gives an occurrence on that day. */
function patternContent(content: EventContent, day: DayNumber): EventContent {
  const { start, end } = content;
  return {
    ...content,
    recurrence: null,
    start: { ...start, wall: { day, ms: start.wall.ms } },
    end: { ...end, wall: { day: day + end.wall.day - start.wall.day, ms: end.wall.ms } },
  };
}

/** What holds for one date of a series, whether it was changed or not. */
export const occurrenceContent = (event: Body, day: DayNumber): EventContent => ({
  ...patternContent(event.content, day),
  ...event.exceptions.get(day),
});

function exceptionInstance(event: StoredEvent, day: DayNumber, floating: Zone): Instance {
  const content = occurrenceContent(event, day);
  return { event, day, isException: true, content, ...boundsOf(content, floating) };
}

/** The start that the pattern gave the occurrence, as an instant. */
export function originalStartOf(event: StoredEvent, day: DayNumber, floating: Zone): number {
  const series = seriesOf(event.content);
  return series === undefined ? 0 : occurrenceOn(series, day, floating).start;
}

/** One date of a series; undefined where the pattern has none or it was cancelled. */
export function instanceOn(event: StoredEvent, day: DayNumber, floating: Zone): Instance | undefined {
  const { recurrence } = event.content;
  if (recurrence === null || event.cancelled.has(day)) return undefined;
  if (patternDaysIn(recurrence, day, day).length === 0) return undefined;
  if (event.exceptions.has(day)) return exceptionInstance(event, day, floating);
  const content = occurrenceContent(event, day);
  return { event, day, isException: false, content, ...boundsOf(content, floating) };
}

/** Instances that touch the window, in no order: a single event itself, of a series its dates. */
export function instancesIn(event: StoredEvent, window: Window, floating: Zone): readonly Instance[] {
  const series = seriesOf(event.content);
  if (series === undefined) {
    const bounds = boundsOf(event.content, floating);
    if (!touches(bounds, window)) return [];
    return [{ event, day: null, isException: false, content: event.content, ...bounds }];
  }
  const found: Instance[] = [];
  for (const { day, start, end } of occurrencesIn(series, window, floating)) {
    if (event.cancelled.has(day) || event.exceptions.has(day)) continue;
    found.push({ event, day, isException: false, content: patternContent(event.content, day), start, end });
  }
  for (const day of event.exceptions.keys()) {
    const instance = exceptionInstance(event, day, floating);
    if (touches(instance, window)) found.push(instance);
  }
  return found;
}

/** Every date that is left of a series that ends; undefined for one without an end. */
export function remainingDays(event: Body): readonly DayNumber[] | undefined {
  const { recurrence } = event.content;
  return recurrence === null ? [] : allDays(recurrence)?.filter((day) => !event.cancelled.has(day));
}

/** No date of the pattern is later; undefined where it has no end. */
const lastDay = (recurrence: PatternedRecurrence): DayNumber | undefined =>
  recurrence.range.type === 'endDate'
    ? (parseDay(recurrence.range.endDate) ?? undefined)
    : allDays(recurrence)?.at(-1);

/** From the first to the last instant at which it can be, in whatever zone it is looked at. */
export function spanOf(event: Body): Window {
  const { content, exceptions } = event;
  const { start, end, recurrence } = content;
  const length = (end.wall.day - start.wall.day + 1) * DAY_MS;
  const last = recurrence === null ? start.wall.day : lastDay(recurrence);
  const own = [...exceptions.values()].flatMap((changes) => [changes.start, changes.end]);
  const days = own.flatMap((time) => (time === undefined ? [] : [time.wall.day]));
  // No zone is further than a day from UTC.
  return {
    start: (Math.min(start.wall.day, ...days) - 1) * DAY_MS,
    end: last === undefined ? Number.POSITIVE_INFINITY : (Math.max(last, ...days) + 2) * DAY_MS + length,
  };
}
