import { ApiError, badRequest, entityIsDeleted, notFound } from './api-error.ts';
import { toHttpDate } from './datetime.ts';
import { createRecord, deleteFromHere, deleteRecord, updateRecord } from './dml.ts';
import { toStored, toWire } from './field-coercion.ts';
import { liveRowsByKey, readable, requireTable } from './org.ts';
import { toId18 } from './record-id.ts';
import { isObject } from './record-input.ts';
import type { RecordTable } from './record-table.ts';
import { type ApiCall, empty, json, type Reply } from './reply.ts';
import { lastModifiedOf, modifiedOrReply, unmodifiedOrReply } from './rest-conditions.ts';
import { type Resource, type RestContext, toActor } from './rest-context.ts';
import { isDeleted, type Row } from './row.ts';
import type { FieldDefinition } from './schema.ts';
import { toAttributes } from './soql-fields.ts';

export function recordUrl(context: RestContext, table: RecordTable, id: string): string {
  return `/services/data/${context.caller.version}/sobjects/${table.object.name}/${id}`;
}

/** An id of this object in its 18-character form; MALFORMED_ID otherwise. */
export function requireId(table: RecordTable, text: string): string {
  const id = toId18(text);
  if (id?.startsWith(table.object.keyPrefix)) return id;
  throw badRequest('MALFORMED_ID', `${table.object.label} ID: id value of incorrect type: ${text}`, ['Id']);
}

/** The committed, live row; NOT_FOUND or ENTITY_IS_DELETED otherwise. */
function requireRow(table: RecordTable, id: string): Row {
  const row = table.get(id);
  if (!readable(table, row, true)) throw notFound();
  if (isDeleted(row)) throw entityIsDeleted();
  return row;
}

export function requireFieldNamed(table: RecordTable, name: string): FieldDefinition {
  const field = table.object.field(name);
  if (field !== undefined) return field;
  throw badRequest('INVALID_FIELD', `No such column '${name}' on sobject of type ${table.object.name}`);
}

/** The row with `attributes`, in the order of `fields`, or whole in describe order. */
export function toRecord(
  context: RestContext,
  table: RecordTable,
  { row, fields }: { row: Row; fields: readonly FieldDefinition[] | undefined },
): Record<string, unknown> {
  const record: Record<string, unknown> = {
    attributes: toAttributes(table.object.name, row.id, context.caller.version),
  };
  for (const field of fields ?? table.object.fields) record[field.name] = toWire(row, field);
  if (fields !== undefined && !fields.some((field) => field.type === 'id')) record.Id = row.id;
  return record;
}

function selectedFields(table: RecordTable, call: ApiCall): readonly FieldDefinition[] | undefined {
  const names = call.query.get('fields');
  return names?.split(',').map((name) => requireFieldNamed(table, name.trim()));
}

function readRow(
  context: RestContext,
  call: ApiCall,
  { table, row }: { table: RecordTable; row: Row },
): Reply {
  const unchanged = modifiedOrReply(call, lastModifiedOf(row)) ?? unmodifiedOrReply(call, row);
  if (unchanged !== undefined) return unchanged;
  const record = toRecord(context, table, { row, fields: selectedFields(table, call) });
  return json(200, record, { 'last-modified': toHttpDate(lastModifiedOf(row)) });
}

function createdReply(
  context: RestContext,
  table: RecordTable,
  { id, upsert }: { id: string; upsert: boolean },
): Reply {
  const result = { id, success: true, errors: [] };
  return json(201, upsert ? { ...result, created: true } : result, {
    location: recordUrl(context, table, id),
  });
}

export const createRow: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[1] ?? '');
  const id = createRecord(context.org, table, { body: call.body, actor: toActor(context, call) });
  return createdReply(context, table, { id, upsert: false });
};

export const readRowById: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[1] ?? '');
  const row = requireRow(table, requireId(table, segments[2] ?? ''));
  return readRow(context, call, { table, row });
};

export const updateRowById: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[1] ?? '');
  const row = requireRow(table, requireId(table, segments[2] ?? ''));
  const refused = unmodifiedOrReply(call, row);
  if (refused !== undefined) return refused;
  if (isObject(call.body) && Object.keys(call.body).some((name) => name.toLowerCase() === 'id')) {
    throw badRequest('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']);
  }
  updateRecord(context.org, table, { id: row.id, body: call.body, actor: toActor(context, call) });
  return empty(204);
};

/** Conditional headers do not count on DELETE. */
export const deleteRowById: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[1] ?? '');
  const id = requireId(table, segments[2] ?? '');
  deleteRecord(context.org, table, { id, actor: toActor(context, call) });
  return empty(204);
};

/** DELETE Event/{id}/fromThisEventOnwards: only events have series. */
export const deleteEventsFromHere: Resource = (context, call, segments) => {
  const table = requireTable(context.org, 'Event');
  const id = requireId(table, segments[2] ?? '');
  deleteFromHere(context.org, table, { id, actor: toActor(context, call) });
  return empty(204);
};

export function requireKeyField(table: RecordTable, name: string): FieldDefinition {
  const field = table.object.field(name);
  if (field !== undefined && (field.externalId || field.idLookup)) return field;
  throw notFound(`Provided external ID field does not exist or is not accessible: ${name}`);
}

/** Live rows with this key; `Id` is a key like any other. */
export function rowsByKey(table: RecordTable, field: FieldDefinition, text: string): Row[] {
  if (field.type !== 'id') return liveRowsByKey(table, field.name, toStored(field, text));
  const row = table.get(requireId(table, text));
  return readable(table, row, false) ? [row] : [];
}

interface KeyTarget {
  readonly table: RecordTable;
  readonly field: FieldDefinition;
  readonly text: string;
  readonly rows: readonly Row[];
}

function findByKey(context: RestContext, segments: readonly string[]): KeyTarget {
  const table = requireTable(context.org, segments[1] ?? '');
  const field = requireKeyField(table, segments[2] ?? '');
  const text = segments[3] ?? '';
  return { table, field, text, rows: rowsByKey(table, field, text) };
}

function multipleChoices(context: RestContext, { table, rows }: KeyTarget): Reply {
  return json(
    300,
    rows.map((row) => recordUrl(context, table, row.id)),
  );
}

export const readRowByKey: Resource = (context, call, segments) => {
  const target = findByKey(context, segments);
  if (target.rows.length > 1) return multipleChoices(context, target);
  const row = target.rows[0];
  if (row === undefined) throw notFound();
  return readRow(context, call, { table: target.table, row });
};

function insertByKey(context: RestContext, call: ApiCall, { table, field, text }: KeyTarget): Reply {
  if (call.query.get('updateOnly') === 'true' || field.type === 'id') throw notFound();
  const body = { ...(isObject(call.body) ? call.body : {}), [field.name]: text };
  const id = createRecord(context.org, table, { body, actor: toActor(context, call) });
  return createdReply(context, table, { id, upsert: true });
}

/** Upsert: 201 and 200 with `created`, 300 when the key is not unique, 404 with `updateOnly=true`. */
export const upsertRowByKey: Resource = (context, call, segments) => {
  const target = findByKey(context, segments);
  if (target.rows.length > 1) return multipleChoices(context, target);
  if (!isObject(call.body))
    throw new ApiError(400, [
      { errorCode: 'JSON_PARSER_ERROR', message: 'The HTTP entity body is required' },
    ]);
  if (Object.keys(call.body).some((name) => target.table.object.field(name) === target.field)) {
    const message = `The ${target.field.name} field should not be specified in the sobject data.`;
    throw badRequest('INVALID_FIELD', message, [target.field.name]);
  }
  const row = target.rows[0];
  if (row === undefined) return insertByKey(context, call, target);
  const refused = unmodifiedOrReply(call, row);
  if (refused !== undefined) return refused;
  updateRecord(context.org, target.table, { id: row.id, body: call.body, actor: toActor(context, call) });
  return json(200, { id: row.id, success: true, errors: [], created: false });
};

export const deleteRowByKey: Resource = (context, call, segments) => {
  const target = findByKey(context, segments);
  if (target.rows.length > 1) return multipleChoices(context, target);
  const row = target.rows[0];
  if (row === undefined) throw notFound();
  deleteRecord(context.org, target.table, { id: row.id, actor: toActor(context, call) });
  return empty(204);
};
