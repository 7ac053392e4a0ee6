import { badRequest, entityIsDeleted, notFound } from './api-error.ts';
import { toWholeSecond } from './datetime.ts';
import type { Org, WriteEntry } from './org.ts';
import { type Changes, requireFields, requireReferences, toChanges } from './record-input.ts';
import { requireNoDuplicate, requireUnique, requireValid } from './record-rules.ts';
import type { Journal, RecordTable } from './record-table.ts';
import { isDeleted, type Row, storedValue } from './row.ts';
import type { FieldValue } from './schema.ts';

/** Who writes, and how. */
export interface Actor {
  readonly userId: string;
  /** Consumer key; undefined for people, whose writes are not subject to row locks and duplicate rules. */
  readonly app: string | undefined;
  readonly allowDuplicates: boolean;
  /** How long the transaction stays open after the statement, in ms. */
  readonly lagMs: number;
  /** Undo steps when the write is part of an all-or-none unit. */
  readonly journal: Journal | undefined;
}

function toValues(merged: Changes): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(merged)) if (value !== null) values[name] = value;
  return values;
}

function withComposedName(table: RecordTable, merged: Changes): Changes {
  if (table.object.name !== 'Contact') return merged;
  const parts = [merged.FirstName ?? null, merged.LastName ?? null].filter((part) => part !== null);
  return { ...merged, Name: parts.join(' ') };
}

interface Statement {
  readonly table: RecordTable;
  readonly id: string;
  readonly values: Changes;
  readonly operation: WriteEntry['operation'];
}

/** Stores a version stamped with the whole second of now, and visible when its transaction commits. */
function store(org: Org, statement: Statement, actor: Actor): Row {
  const now = org.clock.now();
  const { table, id } = statement;
  const row: Row = { id, stamp: toWholeSecond(now), values: toValues(statement.values) };
  table.put(row, { visibleAt: now + actor.lagMs, now, journal: actor.journal });
  const entry: WriteEntry = {
    at: now,
    operation: statement.operation,
    object: table.object.name,
    id,
    userId: actor.userId,
    app: actor.app,
  };
  org.writes.push(entry);
  actor.journal?.push(() => {
    org.writes.splice(org.writes.lastIndexOf(entry), 1);
  });
  org.version += 1;
  return row;
}

/** The stamp fields of a write by `userId` at this moment. */
function modified(org: Org, userId: string): Changes {
  const stamp = toWholeSecond(org.clock.now());
  return { LastModifiedDate: stamp, LastModifiedById: userId, SystemModstamp: stamp };
}

function requireUnlocked(org: Org, table: RecordTable, id: string | undefined): void {
  const fault = org.faults.takeNamed('unable-to-lock-row', `${table.object.name}/${id ?? 'new'}`);
  if (fault === undefined && (id === undefined || !table.isLocked(id))) return;
  const message = `unable to obtain exclusive access to this record or 1 records: ${id ?? table.object.keyPrefix}`;
  throw badRequest('UNABLE_TO_LOCK_ROW', message, []);
}

function injectRecordError(org: Org, table: RecordTable, id: string | undefined): void {
  const data = org.faults.takeNamed('record-error', `${table.object.name}/${id ?? 'new'}`)?.data;
  if (typeof data !== 'object' || data === null) return;
  const { errorCode, message } = {
    errorCode: 'UNKNOWN_EXCEPTION',
    message: 'An unexpected error occurred.',
    ...data,
  };
  throw badRequest(String(errorCode), String(message), []);
}

function requireAccess(org: Org, statement: { table: RecordTable; id?: string }, actor: Actor): void {
  if (!statement.table.object.writable) {
    const message = `entity type ${statement.table.object.name} does not support this operation`;
    throw badRequest('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message, []);
  }
  if (actor.app === undefined) return;
  requireUnlocked(org, statement.table, statement.id);
  injectRecordError(org, statement.table, statement.id);
}

/** The newest version of a live row; 404 NOT_FOUND or ENTITY_IS_DELETED otherwise. Sharing binds apps only. */
function requireLive(table: RecordTable, id: string, actor: Actor): Row {
  const row = table.latest(id);
  if (row === undefined || (actor.app !== undefined && table.hidden.has(id))) throw notFound();
  if (isDeleted(row)) throw entityIsDeleted();
  return row;
}

/** Inserts one record and returns its id. Throws ApiError when a rule refuses it. */
export function createRecord(
  org: Org,
  table: RecordTable,
  { body, actor }: { body: unknown; actor: Actor },
): string {
  requireAccess(org, { table }, actor);
  const changes = toChanges(org, table.object, { body, mode: 'create' });
  requireFields(table.object, changes);
  requireReferences(org, table, changes);
  const stamp = modified(org, actor.userId);
  const defaults: Changes = {
    OwnerId: actor.userId,
    CreatedDate: stamp.SystemModstamp ?? null,
    CreatedById: actor.userId,
  };
  for (const field of table.object.fields) if (field.type === 'boolean') defaults[field.name] = false;
  const values = withComposedName(table, { ...defaults, ...changes, ...stamp });
  if ((values.OwnerId ?? null) === null) values.OwnerId = actor.userId;
  const id = org.nextId(table.object);
  checkRules(org, { table, id, values }, actor);
  store(org, { table, id, values, operation: 'create' }, actor);
  return id;
}

function checkRules(
  org: Org,
  candidate: { table: RecordTable; id: string; values: Changes },
  actor: Actor,
): void {
  requireValid(org, candidate);
  if (actor.app !== undefined) requireNoDuplicate(org, candidate, actor.allowDuplicates);
  requireUnique(candidate);
}

export interface UpdateInput {
  readonly id: string;
  readonly body: unknown;
  readonly actor: Actor;
}

/** Changes the named fields of one live record; every update moves the stamps, even one that changes nothing. */
export function updateRecord(org: Org, table: RecordTable, { id, body, actor }: UpdateInput): void {
  const before = requireLive(table, id, actor);
  requireAccess(org, { table, id }, actor);
  const changes = toChanges(org, table.object, { body, mode: 'update' });
  requireReferences(org, table, changes);
  const merged: Changes = { ...before.values, ...changes };
  if ((merged.OwnerId ?? null) === null) merged.OwnerId = storedValue(before, 'OwnerId');
  requireFields(table.object, merged);
  const values = withComposedName(table, { ...merged, ...modified(org, actor.userId) });
  checkRules(org, { table, id, values }, actor);
  store(org, { table, id, values, operation: 'update' }, actor);
}

function moveToBin(
  org: Org,
  target: { table: RecordTable; row: Row; masterId?: string },
  actor: Actor,
): void {
  const { table, row, masterId } = target;
  const stamp = modified(org, actor.userId);
  const values = { ...row.values, ...stamp, IsDeleted: true, MasterRecordId: masterId ?? null };
  const operation = masterId === undefined ? 'delete' : 'merge';
  const stored = store(org, { table, id: row.id, values, operation }, actor);
  const entry = { object: table.object.name, id: row.id, at: stored.stamp };
  org.deletions.push(entry);
  actor.journal?.push(() => {
    org.deletions.splice(org.deletions.lastIndexOf(entry), 1);
  });
}

/** Moves one record to the recycle bin; an account takes its contacts along. */
export function deleteRecord(
  org: Org,
  table: RecordTable,
  { id, actor }: { id: string; actor: Actor },
): void {
  const row = requireLive(table, id, actor);
  requireAccess(org, { table, id }, actor);
  moveToBin(org, { table, row }, actor);
  const contacts = table.object.name === 'Account' ? org.table('Contact') : undefined;
  if (contacts === undefined) return;
  for (const contact of [...contacts.latestRows()]) {
    if (!isDeleted(contact) && storedValue(contact, 'AccountId') === id)
      moveToBin(org, { table: contacts, row: contact }, actor);
  }
}

/** Takes one record out of the recycle bin. */
export function undeleteRecord(
  org: Org,
  table: RecordTable,
  { id, actor }: { id: string; actor: Actor },
): void {
  const row = table.latest(id);
  if (row === undefined) throw notFound();
  if (!isDeleted(row)) throw badRequest('UNDELETE_FAILED', 'Entity is not in the recycle bin', []);
  const values = { ...row.values, ...modified(org, actor.userId), IsDeleted: false, MasterRecordId: null };
  requireUnique({ table, id, values });
  store(org, { table, id, values, operation: 'undelete' }, actor);
  const at = org.deletions.findLastIndex((entry) => entry.id === id);
  if (at >= 0) org.deletions.splice(at, 1);
}

export interface MergeInput {
  readonly masterId: string;
  readonly loserIds: readonly string[];
  /** Field values the master keeps from the losers. */
  readonly keep: Record<string, unknown>;
  readonly actor: Actor;
}

/** Merges up to two records into a master: the losers go to the bin with `MasterRecordId` set. */
export function mergeRecords(
  org: Org,
  table: RecordTable,
  { masterId, loserIds, keep, actor }: MergeInput,
): void {
  if (loserIds.length < 1 || loserIds.length > 2 || loserIds.includes(masterId)) {
    throw badRequest('INVALID_NUMBER_OF_RECORDS', 'a merge takes one or two records besides the master');
  }
  requireLive(table, masterId, actor);
  const losers = loserIds.map((id) => requireLive(table, id, actor));
  for (const row of losers) moveToBin(org, { table, row, masterId }, actor);
  updateRecord(org, table, { id: masterId, body: keep, actor });
}
