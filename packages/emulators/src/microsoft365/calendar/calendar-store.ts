import { appendChange, createChangeLog, type Tell } from '../change-log.ts';
import type { EmailAddress } from '../contact-content.ts';
import { extendedValueKey } from '../contact-index.ts';
import { GraphFailure } from '../graph-error.ts';
import {
  createSideSpace,
  defaultItemId,
  folderId,
  type IdSpace,
  immutableItemId,
  nextChangeKey,
  nextTag,
} from '../item-id.ts';
import type { EventContent } from './event-content.ts';
import { spanOf } from './event-instances.ts';
import type { Calendar, EventTombstone, StoredEvent } from './stored-event.ts';
import { addToTimes, createTimeIndex, removeFromTimes } from './time-index.ts';

export interface CalendarStore {
  readonly ids: IdSpace;
  readonly main: Calendar;
  readonly calendars: Map<string, Calendar>;
  /** By default and by immutable id; never an occurrence. */
  readonly events: Map<string, StoredEvent>;
  /** By extended property with its value, and by uid. */
  readonly index: Map<string, Set<StoredEvent>>;
  /** By application and key: what a repeated create finds. */
  readonly transactions: Map<string, StoredEvent>;
  readonly tombstones: EventTombstone[];
  /** Grows with every change. */
  version: number;
  tell: Tell;
}

const newCalendar = (ids: IdSpace, name: string, isDefault: boolean): Calendar => {
  const tag = nextTag(ids);
  return {
    id: folderId(ids, tag),
    tag,
    isDefault,
    name,
    color: 'auto',
    changeKey: nextChangeKey(ids, 'Dw'),
    rows: [],
    live: 0,
    log: createChangeLog(),
    times: createTimeIndex(),
    memo: undefined,
  };
};

/** `mailbox`: the ids of the mailbox it belongs to. */
export function createCalendarStore(mailbox: IdSpace): CalendarStore {
  const ids = createSideSpace(mailbox);
  const main = newCalendar(ids, 'Calendar', true);
  return {
    ids,
    main,
    calendars: new Map([[main.id, main]]),
    events: new Map(),
    index: new Map(),
    transactions: new Map(),
    tombstones: [],
    version: 1,
    tell: undefined,
  };
}

export function addCalendar(store: CalendarStore, name: string): Calendar {
  const wanted = name.toLowerCase();
  for (const calendar of store.calendars.values())
    if (calendar.name.toLowerCase() === wanted)
      throw new GraphFailure(409, 'ErrorFolderExists', 'A folder with the specified name already exists.');
  const calendar = newCalendar(store.ids, name, false);
  store.calendars.set(calendar.id, calendar);
  store.version += 1;
  return calendar;
}

export const uidKey = (uid: string): string => `uid ${uid.toLowerCase()}`;

const keysOf = ({ extended, uid }: StoredEvent): readonly string[] => [
  uidKey(uid),
  ...[...extended].map(([id, value]) => extendedValueKey(id, value)),
];

function file(store: CalendarStore, event: StoredEvent, calendar: Calendar): void {
  for (const key of keysOf(event)) {
    const known = store.index.get(key);
    if (known === undefined) store.index.set(key, new Set([event]));
    else known.add(event);
  }
  addToTimes(calendar.times, event, spanOf(event));
}

function unfile(store: CalendarStore, event: StoredEvent, calendar: Calendar): void {
  for (const key of keysOf(event)) {
    const known = store.index.get(key);
    known?.delete(event);
    if (known?.size === 0) store.index.delete(key);
  }
  removeFromTimes(calendar.times, event);
}

function put(store: CalendarStore, event: StoredEvent, calendar: Calendar): void {
  event.calendar = calendar;
  event.row = calendar.rows.length;
  calendar.rows.push(event);
  calendar.live += 1;
  file(store, event, calendar);
}

function take(store: CalendarStore, event: StoredEvent, calendar: Calendar): void {
  unfile(store, event, calendar);
  calendar.rows[event.row] = undefined;
  calendar.live -= 1;
  event.calendar = undefined;
}

/** Events and series of the calendar in creation order. */
export function calendarRows(calendar: Calendar): readonly StoredEvent[] {
  if (calendar.rows.length !== calendar.live) {
    calendar.rows = calendar.rows.filter((event) => event !== undefined);
    for (const [row, event] of calendar.rows.entries()) if (event !== undefined) event.row = row;
  }
  return calendar.rows as readonly StoredEvent[];
}

function record(
  store: CalendarStore,
  event: StoredEvent,
  change: { readonly calendar: Calendar; readonly at: number; readonly removed: boolean },
): void {
  const { calendar, at, removed } = change;
  store.version += 1;
  const { id, immutableId, changeKey } = event;
  const isFirst = !calendar.log.latest.has(event);
  appendChange(calendar.log, { at, removed, subject: event, id, immutableId });
  store.tell?.({ kind: 'event', containerId: calendar.id, id, immutableId, changeKey, removed, isFirst });
}

export interface NewEvent {
  readonly content: EventContent;
  readonly extended: ReadonlyMap<string, string>;
  readonly uid: string;
  readonly organizer: EmailAddress;
  readonly isOrganizer: boolean;
  readonly at: number;
  readonly transaction?: StoredEvent['transaction'];
  readonly exceptions?: StoredEvent['exceptions'];
  readonly cancelled?: StoredEvent['cancelled'];
}

export function addEvent(store: CalendarStore, calendar: Calendar, fresh: NewEvent): StoredEvent {
  const { ids } = store;
  const tag = nextTag(ids);
  const event: StoredEvent = {
    id: defaultItemId(ids, calendar.tag, tag),
    immutableId: immutableItemId(ids, tag),
    changeKey: nextChangeKey(ids, 'Dw'),
    createdAt: fresh.at,
    modifiedAt: fresh.at,
    content: Object.freeze(fresh.content),
    extended: fresh.extended,
    exceptions: fresh.exceptions ?? new Map(),
    cancelled: fresh.cancelled ?? new Set(),
    uid: fresh.uid,
    transaction: fresh.transaction,
    organizer: fresh.organizer,
    isOrganizer: fresh.isOrganizer,
    isHiddenFromDelta: false,
    calendar,
    row: 0,
  };
  put(store, event, calendar);
  store.events.set(event.id, event);
  store.events.set(event.immutableId, event);
  if (fresh.transaction !== undefined) store.transactions.set(fresh.transaction.key, event);
  record(store, event, { calendar, at: fresh.at, removed: false });
  return event;
}

/** What a change leaves as it is may be absent. */
export interface Revision {
  readonly at: number;
  readonly content?: EventContent;
  readonly extended?: ReadonlyMap<string, string>;
  readonly exceptions?: StoredEvent['exceptions'];
  readonly cancelled?: StoredEvent['cancelled'];
}

/** A new change key and modification time; with nothing else given, a touch of the service. */
export function reviseEvent(store: CalendarStore, event: StoredEvent, revision: Revision): void {
  const { calendar } = event;
  if (calendar === undefined) return;
  unfile(store, event, calendar);
  event.content = Object.freeze(revision.content ?? event.content);
  event.exceptions = revision.exceptions ?? event.exceptions;
  event.cancelled = revision.cancelled ?? event.cancelled;
  if (revision.extended !== undefined && revision.extended.size > 0)
    event.extended = new Map([...event.extended, ...revision.extended]);
  file(store, event, calendar);
  event.changeKey = nextChangeKey(store.ids, 'Dw');
  event.modifiedAt = revision.at;
  record(store, event, { calendar, at: revision.at, removed: false });
}

export function removeEvent(
  store: CalendarStore,
  event: StoredEvent,
  how: { readonly at: number; readonly by: EventTombstone['by'] },
): void {
  const { calendar, id, immutableId } = event;
  if (calendar === undefined) return;
  take(store, event, calendar);
  store.events.delete(id);
  store.events.delete(immutableId);
  if (event.transaction !== undefined) store.transactions.delete(event.transaction.key);
  const { subject } = event.content;
  store.tombstones.push(Object.freeze({ id, immutableId, calendarId: calendar.id, ...how, subject }));
  record(store, event, { calendar, at: how.at, removed: true });
}

/** Default id and change key are new, the immutable id stays; the old calendar's delta reports a removal. */
export function moveEvent(
  store: CalendarStore,
  event: StoredEvent,
  to: { readonly calendar: Calendar; readonly at: number },
): void {
  const { calendar: from } = event;
  if (from === undefined || from === to.calendar) return;
  take(store, event, from);
  record(store, event, { calendar: from, at: to.at, removed: true });
  store.events.delete(event.id);
  event.id = defaultItemId(store.ids, to.calendar.tag, nextTag(store.ids));
  store.events.set(event.id, event);
  put(store, event, to.calendar);
  reviseEvent(store, event, { at: to.at });
}

/** With everything in it. The default calendar stays. */
export function removeCalendar(
  store: CalendarStore,
  calendar: Calendar,
  how: { readonly at: number; readonly by: EventTombstone['by'] },
): void {
  if (calendar.isDefault)
    throw new GraphFailure(400, 'ErrorDeleteDistinguishedFolder', 'Distinguished folders cannot be deleted.');
  for (const event of [...calendarRows(calendar)]) removeEvent(store, event, how);
  store.calendars.delete(calendar.id);
  store.version += 1;
}
