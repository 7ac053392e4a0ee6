import type { CallOptions, ReadResult, StoreRecord } from '@tidelock/core';
import { chunk, createHolders } from '@tidelock/kit';
import type { Client } from './client.ts';
import { mergedIdsOf, toNames, toRecord, type View } from './map.ts';
import { type Batch, BatchSchema, parseReply, type WireContact } from './wire.ts';

/** A connection, what is wanted of a contact, and whatever the caller of the port asked for. */
export interface Reading {
  readonly client: Client;
  readonly view: View;
  readonly options: CallOptions | undefined;
}

/** Inputs of one batch call. */
export const BATCH = 100;

/** Reads by id or by a unique property, at once: searches lag behind. */
async function readBatch(
  { client, view, options }: Reading,
  of: { readonly operation: string; readonly ids: readonly string[]; readonly idProperty?: string },
): Promise<Batch> {
  const { operation, ids, idProperty } = of;
  const answer = await client.request({
    operation,
    method: 'POST',
    path: '/objects/contacts/batch/read',
    body: {
      inputs: ids.map((id) => ({ id })),
      properties: toNames(view),
      propertiesWithHistory: [],
      ...(idProperty === undefined ? {} : { idProperty }),
    },
    repeatable: true,
    signal: options?.signal,
  });
  return parseReply(BatchSchema, answer.body, operation);
}

/** Ids that the answer itself says are not there. */
function missingIn({ errors }: Batch): ReadonlySet<string> {
  const notFound = errors.filter(({ category }) => category === 'OBJECT_NOT_FOUND');
  return new Set(notFound.flatMap(({ context }) => context?.ids ?? []));
}

/** Contacts as they are now, whatever searches still show. */
export interface Present {
  readonly byId: ReadonlyMap<string, WireContact>;
  /** The contact that an id went into. */
  readonly winners: ReadonlyMap<string, WireContact>;
  /** Ids that the answer itself says are not there. */
  readonly missing: ReadonlySet<string>;
}

export async function readPresent(reading: Reading, ids: readonly string[]): Promise<Present> {
  const batches = await Promise.all(
    chunk([...new Set(ids)], BATCH).map((group) =>
      readBatch(reading, { operation: 'contacts.read', ids: group }),
    ),
  );
  const contacts = batches.flatMap(({ results }) => results);
  return {
    byId: new Map(contacts.map((contact) => [contact.id, contact])),
    winners: new Map(
      contacts.flatMap((contact) => mergedIdsOf(contact).map((loser) => [loser, contact] as const)),
    ),
    missing: new Set(batches.flatMap((batch) => [...missingIn(batch)])),
  };
}

/**
 * An id that was merged away answers with the contact it went into, under another id: the id asked is always compared
 * with the id got. An id that is in no result and in no error was not answered.
 */
function toResult(id: string, { byId, winners, missing }: Present, view: Reading['view']): ReadResult {
  const contact = byId.get(id);
  if (contact !== undefined) return { state: 'found', id, record: toRecord(contact, view) };
  const into = winners.get(id)?.id;
  if (into !== undefined) return { state: 'merged', id, into };
  return missing.has(id) ? { state: 'gone', id } : { state: 'failed', id, kind: 'protocol' };
}

/** Ids are numbers: anything else is nobody's. */
const isId = (id: string): boolean => /^\d{1,20}$/.test(id);

export async function readContacts(reading: Reading, ids: readonly string[]): Promise<readonly ReadResult[]> {
  const present = await readPresent(reading, ids.filter(isId));
  return ids.map((id) =>
    isId(id)
      ? toResult(id, present, reading.view)
      : { state: 'failed', id, kind: 'invalid', code: 'malformed-id' },
  );
}

/** Contacts by our stamp, or by e-mail address: the service finds them under additional addresses too. */
export async function findContacts(
  reading: Reading,
  by: 'stamp' | 'email',
  values: readonly string[],
): Promise<readonly (readonly StoreRecord[])[]> {
  const { view } = reading;
  const idProperty = by === 'stamp' ? view.stampProperty : 'email';
  const extra = by === 'stamp' ? [] : ['hs_additional_emails', ...emailProperties(view)];
  const wide = {
    ...reading,
    view: { ...view, properties: [...new Set([...view.properties, 'email', ...extra])] },
  };
  const holders = createHolders<StoreRecord>(values);
  const batches = await Promise.all(
    chunk(holders.wanted, BATCH).map((ids) =>
      readBatch(wide, { operation: 'contacts.find', ids, idProperty }),
    ),
  );
  for (const contact of batches.flatMap(({ results }) => results)) {
    const texts = [idProperty, ...extra].flatMap((name) => (contact.properties[name] ?? '').split(';'));
    holders.add(texts, toRecord(contact, view));
  }
  return holders.answer();
}

const emailProperties = (view: Reading['view']): string[] =>
  view.properties.filter((property) => view.specs[property]?.type === 'email');
