const DAY_MS = 86_400_000;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days since 1970-01-01: calendar dates without a zone, as patterns count them. */
export type DayNumber = number;

export interface DayParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** `2026-02-29` -> null: that day does not exist. */
export function parseDay(text: string): DayNumber | null {
  const match = ISO_DAY.exec(text);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const at = dayOf({ year, month, day });
  return formatDay(at) === text ? at : null;
}

const texts = new Map<DayNumber, string>();

/** Every occurrence is written with its day twice: the texts are kept. */
export function formatDay(day: DayNumber): string {
  let text = texts.get(day);
  if (text === undefined) {
    text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    texts.set(day, text);
  }
  return text;
}

/** A day of the month beyond its end runs over into the next month. */
export const dayOf = ({ year, month, day }: DayParts): DayNumber => Date.UTC(year, month - 1, day) / DAY_MS;

export function partsOf(day: DayNumber): DayParts {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Sunday is 0. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: DayNumber): number => (((day + 4) % 7) + 7) % 7;

export const daysInMonth = (year: number, month: number): number =>
  partsOf(dayOf({ year, month: month + 1, day: 0 })).day;
