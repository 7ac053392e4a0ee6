import type { CallOptions, Fields, Outcome, StoreCapabilities, StoreRecord, Write } from '@tidelock/core';
import { assertRunning, kindOf, toRecord } from './answers.ts';
import { catalogueOf, withExceptions } from './calendar.ts';
import { type Item, type ItemAnswer, NoAnswer, Refusal, type ServerState, sendBatch } from './server.ts';

function toItem(write: Write, capabilities: StoreCapabilities): Item {
  if (write.op === 'create') return { op: 'create', stamp: write.stamp, fields: write.fields };
  if (write.op === 'delete') {
    return { op: 'delete', id: write.id, version: capabilities.conditionalDelete ? write.version : null };
  }
  const version = capabilities.conditionalUpdate ? write.version : null;
  const stamp = write.stamp === undefined ? {} : { stamp: write.stamp };
  const patch = withExceptions(write.current.fields, write.patch);
  return { op: 'update', id: write.id, version, patch, ...stamp };
}

function toOutcome(answer: ItemAnswer | undefined, capabilities: StoreCapabilities): Outcome {
  if (answer === undefined) return { status: 'unknown', kind: 'protocol' };
  const { row, property } = answer;
  if (answer.status === 404) return { status: 'gone' };
  if (answer.status === 412) return { status: 'conflict' };
  if (answer.status === 422) {
    const named = property === undefined ? {} : { property };
    return {
      status: 'rejected',
      code: 'invalid',
      ...named,
      message: `the server refuses "${property ?? '?'}"`,
    };
  }
  if (answer.status === 409) return row ? { status: 'duplicate', id: row.id } : { status: 'duplicate' };
  if (row === undefined) return { status: 'unknown', kind: 'protocol' };
  const record = toRecord(row, capabilities);
  if (!capabilities.representation) return { status: 'ok', id: row.id };
  return { status: 'ok', id: row.id, version: record.version, mono: record.mono, record };
}

function unknownProperty(write: Write, capabilities: StoreCapabilities): Outcome | null {
  const catalogue = catalogueOf(capabilities);
  const fields: Fields = write.op === 'create' ? write.fields : write.op === 'update' ? write.patch : {};
  const property = Object.keys(fields).find((name) => catalogue[name] === undefined);
  if (property === undefined) return null;
  return { status: 'rejected', code: 'unsupported', property, message: 'the store has no such property' };
}

/** An answer for a whole batch that never came, or was a refusal. */
function toBatchOutcome(error: unknown): Outcome {
  const kind = kindOf(error);
  if (error instanceof NoAnswer || kind === 'unavailable') return { status: 'unknown', kind };
  const afterMs = error instanceof Refusal ? error.retryAfterMs : undefined;
  return { status: 'retry', kind, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Outcomes that need no request: what is already held, and what the catalogue excludes. */
function knownOutcome(writing: Writing, write: Write, held: ReadonlyMap<string, string>): Outcome | null {
  const { server, capabilities } = writing;
  const id = write.op === 'create' ? held.get(write.stamp) : undefined;
  if (id !== undefined) return { status: 'duplicate', id };
  return (
    unknownProperty(write, capabilities) ?? (write.op === 'update' ? refusedUpdate(server, write) : null)
  );
}

function refusedUpdate(server: ServerState, { id, patch }: Extract<Write, { op: 'update' }>): Outcome | null {
  const message = 'the server does not take this from here';
  if (server.foreign.has(id)) return { status: 'rejected', code: 'read-only', message };
  const lost = patch.page !== undefined && server.blocks.get(id) === '';
  return lost ? { status: 'rejected', code: 'protected', property: 'page', message } : null;
}

export interface Writing {
  readonly server: ServerState;
  readonly capabilities: StoreCapabilities;
  /** Where the server does not refuse a second record with one stamp, the adapter looks first. */
  findStamps(stamps: readonly string[], options?: CallOptions): Promise<readonly (readonly StoreRecord[])[]>;
}

async function heldStamps(writing: Writing, batch: readonly Write[], options?: CallOptions) {
  const stamps = batch.flatMap((write) => (write.op === 'create' ? [write.stamp] : []));
  if (writing.capabilities.createKey === 'unique' || stamps.length === 0) return new Map<string, string>();
  const held = await writing.findStamps(stamps, options);
  return new Map(held.flat().flatMap((record) => (record.stamp ? [[record.stamp, record.id] as const] : [])));
}

async function sendChunk(writing: Writing, chunk: readonly Write[]): Promise<readonly Outcome[]> {
  const { server, capabilities } = writing;
  if (chunk.length === 0) return [];
  try {
    const items = chunk.map((write) => toItem(write, capabilities));
    return (await sendBatch(server, items, capabilities)).map((answer) => toOutcome(answer, capabilities));
  } catch (error) {
    return chunk.map(() => toBatchOutcome(error));
  }
}

/** One outcome per write, in their order; after an abort nothing more is sent. */
export async function writeBatch(
  writing: Writing,
  batch: readonly Write[],
  options?: CallOptions,
): Promise<readonly Outcome[]> {
  assertRunning(options, 'people.write');
  const held = await heldStamps(writing, batch, options);
  const known = batch.map((write) => knownOutcome(writing, write, held));
  const open = batch.filter((_, index) => known[index] === null);
  const outcomes: Outcome[] = [];
  const size = writing.capabilities.batch.write;
  for (let at = 0; at < open.length; at += size) {
    const chunk = open.slice(at, at + size);
    const stopped = options?.signal?.aborted === true;
    const unsent = (): Outcome => ({ status: 'retry', kind: 'unavailable' });
    outcomes.push(...(stopped ? chunk.map(unsent) : await sendChunk(writing, chunk)));
  }
  const rest = outcomes.values();
  return known.map((outcome) => outcome ?? rest.next().value ?? { status: 'unknown', kind: 'protocol' });
}
