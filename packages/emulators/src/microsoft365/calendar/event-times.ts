import { formatDay } from '../calendar-day.ts';
import { GraphFailure, invalidProperty } from '../graph-error.ts';
import { NO_END, type PatternedRecurrence, readRecurrence } from '../recurrence.ts';
import { patternDaysIn } from '../series.ts';
import { toInstant, toWall, type ZonedTime, zoneOf } from '../zoned-time.ts';
import type { EventContent } from './event-content.ts';
import { isRecord, member } from './event-values.ts';

const DAY_MS = 86_400_000;

const invalidRequest = (message: string): GraphFailure =>
  new GraphFailure(400, 'ErrorInvalidRequest', message);

type NamedZone = Pick<ZonedTime, 'timeZone' | 'zone'>;

/** The same instant on the clock of another zone. */
function moved(time: ZonedTime, to: NamedZone): ZonedTime {
  if (time.zone === to.zone) return { ...time, timeZone: to.timeZone };
  return { wall: toWall(toInstant(time.wall, time.zone), to.zone), ...to };
}

function checkAllDay({ start, end }: EventContent): void {
  for (const [name, { wall }] of [
    ['Start', start],
    ['End', end],
  ] as const)
    if (wall.ms !== 0)
      throw invalidRequest(`The Event.${name} property for an all-day event needs to be set to midnight.`);
  if (start.zone !== end.zone)
    throw invalidRequest('The Event.Start and Event.End properties of an all-day event need one time zone.');
  if (end.wall.day <= start.wall.day)
    throw invalidRequest('The duration of an event marked as All day must be at least 24 hours.');
}

/** Occurrences must not overlap each other: the first ones tell how far apart they come. */
function checkLength(content: EventContent, recurrence: PatternedRecurrence): void {
  const { start, end } = content;
  const length = (end.wall.day - start.wall.day) * DAY_MS + end.wall.ms - start.wall.ms;
  const days = patternDaysIn(recurrence, start.wall.day, start.wall.day + 800);
  if (days.length === 0 && recurrence.range.type !== 'noEnd') {
    const any = patternDaysIn(recurrence, start.wall.day, Number.MAX_SAFE_INTEGER);
    if (any.length === 0)
      throw new GraphFailure(
        400,
        'ErrorRecurrenceHasNoOccurrence',
        'The specified recurrence cannot be created: it has no occurrence.',
      );
  }
  const gaps = days.slice(1, 20).map((day, index) => (day - (days[index] ?? day)) * DAY_MS);
  if (gaps.some((gap) => length > gap))
    throw new GraphFailure(
      400,
      'ErrorOccurrenceTimeSpanTooBig',
      'The duration of an occurrence is longer than the time between occurrences.',
    );
}

/** A series written anew: its times stand in the zone of its pattern. */
function inZone(content: EventContent, { timeZone, zone }: NamedZone): EventContent {
  const at = { timeZone, zone };
  // Whole days have no zone: their dates are kept.
  const change = (time: ZonedTime) => (content.isAllDay ? { ...time, ...at } : moved(time, at));
  return { ...content, start: change(content.start), end: change(content.end) };
}

function zoneOfPattern(content: EventContent, raw: unknown): NamedZone {
  const range = isRecord(raw) ? member(raw, 'range') : null;
  const asked = isRecord(range) ? member(range, 'recurrenceTimeZone') : null;
  const isOther = typeof asked === 'string' && asked !== '' && asked !== content.start.timeZone;
  return isOther ? { timeZone: asked, zone: zoneOf(asked) } : content.start;
}

/** A series whose times were changed and its pattern not: the pattern begins with the new date. */
function withStartDate(
  content: EventContent,
  recurrence: PatternedRecurrence,
  before: NamedZone,
): EventContent {
  const placed = inZone(content, before);
  const startDate = formatDay(placed.start.wall.day);
  if (startDate === recurrence.range.startDate) return { ...placed, recurrence };
  const { endDate } = recurrence.range;
  if (endDate !== NO_END && endDate < startDate)
    throw invalidProperty("The property 'start' lies after the end of the recurrence.");
  return {
    ...placed,
    recurrence: Object.freeze({ ...recurrence, range: { ...recurrence.range, startDate } }),
  };
}

/**
 * Content whose times were written, made whole: start before end, whole days at midnight, a pattern that begins with its
 * event. `raw`: the recurrence as sent, undefined where it was not. `before`: what the event held. Throws 400.
 */
export function settleTimes(
  content: EventContent,
  of: { readonly raw: unknown; readonly before: EventContent | undefined },
): EventContent {
  if (content.isAllDay) checkAllDay(content);
  if (toInstant(content.end.wall, content.end.zone) < toInstant(content.start.wall, content.start.zone))
    throw invalidProperty("The property 'end' lies before 'start'.");
  let settled = content;
  const { raw, before } = of;
  if (raw !== undefined && raw !== null) {
    const placed = inZone(content, zoneOfPattern(content, raw));
    const { wall, timeZone } = placed.start;
    const event = { startDate: formatDay(wall.day), timeZone };
    settled = { ...placed, recurrence: readRecurrence(raw, event) };
  } else if (content.recurrence !== null)
    settled = withStartDate(content, content.recurrence, before?.start ?? content.start);
  if (settled.recurrence !== null) checkLength(settled, settled.recurrence);
  return settled;
}
