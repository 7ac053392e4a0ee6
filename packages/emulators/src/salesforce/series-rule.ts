import { badRequest } from './api-error.ts';

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
export const MOST_OCCURRENCES = 999;
/** Largest interval by frequency. */
const MOST_INTERVAL = { DAILY: 999, WEEKLY: 99, MONTHLY: 99, YEARLY: 1 } as const;

export type Frequency = (typeof FREQUENCIES)[number];

export interface RuleDay {
  /** Sunday is 0. */
  readonly weekday: number;
  /** -1, 1 to 4; undefined means every such day of the period. */
  readonly ordinal: number | undefined;
}

/** The part of RFC 5545's RRULE that Lightning takes. */
export interface SeriesRule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly byDay: readonly RuleDay[];
  readonly byMonthDay: readonly number[];
  readonly byMonth: readonly number[];
  readonly bySetPos: number | undefined;
  readonly weekStart: number;
  /** `yyyyMMddTHHmmssZ` as milliseconds since 1970. */
  readonly until: number | undefined;
  readonly count: number | undefined;
}

const refuse = (reason: string): Error =>
  badRequest('FIELD_INTEGRITY_EXCEPTION', `Recurrence Pattern: ${reason}`, ['Recurrence2PatternText']);

function wholeNumber(
  text: string,
  of: { readonly name: string; readonly least: number; readonly most: number },
): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= of.least && value <= of.most && value !== 0) return value;
  throw refuse(`${of.name} has to be from ${of.least} to ${of.most}`);
}

function weekday(text: string, name: string): number {
  const index = WEEKDAYS.findIndex((each) => each === text);
  if (index < 0) throw refuse(`${name} names no day: ${text}`);
  return index;
}

function ruleDay(text: string): RuleDay {
  const match = /^([+-]?\d+)?([A-Z]{2})$/.exec(text);
  if (match === null) throw refuse(`BYDAY names no day: ${text}`);
  const ordinal =
    match[1] === undefined
      ? undefined
      : wholeNumber(match[1], { name: 'the number in BYDAY', least: -1, most: 4 });
  return { weekday: weekday(match[2] ?? '', 'BYDAY'), ordinal };
}

function moment(text: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  const ms =
    match === null ? Number.NaN : Date.parse(`${match.slice(1, 4).join('-')}T${match.slice(4).join(':')}Z`);
  if (Number.isNaN(ms)) throw refuse(`UNTIL is no moment in UTC: ${text}`);
  return ms;
}

const KNOWN = ['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS', 'WKST', 'UNTIL', 'COUNT'];

function partsOf(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of text
    .trim()
    .replace(/^RRULE:/, '')
    .split(';')) {
    const [name = '', value = ''] = part.split('=');
    if (!KNOWN.includes(name) || value === '' || parts.has(name)) throw refuse(`${part} is not supported`);
    parts.set(name, value);
  }
  return parts;
}

function frequencyOf(parts: ReadonlyMap<string, string>): Frequency {
  const found = FREQUENCIES.find((each) => each === parts.get('FREQ'));
  if (found === undefined) throw refuse(`FREQ has to be one of ${FREQUENCIES.join(', ')}`);
  return found;
}

/** Throws FIELD_INTEGRITY_EXCEPTION for anything outside of the subset. */
export function parseSeriesRule(text: string): SeriesRule {
  const parts = partsOf(text);
  const frequency = frequencyOf(parts);
  const list = (name: string): string[] => parts.get(name)?.split(',') ?? [];
  const optional = (name: string, least: number, most: number): number | undefined => {
    const value = parts.get(name);
    return value === undefined ? undefined : wholeNumber(value, { name, least, most });
  };
  if (frequency === 'WEEKLY' && !parts.has('BYDAY')) throw refuse('a weekly series needs BYDAY');
  if (parts.has('UNTIL') && parts.has('COUNT')) throw refuse('UNTIL and COUNT exclude each other');
  const until = parts.get('UNTIL');
  return {
    frequency,
    interval: optional('INTERVAL', 1, MOST_INTERVAL[frequency]) ?? 1,
    byDay: list('BYDAY').map(ruleDay),
    byMonthDay: list('BYMONTHDAY').map((each) =>
      wholeNumber(each, { name: 'BYMONTHDAY', least: -31, most: 31 }),
    ),
    byMonth: list('BYMONTH').map((each) => wholeNumber(each, { name: 'BYMONTH', least: 1, most: 12 })),
    bySetPos: optional('BYSETPOS', -1, 4),
    weekStart: weekday(parts.get('WKST') ?? 'SU', 'WKST'),
    until: until === undefined ? undefined : moment(until),
    count: optional('COUNT', 1, MOST_OCCURRENCES),
  };
}

const dayText = ({ ordinal, weekday: day }: RuleDay): string => `${ordinal ?? ''}${WEEKDAYS[day] ?? ''}`;
const momentText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** The rule in the service's own order: readers have to compare rules, never texts. */
export function formatSeriesRule(rule: SeriesRule): string {
  const parts: (readonly [string, string | number | undefined])[] = [
    ['FREQ', rule.frequency],
    ['BYMONTH', rule.byMonth.join(',')],
    ['BYMONTHDAY', rule.byMonthDay.join(',')],
    ['BYDAY', rule.byDay.map(dayText).join(',')],
    ['BYSETPOS', rule.bySetPos],
    ['WKST', WEEKDAYS[rule.weekStart]],
    ['INTERVAL', rule.interval],
    ['COUNT', rule.count],
    ['UNTIL', rule.until === undefined ? undefined : momentText(rule.until)],
  ];
  const told = parts.filter(([, value]) => value !== undefined && value !== '');
  return `RRULE:${told.map(([name, value]) => `${name}=${value}`).join(';')}`;
}
