import type { ReadResult, StoreRecord } from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import type { Reading } from './feeds.ts';
import { mergedIdsOf, toNames, toRecord } from './map.ts';
import { type Batch, BatchSchema, parseReply, type WireContact } from './wire.ts';

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

/**
 * An id that was merged away answers with the contact it went into, under another id: the id asked is always compared
 * with the id got. An id that is in no result and in no error was not answered.
 */
function toResult(
  id: string,
  at: {
    readonly byId: ReadonlyMap<string, WireContact>;
    readonly winners: ReadonlyMap<string, string>;
    readonly missing: ReadonlySet<string>;
    readonly view: Reading['view'];
  },
): ReadResult {
  const contact = at.byId.get(id);
  if (contact !== undefined) return { state: 'found', id, record: toRecord(contact, at.view) };
  const into = at.winners.get(id);
  if (into !== undefined) return { state: 'merged', id, into };
  return at.missing.has(id) ? { state: 'gone', id } : { state: 'failed', id, kind: 'protocol' };
}

/** Ids are numbers: anything else is nobody's. */
const isId = (id: string): boolean => /^\d{1,20}$/.test(id);

export async function readContacts(reading: Reading, ids: readonly string[]): Promise<readonly ReadResult[]> {
  const asked = [...new Set(ids.filter(isId))];
  const batches = await Promise.all(
    chunk(asked, BATCH).map((group) => readBatch(reading, { operation: 'contacts.read', ids: group })),
  );
  const contacts = batches.flatMap(({ results }) => results);
  const byId = new Map(contacts.map((contact) => [contact.id, contact]));
  const winners = new Map(
    contacts.flatMap((contact) => mergedIdsOf(contact).map((loser) => [loser, contact.id] as const)),
  );
  const missing = new Set(batches.flatMap((batch) => [...missingIn(batch)]));
  return ids.map((id) =>
    isId(id)
      ? toResult(id, { byId, winners, missing, view: reading.view })
      : { state: 'failed', id, kind: 'invalid', code: 'malformed-id' },
  );
}

const keyOf = (text: string): string => text.trim().toLowerCase();

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
  const wanted = [...new Set(values.map(keyOf))].filter((value) => value !== '');
  const batches = await Promise.all(
    chunk(wanted, BATCH).map((ids) => readBatch(wide, { operation: 'contacts.find', ids, idProperty })),
  );
  const holders = new Map<string, StoreRecord[]>();
  for (const contact of batches.flatMap(({ results }) => results)) {
    const texts = [idProperty, ...extra].flatMap((name) => (contact.properties[name] ?? '').split(';'));
    for (const key of new Set(texts.map(keyOf)))
      holders.set(key, [...(holders.get(key) ?? []), toRecord(contact, view)]);
  }
  return values.map((value) => (keyOf(value) === '' ? [] : (holders.get(keyOf(value)) ?? [])));
}

const emailProperties = (view: Reading['view']): string[] =>
  view.properties.filter((property) => view.specs[property]?.type === 'email');
