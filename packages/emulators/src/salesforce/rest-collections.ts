import { ApiError, badRequest } from './api-error.ts';
import { createRecord, deleteRecord, updateRecord } from './dml.ts';
import { type Org, readable, requireTable } from './org.ts';
import { toId18 } from './record-id.ts';
import { isObject } from './record-input.ts';
import type { Journal, RecordTable } from './record-table.ts';
import { type ApiCall, json, type Reply } from './reply.ts';
import { type Resource, type RestContext, rollBack, toActor } from './rest-context.ts';
import { requireFieldNamed, requireKeyField, rowsByKey, toRecord } from './rest-rows.ts';
import type { FieldDefinition } from './schema.ts';

const LARGEST_WRITE = 200;
const LARGEST_READ = 2000;

type Json = Record<string, unknown>;

interface SaveResult {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields: readonly string[] }[];
  created?: boolean;
}

function requireRecords(call: ApiCall): Json[] {
  const records = isObject(call.body) ? call.body.records : undefined;
  if (!Array.isArray(records) || records.length === 0 || !records.every(isObject)) {
    throw badRequest('JSON_PARSER_ERROR', 'The request must have a records array of objects');
  }
  requireSize(records.length, LARGEST_WRITE);
  return records;
}

function requireSize(count: number, most: number): void {
  if (count <= most) return;
  const message = `record limit reached. cannot submit more than ${most} records in this request`;
  throw badRequest('EXCEEDED_ID_LIMIT', message);
}

function tableOfRecord(org: Org, record: Json): RecordTable {
  const attributes = record.attributes;
  const type = isObject(attributes) ? attributes.type : undefined;
  const table = typeof type === 'string' ? org.table(type) : undefined;
  if (table !== undefined) return table;
  throw badRequest('INVALID_TYPE', `sObject type '${String(type)}' is not supported.`);
}

function toFailure(error: unknown): SaveResult {
  if (!(error instanceof ApiError)) throw error;
  const errors = error.entries.map((entry) => {
    const unknownId = entry.errorCode === 'NOT_FOUND';
    return {
      statusCode: unknownId ? 'INVALID_CROSS_REFERENCE_KEY' : entry.errorCode,
      message: unknownId ? 'invalid cross reference id' : entry.message,
      fields: entry.fields ?? [],
    };
  });
  return { success: false, errors };
}

const ROLLED_BACK = {
  statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
  fields: [],
};

interface SaveRun<T> {
  readonly items: readonly T[];
  readonly allOrNone: boolean;
  /** Saves one item and returns its result; throws ApiError for a failure of that item only. */
  save(item: T, journal: Journal): SaveResult;
  /** Extra members of a failure, such as `created`. */
  failure?(item: T): Partial<SaveResult>;
}

/** Every item gets its result, in request order, under HTTP 200. */
function saveAll<T>(context: RestContext, run: SaveRun<T>): Reply {
  const journal: Journal = [];
  const results = run.items.map((item) => {
    const extra = run.failure?.(item) ?? {};
    try {
      return { result: run.save(item, journal), extra };
    } catch (error) {
      return { result: toFailure(error), extra };
    }
  });
  const failed = results.some(({ result }) => !result.success);
  if (!(failed && run.allOrNone)) context.journal?.push(...journal);
  if (failed && run.allOrNone) rollBack(journal);
  return json(
    200,
    results.map(({ result, extra }): SaveResult => {
      if (!result.success) return { ...result, ...extra };
      return failed && run.allOrNone ? { success: false, errors: [ROLLED_BACK], ...extra } : result;
    }),
  );
}

function wantsAllOrNone(call: ApiCall): boolean {
  const inBody = isObject(call.body) && call.body.allOrNone === true;
  return inBody || call.query.get('allOrNone') === 'true';
}

export const createCollection: Resource = (context, call) =>
  saveAll(context, {
    items: requireRecords(call).map((record) => ({ record, table: tableOfRecord(context.org, record) })),
    allOrNone: wantsAllOrNone(call),
    save({ record, table }, journal) {
      const id = createRecord(context.org, table, { body: record, actor: toActor(context, call, journal) });
      return { id, success: true, errors: [] };
    },
  });

function splitId(record: Json): { id: unknown; body: Json } {
  const body: Json = {};
  let id: unknown;
  for (const [name, value] of Object.entries(record)) {
    if (name.toLowerCase() === 'id') id = value;
    else body[name] = value;
  }
  return { id, body };
}

function requireRecordId(table: RecordTable, id: unknown): string {
  if (typeof id !== 'string') throw badRequest('MISSING_ARGUMENT', 'Id not specified in an update call', []);
  const id18 = toId18(id);
  if (id18?.startsWith(table.object.keyPrefix)) return id18;
  throw badRequest('MALFORMED_ID', `${table.object.label} ID: id value of incorrect type: ${id}`, ['Id']);
}

export const updateCollection: Resource = (context, call) =>
  saveAll(context, {
    items: requireRecords(call).map((record) => ({
      ...splitId(record),
      table: tableOfRecord(context.org, record),
    })),
    allOrNone: wantsAllOrNone(call),
    save({ id, body, table }, journal) {
      const id18 = requireRecordId(table, id);
      updateRecord(context.org, table, { id: id18, body, actor: toActor(context, call, journal) });
      return { id: id18, success: true, errors: [] };
    },
  });

interface UpsertItem {
  readonly id: unknown;
  readonly body: Json;
  /** Value of the key field; undefined when the record does not carry it. */
  readonly key: unknown;
  /** The key appeared in an earlier record of the same request. */
  readonly repeated: boolean;
}

interface UpsertTarget {
  readonly table: RecordTable;
  readonly field: FieldDefinition;
}

function toUpsertItems(records: readonly Json[], { table, field }: UpsertTarget): UpsertItem[] {
  const seen = new Set<string>();
  return records.map((record) => {
    const { id, body } = splitId(record);
    const entry = Object.entries(body).find(([name]) => table.object.field(name) === field);
    const key = field.type === 'id' ? id : entry?.[1];
    const folded = typeof key !== 'string' ? undefined : field.caseSensitive ? key : key.toLowerCase();
    const repeated = folded !== undefined && seen.has(folded);
    if (folded !== undefined) seen.add(folded);
    return { id, body, key, repeated };
  });
}

/** The row an upsert item names: undefined inserts. */
function matchOf({ table, field }: UpsertTarget, item: UpsertItem): string | undefined {
  if (field.type === 'id') return typeof item.key === 'string' ? requireRecordId(table, item.key) : undefined;
  if (item.id !== undefined)
    throw badRequest('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']);
  if (typeof item.key !== 'string' || item.key.trim() === '') {
    throw badRequest('MISSING_ARGUMENT', `${field.name} not specified`, []);
  }
  if (item.repeated)
    throw badRequest('DUPLICATE_VALUE', `Duplicate external id specified: ${item.key}`, [field.name]);
  const rows = rowsByKey(table, field, item.key);
  if (rows.length > 1) {
    const ids = rows.map((row) => row.id).join(', ');
    throw badRequest(
      'DUPLICATE_EXTERNAL_ID',
      `${field.name}: more than one record found for external id field: [${ids}]`,
      [],
    );
  }
  return rows[0]?.id;
}

export const upsertCollection: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[2] ?? '');
  const target: UpsertTarget = { table, field: requireKeyField(table, segments[3] ?? '') };
  const records = requireRecords(call);
  if (records.some((record) => tableOfRecord(context.org, record) !== table)) {
    throw badRequest('INVALID_TYPE', `all records must be of type ${table.object.name}`);
  }
  return saveAll(context, {
    items: toUpsertItems(records, target),
    allOrNone: wantsAllOrNone(call),
    // The real service prints `created: true` on failures as well: it means nothing there.
    failure: () => ({ created: true }),
    save(item, journal) {
      const actor = toActor(context, call, journal);
      const id = matchOf(target, item);
      if (id === undefined) {
        return {
          id: createRecord(context.org, table, { body: item.body, actor }),
          success: true,
          errors: [],
          created: true,
        };
      }
      updateRecord(context.org, table, { id, body: item.body, actor });
      return { id, success: true, errors: [], created: false };
    },
  });
};

export const deleteCollection: Resource = (context, call) => {
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0) throw badRequest('MISSING_ARGUMENT', 'The ids parameter is required');
  requireSize(ids.length, LARGEST_WRITE);
  return saveAll(context, {
    items: ids,
    allOrNone: wantsAllOrNone(call),
    save(text, journal) {
      const id = toId18(text);
      const table = id === undefined ? undefined : context.org.tableOf(id);
      if (id === undefined || table === undefined) throw badRequest('MALFORMED_ID', `bad id ${text}`, []);
      deleteRecord(context.org, table, { id, actor: toActor(context, call, journal) });
      return { id, success: true, errors: [] };
    },
  });
};

function readByIds(
  context: RestContext,
  table: RecordTable,
  { ids, names }: { ids: readonly string[]; names: readonly string[] },
): Reply {
  if (ids.length === 0 || names.length === 0)
    throw badRequest('MISSING_ARGUMENT', 'ids and fields are required');
  requireSize(ids.length, LARGEST_READ);
  const fields = names.map((name) => requireFieldNamed(table, name));
  const records = ids.map((text) => {
    const row = table.get(toId18(text) ?? '');
    return readable(table, row, false) ? toRecord(context, table, { row, fields }) : null;
  });
  return json(200, records);
}

const toNames = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Missing, deleted and unshared rows are `null` in their place. */
export const readCollection: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[2] ?? '');
  return readByIds(context, table, {
    ids: toNames(call.query.get('ids')),
    names: toNames(call.query.get('fields')),
  });
};

const toTexts = (input: unknown): string[] =>
  Array.isArray(input) ? input.filter((item): item is string => typeof item === 'string') : [];

export const readCollectionByPost: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[2] ?? '');
  const body = isObject(call.body) ? call.body : {};
  return readByIds(context, table, { ids: toTexts(body.ids), names: toTexts(body.fields) });
};
