import type { CallOptions, ReadResult, StoreRecord } from '@tidelock/core';
import { chunk, createBlankFields, createHolders } from '@tidelock/kit';
import type { Client } from './client.ts';
import { mergedIdsOf, toRecord, type View } from './map.ts';
import { type Batch, BatchSchema, parseReply, type WireContact } from './wire.ts';

/** A connection, what is wanted of an object, and whatever the caller of the port asked for. */
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
    path: `/objects/${view.object.type}/batch/read`,
    body: {
      inputs: ids.map((id) => ({ id })),
      properties: view.object.toNames(view),
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

/** Objects as they are now, whatever searches still show. */
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
      readBatch(reading, { operation: `${reading.view.object.type}.read`, ids: group }),
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

/** What became of an id. */
export type Look =
  | { readonly state: 'found'; readonly id: string; readonly contact: WireContact }
  | Exclude<ReadResult, { state: 'found' | 'out' }>;

/**
 * An id that was merged away answers with the contact it went into, under another id: the id asked is always compared
 * with the id got. An id that is in no result and in no error was not answered.
 */
function toLook(id: string, { byId, winners, missing }: Present): Look {
  const contact = byId.get(id);
  if (contact !== undefined) return { state: 'found', id, contact };
  const into = winners.get(id)?.id;
  if (into !== undefined) return { state: 'merged', id, into };
  return missing.has(id) ? { state: 'gone', id } : { state: 'failed', id, kind: 'protocol' };
}

/** Ids are numbers: anything else is nobody's. */
const isId = (id: string): boolean => /^\d{1,20}$/.test(id);

export async function lookAt(reading: Reading, ids: readonly string[]): Promise<readonly Look[]> {
  const present = await readPresent(reading, ids.filter(isId));
  return ids.map((id) =>
    isId(id) ? toLook(id, present) : { state: 'failed', id, kind: 'invalid', code: 'malformed-id' },
  );
}

export async function readContacts(reading: Reading, ids: readonly string[]): Promise<readonly ReadResult[]> {
  const looks = await lookAt(reading, ids);
  return looks.map((look) =>
    look.state === 'found'
      ? { state: 'found', id: look.id, record: toRecord(look.contact, reading.view) }
      : look,
  );
}

/** Whoever holds one of these values of a unique property. */
export async function readBy(
  reading: Reading,
  of: { readonly idProperty: string; readonly values: readonly string[] },
): Promise<readonly WireContact[]> {
  const { idProperty, values } = of;
  const operation = `${reading.view.object.type}.find`;
  const batches = await Promise.all(
    chunk([...new Set(values)], BATCH).map((ids) => readBatch(reading, { operation, ids, idProperty })),
  );
  return batches.flatMap(({ results }) => results);
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
    view: { ...view, ...createBlankFields([...new Set([...view.properties, 'email', ...extra])]) },
  };
  const holders = createHolders<StoreRecord>(values);
  for (const contact of await readBy(wide, { idProperty, values: holders.wanted })) {
    const texts = [idProperty, ...extra].flatMap((name) => (contact.properties[name] ?? '').split(';'));
    holders.add(texts, toRecord(contact, view));
  }
  return holders.answer();
}

const emailProperties = (view: Reading['view']): string[] =>
  view.properties.filter((property) => view.specs[property]?.type === 'email');
