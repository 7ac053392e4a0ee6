import type { FieldCatalogue, Fields, FieldValue, ReadResult, StoreRecord } from '@tidelock/core';
import type { VirtualClock } from './clock.ts';
import type { StoreOptions } from './store-options.ts';

/** What a row showed from an instant on. */
interface Snapshot {
  readonly at: number;
  readonly by: 'us' | 'other';
  readonly read: ReadResult;
}

export interface Row {
  readonly id: string;
  fields: Record<string, FieldValue>;
  stamp: string | null;
  version: number;
  /** Server time of the last change. */
  mono: number;
  by: 'us' | 'other';
  state: 'live' | 'gone';
  out: boolean;
  mergedInto: string | null;
  /** A copy of somebody else's event: it follows that one, and nobody here can write to it. */
  readonly foreign: boolean;
  readonly createdAt: number;
  readonly snapshots: Snapshot[];
  /** What it shows since its last change: made once, however often it is read. */
  shown: StoreRecord | null;
}

export interface LogEntry {
  readonly id: string;
  readonly kind: 'changed' | 'removed';
}

export interface ModelStore {
  readonly name: string;
  readonly options: StoreOptions;
  readonly catalogue: FieldCatalogue;
  readonly rows: Map<string, Row>;
  readonly log: LogEntry[];
  /** Goes up when all cursors expire. */
  epoch: number;
  /** Rows that the filter leaves out: no feed reports them, a read still finds them. */
  readonly hidden: Set<string>;
  /** Goes up when somebody changes the filter. */
  scope: number;
  /** Every create and update is refused, for one and the same reason. */
  refusing: boolean;
  /** What this record shows of these fields after a write. */
  hold(fields: Fields): Record<string, FieldValue>;
  create(fields: Fields, of: { stamp: string | null; by: Row['by']; foreign?: boolean }): Row;
  /** Changes a row in place and remembers what it showed. `startedAt`: the transaction began earlier. */
  change(row: Row, by: Row['by'], apply: (row: Row) => void): void;
  /** Changes a row so that nobody notices: neither its version nor a feed says so. */
  drift(row: Row, fields: Fields): void;
  read(id: string, at?: number): ReadResult;
  record(row: Row): StoreRecord;
  byStamp(stamp: string): Row[];
  /** Called with every value that a row begins to show. */
  onShow: (row: Row) => void;
  /** Called when a row has changed or is gone. */
  onChange: (row: Row) => void;
}

/** One of two with one stamp in a store that takes no second one (5.3): nothing excuses it. */
export const isForbidden = (store: ModelStore, { stamp }: Row): boolean =>
  store.options.caps.createKey === 'unique' && stamp !== null && store.byStamp(stamp).length > 1;

const PROPERTIES = {
  a: { first: 'given', last: 'family', email: 'mail', title: 'title', notes: 'notes', town: 'town' },
  b: { first: 'First', last: 'Last', email: 'Email', title: 'Title', notes: 'Notes', town: 'Town' },
} as const;

/** Longest town that side B keeps. */
const TOWN_B = 12;

export function catalogueOf(side: 'a' | 'b', more: FieldCatalogue = {}): FieldCatalogue {
  const names = PROPERTIES[side];
  const spec = (type: 'text' | 'multiline' | 'email', label: string) => ({ type, label, writable: true });
  return {
    [names.first]: spec('text', 'First'),
    [names.last]: spec('text', 'Last'),
    [names.email]: spec('email', 'E-mail'),
    [names.title]: spec('text', 'Title'),
    [names.notes]: spec('multiline', 'Notes'),
    [names.town]:
      side === 'b'
        ? { ...spec('text', 'Town'), maxLength: TOWN_B }
        : { ...spec('text', 'Town'), maxLength: 64 },
    ...more,
  };
}

export const propertyOf = (side: 'a' | 'b', name: keyof (typeof PROPERTIES)['a']): string =>
  PROPERTIES[side][name];

export const MAPPED = [
  { field: 'firstName', mailbox: 'given', crm: 'First' },
  { field: 'lastName', mailbox: 'family', crm: 'Last' },
  { field: 'email', mailbox: 'mail', crm: 'Email' },
  { field: 'title', mailbox: 'title', crm: 'Title' },
  { field: 'notes', mailbox: 'notes', crm: 'Notes' },
  { field: 'town', mailbox: 'town', crm: 'Town' },
] as const;

/** Side B folds the case of e-mail addresses, trims, and cuts towns. */
function held(side: 'a' | 'b', name: string, value: FieldValue): FieldValue {
  if (side === 'a' || typeof value !== 'string') return value;
  if (name === 'Email') return value.toLowerCase();
  if (name === 'Town') return value.slice(0, TOWN_B).trim() || null;
  return value.trim() || null;
}

/** One side puts a mark behind the town, the other one takes it away. */
function mannered(
  of: { readonly side: 'a' | 'b'; readonly toAndFro: boolean },
  property: string,
  value: FieldValue,
): FieldValue {
  if (!of.toAndFro || property.toLowerCase() !== 'town' || typeof value !== 'string') return value;
  const bare = value.replaceAll('!', '');
  return of.side === 'a' ? bare : `${bare.slice(0, TOWN_B - 1)}!`;
}

const monoText = (mono: number): string => String(mono).padStart(16, '0');

function toRead(row: Row, record: StoreRecord): ReadResult {
  if (row.state === 'gone')
    return row.mergedInto === null
      ? { state: 'gone', id: row.id }
      : { state: 'merged', id: row.id, into: row.mergedInto };
  return row.out ? { state: 'out', id: row.id } : { state: 'found', id: row.id, record };
}

function toRecord(row: Row, told: boolean): StoreRecord {
  const base: StoreRecord = {
    id: row.id,
    version: `v${row.version}`,
    mono: monoText(row.mono),
    fields: { ...row.fields },
    stamp: row.stamp,
    createdAt: row.createdAt,
    modifiedAt: row.mono,
    ...(row.foreign ? { writable: false } : {}),
  };
  return told ? { ...base, modifiedBy: row.by } : base;
}

function recordOf(row: Row, told: boolean): StoreRecord {
  row.shown ??= toRecord(row, told);
  return row.shown;
}

export function createModelStore(of: {
  readonly name: string;
  readonly side: 'a' | 'b';
  readonly options: StoreOptions;
  readonly clock: VirtualClock;
  readonly toAndFro: boolean;
  readonly catalogue: FieldCatalogue;
}): ModelStore {
  const { name, side, options, clock, catalogue } = of;
  const empty = Object.fromEntries(Object.keys(catalogue).map((property) => [property, null]));
  const hold = (fields: Fields): Record<string, FieldValue> => {
    const shown: Record<string, FieldValue> = {};
    for (const [property, value] of Object.entries(fields))
      if (property in catalogue) shown[property] = mannered(of, property, held(side, property, value));
    return shown;
  };
  let count = 0;
  let versions = 0;
  const record = (row: Row): StoreRecord => recordOf(row, options.caps.modifiedBy);
  const note = (store: ModelStore, row: Row, kind: LogEntry['kind']): void => {
    row.shown = null;
    row.snapshots.push({ at: clock.now, by: row.by, read: toRead(row, record(row)) });
    store.log.push({ id: row.id, kind });
    if (row.state === 'live') store.onShow(row);
    store.onChange(row);
  };
  const store: ModelStore = {
    name,
    options,
    catalogue,
    rows: new Map(),
    log: [],
    ...{ epoch: 0, hidden: new Set<string>(), scope: 0, refusing: false },
    hold,
    create(fields, { stamp, by, foreign = false }) {
      const at = clock.now + options.skewMs;
      const row: Row = {
        id: `${name}-${++count}`,
        fields: { ...empty, ...hold(fields) },
        stamp,
        version: ++versions,
        mono: at,
        ...{ by, state: 'live', out: false },
        ...{ mergedInto: null, foreign, createdAt: at },
        snapshots: [],
        shown: null,
      };
      store.rows.set(row.id, row);
      note(store, row, 'changed');
      return row;
    },
    change(row, by, apply) {
      apply(row);
      row.version = ++versions;
      row.mono = Math.max(row.mono + 1, clock.now + options.skewMs);
      row.by = by;
      note(store, row, row.state === 'gone' || row.out ? 'removed' : 'changed');
    },
    drift(row, fields) {
      Object.assign(row.fields, hold(fields));
      row.shown = null;
      row.snapshots.push({ at: clock.now, by: row.by, read: toRead(row, record(row)) });
      store.onShow(row);
    },
    read(id, at = clock.now) {
      const shown = store.rows.get(id)?.snapshots.findLast((snapshot) => snapshot.at <= at);
      return shown?.read ?? { state: 'gone', id };
    },
    record,
    byStamp: (stamp) => [...store.rows.values()].filter((row) => row.state === 'live' && row.stamp === stamp),
    ...{ onShow: () => {}, onChange: () => {} },
  };
  return store;
}
