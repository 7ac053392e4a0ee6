import type { EmulatorClock, Faults, Random } from '../kit/index.ts';
import { PARENT_KEY, SERIES_KEY } from './activity-objects.ts';
import { notFound } from './api-error.ts';
import { createIdSequence } from './record-id.ts';
import { createRecordTable, type RecordTable } from './record-table.ts';
import { isDeleted, type Row, storedValue } from './row.ts';
import type { FieldValue, ObjectDefinition } from './schema.ts';
import { createStandardObjects } from './standard-objects.ts';

export interface ValidationRule {
  readonly object: string;
  readonly message: string;
  /** Field the message is shown at; without it the error names no field. */
  readonly field?: string;
  /** True refuses the row. Values as stored: datetimes in epoch milliseconds. */
  failsWhen(values: Readonly<Record<string, FieldValue>>): boolean;
}

/** Switches of the org that tests and people may turn at any time. */
export interface OrgSettings {
  /** `alert` lets a row through with `allowSave=true`; `block` never does. Matches on equal e-mail address. */
  duplicateRule: 'off' | 'alert' | 'block';
  /** Setup > Activity Settings: events may last up to 14 days, else one. */
  multiDayEvents: boolean;
  /** How long transactions of other people (admin acts) stay open after their statement ran, in ms. */
  commitLagMs: number;
  /** The same for API writes; the reply waits for the commit. */
  apiCommitLagMs: number;
  /** Requests per rolling 24 hours. */
  dailyApiRequests: number;
  /** Calls that may run longer than 20 s at the same time. */
  concurrentLongCalls: number;
  /** Idle time after which a session ends, in ms; use extends it. */
  sessionTimeoutMs: number;
  /** Calls after which a session ends; undefined means no such end. */
  sessionMaxCalls: number | undefined;
}

export interface WriteEntry {
  readonly at: number;
  readonly operation: 'create' | 'update' | 'delete' | 'undelete' | 'merge';
  readonly object: string;
  readonly id: string;
  readonly userId: string;
  /** Consumer key of the connected app; undefined for acts of people. */
  readonly app: string | undefined;
  /** Nobody asked for it: the service marks an event because of who is on it. */
  readonly byItself?: true;
}

export interface DeletedEntry {
  readonly object: string;
  readonly id: string;
  readonly at: number;
}

/** State of one emulated org. */
export interface Org {
  readonly id: string;
  readonly clock: EmulatorClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly settings: OrgSettings;
  readonly validationRules: ValidationRule[];
  readonly writes: WriteEntry[];
  /** The delete log, oldest first; a purge of the recycle bin does not shorten it. */
  readonly deletions: DeletedEntry[];
  /** Grows with every change of data or schema. */
  version: number;
  schemaChangedAt: number;
  readonly tables: readonly RecordTable[];
  /** Case-insensitive; undefined for objects that do not exist. */
  table(name: string): RecordTable | undefined;
  /** The table a record id belongs to. */
  tableOf(id: string): RecordTable | undefined;
  nextId(object: ObjectDefinition): string;
  /** Makes due commits visible and purges what has been in the recycle bin for 15 days. */
  settle(): number;
  purge(table: RecordTable, id: string): void;
}

export const DAY_MS = 24 * 60 * 60 * 1000;
export const BIN_DAYS = 15;

export function requireTable(org: Org, name: string): RecordTable {
  const table = org.table(name);
  if (table === undefined) throw notFound();
  return table;
}

/** What the service itself looks events up by. */
function addActivityIndexes(org: Org): void {
  const events = requireTable(org, 'Event');
  const relations = requireTable(org, 'EventRelation');
  const named = (table: RecordTable, names: readonly string[]): void => {
    for (const name of names) {
      const field = table.object.field(name);
      if (field !== undefined) table.addIndex(field);
    }
  };
  named(events, ['WhoId']);
  named(relations, ['EventId', 'RelationId']);
  events.addIndex(SERIES_KEY);
  events.addIndex(PARENT_KEY);
}

export function createOrg(options: {
  clock: EmulatorClock;
  random: Random;
  faults: Faults;
  settings: OrgSettings;
}): Org {
  const { clock } = options;
  const tables = createStandardObjects().map(createRecordTable);
  const byName = new Map(tables.map((table) => [table.object.name.toLowerCase(), table]));
  const byPrefix = new Map(tables.map((table) => [table.object.keyPrefix, table]));
  const sequences = new Map(tables.map(({ object }) => [object.name, createIdSequence(object.keyPrefix)]));
  const nextId = (object: ObjectDefinition): string => {
    const next = sequences.get(object.name);
    if (next === undefined) throw new Error(`no id sequence for ${object.name}`);
    return next();
  };
  let purgedTo = 0;

  const purge = (table: RecordTable, id: string): void => {
    table.remove(id);
    org.version += 1;
  };
  const emptyOldBin = (now: number): void => {
    const before = now - BIN_DAYS * DAY_MS;
    for (; purgedTo < org.deletions.length; purgedTo += 1) {
      const entry = org.deletions[purgedTo];
      if (entry === undefined || entry.at > before) return;
      const table = byName.get(entry.object.toLowerCase());
      const row = table?.latest(entry.id);
      if (table !== undefined && row !== undefined && isDeleted(row) && row.stamp <= before)
        purge(table, entry.id);
    }
  };

  const org: Org = {
    ...options,
    id: '',
    validationRules: [],
    writes: [],
    deletions: [],
    version: 0,
    schemaChangedAt: clock.now(),
    tables,
    table: (name) => byName.get(name.toLowerCase()),
    tableOf: (id) => byPrefix.get(id.slice(0, 3)),
    nextId,
    settle() {
      const now = clock.now();
      for (const table of tables) if (table.settle(now)) org.version += 1;
      emptyOldBin(now);
      return now;
    },
    purge,
  };
  addActivityIndexes(org);
  const organization = requireTable(org, 'Organization').object;
  return Object.assign(org, { id: nextId(organization) });
}

/** Rows an API user can see: committed, shared with the user and, unless asked for, not deleted. */
export function readable(table: RecordTable, row: Row | undefined, includeDeleted: boolean): row is Row {
  if (row === undefined || table.hidden.has(row.id)) return false;
  return includeDeleted || !isDeleted(row);
}

/** Committed, live rows with this value in an indexed field. */
export function liveRowsByKey(table: RecordTable, fieldName: string, value: FieldValue): Row[] {
  const field = table.object.field(fieldName);
  if (field === undefined) return [];
  const fold = (text: FieldValue): string =>
    field.caseSensitive ? String(text) : String(text).toLowerCase();
  const rows: Row[] = [];
  for (const id of table.idsByKey(field, value)) {
    const row = table.get(id);
    if (readable(table, row, false) && fold(storedValue(row, field.name)) === fold(value)) rows.push(row);
  }
  return rows;
}
