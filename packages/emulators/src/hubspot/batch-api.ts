import { type ApiContext, namesIn, type Resource, toActing } from './api-context.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { associate } from './associations.ts';
import { requireTable } from './portal.ts';
import { archiveRecord, createRecord, updateRecord } from './records.ts';
import { type ApiCall, empty, json, type Reply } from './reply.ts';
import type { Row } from './row.ts';
import type { Journal, Table } from './table.ts';
import { isObject, type Json } from './values.ts';
import { toWireRecord, toWrittenRecord } from './wire.ts';

const LARGEST_BATCH = 100;

function inputsOf(call: ApiCall): Json[] {
  const inputs = isObject(call.body) ? call.body.inputs : undefined;
  if (!Array.isArray(inputs) || !inputs.every(isObject))
    throw invalid('Invalid input JSON: inputs is required');
  if (inputs.length === 0) throw invalid('Invalid input: at least one input is required');
  if (inputs.length > LARGEST_BATCH) throw invalid(`The maximum number of inputs is ${LARGEST_BATCH}`);
  return inputs;
}

/** Parallel writes of many kinds meet a lock now and then: named fault `locked`. */
function refuseLocked({ portal }: ApiContext, call: ApiCall): void {
  if (portal.faults.takeNamed('locked', call.url) !== undefined)
    throw new ApiError(423, 'Locked', { category: 'LOCKED' });
}

const traceOf = (input: Json): string | undefined =>
  typeof input.objectWriteTraceId === 'string' ? input.objectWriteTraceId : undefined;

/** Partial success needs a trace id of its own on every input. */
function areTraced(inputs: readonly Json[]): boolean {
  const ids = inputs.map(traceOf);
  return ids.every((id) => id !== undefined) && new Set(ids).size === inputs.length;
}

function toWireError(error: ApiError, input: Json): Json {
  const traceId = traceOf(input);
  const context = {
    ...error.context,
    ...(traceId === undefined ? {} : { objectWriteTraceId: [traceId] }),
    ...(input.id === undefined ? {} : { ids: [String(input.id)] }),
  };
  return {
    status: 'error',
    category: error.category ?? 'VALIDATION_ERROR',
    message: error.message,
    context,
    errors: error.errors.map((detail) => ({ ...detail })),
    links: {},
  };
}

interface Batch {
  readonly inputs: readonly Json[];
  /** Each input stands for itself; otherwise one failure undoes all. */
  readonly partial: boolean;
  /** Status when everything went well. */
  readonly status: number;
  run(input: Json, journal: Journal): Json;
}

interface Ran {
  readonly results: Json[];
  readonly errors: Json[];
}

function runInputs(batch: Batch): Ran {
  const journal: Journal = [];
  const ran: Ran = { results: [], errors: [] };
  for (const input of batch.inputs) {
    try {
      ran.results.push(batch.run(input, journal));
    } catch (error) {
      if (error instanceof ApiError && batch.partial) {
        ran.errors.push(toWireError(error, input));
        continue;
      }
      for (const undo of journal.reverse()) undo();
      throw error;
    }
  }
  return ran;
}

/** Results come in an order of the service's own. */
function inOwnOrder<T>({ portal }: ApiContext, results: readonly T[]): T[] {
  const at = results.length > 1 ? portal.random.int(results.length) : 0;
  return [...results.slice(at), ...results.slice(0, at)];
}

function runBatch(context: ApiContext, call: ApiCall, batch: Batch): Reply {
  const { clock, faults } = context.portal;
  const startedAt = new Date(clock.now()).toISOString();
  const { results, errors } = runInputs(batch);
  if (faults.takeNamed('missing-result', call.url) !== undefined) results.shift();
  const body = {
    status: 'COMPLETE',
    results: inOwnOrder(context, results),
    startedAt,
    completedAt: startedAt,
  };
  if (errors.length === 0) return json(batch.status, body);
  return json(207, { ...body, numErrors: errors.length, errors });
}

const tableOf = ({ portal }: ApiContext, call: ApiCall): Table =>
  requireTable(portal, call.segments[1] ?? '');

export const batchCreate: Resource = (context, call) => {
  refuseLocked(context, call);
  const table = tableOf(context, call);
  const inputs = inputsOf(call);
  return runBatch(context, call, {
    inputs,
    partial: areTraced(inputs),
    status: 201,
    run(input, journal) {
      const { properties } = input;
      const acting = toActing(context, journal);
      const row = createRecord(context.portal, table, { properties, acting });
      associate(context.portal, table, { id: row.id, associations: input.associations, acting });
      return toWrittenRecord(table, row, { written: properties, traceId: traceOf(input) });
    },
  });
};

function targetOf(table: Table, input: Json): Row | undefined {
  const id = String(input.id);
  const property = typeof input.idProperty === 'string' ? input.idProperty : 'hs_object_id';
  return property === 'hs_object_id' ? table.get(id) : table.holderOf(property, id);
}

function refuseTwice(table: Table, inputs: readonly Json[]): void {
  const ids = inputs.flatMap((input) => targetOf(table, input)?.id ?? []);
  if (new Set(ids).size < ids.length) throw invalid('Duplicate IDs found in batch input');
}

export const batchUpdate: Resource = (context, call) => {
  refuseLocked(context, call);
  const table = tableOf(context, call);
  const inputs = inputsOf(call);
  refuseTwice(table, inputs);
  return runBatch(context, call, {
    inputs,
    partial: areTraced(inputs),
    status: 200,
    run(input, journal) {
      const id = targetOf(table, input)?.id;
      if (id === undefined) throw notFound(`Could not get some ${table.type.singular.toUpperCase()} objects`);
      const { properties } = input;
      const row = updateRecord(context.portal, table, { id, properties, acting: toActing(context, journal) });
      return toWrittenRecord(table, row, { written: properties, traceId: traceOf(input) });
    },
  });
};

function upsertOne(context: ApiContext, table: Table, of: { input: Json; journal: Journal }): Json {
  const { input, journal } = of;
  const property = typeof input.idProperty === 'string' ? input.idProperty : '';
  const unique = property === 'email' || table.properties.get(property)?.hasUniqueValue === true;
  if (!unique && property !== 'hs_object_id') throw invalid(`${property} is not a unique property`);
  const row = targetOf(table, input);
  const written = isObject(input.properties) ? input.properties : {};
  const acting = toActing(context, journal);
  const properties = { [property]: input.id, ...written };
  const kept =
    row === undefined || row.archivedAt !== null
      ? createRecord(context.portal, table, { properties, acting })
      : updateRecord(context.portal, table, { id: row.id, properties: written, acting });
  return {
    ...toWrittenRecord(table, kept, { written: properties, traceId: traceOf(input) }),
    new: row === undefined,
  };
}

export const batchUpsert: Resource = (context, call) => {
  refuseLocked(context, call);
  const table = tableOf(context, call);
  const inputs = inputsOf(call);
  refuseTwice(table, inputs);
  // By e-mail address contacts are all written or none.
  const byEmail = inputs.some((input) => input.idProperty === 'email');
  return runBatch(context, call, {
    inputs,
    partial: areTraced(inputs) && !byEmail,
    status: 200,
    run: (input, journal) => upsertOne(context, table, { input, journal }),
  });
};

/** Ids that are gone already do not matter. */
export const batchArchive: Resource = (context, call) => {
  refuseLocked(context, call);
  const table = tableOf(context, call);
  for (const input of inputsOf(call))
    archiveRecord(context.portal, table, { id: String(input.id), acting: toActing(context) });
  return empty(204);
};

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** Ids that are not there make the answer a 207. An id that was merged away answers with the record it went into. */
export const batchRead: Resource = (context, call) => {
  const { portal } = context;
  const table = requireTable(portal, call.segments[1] ?? '');
  const inputs = inputsOf(call);
  const body = isObject(call.body) ? call.body : {};
  const archived = call.query.get('archived') === 'true';
  const idProperty = typeof body.idProperty === 'string' ? body.idProperty : undefined;
  const shape = {
    properties: textsIn(body.properties).concat(namesIn(call.query, 'properties')),
    withHistory: textsIn(body.propertiesWithHistory),
  };
  const found = new Map<string, Row>();
  const missing: string[] = [];
  for (const input of inputs) {
    const row = targetOf(table, idProperty === undefined ? input : { ...input, idProperty });
    if (row === undefined || (row.archivedAt !== null) !== archived) missing.push(String(input.id));
    else found.set(row.id, row);
  }
  const results = inOwnOrder(
    context,
    [...found.values()].map((row) => toWireRecord(table, row, shape)),
  );
  const at = new Date(portal.clock.now()).toISOString();
  const answer = { status: 'COMPLETE', results, startedAt: at, completedAt: at };
  if (missing.length === 0) return json(200, answer);
  const message = `Could not get some ${table.type.singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`;
  const error = {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message,
    context: { ids: missing },
    errors: [],
    links: {},
  };
  return json(207, { ...answer, numErrors: 1, errors: [error] });
};
