import { Temporal } from 'temporal-polyfill';
import { SERIES_KEY } from './activity-objects.ts';
import { badRequest } from './api-error.ts';
import { eventTimes } from './event-times.ts';
import { type Org, requireTable } from './org.ts';
import type { Changes } from './record-input.ts';
import { type Actor, modified, moveToBin, store } from './record-store.ts';
import type { RecordTable } from './record-table.ts';
import { isDeleted, type Row, storedValue } from './row.ts';
import { seriesDays } from './series-days.ts';
import { formatSeriesRule, MOST_OCCURRENCES, parseSeriesRule, type SeriesRule } from './series-rule.ts';

const DAY_MS = 86_400_000;
const PATTERN = '3';

export const seriesOf = (row: Row): string | undefined => {
  const id = storedValue(row, SERIES_KEY.name);
  return typeof id === 'string' ? id : undefined;
};

export const isPattern = (row: Row): boolean => storedValue(row, 'GroupEventType') === PATTERN;

function membersOf(table: RecordTable, series: string): Row[] {
  const rows = table.idsByKey(SERIES_KEY, series).map((id) => table.latest(id));
  return rows.filter((row) => row !== undefined && !isDeleted(row) && seriesOf(row) === series) as Row[];
}

/** Series keep the wall time of their owner. */
function zoneOf(org: Org, values: Changes): string {
  if (values.IsAllDayEvent === true) return 'UTC';
  const owner = requireTable(org, 'User').latest(String(values.OwnerId));
  const zone = owner === undefined ? null : storedValue(owner, 'TimeZoneSidKey');
  return typeof zone === 'string' ? zone : 'UTC';
}

/** Starts of all occurrences, milliseconds since 1970. A rule without an end is told up to the largest count. */
function* startsOf(rule: SeriesRule, start: number, zone: string): Generator<number> {
  const first = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone);
  const time = first.toPlainTime();
  const day = Date.parse(`${first.toPlainDate().toString()}T00:00:00Z`) / DAY_MS;
  let told = 0;
  for (const each of seriesDays(rule, day)) {
    const date = Temporal.PlainDate.from(new Date(each * DAY_MS).toISOString().slice(0, 10));
    const at = date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
    if (at > (rule.until ?? Number.POSITIVE_INFINITY) || told >= MOST_OCCURRENCES) return;
    told += 1;
    yield at;
  }
}

function withoutUnique(table: RecordTable, values: Changes): Changes {
  const unique = table.object.fields.filter((field) => field.unique).map((field) => field.name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => !unique.includes(name)));
}

export interface NewSeries {
  readonly table: RecordTable;
  readonly id: string;
  /** Those of its first occurrence, complete and checked. */
  readonly values: Changes;
}

/**
 * Stores the record of the pattern and one record for each occurrence. Values of unique fields stay with the pattern, since
 * no second record could carry them.
 */
export function createSeries(org: Org, { table, id, values }: NewSeries, actor: Actor): void {
  const rule = parseSeriesRule(String(values.Recurrence2PatternText));
  const zone = zoneOf(org, values);
  const start = Number(values.StartDateTime);
  const starts = [...startsOf(rule, start, zone)];
  if (starts.length === 0) {
    const message = 'Recurrence Pattern: the series has no occurrence';
    throw badRequest('FIELD_INTEGRITY_EXCEPTION', message, ['Recurrence2PatternText']);
  }
  const series: Changes = {
    ...values,
    [SERIES_KEY.name]: id,
    IsRecurrence2: true,
    Recurrence2PatternText: formatSeriesRule(rule),
    Recurrence2PatternVersion: '1',
    Recurrence2PatternStartDate: start,
    Recurrence2PatternTimeZone: zone,
  };
  store(org, { table, id, values: { ...series, GroupEventType: PATTERN }, operation: 'create' }, actor);
  const shared = withoutUnique(table, series);
  for (const at of starts) {
    const times = eventTimes(
      { StartDateTime: at },
      {
        before: {
          IsAllDayEvent: values.IsAllDayEvent ?? false,
          DurationInMinutes: values.DurationInMinutes ?? 0,
        },
        multiDay: true,
      },
    );
    const occurrence = { ...shared, ...times, GroupEventType: '0' };
    store(org, { table, id: org.nextId(table.object), values: occurrence, operation: 'create' }, actor);
  }
}

export interface SeriesUpdate {
  readonly table: RecordTable;
  readonly before: Row;
  /** What the request names, with the times it leads to. */
  readonly changes: Changes;
  /** The whole row afterwards, if it stood alone. */
  readonly values: Changes;
  /** Whether the request moves the event in time. */
  readonly critical: boolean;
}

/** All records go, and new ones with new ids take their place. */
function replaceSeries(org: Org, { table, before, changes, values }: SeriesUpdate, actor: Actor): void {
  const members = membersOf(table, seriesOf(before) ?? '');
  const pattern = members.find(isPattern) ?? before;
  const shift = Number(values.StartDateTime) - Number(storedValue(before, 'StartDateTime'));
  const start = Number(storedValue(pattern, 'Recurrence2PatternStartDate')) + shift;
  for (const row of members) moveToBin(org, { table, row }, actor);
  const times = eventTimes(
    { StartDateTime: start },
    {
      before: {
        IsAllDayEvent: values.IsAllDayEvent ?? false,
        DurationInMinutes: values.DurationInMinutes ?? 0,
      },
      multiDay: true,
    },
  );
  const renewed = {
    ...pattern.values,
    ...changes,
    ...times,
    ...modified(org, actor.userId),
    IsDeleted: false,
  };
  createSeries(org, { table, id: org.nextId(table.object), values: renewed }, actor);
}

/**
 * A write to a record of a series. An occurrence of the past becomes an exception; anything else changes the whole series,
 * and creates it anew where it moves it.
 */
export function updateInSeries(org: Org, update: SeriesUpdate, actor: Actor): void {
  const { table, before, changes, values, critical } = update;
  const past = !isPattern(before) && Number(storedValue(before, 'StartDateTime')) < org.clock.now();
  if (past) {
    const exception = { ...values, IsRecurrence2Exception: true };
    store(org, { table, id: before.id, values: exception, operation: 'update' }, actor);
    return;
  }
  if (critical) {
    replaceSeries(org, update, actor);
    return;
  }
  const stamps = modified(org, actor.userId);
  const shared = withoutUnique(table, changes);
  for (const row of membersOf(table, seriesOf(before) ?? '')) {
    const own = isPattern(row) || row.id === before.id ? changes : shared;
    store(
      org,
      { table, id: row.id, values: { ...row.values, ...own, ...stamps }, operation: 'update' },
      actor,
    );
  }
}

/** A series goes with its pattern; an occurrence alone, marked as one that does not follow the pattern. */
export function deleteInSeries(
  org: Org,
  target: { readonly table: RecordTable; readonly row: Row },
  actor: Actor,
): void {
  const { table, row } = target;
  if (!isPattern(row)) {
    moveToBin(org, { table, row, marks: { IsRecurrence2Exclusion: true } }, actor);
    return;
  }
  for (const each of membersOf(table, seriesOf(row) ?? '')) moveToBin(org, { table, row: each }, actor);
}

/** DELETE Event/{id}/fromThisEventOnwards. The series ends before the occurrence; with its first one nothing is left. */
export function endSeries(
  org: Org,
  target: { readonly table: RecordTable; readonly row: Row },
  actor: Actor,
): void {
  const { table, row } = target;
  const series = seriesOf(row);
  if (series === undefined || isPattern(row)) {
    throw badRequest('INVALID_OPERATION', 'The event is no occurrence of a series', []);
  }
  const startOf = (each: Row): number => Number(storedValue(each, 'StartDateTime'));
  const members = membersOf(table, series);
  const kept = members.filter((each) => !isPattern(each) && startOf(each) < startOf(row));
  for (const each of members) {
    if (kept.includes(each) || (isPattern(each) && kept.length > 0)) continue;
    moveToBin(org, { table, row: each }, actor);
  }
  if (kept.length === 0) return;
  const until = Math.max(...kept.map(startOf));
  const text = storedValue(row, 'Recurrence2PatternText');
  const rule = { ...parseSeriesRule(String(text)), count: undefined, until };
  const ended = { Recurrence2PatternText: formatSeriesRule(rule), ...modified(org, actor.userId) };
  for (const each of [...kept, ...members.filter(isPattern)])
    store(org, { table, id: each.id, values: { ...each.values, ...ended }, operation: 'update' }, actor);
}
