import type { RuleDay, SeriesRule } from './series-rule.ts';

const DAY_MS = 86_400_000;
/** No rule of the subset goes longer without an occurrence: 29 February around a century that has none. */
const MOST_EMPTY_PERIODS = 12 * 12;

/** Days since 1970-01-01. */
type Day = number;

const dayOf = (year: number, month: number, day: number): Day => Date.UTC(year, month, day) / DAY_MS;
/** Sunday is 0. */
const weekdayOf = (day: Day): number => (((day + 4) % 7) + 7) % 7;
const yearOf = (day: Day): number => new Date(day * DAY_MS).getUTCFullYear();
const monthOf = (day: Day): number => new Date(day * DAY_MS).getUTCMonth();
const dateOf = (day: Day): number => new Date(day * DAY_MS).getUTCDate();

const monthDays = (year: number, month: number): Day[] => {
  const first = dayOf(year, month, 1);
  return Array.from({ length: dayOf(year, month + 1, 1) - first }, (_, index) => first + index);
};

function isRuleDay(day: Day, days: readonly Day[], { weekday, ordinal }: RuleDay): boolean {
  if (weekdayOf(day) !== weekday) return false;
  if (ordinal === undefined) return true;
  const same = days.filter((each) => weekdayOf(each) === weekday);
  return same.at(ordinal > 0 ? ordinal - 1 : ordinal) === day;
}

/** Those of a month that all parts of the rule allow. */
function matching(rule: SeriesRule, days: readonly Day[], start: Day): Day[] {
  const dates = rule.byMonthDay.length === 0 && rule.byDay.length === 0 ? [dateOf(start)] : rule.byMonthDay;
  return days.filter((day) => {
    const byDate =
      dates.length === 0 || dates.some((date) => dateOf(day) === (date > 0 ? date : days.length + date + 1));
    return byDate && (rule.byDay.length === 0 || rule.byDay.some((each) => isRuleDay(day, days, each)));
  });
}

const picked = (rule: SeriesRule, days: readonly Day[]): readonly Day[] => {
  if (rule.bySetPos === undefined) return days;
  const day = days.at(rule.bySetPos > 0 ? rule.bySetPos - 1 : rule.bySetPos);
  return day === undefined ? [] : [day];
};

const inMonths = (rule: SeriesRule, day: Day): boolean =>
  rule.byMonth.length === 0 || rule.byMonth.includes(monthOf(day) + 1);

/** Candidates of the n-th period of the rule, in order; those before the start of the series among them. */
function period(rule: SeriesRule, start: Day, number: number): readonly Day[] {
  const step = number * rule.interval;
  switch (rule.frequency) {
    case 'DAILY': {
      const day = start + step;
      const wanted = rule.byDay.length === 0 || rule.byDay.some((each) => each.weekday === weekdayOf(day));
      return wanted && inMonths(rule, day) ? [day] : [];
    }
    case 'WEEKLY': {
      const first = start - ((weekdayOf(start) - rule.weekStart + 7) % 7) + step * 7;
      const days = [0, 1, 2, 3, 4, 5, 6].map((offset) => first + offset);
      return picked(
        rule,
        days.filter(
          (day) => rule.byDay.some((each) => each.weekday === weekdayOf(day)) && inMonths(rule, day),
        ),
      );
    }
    case 'MONTHLY': {
      const days = monthDays(yearOf(start), monthOf(start) + step);
      return inMonths(rule, days[0] ?? 0) ? picked(rule, matching(rule, days, start)) : [];
    }
    default: {
      const months =
        rule.byMonth.length === 0 ? [monthOf(start) + 1] : [...rule.byMonth].sort((a, b) => a - b);
      const year = yearOf(start) + step;
      return picked(
        rule,
        months.flatMap((month) => matching(rule, monthDays(year, month - 1), start)),
      );
    }
  }
}

/**
 * The days of a series from its start on, in calendar days of its zone, months that lack a day left out (RFC 5545). COUNT is
 * obeyed; UNTIL is a moment, so whoever turns days into moments stops there.
 */
export function* seriesDays(rule: SeriesRule, start: Day): Generator<Day> {
  let told = 0;
  let empty = 0;
  const most = rule.count ?? Number.POSITIVE_INFINITY;
  const patience = rule.frequency === 'DAILY' ? MOST_EMPTY_PERIODS * 31 : MOST_EMPTY_PERIODS;
  for (let number = 0; told < most && empty < patience; number += 1) {
    const days = period(rule, start, number).filter((day) => day >= start);
    empty = days.length === 0 ? empty + 1 : 0;
    for (const day of days) {
      if (told >= most) return;
      told += 1;
      yield day;
    }
  }
}
