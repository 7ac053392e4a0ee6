import {
  canonicalRecurrence,
  type EventTime,
  expandSeries,
  type Occurrences,
  occurrenceKey,
  parseRrule,
  type Recurrence,
  toRrule,
} from '@tidelock/core';
import { Temporal } from 'temporal-polyfill';
import type { Row } from './independent.ts';
import type { RandomSeries, SeriesPattern } from './series.ts';

const EVERY: Readonly<Record<SeriesPattern['type'], Recurrence['every']>> = {
  daily: 'day',
  weekly: 'week',
  absoluteMonthly: 'month',
  relativeMonthly: 'month',
  absoluteYearly: 'year',
  relativeYearly: 'year',
};

function toRecurrence({ pattern, range, zone, isAllDay }: RandomSeries): Recurrence {
  const { type, interval } = pattern;
  const every = EVERY[type];
  const isRelative = type.startsWith('relative');
  return canonicalRecurrence({
    kind: 'recurrence',
    every,
    interval,
    ...(every === 'week' ? { days: pattern.daysOfWeek, weekStart: pattern.firstDayOfWeek } : {}),
    ...(every === 'year' ? { month: pattern.month } : {}),
    ...(isRelative ? { days: pattern.daysOfWeek, index: pattern.index } : {}),
    ...(type.startsWith('absolute') ? { monthDay: pattern.dayOfMonth } : {}),
    ...(range.endDate === undefined ? {} : { until: range.endDate }),
    ...(range.numberOfOccurrences === undefined ? {} : { count: range.numberOfOccurrences }),
    zone: isAllDay ? null : zone,
  });
}

const wall = (day: string, minutes: number): string =>
  Temporal.PlainDate.from(day).toPlainDateTime().add({ minutes }).toString({ smallestUnit: 'second' });

function toTime({ isAllDay, zone }: RandomSeries, start: string, end: string): EventTime {
  if (isAllDay) return { kind: 'time', start: start.slice(0, 10), end: end.slice(0, 10), zone: null };
  return { kind: 'time', start, end, zone };
}

const timeOn = (series: RandomSeries, day: string): EventTime =>
  toTime(series, wall(day, series.from), wall(day, series.from + series.length));

function toOccurrences(series: RandomSeries): Occurrences {
  const keyOn = (day: string): string => {
    const { start, zone } = timeOn(series, day);
    return occurrenceKey(start, zone);
  };
  return {
    kind: 'occurrences',
    byStart: {
      ...Object.fromEntries(series.cancelled.map((day) => [keyOn(day), 'cancelled' as const])),
      ...Object.fromEntries(
        series.moved.map(({ day, start, end }) => [
          keyOn(day),
          { time: toTime(series, `${start}:00`, `${end}:00`) },
        ]),
      ),
    },
  };
}

/** The core knows whole days as dates, and looks at them in UTC only. */
export const isSeenByCore = ({ isAllDay, viewer }: RandomSeries): boolean =>
  !isAllDay || viewer.zone === 'UTC';

/** What the core makes of the series in its window, by start. */
export function coreView(series: RandomSeries): readonly Row[] {
  const { window, viewer, isAllDay } = series;
  const occurrences = expandSeries(
    {
      time: timeOn(series, series.range.startDate),
      recurrence: toRecurrence(series),
      occurrences: toOccurrences(series),
    },
    { from: window.start, to: window.end },
  );
  const shown = (instant: number, text: string): string =>
    isAllDay
      ? `${text}T00:00:00`
      : Temporal.Instant.fromEpochMilliseconds(instant)
          .toZonedDateTimeISO(viewer.zone)
          .toPlainDateTime()
          .toString({ smallestUnit: 'second' });
  return occurrences.map(({ time, from, to, exception }) => ({
    type: exception === null ? 'occurrence' : 'exception',
    start: shown(from, time.start),
    end: shown(to, time.end),
  }));
}

/** Null where the rule comes back from RFC 5545 as it was, else the text that it became. */
export function lostInRrule(series: RandomSeries): string | null {
  const recurrence = toRecurrence(series);
  const time = timeOn(series, series.range.startDate);
  const text = toRrule(recurrence, time);
  const back = parseRrule(text, time);
  return JSON.stringify(back.recurrence) === JSON.stringify(recurrence) ? null : text;
}
