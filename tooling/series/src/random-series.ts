import { createRandom, type Random } from '@tidelock/emulators/kit';
import { Temporal } from 'temporal-polyfill';
import { independentDays } from './independent.ts';
import {
  INDEXES,
  type MovedDate,
  type RandomSeries,
  type SeriesPattern,
  type SeriesRange,
  TYPES,
  WEEKDAYS,
} from './series.ts';

/** Names as they are written, with the IANA zone that each stands for: both hemispheres, half hours, none at all. */
const ZONES = [
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['Pacific Standard Time', 'America/Los_Angeles'],
  ['America/New_York', 'America/New_York'],
  ['AUS Eastern Standard Time', 'Australia/Sydney'],
  ['Australia/Lord_Howe', 'Australia/Lord_Howe'],
  ['India Standard Time', 'Asia/Kolkata'],
  ['Africa/Casablanca', 'Africa/Casablanca'],
  ['America/Santiago', 'America/Santiago'],
  ['Tokyo Standard Time', 'Asia/Tokyo'],
  ['UTC', 'UTC'],
] as const;

const pick = <T>(random: Random, of: readonly T[]): T => {
  const found = of[random.int(of.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

const chance = (random: Random, share: number): boolean => random.next() < share;

const plus = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

function randomPattern(random: Random): SeriesPattern {
  const days = WEEKDAYS.filter(() => chance(random, 0.3));
  return {
    type: pick(random, TYPES),
    interval: chance(random, 0.5) ? 1 : 1 + random.int(14),
    // The ends of months are where calendars differ.
    dayOfMonth: chance(random, 0.4) ? 28 + random.int(4) : 1 + random.int(31),
    month: 1 + random.int(12),
    daysOfWeek: days.length === 0 ? [pick(random, WEEKDAYS)] : days,
    firstDayOfWeek: pick(random, WEEKDAYS),
    index: pick(random, INDEXES),
  };
}

function randomRange(random: Random): SeriesRange {
  const startDate = plus('2019-01-01', random.int(14 * 365));
  const type = pick(random, ['endDate', 'noEnd', 'numbered'] as const);
  if (type === 'endDate') return { type, startDate, endDate: plus(startDate, random.int(2000)) };
  return type === 'numbered'
    ? { type, startDate, numberOfOccurrences: 1 + random.int(80) }
    : { type, startDate };
}

/** The fewest days between two dates, 7 where there are too few to tell. */
function smallestGap(days: readonly string[]): number {
  const numbers = days.map((day) => Date.parse(day) / 86_400_000);
  return Math.min(7, ...numbers.slice(1).map((day, index) => day - (numbers[index] ?? day)));
}

const wall = (day: string, minutes: number): string =>
  Temporal.PlainDate.from(day).toPlainDateTime().add({ minutes }).toString().slice(0, 16);

/** A move to a day before the next date, at any time. */
function randomMove(
  random: Random,
  of: { readonly day: string; readonly after: string; readonly isAllDay: boolean },
): MovedDate {
  const { day, after, isAllDay } = of;
  const gap = Math.max(1, Date.parse(after) / 86_400_000 - Date.parse(day) / 86_400_000);
  const to = plus(day, random.int(Math.min(gap, 5)));
  const minutes = isAllDay ? 0 : random.int(1440);
  const length = isAllDay ? 1440 * (1 + random.int(2)) : random.int(600);
  return { day, start: wall(to, minutes), end: wall(to, minutes + length) };
}

/** Moves some dates to days between their neighbours and cancels others. */
function randomChanges(
  random: Random,
  of: { readonly days: readonly string[]; readonly isAllDay: boolean; readonly first: number },
): Pick<RandomSeries, 'moved' | 'cancelled'> {
  const moved: MovedDate[] = [];
  const cancelled: string[] = [];
  const { days, isAllDay, first } = of;
  for (const [index, day] of days.slice(first, first + 12).entries()) {
    const after = days[first + index + 1];
    if (after === undefined || !chance(random, 0.25)) continue;
    if (chance(random, 0.5)) cancelled.push(day);
    else moved.push(randomMove(random, { day, after, isAllDay }));
  }
  return { moved, cancelled };
}

/** From half a year before the series to years after its start; half of them short. */
function randomWindow(random: Random, startDate: string): RandomSeries['window'] {
  const day = 86_400_000;
  const start = Date.parse(startDate) + (random.int(900) - 120) * day + random.int(1440) * 60_000;
  const days = chance(random, 0.5) ? 1 + random.int(40) : 1 + random.int(400);
  return { start, end: start + days * day + random.int(1440) * 60_000 };
}

/** The same seed gives the same series. */
export function randomSeries(seed: number): RandomSeries {
  const random = createRandom(seed);
  const pattern = randomPattern(random);
  const range = randomRange(random);
  const [timeZone, zone] = pick(random, ZONES);
  const [viewerName, viewerZone] = pick(random, ZONES);
  const isAllDay = chance(random, 0.2);
  const window = randomWindow(random, range.startDate);
  const last = new Date(window.end + 40 * 86_400_000).toISOString().slice(0, 10);
  const early = plus(range.startDate, 800);
  const days = independentDays({ pattern, range }, [last, early].toSorted().at(-1) ?? last);
  const most = smallestGap(days.filter((day) => day <= early));
  // Clocks change between one and four at night.
  const from = isAllDay ? 0 : chance(random, 0.4) ? 30 + random.int(210) : random.int(1440);
  const isLong = chance(random, 0.1) && most > 1;
  const length = isAllDay ? 1440 * (1 + random.int(Math.min(2, most))) : random.int(isLong ? 2000 : 480);
  const first = Math.max(1, days.findIndex((day) => Date.parse(day) >= window.start) - 3);
  const changes = chance(random, 0.6)
    ? randomChanges(random, { days, isAllDay, first })
    : { moved: [], cancelled: [] };
  const viewer = { timeZone: viewerName, zone: viewerZone };
  return { pattern, range, timeZone, zone, isAllDay, from, length, ...changes, window, viewer };
}
