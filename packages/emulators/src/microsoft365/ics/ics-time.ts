import ICAL from 'ical.js';
import { type DayNumber, parseDay } from '../calendar-day.ts';
import { UTC, type WallTime, type ZonedTime } from '../zoned-time.ts';
import { IcsProblem, type IcsProperty, paramOf } from './ics-component.ts';
import type { NamedZone, ZoneFinder } from './ics-zone.ts';

const DAY_MS = 86_400_000;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d):(\d\d)(Z?))?$/;

/** How a file's times are to be read. */
export interface TimeRules {
  readonly find: ZoneFinder;
  /** The event repeats: one distance from UTC is not enough for it. */
  readonly isSeries: boolean;
  /** Of times that name no zone: that of whoever imports. */
  readonly floating: NamedZone;
}

export interface IcsTime {
  readonly wall: WallTime;
  /** A date, not a time. */
  readonly isDate: boolean;
  readonly time: ZonedTime;
}

function wallOf(
  text: string,
  { line, name }: Pick<IcsProperty, 'line' | 'name'>,
): { wall: WallTime; isDate: boolean; isUtc: boolean } {
  const match = DATE_TIME.exec(text);
  const day = parseDay(match?.[1] ?? '');
  const [hour, minute, second] = [match?.[2], match?.[3], match?.[4]].map((part) => Number(part ?? 0));
  const isWrong = day === null || (hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 60;
  if (match === null || isWrong)
    throw new IcsProblem(line, `${name.toUpperCase()} is no valid date: "${text}"`);
  const ms = (((hour ?? 0) * 60 + (minute ?? 0)) * 60 + Math.min(second ?? 0, 59)) * 1000;
  return { wall: { day, ms }, isDate: match[2] === undefined, isUtc: match[5] === 'Z' };
}

/** One of the property's dates or times. Throws IcsProblem. */
export function readTime(property: IcsProperty, value: unknown, rules: TimeRules): IcsTime {
  const { wall, isDate, isUtc } = wallOf(String(value), property);
  const id = paramOf(property, 'tzid');
  const { line } = property;
  const at = wall.day * DAY_MS + wall.ms;
  const named = isUtc ? { timeZone: 'UTC', zone: UTC } : undefined;
  const place =
    named ??
    (id === undefined || isDate ? rules.floating : rules.find(id, { line, at, isSeries: rules.isSeries }));
  return { wall, isDate, time: { wall, ...place } };
}

/** A length in days and milliseconds. Throws IcsProblem for one that no calendar holds. */
export function readDuration(property: IcsProperty): { readonly days: DayNumber; readonly ms: number } {
  const { line, name, values } = property;
  let seconds: number;
  try {
    seconds = ICAL.Duration.fromString(String(values[0])).toSeconds();
  } catch {
    throw new IcsProblem(line, `${name.toUpperCase()} is no duration: "${String(values[0])}"`);
  }
  if (!(seconds >= 0 && seconds < 366 * 86_400))
    throw new IcsProblem(
      line,
      `${name.toUpperCase()} is longer than a year, or runs backwards: "${String(values[0])}"`,
    );
  return { days: Math.floor(seconds / 86_400), ms: (seconds % 86_400) * 1000 };
}
