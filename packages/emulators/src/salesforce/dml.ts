import { badRequest, notFound } from './api-error.ts';
import { endSeries } from './event-series.ts';
import { behaviourOf } from './object-behaviour.ts';
import type { Org } from './org.ts';
import { type Changes, requireFields, requireReferences, toChanges } from './record-input.ts';
import { requireNoDuplicate, requireUnique, requireValid } from './record-rules.ts';
import { type Actor, initialValues, modified, moveToBin, requireLive, store } from './record-store.ts';
import type { RecordTable } from './record-table.ts';
import { isDeleted, storedValue } from './row.ts';

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
  const behaviour = behaviourOf(table);
  const completed = behaviour.complete(org, { changes, before: undefined });
  const values: Changes = { ...initialValues(org, table, actor), ...changes, ...completed };
  if (table.object.field('OwnerId') !== undefined) values.OwnerId ??= actor.userId;
  const id = org.nextId(table.object);
  checkRules(org, { table, id, values }, actor);
  behaviour.insert(org, { table, id, values }, actor);
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
  const behaviour = behaviourOf(table);
  const named: Changes = { ...changes, ...behaviour.complete(org, { changes, before }) };
  if (named.OwnerId === null) named.OwnerId = storedValue(before, 'OwnerId');
  const values: Changes = { ...before.values, ...named, ...modified(org, actor.userId) };
  requireFields(table.object, values);
  checkRules(org, { table, id, values }, actor);
  behaviour.update(org, { table, before, changes: named, values }, actor);
}

/** Moves one record to the recycle bin, with what goes with it. */
export function deleteRecord(
  org: Org,
  table: RecordTable,
  { id, actor }: { id: string; actor: Actor },
): void {
  const row = requireLive(table, id, actor);
  requireAccess(org, { table, id }, actor);
  behaviourOf(table).remove(org, { table, row }, actor);
}

/** Ends a series of events before one of its occurrences. */
export function deleteFromHere(
  org: Org,
  table: RecordTable,
  { id, actor }: { id: string; actor: Actor },
): void {
  const row = requireLive(table, id, actor);
  requireAccess(org, { table, id }, actor);
  endSeries(org, { table, row }, actor);
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
