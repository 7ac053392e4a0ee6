import { type FieldCatalogue, isAdapterError, type Outcome, type Write } from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import { toRefusal } from './errors.ts';
import { type Body, toBody, toRecord } from './map.ts';
import type { Reading } from './store-read.ts';
import { parseReply, ResultsSchema, type WireResult } from './wire.ts';

/** Writes of one request. */
export const WRITE_BATCH = 50;

export interface Writing extends Reading {
  readonly catalogue: FieldCatalogue;
}

interface Prepared {
  readonly index: number;
  readonly operation: unknown;
}

/** A write as the service takes it, or the outcome where nothing has to be sent. */
function prepare(write: Write, index: number, catalogue: FieldCatalogue): Prepared | Outcome {
  if (write.op === 'delete')
    return { index, operation: { op: 'delete', id: write.id, version: Number(write.version) } };
  const result = toBody(write.op === 'create' ? write.fields : write.patch, catalogue);
  if ('refused' in result) {
    const { refused: property, code } = result;
    return { status: 'rejected', code, property, message: `${property} cannot be written (${code})` };
  }
  return { index, operation: toOperation(write, result.body) };
}

function toOperation(write: Exclude<Write, { op: 'delete' }>, fields: Body): unknown {
  const key = write.stamp === undefined ? {} : { external_key: write.stamp };
  if (write.op === 'update')
    return { op: 'update', id: write.id, version: Number(write.version), fields, ...key };
  // A create is create-only: a key that exists already is refused by the service, never updated.
  return { op: 'create', fields, ...key, ...(write.owner === undefined ? {} : { owner_id: write.owner }) };
}

function toOutcome(result: WireResult | undefined, properties: readonly string[]): Outcome {
  // Not answered: it may have been done.
  if (result === undefined) return { status: 'unknown', kind: 'protocol' };
  const { status, contact, id } = result;
  if (status < 200 || status > 299) return toRefusal(result);
  if (contact === undefined) return { status: 'ok', id: id ?? '' };
  const record = toRecord(contact, properties);
  return { status: 'ok', id: record.id, version: record.version, mono: record.mono, record };
}

/** Refused before anything was done. Anything else may have been done, or may still be. */
const CERTAIN: ReadonlySet<string> = new Set(['auth', 'forbidden', 'rate_limited', 'invalid', 'not_found']);

/** What a call that failed as a whole means for each of its writes. */
function toCallOutcome(error: unknown): Outcome {
  if (!isAdapterError(error)) throw error;
  const { kind, retryAfterMs } = error;
  if (!CERTAIN.has(kind)) return { status: 'unknown', kind };
  return { status: 'retry', kind, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
}

/** Sends one request and gives each of its writes an outcome; false when the call failed as a whole. */
async function sendGroup(
  { client, properties, options }: Writing,
  group: readonly Prepared[],
  outcomes: Outcome[],
): Promise<boolean> {
  const operation = 'contacts.write';
  const body = { operations: group.map((each) => each.operation) };
  try {
    const answer = await client.request({
      operation,
      method: 'POST',
      path: '/v1/contacts/batch',
      body,
      signal: options?.signal,
    });
    const { results } = parseReply(ResultsSchema, answer, operation);
    const byPlace = new Map(results.map((result) => [result.index, result]));
    for (const [place, { index }] of group.entries())
      outcomes[index] = toOutcome(byPlace.get(place), properties);
    return true;
  } catch (error) {
    const outcome = toCallOutcome(error);
    for (const { index } of group) outcomes[index] = outcome;
    return false;
  }
}

/** One outcome per write, in their order. Nothing is sent after a call that failed, or after an abort. */
export async function writeContacts(writing: Writing, batch: readonly Write[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = batch.map(() => ({ status: 'retry', kind: 'unavailable' }));
  const ready: Prepared[] = [];
  for (const [index, write] of batch.entries()) {
    const prepared = prepare(write, index, writing.catalogue);
    if ('operation' in prepared) ready.push(prepared);
    else outcomes[index] = prepared;
  }
  for (const group of chunk(ready, WRITE_BATCH)) {
    if (writing.options?.signal?.aborted) break;
    if (!(await sendGroup(writing, group, outcomes))) break;
  }
  return outcomes;
}
