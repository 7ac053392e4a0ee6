import { Temporal } from 'temporal-polyfill';
import { findIana } from 'windows-iana';
import { type DayNumber, formatDay, parseDay } from './calendar-day.ts';
import { GraphFailure, invalidProperty, unreadableBody } from './graph-error.ts';
import { offsetAt } from './zone-offset.ts';

const DAY_MS = 86_400_000;
/** Names that Outlook itself writes for UTC. */
const UTC_NAMES = new Set(['utc', 'tzone://microsoft/utc', 'etc/utc', 'etc/gmt']);

/** Wall time without a zone: a calendar day, and milliseconds since its midnight (beyond 24 h: the days after). */
export interface WallTime {
  readonly day: DayNumber;
  readonly ms: number;
}

/** `dateTimeTimeZone` as it was sent, with the zone that its name stands for. */
export interface ZonedTime {
  readonly wall: WallTime;
  /** As it was written, Windows or IANA. */
  readonly timeZone: string;
  readonly zone: Zone;
}

/** An IANA name. */
export type Zone = string & { readonly zone: unique symbol };

export const UTC = 'UTC' as Zone;

/** What Outlook writes for a zone of its own making: nobody can write with it, and it says nothing of the time. */
export const CUSTOM_ZONE = 'tzone://Microsoft/Custom';

const known = new Map<string, Zone | null>();

function find(name: string): Zone | null {
  if (UTC_NAMES.has(name.toLowerCase())) return UTC;
  const [iana] = findIana(name);
  const candidate = iana ?? name;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(candidate).timeZoneId as Zone;
  } catch {
    return null;
  }
}

/** The zone of a Windows or IANA name. Throws 400 for any other. */
export function zoneOf(name: string): Zone {
  let zone = known.get(name);
  if (zone === undefined) {
    zone = find(name);
    known.set(name, zone);
  }
  if (zone !== null) return zone;
  throw new GraphFailure(
    400,
    'TimeZoneNotSupportedException',
    `A valid TimeZone value must be specified: ${name}`,
  );
}

const normal = ({ day, ms }: WallTime): WallTime => {
  const over = Math.floor(ms / DAY_MS);
  return { day: day + over, ms: ms - over * DAY_MS };
};

/**
 * Milliseconds since 1970. A wall time that the clocks skip in spring is as long after the change as it would have been;
 * one that comes twice in autumn is the first (RFC 5545 3.3.5, and what Outlook shows).
 */
export function toInstant({ day, ms }: WallTime, zone: Zone): number {
  const local = day * DAY_MS + ms;
  const before = offsetAt(local - DAY_MS, zone);
  const after = offsetAt(local + DAY_MS, zone);
  const first = local - before;
  if (before === after || offsetAt(first, zone) === before) return first;
  const second = local - after;
  return offsetAt(second, zone) === after ? second : first;
}

export const toWall = (instant: number, zone: Zone): WallTime =>
  normal({ day: 0, ms: instant + offsetAt(instant, zone) });

const WALL = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;

function parseWall(text: string): WallTime | null {
  const match = WALL.exec(text);
  const day = parseDay(match?.[1] ?? '');
  if (match === null || day === null) return null;
  const [hour, minute, second] = [match[2], match[3], match[4]].map((part) => Number(part ?? 0));
  if (hour === undefined || minute === undefined || second === undefined) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return {
    day,
    ms: ((hour * 60 + minute) * 60 + second) * 1000 + Number((match[5] ?? '').padEnd(3, '0').slice(0, 3)),
  };
}

/** A `dateTimeTimeZone` of a request. Without a zone it is UTC. Throws 400. */
export function readZonedTime(value: unknown, property: string): ZonedTime {
  if (typeof value !== 'object' || value === null)
    throw unreadableBody(
      `Cannot convert the value of property '${property}' to 'microsoft.graph.dateTimeTimeZone'.`,
    );
  const { dateTime, timeZone } = value as { readonly dateTime?: unknown; readonly timeZone?: unknown };
  const wall = typeof dateTime === 'string' ? parseWall(dateTime) : null;
  if (wall === null) throw invalidProperty(`The property '${property}' has no valid date and time.`);
  const name = typeof timeZone === 'string' && timeZone !== '' ? timeZone : 'UTC';
  return { wall, timeZone: name, zone: zoneOf(name) };
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** `2017-08-29T04:00:00.0000000`: seven digits on output. */
export function formatWall(wall: WallTime): string {
  const { day, ms } = normal(wall);
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  const fraction = String(ms % 1000).padStart(3, '0');
  return `${formatDay(day)}T${pad(hours)}:${pad(minutes)}:${pad(seconds)}.${fraction}0000`;
}
