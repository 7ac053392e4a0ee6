import {
  AdapterError,
  type CallOptions,
  type ChangePage,
  type ReadResult,
  type RecordPage,
  type StoreRecord,
} from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import type { Client } from './client.ts';
import { toMono, toRecord } from './map.ts';
import { ChangesSchema, ContactsSchema, parseReply, ReadSchema } from './wire.ts';

/** Ids or values of one request. */
export const READ_BATCH = 100;

/** What every reading needs. */
export interface Reading {
  readonly client: Client;
  /** Properties that this store was opened on. */
  readonly properties: readonly string[];
  readonly options: CallOptions | undefined;
}

interface Question {
  readonly operation: string;
  readonly path: string;
  /** Present: sent with POST. It still changes nothing. */
  readonly body?: unknown;
}

function ask({ client, options }: Reading, { operation, path, body }: Question): Promise<unknown> {
  const method = body === undefined ? 'GET' : 'POST';
  return client.request({ operation, method, path, body, repeatable: true, signal: options?.signal });
}

export async function readChanges(reading: Reading, cursor: string | null): Promise<ChangePage> {
  const operation = 'contacts.changes';
  const query = cursor === null ? '' : `?${new URLSearchParams({ cursor })}`;
  const body = await ask(reading, { operation, path: `/v1/changes${query}` });
  const page = parseReply(ChangesSchema, body, operation);
  if (page.more && page.cursor === cursor)
    throw new AdapterError('protocol', `${operation}: the feed repeats a page`, { operation, code: 'loop' });
  const changes = page.items.map(({ id, sequence, contact }) => {
    const mono = toMono(sequence);
    if (contact === undefined) return { kind: 'removed', id, mono } as const;
    const record = toRecord(contact, reading.properties);
    return { kind: 'changed', id, mono, version: record.version, record } as const;
  });
  return { changes, cursor: page.cursor, more: page.more };
}

export async function listContacts(reading: Reading, after: string | null): Promise<RecordPage> {
  const operation = 'contacts.list';
  const query = after === null ? '' : `?${new URLSearchParams({ after })}`;
  const body = await ask(reading, { operation, path: `/v1/contacts${query}` });
  const { items, next } = parseReply(ContactsSchema, body, operation);
  return { records: items.map((contact) => toRecord(contact, reading.properties)), next: next ?? null };
}

/** Only what the service itself calls absent is gone. An id that it did not answer is not. */
async function readGroup(reading: Reading, ids: readonly string[]): Promise<readonly ReadResult[]> {
  const operation = 'contacts.read';
  const body = await ask(reading, { operation, path: '/v1/contacts/read', body: { ids } });
  const { items } = parseReply(ReadSchema, body, operation);
  const byId = new Map(items.map((item) => [item.id, item]));
  return ids.map((id) => {
    const item = byId.get(id);
    if (item?.contact) return { state: 'found', id, record: toRecord(item.contact, reading.properties) };
    return item?.status === 404 ? { state: 'gone', id } : { state: 'failed', id, kind: 'protocol' };
  });
}

export async function readContacts(reading: Reading, ids: readonly string[]): Promise<readonly ReadResult[]> {
  const groups = await Promise.all(chunk(ids, READ_BATCH).map((group) => readGroup(reading, group)));
  return groups.flat();
}

export async function findContacts(
  reading: Reading,
  by: 'stamp' | 'email',
  values: readonly string[],
): Promise<readonly (readonly StoreRecord[])[]> {
  const operation = 'contacts.find';
  const field = by === 'stamp' ? 'external_key' : 'email';
  const groups = await Promise.all(
    chunk([...new Set(values)], READ_BATCH).map(async (group) => {
      const body = await ask(reading, {
        operation,
        path: '/v1/contacts/search',
        body: { field, values: group },
      });
      return parseReply(ContactsSchema, body, operation).items;
    }),
  );
  const found = groups.flat();
  return values.map((value) =>
    found
      .filter((contact) => {
        const held = by === 'stamp' ? contact.external_key : contact.fields.email;
        return String(held ?? '').toLowerCase() === value.toLowerCase();
      })
      .map((contact) => toRecord(contact, reading.properties)),
  );
}
