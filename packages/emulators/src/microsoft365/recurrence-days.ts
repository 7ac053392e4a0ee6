import { type DayNumber, dayOf, daysInMonth, parseDay, partsOf, weekdayOf } from './calendar-day.ts';
import { INDEXES, type PatternedRecurrence, type RecurrencePattern, WEEKDAYS } from './recurrence.ts';

/** Exchange calendars end here. */
const LAST_DAY = dayOf({ year: 4500, month: 8, day: 31 });

/** Days of one period (a week, a month, a year) in order; what lies before the start of the series is dropped later. */
type Period = (number: number) => readonly DayNumber[];

const weekdays = (pattern: RecurrencePattern): ReadonlySet<number> =>
  new Set((pattern.daysOfWeek ?? []).map((each) => WEEKDAYS.indexOf(each)));

function weekPeriods(pattern: RecurrencePattern, start: DayNumber): Period {
  const first = WEEKDAYS.indexOf(pattern.firstDayOfWeek);
  const monday = start - ((weekdayOf(start) - first + 7) % 7);
  const wanted = weekdays(pattern);
  return (number) => {
    const from = monday + number * pattern.interval * 7;
    return [0, 1, 2, 3, 4, 5, 6].map((offset) => from + offset).filter((day) => wanted.has(weekdayOf(day)));
  };
}

/** A month that lacks the day takes its last one (MS-OXOCAL 2.2.1.44.1.3, Month). */
const absoluteDay = (pattern: RecurrencePattern, year: number, month: number): DayNumber =>
  dayOf({ year, month, day: Math.min(pattern.dayOfMonth, daysInMonth(year, month)) });

/** The n-th day of the month that is one of the days of the week; `last` the last one. */
function relativeDay(pattern: RecurrencePattern, year: number, month: number): DayNumber | undefined {
  const wanted = weekdays(pattern);
  const length = daysInMonth(year, month);
  const days = Array.from({ length }, (_, index) => dayOf({ year, month, day: index + 1 })).filter((day) =>
    wanted.has(weekdayOf(day)),
  );
  return pattern.index === 'last' ? days.at(-1) : days[INDEXES.indexOf(pattern.index)];
}

function monthPeriods(pattern: RecurrencePattern, start: DayNumber): Period {
  const { year, month } = partsOf(start);
  const find = pattern.type === 'absoluteMonthly' ? absoluteDay : relativeDay;
  return (number) => {
    const at = year * 12 + (month - 1) + number * pattern.interval;
    return [find(pattern, Math.floor(at / 12), (at % 12) + 1)].filter((day) => day !== undefined);
  };
}

function yearPeriods(pattern: RecurrencePattern, start: DayNumber): Period {
  const { year } = partsOf(start);
  const find = pattern.type === 'absoluteYearly' ? absoluteDay : relativeDay;
  return (number) =>
    [find(pattern, year + number * pattern.interval, pattern.month)].filter((day) => day !== undefined);
}

function periodsOf(pattern: RecurrencePattern, start: DayNumber): Period {
  if (pattern.type === 'daily') return (number) => [start + number * pattern.interval];
  if (pattern.type === 'weekly') return weekPeriods(pattern, start);
  return pattern.type.endsWith('Monthly') ? monthPeriods(pattern, start) : yearPeriods(pattern, start);
}

/** Every day of the pattern from its start on, without an end. */
function* patternDays(pattern: RecurrencePattern, start: DayNumber): Generator<DayNumber> {
  const period = periodsOf(pattern, start);
  for (let number = 0; ; number += 1) yield* period(number).filter((day) => day >= start);
}

/**
 * The dates of a series in the zone of its pattern, in order. A series without an end goes on to the end of the calendar:
 * whoever reads it stops. Cancelled and moved occurrences are among them: they stand for what the pattern says.
 */
export function* recurrenceDays({ pattern, range }: PatternedRecurrence): Generator<DayNumber> {
  const start = parseDay(range.startDate) ?? 0;
  const end = range.type === 'endDate' ? Math.min(parseDay(range.endDate) ?? start, LAST_DAY) : LAST_DAY;
  const most = range.type === 'numbered' ? range.numberOfOccurrences : Number.POSITIVE_INFINITY;
  let told = 0;
  for (const day of patternDays(pattern, start)) {
    if (day > end || told >= most) return;
    told += 1;
    yield day;
  }
}
