// Birthdays are kept as UTC instants of somebody's local midnight (or noon), so the date is that of the instant twelve
// hours later. Outlook and phones use the year 1604 for "no year".

const HALF_DAY_MS = 43_200_000;
const NO_YEAR = '1604';
const DATE = /^(?:(\d{4})|-)-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

/** An instant without offset is taken for UTC. */
const parseInstant = (text: string): number | undefined => {
  if (!INSTANT.test(text)) return undefined;
  const hasOffset = text.endsWith('Z') || !text.includes('T') || /(Z|[+-]\d{2}:\d{2})$/i.test(text);
  const at = Date.parse(hasOffset ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
};

/** `YYYY-MM-DD` or `--MM-DD`; undefined when it is no instant. */
export function fromBirthday(instant: string): string | undefined {
  const at = parseInstant(instant);
  if (at === undefined) return undefined;
  const date = new Date(at + HALF_DAY_MS).toISOString().slice(0, 10);
  return date.startsWith(`${NO_YEAR}-`) ? `-${date.slice(4)}` : date;
}

/** `YYYY-MM-DDT11:59:00Z`; undefined when the date does not exist or the service could not give it back. */
export function toBirthday(date: string): string | undefined {
  const [, year = NO_YEAR, month, day] = DATE.exec(date) ?? [];
  if (month === undefined || day === undefined) return undefined;
  const instant = `${year}-${month}-${day}T11:59:00Z`;
  const at = Date.parse(instant);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== `${year}-${month}-${day}`)
    return undefined;
  return fromBirthday(instant) === date && year >= '1602' ? instant : undefined;
}

/** Milliseconds since the epoch. */
export const toMillis = (instant: string | null | undefined): number | undefined =>
  instant ? parseInstant(instant) : undefined;

/** UTC with seven fractional digits, so that the order of texts is the order of time; undefined for no instant. */
export function toMono(instant: string | null | undefined): string | undefined {
  const at = toMillis(instant);
  if (at === undefined || !instant) return undefined;
  const fraction = instant.includes('.') ? (/\.(\d+)/.exec(instant)?.[1] ?? '') : '';
  return `${new Date(at).toISOString().slice(0, 19)}.${fraction.padEnd(7, '0').slice(0, 7)}Z`;
}
