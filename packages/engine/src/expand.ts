import {
  AdapterError,
  type CallOptions,
  type Change,
  type ChangePage,
  type EventWindow,
  expandSeries,
  type Fields,
  hasOccurrence,
  type Mapping,
  type Occurrence,
  type Outcome,
  parseWall,
  type ReadResult,
  type RecordStore,
  type Series,
  type StoreRecord,
} from '@tidelock/core';
import { isEventValue } from './event-canon.ts';

/** Between the id of a series and the key of one of its occurrences. */
const MARK = '#occurrence:';
/** Before cursors of a running enumeration, and of what follows it. */
const [WHOLE, LATER] = ['e:', 'd:'];

/** What the properties are called that make an event. */
export interface EventProperties {
  readonly time: string;
  readonly recurrence: string;
  readonly occurrences: string;
  readonly uid: string | null;
  /** Property of each field in which an exception may differ. */
  readonly children: Readonly<Record<string, string>>;
}

/** The mailbox's names by the rows of a mapping for events; null where it has no time. */
export function eventProperties(mapping: Mapping): EventProperties | null {
  const byField = Object.fromEntries(mapping.fields.map(({ field, mailbox }) => [field, mailbox]));
  const { time, recurrence = 'recurrence', occurrences = 'occurrences', uid = null } = byField;
  return time === undefined ? null : { time, recurrence, occurrences, uid, children: byField };
}

export interface ExpandOptions {
  readonly properties: EventProperties;
  readonly window: EventWindow;
}

interface Expanding extends ExpandOptions {
  readonly store: RecordStore;
  readonly span: { readonly from: number; readonly to: number };
}

function seriesIn({ properties }: ExpandOptions, { fields }: StoreRecord): Series | null {
  const time = fields[properties.time];
  const recurrence = fields[properties.recurrence];
  const occurrences = fields[properties.occurrences];
  if (!isEventValue(time) || time.kind !== 'time') return null;
  if (!isEventValue(recurrence) || recurrence.kind !== 'recurrence') return null;
  const children = isEventValue(occurrences) && occurrences.kind === 'occurrences' ? occurrences : null;
  return { time, recurrence, occurrences: children };
}

function fieldsOf({ properties }: ExpandOptions, record: StoreRecord, at: Occurrence): Fields {
  const { time, recurrence, occurrences, uid, children } = properties;
  const changed = Object.entries(at.exception ?? {}).flatMap(([field, value]) => {
    const property = children[field];
    return property === undefined ? [] : [[property, value] as const];
  });
  const own = uid === null ? undefined : record.fields[uid];
  return {
    ...record.fields,
    ...Object.fromEntries(changed),
    [time]: at.time,
    [recurrence]: null,
    [occurrences]: null,
    ...(uid !== null && typeof own === 'string' ? { [uid]: `${own}${MARK}${at.key}` } : {}),
  };
}

/** One occurrence as a record of its own, which nobody writes. */
function asRecord(of: Expanding, record: StoreRecord, at: Occurrence): StoreRecord {
  const { shared } = record;
  return {
    ...record,
    id: `${record.id}${MARK}${at.key}`,
    fields: fieldsOf(of, record, at),
    stamp: null,
    ...(record.writable === false ? {} : { derived: true as const }),
    writable: false,
    ...(shared === undefined ? {} : { shared: `${shared}${MARK}${at.key}` }),
  };
}

/** A single event as it is, a series as its occurrences in the window. */
function expanded(of: Expanding, record: StoreRecord): readonly StoreRecord[] {
  const series = seriesIn(of, record);
  if (series === null) return [record];
  return expandSeries(series, of.span).map((at) => asRecord(of, record, at));
}

function partsOf(id: string): { readonly id: string; readonly key: string | null } {
  const at = id.lastIndexOf(MARK);
  return at < 0 ? { id, key: null } : { id: id.slice(0, at), key: id.slice(at + MARK.length) };
}

/** The series that a record is a date of, by its id; null for every other record. */
export function seriesOf(id: string): string | null {
  const parts = partsOf(id);
  return parts.key === null ? null : parts.id;
}

function readOne(of: Expanding, id: string, read: ReadResult | undefined): ReadResult {
  const { key } = partsOf(id);
  if (read === undefined) return { state: 'failed', id, kind: 'protocol' };
  if (key === null) {
    // What was a single event is a series now: its occurrences are records of their own.
    return read.state === 'found' && seriesIn(of, read.record) !== null ? { state: 'gone', id } : read;
  }
  if (read.state === 'failed') return { ...read, id };
  const series =
    read.state === 'found' || read.state === 'out' ? read.record && seriesIn(of, read.record) : null;
  if (read.state === 'gone' || read.state === 'merged') return { state: 'gone', id };
  if (read.record === undefined) return { state: 'out', id };
  if (!series || !hasOccurrence(series, key) || series.occurrences?.byStart[key] === 'cancelled')
    return { state: 'gone', id };
  const found = expanded(of, read.record).find((record) => record.id === id);
  return found === undefined ? { state: 'out', id } : { state: 'found', id, record: found };
}

async function readAll(of: Expanding, ids: readonly string[], options?: CallOptions): Promise<ReadResult[]> {
  const masters = [...new Set(ids.map((id) => partsOf(id).id))];
  const reads = new Map((await of.store.read(masters, options)).map((read) => [read.id, read]));
  return ids.map((id) => readOne(of, id, reads.get(partsOf(id).id)));
}

/** Changes without content are read, as only the content tells a series from a single event. */
async function withContent(
  of: Expanding,
  page: ChangePage,
  options?: CallOptions,
): Promise<readonly Change[]> {
  const bare = page.changes.filter((change) => change.kind === 'changed' && change.record === undefined);
  if (bare.length === 0) return page.changes;
  const reads = await of.store.read([...new Set(bare.map(({ id }) => id))], options);
  const records = new Map(reads.flatMap((read) => (read.state === 'found' ? [[read.id, read.record]] : [])));
  return page.changes.map((change) => {
    const record = change.kind === 'changed' ? (change.record ?? records.get(change.id)) : undefined;
    return change.kind === 'changed' && record !== undefined ? { ...change, record } : change;
  });
}

/**
 * Which dates a changed series had before is known to nobody: what is gone of it shows in an enumeration only. So a delta
 * that tells of a series, or of something removed that may have been one, ends in `cursor_expired`.
 */
function requireSingles(of: Expanding, changes: readonly Change[]): void {
  const moved = changes.some(
    (change) =>
      change.kind === 'removed' || (change.record !== undefined && seriesIn(of, change.record) !== null),
  );
  if (!moved) return;
  throw new AdapterError('cursor_expired', 'a series was changed', {
    operation: 'events.changes',
    code: 'series-changed',
  });
}

async function changes(
  of: Expanding,
  at: { readonly feed: string; readonly cursor: string | null },
  options?: CallOptions,
): Promise<ChangePage> {
  const { feed, cursor } = at;
  const whole = cursor === null || cursor.startsWith(WHOLE);
  const page = await of.store.changes(feed, cursor === null ? null : cursor.slice(WHOLE.length), options);
  const told = await withContent(of, page, options);
  if (!whole) requireSingles(of, told);
  const next = whole && page.more ? WHOLE : LATER;
  return {
    more: page.more,
    cursor: `${next}${page.cursor}`,
    changes: told.flatMap((change): readonly Change[] => {
      if (change.kind === 'removed' || change.record === undefined) return [change];
      return expanded(of, change.record).map((record) => ({ ...change, id: record.id, record }));
    }),
  };
}

async function findShared(
  of: Expanding,
  keys: readonly string[],
  options?: CallOptions,
): Promise<readonly (readonly StoreRecord[])[]> {
  const asked = await of.store.findShared?.(
    keys.map((key) => partsOf(key).id),
    options,
  );
  return keys.map((key, index) =>
    (asked?.[index] ?? []).flatMap((record) => expanded(of, record)).filter(({ shared }) => shared === key),
  );
}

const refused: Outcome = {
  status: 'rejected',
  code: 'read-only',
  message: 'an occurrence is changed in its series only',
};

/**
 * A store whose series are seen as single events, for a partner that keeps none: occurrences inside the window are
 * records of their own, which nobody writes. They have the id of their series and their key, so that the same occurrence
 * is the same record in every window and after every change that leaves it its day.
 */
export function createExpandingStore(store: RecordStore, options: ExpandOptions): RecordStore {
  const span = { from: parseWall(options.window.from) ?? 0, to: parseWall(options.window.to) ?? 0 };
  const of: Expanding = { ...options, store, span };
  const { audience } = store;
  return {
    async probe(call) {
      const probe = await store.probe(call);
      // What tells a series from a single event is its content: every change is read, and carries what was read.
      return { ...probe, capabilities: { ...probe.capabilities, contentInFeed: true } };
    },
    feeds: (call) => store.feeds(call),
    changes: (feed, cursor, call) => changes(of, { feed, cursor }, call),
    async list(feed, page, call) {
      const { records, next } = await store.list(feed, page, call);
      return { records: records.flatMap((record) => expanded(of, record)), next };
    },
    read: (ids, call) => readAll(of, ids, call),
    async find(by, values, call) {
      const found = await store.find(by, values, call);
      return found.map((records) => records.filter((record) => seriesIn(of, record) === null));
    },
    async write(batch, call) {
      const isOccurrence = batch.map((write) => write.op !== 'create' && partsOf(write.id).key !== null);
      const singles = batch.filter((_, index) => !isOccurrence[index]);
      const outcomes = (singles.length === 0 ? [] : await store.write(singles, call)).values();
      return isOccurrence.map((occurrence) => {
        const outcome = occurrence ? refused : outcomes.next().value;
        return outcome ?? { status: 'unknown', kind: 'protocol' };
      });
    },
    findShared: (keys, call) => findShared(of, keys, call),
    ...(audience === undefined ? {} : { audience: (write) => audience.call(store, write) }),
  };
}

/** The same, as soon as the partner turns out to keep no series; until it has been asked nothing is decided. */
export function expandFor(store: RecordStore, partner: RecordStore, options: ExpandOptions): RecordStore {
  let asked: Promise<RecordStore> | undefined;
  const chosen = (): Promise<RecordStore> => {
    asked ??= partner.probe().then(
      ({ capabilities }) =>
        capabilities.events?.recurrence === 'none' ? createExpandingStore(store, options) : store,
      (error: unknown) => {
        asked = undefined;
        throw error;
      },
    );
    return asked;
  };
  const { audience } = store;
  return {
    probe: async (call) => (await chosen()).probe(call),
    feeds: (call) => store.feeds(call),
    changes: async (...given) => (await chosen()).changes(...given),
    list: async (...given) => (await chosen()).list(...given),
    read: async (...given) => (await chosen()).read(...given),
    find: async (...given) => (await chosen()).find(...given),
    write: async (...given) => (await chosen()).write(...given),
    findShared: async (...given) => (await (await chosen()).findShared?.(...given)) ?? [],
    ...(audience === undefined ? {} : { audience: (write) => audience.call(store, write) }),
  };
}
