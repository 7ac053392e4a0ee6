/** Offsets are kept by minutes: no zone changes its clocks in between, after this instant. */
const MINUTE_MS = 60_000;
const MINUTES_FROM = Date.UTC(1973, 0, 1);
const DAY_MS = 86_400_000;
const MOST_OFFSETS = 20_000;
const WALL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/;
const SHOWN = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;

interface Clockwork {
  readonly name: string;
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}

const known = new Map<string, Clockwork | null>();

function find(zone: string): Clockwork | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    return { name: format.resolvedOptions().timeZone, format, offsets: new Map() };
  } catch {
    return null;
  }
}

function clockworkOf(zone: string): Clockwork | null {
  let found = known.get(zone);
  if (found === undefined) {
    found = find(zone);
    known.set(zone, found);
  }
  return found;
}

function required(zone: string): Clockwork {
  const found = clockworkOf(zone);
  if (found === null) throw new RangeError(`"${zone}" is not a time zone that this machine knows`);
  return found;
}

/** The one name that all names of a zone stand for here (`Asia/Calcutta` and `Asia/Kolkata` are one); null = no such zone. */
export function canonicalZone(zone: string): string | null {
  const name = clockworkOf(zone)?.name ?? null;
  return name === 'Etc/UTC' || name === 'GMT' || name === 'Etc/GMT' ? 'UTC' : name;
}

function computeOffset(of: Clockwork, instant: number): number {
  const match = SHOWN.exec(of.format.format(instant));
  if (match === null) return 0;
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(instant / 1_000) * 1_000;
}

function offsetAt(of: Clockwork, instant: number): number {
  if (instant < MINUTES_FROM) return computeOffset(of, instant);
  const minute = Math.floor(instant / MINUTE_MS);
  let offset = of.offsets.get(minute);
  if (offset === undefined) {
    offset = computeOffset(of, instant);
    if (of.offsets.size >= MOST_OFFSETS) of.offsets.clear();
    of.offsets.set(minute, offset);
  }
  return offset;
}

/** Milliseconds of a wall time read as UTC; null for what is none. Also takes a date: its midnight. */
export function parseWall(text: string): number | null {
  const match = WALL.exec(text.length === 10 ? `${text}T00:00:00` : text);
  if (match === null) return null;
  const ms = Date.parse(`${match[0]}Z`);
  return Number.isNaN(ms) || formatWall(ms) !== match[0] ? null : ms;
}

/** `2026-03-29T02:30:00` of milliseconds that stand for a wall time. Fractions of a second are cut. */
export const formatWall = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

/**
 * The instant, in milliseconds since the epoch, of a wall time in a zone. A wall time that the clocks skip is as long
 * after the change as it would have been; one that comes twice is the first (RFC 5545 3.3.5).
 * Throws `RangeError` for a zone or a wall time that there is not.
 */
export function toInstant(wall: string, zone: string): number {
  const ms = parseWall(wall);
  if (ms === null) throw new RangeError(`"${wall}" is not a wall time`);
  const of = required(zone);
  const before = offsetAt(of, ms - DAY_MS);
  const after = offsetAt(of, ms + DAY_MS);
  const first = ms - before;
  if (before === after || offsetAt(of, first) === before) return first;
  const second = ms - after;
  return offsetAt(of, second) === after ? second : first;
}

/** The wall time that the clocks of a zone show at an instant. Throws `RangeError` for a zone that there is not. */
export function toWall(instant: number, zone: string): string {
  return formatWall(instant + offsetAt(required(zone), instant));
}
