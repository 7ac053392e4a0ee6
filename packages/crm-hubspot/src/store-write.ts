import { type AdapterError, isAdapterError, type Outcome, type Write } from '@tidelock/core';
import { type Refusal, requireRunning } from '@tidelock/kit';
import { type ItemFailure, toItemFailure } from './errors.ts';
import { type Body, type ObjectKind, putOwner, toBody, toMono } from './map.ts';
import { BATCH, lookAt, type Reading, readBy } from './store-read.ts';
import { BatchSchema, type ErrorBody, parseReply, type WireContact } from './wire.ts';

/** What is sent for one write. */
export interface Draft {
  readonly body: Body;
  /** What a new object is made together with. */
  readonly associations?: readonly unknown[];
}

/** A write that is ready to be sent. */
interface Prepared extends Draft {
  readonly index: number;
  readonly write: Write;
}

/** Writes of one sort that go in one request; never one object or one stamp twice. */
interface Group {
  readonly op: Write['op'];
  readonly items: Prepared[];
  readonly keys: Set<string>;
}

/** Set by a call that was refused or got no answer: what was not sent yet waits with this outcome. */
interface Sending extends Reading {
  halt: Outcome | null;
}

const BUSY_WAIT_MS = 10_000;

export function refused({ property, code }: Refusal): Outcome {
  return { status: 'rejected', code, property, message: `${property} cannot be written (${code})` };
}

/** A body, or the outcome where nothing has to be sent. */
function draftContact({ view }: Reading, write: Write): Draft | Outcome {
  if (write.op === 'delete') return { body: {} };
  const { body, refusal } = toBody(write.op === 'create' ? write.fields : write.patch, view);
  if (refusal) return refused(refusal);
  if (write.stamp !== undefined) body[view.stampProperty] = write.stamp;
  if (write.op === 'create' && write.owner !== undefined) putOwner(body, write.owner);
  if (Object.keys(body).length === 0) return { status: 'ok', id: write.op === 'update' ? write.id : '' };
  return { body };
}

function toGroups(items: readonly Prepared[]): readonly Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const { write } = item;
    const key = write.op === 'create' ? write.stamp || String(item.index) : write.id;
    const open = groups.find(
      ({ op, items: sent, keys }) => op === write.op && sent.length < BATCH && !keys.has(key),
    );
    const group = open ?? { op: write.op, items: [], keys: new Set<string>() };
    if (!open) groups.push(group);
    group.items.push(item);
    group.keys.add(key);
  }
  const order = { create: 0, update: 1, delete: 2 } as const;
  return groups.sort((a, b) => order[a.op] - order[b.op]);
}

/** Refused before anything was executed. */
const CERTAIN: ReadonlySet<string> = new Set([
  'auth',
  'forbidden',
  'rate_limited',
  'not_found',
  'conflict',
  'invalid',
  'unsupported',
]);

/** What a failed call means for each of its writes, and for whatever was to follow it. */
function failAll(sending: Sending, items: readonly Prepared[], error: AdapterError): readonly Outcome[] {
  const { kind, retryAfterMs = BUSY_WAIT_MS } = error;
  const retry: Outcome = { status: 'retry', kind, afterMs: retryAfterMs };
  sending.halt = retry;
  return items.map(() => (CERTAIN.has(kind) ? retry : { status: 'unknown', kind }));
}

/** One name for each write of a request: with them the service answers for each by itself. */
const traceOf = (position: number): string => `w${position}`;

/** Our stamp, the id or the name of the write: results come in an order of the service's own. */
function resultOf(
  item: Prepared,
  position: number,
  of: { results: readonly WireContact[]; stampProperty: string },
) {
  const trace = traceOf(position);
  const { write } = item;
  return of.results.find((contact) => {
    if (contact.objectWriteTraceId !== undefined && contact.objectWriteTraceId !== null)
      return contact.objectWriteTraceId === trace;
    if (write.op !== 'create') return contact.id === write.id;
    return write.stamp !== '' && contact.properties[of.stampProperty] === write.stamp;
  });
}

function withProperty(failure: ItemFailure, { toProperty }: ObjectKind): ItemFailure {
  if (failure === 'missing' || failure.status !== 'rejected' || failure.property === undefined)
    return failure;
  return { ...failure, property: toProperty(failure.property) };
}

function errorOf(position: number, errors: readonly ErrorBody[]): ErrorBody | undefined {
  return errors.find(({ context }) => context?.objectWriteTraceId?.includes(traceOf(position)));
}

function toOutcome(
  { view }: Reading,
  item: Prepared,
  of: { readonly contact: WireContact | undefined; readonly error: ErrorBody | undefined },
): ItemFailure {
  const { contact, error } = of;
  if (error !== undefined) return withProperty(toItemFailure(error, view.stampProperty), view.object);
  if (contact === undefined) return { status: 'unknown', kind: 'protocol' };
  // The contact was merged away meanwhile, and the write went into the other one.
  if (item.write.op === 'update' && contact.id !== item.write.id)
    return { status: 'gone', mergedInto: contact.id };
  const mono = toMono(contact);
  return { status: 'ok', id: contact.id, ...(view.object.content ? { version: mono } : {}), mono };
}

async function sendWrites(sending: Sending, { op, items }: Group): Promise<readonly ItemFailure[]> {
  const { client, view, options } = sending;
  const { type } = view.object;
  const operation = `${type}.${op}`;
  const inputs = items.map(({ write, body, associations = [] }, position) => ({
    ...(write.op === 'update' ? { id: write.id } : { associations }),
    properties: body,
    objectWriteTraceId: traceOf(position),
  }));
  const answer = await client.request({
    operation,
    method: 'POST',
    path: `/objects/${type}/batch/${op}`,
    body: { inputs },
    signal: options?.signal,
  });
  const { results, errors } = parseReply(BatchSchema, answer.body, operation);
  return items.map((item, position) =>
    toOutcome(sending, item, {
      contact: resultOf(item, position, { results, stampProperty: view.stampProperty }),
      error: errorOf(position, errors),
    }),
  );
}

/** An archive answers nothing about its objects: a look before tells who is there to be archived. */
async function sendDeletes(sending: Sending, { items }: Group): Promise<readonly Outcome[]> {
  const ids = items.map(({ write }) => (write.op === 'delete' ? write.id : ''));
  const reads = await lookAt(sending, ids);
  const { type } = sending.view.object;
  const living = reads.flatMap((read) => (read.state === 'found' ? [read.id] : []));
  if (living.length > 0) {
    await sending.client.request({
      operation: `${type}.delete`,
      method: 'POST',
      path: `/objects/${type}/batch/archive`,
      body: { inputs: living.map((id) => ({ id })) },
      signal: sending.options?.signal,
    });
  }
  return reads.map((read): Outcome => {
    if (read.state === 'found') return { status: 'ok', id: read.id };
    if (read.state === 'merged') return { status: 'gone', mergedInto: read.into };
    if (read.state === 'gone') return { status: 'gone' };
    return { status: 'retry', kind: 'unavailable', afterMs: BUSY_WAIT_MS };
  });
}

/** A request refused as a whole (one value that does not parse): nothing was written, so halves may be tried. */
async function sendHalves(sending: Sending, group: Group): Promise<readonly ItemFailure[]> {
  const middle = Math.ceil(group.items.length / 2);
  const first = await sendGroup(sending, { ...group, items: group.items.slice(0, middle) });
  return [...first, ...(await sendGroup(sending, { ...group, items: group.items.slice(middle) }))];
}

/** One result per write, same order. Trouble of the call becomes the outcome of every write in it. */
async function sendGroup(sending: Sending, group: Group): Promise<readonly ItemFailure[]> {
  const { halt } = sending;
  if (halt !== null) return group.items.map(() => halt);
  try {
    return await (group.op === 'delete' ? sendDeletes(sending, group) : sendWrites(sending, group));
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    if (error.kind !== 'invalid' || group.op === 'delete') return failAll(sending, group.items, error);
    if (group.items.length > 1) return sendHalves(sending, group);
    return group.items.map(() => ({ status: 'rejected', code: 'unknown', message: error.code ?? 'refused' }));
  }
}

/** A create that a taken address stopped may be one of ours, sent before: then its stamp is there. */
async function settleTaken(
  reading: Reading,
  stamps: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (stamps.length === 0) return new Map();
  const { stampProperty } = reading.view;
  const holders = await readBy(reading, { idProperty: stampProperty, values: stamps }).catch(
    (error: unknown) => {
      if (isAdapterError(error)) return [];
      throw error;
    },
  );
  return new Map(holders.map(({ id, properties }) => [properties[stampProperty] ?? '', id] as const));
}

/** Targets that were not found: gone, or merged away. A look that fails leaves them for later. */
async function settleMissing(
  reading: Reading,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  if (ids.length === 0) return new Map();
  const reads = await lookAt(reading, ids).catch((error: unknown) => {
    if (isAdapterError(error)) return [];
    throw error;
  });
  return new Map(
    reads.map((read): [string, Outcome] => [
      read.id,
      read.state === 'merged'
        ? { status: 'gone', mergedInto: read.into }
        : read.state === 'gone'
          ? { status: 'gone' }
          : { status: 'retry', kind: 'unavailable', afterMs: BUSY_WAIT_MS },
    ]),
  );
}

const isTaken = (result: ItemFailure | undefined): boolean =>
  typeof result === 'object' && result.status === 'rejected' && result.code === 'duplicate-key';

export const writeContacts = (reading: Reading, batch: readonly Write[]): Promise<readonly Outcome[]> =>
  writeObjects(reading, batch, (write) => draftContact(reading, write));

/** `draft`: what is sent for a write, or the outcome where nothing has to be. */
export async function writeObjects(
  reading: Reading,
  batch: readonly Write[],
  draft: (write: Write, index: number) => Draft | Outcome,
): Promise<readonly Outcome[]> {
  requireRunning(reading.options?.signal, `${reading.view.object.type}.write`);
  const results: (ItemFailure | undefined)[] = batch.map(() => undefined);
  const ready: Prepared[] = [];
  batch.forEach((write, index) => {
    const drafted = draft(write, index);
    if ('status' in drafted) results[index] = drafted;
    else ready.push({ ...drafted, index, write });
  });
  const sending: Sending = { ...reading, halt: null };
  for (const group of toGroups(ready)) {
    const outcomes = await sendGroup(sending, group);
    group.items.forEach(({ index }, position) => {
      results[index] = outcomes[position];
    });
  }
  const missing = batch.flatMap((write, index) =>
    results[index] === 'missing' && write.op === 'update' ? [write.id] : [],
  );
  const taken = batch.flatMap((write, index) =>
    isTaken(results[index]) && write.op === 'create' ? [write.stamp] : [],
  );
  const verdicts = await settleMissing(reading, missing);
  const ours = await settleTaken(reading, taken);
  return batch.map((write, index): Outcome => {
    const result = results[index] ?? { status: 'unknown', kind: 'protocol' };
    const holder = write.op === 'create' && isTaken(result) ? ours.get(write.stamp) : undefined;
    if (holder !== undefined) return { status: 'duplicate', id: holder };
    if (result !== 'missing') return result;
    const verdict = write.op === 'create' ? undefined : verdicts.get(write.id);
    return verdict ?? { status: 'retry', kind: 'unavailable', afterMs: BUSY_WAIT_MS };
  });
}
