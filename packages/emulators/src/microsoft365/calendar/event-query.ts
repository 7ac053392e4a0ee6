import { extendedWanted, holds } from '../contact-query.ts';
import { invalidFilter, invalidQuery } from '../graph-error.ts';
import {
  type Comparison,
  compileFilter,
  type FilterNode,
  type Predicate,
  parseFilter,
} from '../odata-filter.ts';
import { UTC } from '../zoned-time.ts';
import type { CalendarStore } from './calendar-store.ts';
import { uidKey } from './calendar-store.ts';
import { boundsOf } from './event-instances.ts';
import { type Shown, shownWhole, typeOf } from './event-view.ts';
import { iCalUIdOf } from './global-id.ts';
import type { Calendar, StoredEvent } from './stored-event.ts';

const TEXTS: ReadonlyMap<string, (shown: Shown) => string> = new Map<string, (shown: Shown) => string>([
  ['subject', ({ content }) => content.subject],
  ['icaluid', ({ event, day }) => iCalUIdOf(event.uid, day)],
  ['uid', ({ event }) => event.uid],
  ['type', typeOf],
  ['showas', ({ content }) => content.showAs],
  ['sensitivity', ({ content }) => content.sensitivity],
  ['importance', ({ content }) => content.importance],
  ['organizer/emailaddress/address', ({ event }) => event.organizer.address],
]);

const FLAGS: ReadonlyMap<string, (shown: Shown) => boolean> = new Map<string, (shown: Shown) => boolean>([
  ['isallday', ({ content }) => content.isAllDay],
  ['iscancelled', ({ content }) => content.isCancelled],
  ['isorganizer', ({ event }) => event.isOrganizer],
  ['isonlinemeeting', ({ content }) => content.isOnlineMeeting],
]);

const TIMES: ReadonlyMap<string, (shown: Shown) => number> = new Map<string, (shown: Shown) => number>([
  ['start/datetime', ({ content }) => boundsOf(content, UTC).start],
  ['end/datetime', ({ content }) => boundsOf(content, UTC).end],
  ['createddatetime', ({ event }) => event.createdAt],
  ['lastmodifieddatetime', ({ event }) => event.modifiedAt],
]);

type Compare = Extract<FilterNode, { op: 'compare' }>;

const isEqual = (by: Comparison): boolean => {
  if (by !== 'eq' && by !== 'ne') throw invalidFilter();
  return by === 'eq';
};

function compareText({ field, by, value }: Compare): Predicate<Shown> | undefined {
  const get = TEXTS.get(field.toLowerCase());
  if (get === undefined) return undefined;
  if (typeof value !== 'string') throw invalidFilter();
  const wanted = value.toLowerCase();
  const whenEqual = isEqual(by);
  return (shown) => (get(shown).toLowerCase() === wanted) === whenEqual;
}

function compareFlag({ field, by, value }: Compare): Predicate<Shown> | undefined {
  const get = FLAGS.get(field.toLowerCase());
  if (get === undefined) return undefined;
  if (typeof value !== 'boolean') throw invalidFilter();
  const whenEqual = isEqual(by);
  return (shown) => (get(shown) === value) === whenEqual;
}

function compareTime({ field, by, value }: Compare): Predicate<Shown> {
  const get = TIMES.get(field.toLowerCase());
  if (get === undefined || typeof value !== 'string') throw invalidFilter();
  const instant = Date.parse(
    /(Z|[+-]\d\d:?\d\d)$/i.test(value) || !value.includes('T') ? value : `${value}Z`,
  );
  if (Number.isNaN(instant)) throw invalidFilter();
  const test = holds[by];
  return (shown) => test(get(shown) - instant);
}

function startsWith(node: Extract<FilterNode, { op: 'call' }>): Predicate<Shown> {
  const get = TEXTS.get(node.field.toLowerCase());
  if (node.name !== 'startswith' || get === undefined || typeof node.value !== 'string')
    throw invalidFilter();
  const wanted = node.value.toLowerCase();
  return (shown) => get(shown).toLowerCase().startsWith(wanted);
}

const leafFor =
  (store: CalendarStore) =>
  (node: FilterNode): Predicate<Shown> => {
    if (node.op === 'compare') return compareText(node) ?? compareFlag(node) ?? compareTime(node);
    if (node.op === 'call') return startsWith(node);
    if (node.op !== 'any') throw invalidFilter();
    if (node.collection.toLowerCase() === 'categories') {
      if (node.of.op !== 'compare' || node.of.by !== 'eq') throw invalidFilter();
      const wanted = String(node.of.value).toLowerCase();
      return ({ content }) => content.categories.some((category) => category.toLowerCase() === wanted);
    }
    if (node.collection.toLowerCase() !== 'singlevalueextendedproperties') throw invalidFilter();
    const found = store.index.get(extendedWanted(node.of));
    return ({ event }) => found?.has(event) ?? false;
  };

/** The index key that a required part of the filter names; undefined when there is none. */
function keyOf(node: FilterNode): string | undefined {
  if (node.op === 'and') return keyOf(node.left) ?? keyOf(node.right);
  if (node.op === 'any' && node.collection.toLowerCase() === 'singlevalueextendedproperties')
    return extendedWanted(node.of);
  const isUid = node.op === 'compare' && node.by === 'eq' && /^(icaluid|uid)$/i.test(node.field);
  return isUid && typeof node.value === 'string' ? uidKey(node.value) : undefined;
}

function byField(text: string): (a: Shown, b: Shown) => number {
  const [field = '', direction = 'asc', ...rest] = text.trim().split(/\s+/);
  if (rest.length > 0 || !/^(asc|desc)$/i.test(direction))
    throw invalidQuery(`$orderby '${text}' is not valid.`);
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  const time = TIMES.get(field.toLowerCase());
  if (time !== undefined) return (a, b) => sign * (time(a) - time(b));
  const words = TEXTS.get(field.toLowerCase());
  if (words === undefined) throw invalidQuery(`$orderby '${text}' is not supported.`);
  return (a, b) => {
    const [left, right] = [words(a).toLowerCase(), words(b).toLowerCase()];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  };
}

export interface EventQuery {
  readonly filter: string | undefined;
  readonly orderby: string | undefined;
}

/** What is asked for in a calendar: `rows` gives what there is, the index only the events that a key names. */
export interface Selection {
  readonly store: CalendarStore;
  readonly calendar: Calendar;
  /** Names what `rows` gives, for the listing that is kept. */
  readonly name: string;
  rows(among: Iterable<StoredEvent> | undefined): readonly Shown[];
}

/** Rows under `$filter` and `$orderby`; the listing is kept until the mailbox changes. Throws 400. */
export function selectEvents(selection: Selection, query: EventQuery): readonly Shown[] {
  const { store, calendar, name } = selection;
  const key = JSON.stringify([name, query.filter, query.orderby]);
  const { memo } = calendar;
  if (memo !== undefined && memo.key === key && memo.version === store.version)
    return memo.rows as readonly Shown[];
  const node = query.filter === undefined ? undefined : parseFilter(query.filter);
  const accepts = node === undefined ? undefined : compileFilter(node, leafFor(store));
  const wanted = node === undefined ? undefined : keyOf(node);
  const among = wanted === undefined ? undefined : [...(store.index.get(wanted) ?? [])];
  const found = selection.rows(among?.filter((event) => event.calendar === calendar));
  const rows = accepts === undefined ? [...found] : found.filter(accepts);
  if (query.orderby !== undefined) rows.sort(byField(query.orderby));
  calendar.memo = { key, version: store.version, rows };
  return rows;
}

export const toRows = (events: Iterable<StoredEvent>): readonly Shown[] => Array.from(events, shownWhole);
