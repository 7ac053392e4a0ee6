import {
  type AdapterError,
  type CallOptions,
  isAdapterError,
  type Outcome,
  type Write,
  type WriteNote,
} from '@tidelock/core';
import type { Answer, Client } from './client.ts';
import { toCallError, toEntries, toItemFailure } from './errors.ts';
import type { Seen } from './map.ts';
import { idOf, isIn, queryAllPages } from './query.ts';
import { type SaveResult, SaveResultsSchema, toRecordId } from './wire.ts';

export interface Writing {
  readonly client: Client;
  readonly view: Seen;
  readonly stampField: string;
  readonly now: () => number;
  readonly options: CallOptions | undefined;
  /** Set by a call that was refused or got no answer: what was not sent yet waits with this outcome. */
  halt: Outcome | null;
}

/** A write that is ready to be sent. */
export interface Prepared {
  readonly index: number;
  readonly write: Write;
  readonly body: Readonly<Record<string, string | boolean | null>>;
  readonly notes: readonly WriteNote[];
}

/** What is known about a write so far; `missing`: the target was not found, and a look has to tell why. */
export type Result = Outcome | 'missing';

/** Writes of one sort that go in one request. */
export interface Batch {
  readonly op: 'create' | 'update' | 'delete';
  readonly items: readonly Prepared[];
}

function keyOf({ write, index }: Prepared): string {
  if (write.op !== 'create') return write.id;
  return write.stamp === '' ? String(index) : write.stamp;
}

/** One request never holds one record or one stamp twice: the service would refuse both. */
export function toBatches(items: readonly Prepared[], size: number): readonly Batch[] {
  const batches: { op: Batch['op']; items: Prepared[]; keys: Set<string> }[] = [];
  for (const item of items) {
    const { op } = item.write;
    const key = keyOf(item);
    const open = batches.find((each) => each.op === op && each.items.length < size && !each.keys.has(key));
    const batch = open ?? { op, items: [], keys: new Set<string>() };
    if (!open) batches.push(batch);
    batch.items.push(item);
    batch.keys.add(key);
  }
  const order: Readonly<Record<Batch['op'], number>> = { create: 0, update: 1, delete: 2 };
  return batches.sort((a, b) => order[a.op] - order[b.op]);
}

const BUSY_WAIT_MS = 30_000;

/** Refused before execution. `session.open` is the sign-in before the call. */
function isCertain(error: AdapterError): boolean {
  const kinds = ['auth', 'forbidden', 'rate_limited', 'not_found', 'conflict', 'unsupported'];
  return kinds.includes(error.kind) || error.operation === 'session.open';
}

/** What a failed call means for each of its items, and for whatever was to follow it. */
function failAll(writing: Writing, items: readonly Prepared[], error: AdapterError): readonly Result[] {
  const retry: Outcome = {
    status: 'retry',
    kind: error.kind,
    afterMs: error.retryAfterMs ?? BUSY_WAIT_MS,
  };
  writing.halt = retry;
  const outcome: Outcome = isCertain(error) ? retry : { status: 'unknown', kind: error.kind };
  return items.map(() => outcome);
}

function toRecordBody({ view }: Writing, { write, body }: Prepared) {
  return {
    attributes: { type: view.entity.name },
    ...(write.op === 'update' ? { Id: write.id } : {}),
    ...body,
  };
}

async function post(writing: Writing, { op, items }: Batch): Promise<Answer> {
  const { client, options, view } = writing;
  const common = {
    operation: `${view.entity.noun}.${op}`,
    path: '/composite/sobjects',
    signal: options?.signal,
  };
  if (op === 'delete') {
    const ids = items.flatMap(({ write }) => (write.op === 'delete' ? [write.id] : [])).join(',');
    return client.exchange({ ...common, method: 'DELETE', query: { ids, allOrNone: 'false' } });
  }
  const body = { allOrNone: false, records: items.map((item) => toRecordBody(writing, item)) };
  return client.exchange({ ...common, method: op === 'create' ? 'POST' : 'PATCH', body });
}

/** A failure of one row, with the property in place of the column. */
function toFailure({ view, stampField }: Writing, errors: unknown): Result {
  const failure = toItemFailure(toEntries(errors), stampField);
  if (failure === 'missing' || failure.status !== 'rejected' || failure.property === undefined)
    return failure;
  return { ...failure, property: view.propertyOf(failure.property) };
}

function toResult(writing: Writing, item: Prepared, result: SaveResult): Result {
  const { write } = item;
  if (!result.success) return toFailure(writing, result.errors);
  const id = result.id ?? (write.op === 'create' ? undefined : write.id);
  if (id === undefined || id === null) return { status: 'unknown', kind: 'protocol' };
  const { entity } = writing.view;
  if (write.op !== 'create' && toRecordId(id, entity) !== toRecordId(write.id, entity)) {
    return { status: 'unknown', kind: 'protocol' };
  }
  return { status: 'ok', id };
}

/**
 * An answer that leaves items out: position says nothing any more. Updates and deletes are told by their id, creates by
 * the stamp of the rows that the answer names; the rest is unknown.
 */
async function attribute(
  writing: Writing,
  batch: Batch,
  saved: readonly SaveResult[],
): Promise<readonly Result[]> {
  const ids = new Set(saved.flatMap(({ id, success }) => (success && typeof id === 'string' ? [id] : [])));
  const byStamp = new Map<string, string>();
  if (batch.op === 'create' && ids.size > 0) {
    const { client, options, stampField, view } = writing;
    const rows = await queryAllPages(
      client,
      {
        operation: `${view.entity.noun}.attribute`,
        object: view.entity.name,
        select: ['Id', stampField],
        where: [isIn('Id', [...ids])],
      },
      options,
    ).catch((error: unknown) => {
      if (isAdapterError(error)) return [];
      throw error;
    });
    for (const row of rows) byStamp.set(String(row[stampField]), idOf(row));
  }
  return batch.items.map(({ write }): Result => {
    const id = write.op === 'create' ? byStamp.get(write.stamp) : toRecordId(write.id, writing.view.entity);
    return id != null && ids.has(id) ? { status: 'ok', id } : { status: 'unknown', kind: 'protocol' };
  });
}

function split(batch: Batch): readonly Batch[] {
  const middle = Math.ceil(batch.items.length / 2);
  return [batch.items.slice(0, middle), batch.items.slice(middle)].map((items) => ({ op: batch.op, items }));
}

/** A request refused as a whole (one value that does not parse): nothing was written, so halves may be tried. */
async function afterRefusal(writing: Writing, batch: Batch, answer: Answer): Promise<readonly Result[]> {
  const error = toCallError(answer, {
    operation: `${writing.view.entity.noun}.${batch.op}`,
    now: writing.now(),
  });
  if (error.kind !== 'invalid') return failAll(writing, batch.items, error);
  if (batch.items.length === 1) return [toFailure(writing, answer.body)];
  const halves: (readonly Result[])[] = [];
  for (const half of split(batch)) halves.push(await sendBatch(writing, half));
  return halves.flat();
}

async function sendCollection(writing: Writing, batch: Batch): Promise<readonly Result[]> {
  const answer = await post(writing, batch);
  if (answer.status < 200 || answer.status > 299) return afterRefusal(writing, batch, answer);
  const saved = SaveResultsSchema.safeParse(answer.body);
  if (!saved.success) {
    const outcome: Outcome = { status: 'unknown', kind: 'protocol' };
    return batch.items.map(() => outcome);
  }
  if (saved.data.length !== batch.items.length) return attribute(writing, batch, saved.data);
  return saved.data.map((result, index) => {
    const item = batch.items[index];
    return item ? toResult(writing, item, result) : { status: 'unknown', kind: 'protocol' };
  });
}

/** One row, with the weak precondition that the service has: whole seconds, compared with LastModifiedDate. */
async function sendGuarded(writing: Writing, item: Prepared): Promise<Result> {
  const { write } = item;
  if (write.op !== 'update') return 'missing';
  const { modifiedAt } = write.current;
  const guard: Record<string, string> =
    modifiedAt === undefined ? {} : { 'if-unmodified-since': new Date(modifiedAt).toUTCString() };
  const { entity } = writing.view;
  const operation = `${entity.noun}.update`;
  const answer = await writing.client.exchange({
    operation,
    method: 'PATCH',
    path: `/sobjects/${entity.name}/${encodeURIComponent(write.id)}`,
    headers: guard,
    body: item.body,
    signal: writing.options?.signal,
  });
  if (answer.status >= 200 && answer.status < 300) return { status: 'ok', id: write.id };
  if (answer.status === 412) return { status: 'conflict' };
  const entries = toEntries(answer.body);
  if ((answer.status === 400 || answer.status === 404) && entries.length > 0) {
    return toFailure(writing, answer.body);
  }
  throw toCallError(answer, { operation, now: writing.now() });
}

/** One result per item, same order. Trouble of the call becomes the outcome of every item in it. */
export async function sendBatch(writing: Writing, batch: Batch): Promise<readonly Result[]> {
  const [only] = batch.items;
  const { halt } = writing;
  if (halt) return batch.items.map(() => halt);
  try {
    if (batch.op === 'update' && batch.items.length === 1 && only) return [await sendGuarded(writing, only)];
    return await sendCollection(writing, batch);
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return failAll(writing, batch.items, error);
  }
}
