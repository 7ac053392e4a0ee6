import { ApiError, conflict, invalid, invalidProperties, notFound } from './api-error.ts';
import { meetingValues } from './meeting-rules.ts';
import type { Actor, Portal, WriteEntry } from './portal.ts';
import type { Row, ValueEntry } from './row.ts';
import type { Journal, Put, Table } from './table.ts';
import { toValues, withoutBackwardStage } from './values.ts';

/** How one write acts. */
export interface Acting {
  readonly actor: Actor;
  readonly journal?: Journal | undefined;
}

const HISTORY_LENGTH = 20;

function toPut(portal: Portal, acting: Acting): Put {
  const now = portal.clock.now();
  return { now, searchableAt: now + portal.settings.searchLagMs, journal: acting.journal };
}

function sourceOf(actor: Actor): Pick<ValueEntry, 'source' | 'sourceId'> {
  return actor.app === undefined
    ? { source: 'CRM_UI', sourceId: 'userId:1' }
    : { source: 'INTEGRATION', sourceId: actor.app };
}

interface Taken {
  readonly name: string;
  readonly holder: Row;
  /** Id of the record that was to have the value too. */
  readonly own: string;
}

function refuseTaken(portal: Portal, { name, holder, own }: Taken): ApiError {
  if (name === 'email') return conflict(`Contact already exists. Existing ID: ${holder.id}`);
  const message = `Cannot set PropertyValueCoordinates{portalId=${portal.id}, propertyName=${name}} on ${own}. ${holder.id} already has that value.`;
  if (portal.settings.uniqueRefusal === 'conflict') return conflict(message);
  const code = 'CONFLICTING_UNIQUE_VALUE';
  return invalidProperties([{ message, code, context: { propertyName: [name] } }]);
}

/** Values that only one living record may hold, with the property under which they are kept. */
function uniqueValues(
  table: Table,
  values: Readonly<Record<string, string>>,
): [name: string, value: string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (value === '') return [];
    if (name === 'email') return [['email', value]];
    if (name === 'hs_additional_emails') return value.split(';').map((email) => ['email', email]);
    return table.properties.get(name)?.hasUniqueValue === true ? [[name, value]] : [];
  });
}

/** An address, first or additional, and a unique property belong to one living record. */
function requireUnique(
  portal: Portal,
  table: Table,
  of: { id: string; values: Readonly<Record<string, string>> },
): void {
  for (const [name, value] of uniqueValues(table, of.values)) {
    const holder = table.holderOf(name, value);
    if (holder !== undefined && holder.id !== of.id) throw refuseTaken(portal, { name, holder, own: of.id });
  }
}

/** Two changes of one record never share a millisecond: a write takes longer than that, also where a test stops time. */
export const changeTime = (row: Pick<Row, 'updatedAt'>, now: number): number =>
  Math.max(now, row.updatedAt + 1);

function withValues(row: Row, changes: Record<string, string>, entry: Omit<ValueEntry, 'value'>): Row {
  const values: Record<string, string> = { ...row.values };
  const history: Record<string, readonly ValueEntry[]> = { ...row.history };
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') delete values[name];
    else values[name] = value;
    if ((row.values[name] ?? '') === value) continue;
    history[name] = [{ value, ...entry }, ...(history[name] ?? [])].slice(0, HISTORY_LENGTH);
  }
  return { ...row, values, history, updatedAt: entry.at };
}

function tell(portal: Portal, table: Table, of: { before: Row | null; row: Row; source: string }): void {
  const { before, row, source } = of;
  const base = { objectType: table.type.name, id: row.id, at: row.updatedAt, source };
  const changed = Object.entries(row.values).filter(([name, value]) => before?.values[name] !== value);
  for (const listener of portal.onEvent) {
    if (before === null) listener({ ...base, kind: 'creation' });
    for (const [property, value] of changed) listener({ ...base, kind: 'propertyChange', property, value });
  }
}

interface Stored {
  readonly before: Row | null;
  readonly row: Row;
  readonly operation: WriteEntry['operation'];
}

function store(portal: Portal, table: Table, of: Stored & { acting: Acting }): Row {
  const { actor, journal } = of.acting;
  const { objectType, id } = { objectType: table.type.name, id: of.row.id };
  table.put(of.row, toPut(portal, of.acting));
  portal.note({ operation: of.operation, objectType, id, app: actor.app });
  journal?.push(() => portal.writes.pop());
  tell(portal, table, { before: of.before, row: of.row, source: sourceOf(actor).source });
  return of.row;
}

/** A fault scripted for one record: `record-error` with `{status, category, message}`, path `contacts/<id>` or `contacts/new`. */
function injectRecordError(portal: Portal, table: Table, id: string): void {
  const fault = portal.faults.takeNamed('record-error', `${table.type.name}/${id}`);
  if (fault === undefined) return;
  const data = (fault.data ?? {}) as { status?: number; category?: string; message?: string };
  throw new ApiError(data.status ?? 400, data.message ?? 'The record was refused', {
    category: data.category ?? 'VALIDATION_ERROR',
  });
}

/** What an object type makes of a write. */
const ownRules = (
  table: Table,
  before: Readonly<Record<string, string>>,
  values: Record<string, string>,
): Record<string, string> =>
  table.type.name === 'meetings' ? meetingValues(before, values) : withoutBackwardStage(before, values);

/** Makes one record. Throws ApiError when a rule refuses it. */
export function createRecord(portal: Portal, table: Table, of: { properties: unknown; acting: Acting }): Row {
  const values = ownRules(table, {}, toValues(table, of.properties));
  if (!table.type.oneOf.some((name) => (values[name] ?? '') !== ''))
    throw invalid(`At least one of the properties ${table.type.oneOf.join(', ')} is required`);
  requireUnique(portal, table, { id: 'new', values });
  if (of.acting.actor.app !== undefined) injectRecordError(portal, table, 'new');
  const at = portal.clock.now();
  const empty = { id: portal.nextId(), values: {}, history: {}, archivedAt: null, mergedIds: [] };
  const entry = { at, ...sourceOf(of.acting.actor) };
  const row = withValues({ ...empty, createdAt: at, updatedAt: at }, values, entry);
  return store(portal, table, { before: null, row, operation: 'create', acting: of.acting });
}

export function requireLiving(table: Table, id: string): Row {
  const row = table.get(id);
  if (row === undefined || row.archivedAt !== null) throw notFound();
  return row;
}

/** Changes the named properties; the record an id was merged into is changed. Nothing is conditional here. */
export function updateRecord(
  portal: Portal,
  table: Table,
  of: { id: string; properties: unknown; acting: Acting },
): Row {
  const before = requireLiving(table, of.id);
  const values = ownRules(table, before.values, toValues(table, of.properties));
  requireUnique(portal, table, { id: before.id, values });
  if (of.acting.actor.app !== undefined) injectRecordError(portal, table, before.id);
  const at = changeTime(before, portal.clock.now());
  const row = withValues(before, values, { at, ...sourceOf(of.acting.actor) });
  return store(portal, table, { before, row, operation: 'update', acting: of.acting });
}

/** To the recycle bin; a record that is there already, or not at all, is fine. */
export function archiveRecord(portal: Portal, table: Table, of: { id: string; acting: Acting }): void {
  const before = table.get(of.id);
  if (before === undefined || before.archivedAt !== null) return;
  const at = portal.clock.now();
  portal.archive.push({ table, id: before.id, at });
  store(portal, table, {
    before,
    row: { ...before, updatedAt: changeTime(before, at), archivedAt: at },
    operation: 'archive',
    acting: of.acting,
  });
  const event = { objectType: table.type.name, id: before.id, at, source: sourceOf(of.acting.actor).source };
  for (const listener of portal.onEvent) listener({ ...event, kind: 'deletion' });
}

/** Out of the recycle bin, under its id. Only people can do that. */
export function restoreRecord(portal: Portal, table: Table, of: { id: string; acting: Acting }): Row {
  const before = table.get(of.id);
  if (before === undefined || before.archivedAt === null) throw notFound();
  requireUnique(portal, table, { id: before.id, values: { ...before.values } });
  const at = changeTime(before, portal.clock.now());
  const row = { ...before, updatedAt: at, archivedAt: null };
  return store(portal, table, { before, row, operation: 'restore', acting: of.acting });
}

/** Forgets a record for good. */
export function purgeRecord(portal: Portal, table: Table, of: { id: string; acting: Acting }): void {
  const before = table.get(of.id);
  if (before === undefined) throw notFound();
  table.remove(before.id, toPut(portal, of.acting));
  portal.note({
    operation: 'purge',
    objectType: table.type.name,
    id: before.id,
    app: of.acting.actor.app,
  });
  const event = { objectType: table.type.name, id: before.id, at: portal.clock.now(), source: 'PRIVACY' };
  for (const listener of portal.onEvent) listener({ ...event, kind: 'privacyDeletion' });
}
