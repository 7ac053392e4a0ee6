import { entityIsDeleted, notFound } from './api-error.ts';
import { toWholeSecond } from './datetime.ts';
import type { Org, WriteEntry } from './org.ts';
import type { Changes } from './record-input.ts';
import type { Journal, RecordTable } from './record-table.ts';
import { isDeleted, type Row } from './row.ts';
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

export interface Statement {
  readonly table: RecordTable;
  readonly id: string;
  readonly values: Changes;
  readonly operation: WriteEntry['operation'];
  readonly byItself?: true;
}

function toValues(merged: Changes): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(merged)) if (value !== null) values[name] = value;
  return values;
}

/** Stores a version stamped with the whole second of now, and visible when its transaction commits. */
export function store(org: Org, statement: Statement, actor: Actor): Row {
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
    ...(statement.byItself === true ? { byItself: true } : {}),
  };
  org.writes.push(entry);
  actor.journal?.push(() => {
    org.writes.splice(org.writes.lastIndexOf(entry), 1);
  });
  org.version += 1;
  return row;
}

/** The stamp fields of a write by `userId` at this moment. */
export function modified(org: Org, userId: string): Changes {
  const stamp = toWholeSecond(org.clock.now());
  return { LastModifiedDate: stamp, LastModifiedById: userId, SystemModstamp: stamp };
}

/** What every new row of an object has before anything is said about it. */
export function initialValues(org: Org, table: RecordTable, actor: Actor): Changes {
  const stamp = modified(org, actor.userId);
  const values: Changes = { CreatedDate: stamp.SystemModstamp ?? null, CreatedById: actor.userId, ...stamp };
  for (const field of table.object.fields) if (field.type === 'boolean') values[field.name] = false;
  if (table.object.field('OwnerId') !== undefined) values.OwnerId = actor.userId;
  return values;
}

/** The newest version of a live row; 404 NOT_FOUND or ENTITY_IS_DELETED otherwise. Sharing binds apps only. */
export function requireLive(table: RecordTable, id: string, actor: Actor): Row {
  const row = table.latest(id);
  if (row === undefined || (actor.app !== undefined && table.hidden.has(id))) throw notFound();
  if (isDeleted(row)) throw entityIsDeleted();
  return row;
}

export interface BinTarget {
  readonly table: RecordTable;
  readonly row: Row;
  readonly masterId?: string;
  /** Values that the row in the bin shows besides. */
  readonly marks?: Changes;
}

export function moveToBin(org: Org, target: BinTarget, actor: Actor): void {
  const { table, row, masterId, marks } = target;
  const stamp = modified(org, actor.userId);
  const values = { ...row.values, ...marks, ...stamp, IsDeleted: true, MasterRecordId: masterId ?? null };
  const operation = masterId === undefined ? 'delete' : 'merge';
  const stored = store(org, { table, id: row.id, values, operation }, actor);
  const entry = { object: table.object.name, id: row.id, at: stored.stamp };
  org.deletions.push(entry);
  actor.journal?.push(() => {
    org.deletions.splice(org.deletions.lastIndexOf(entry), 1);
  });
}
