import {
  type CallOptions,
  type Clock,
  type CrmScope,
  isAdapterError,
  type RecordStore,
  type StoreCapabilities,
} from '@tidelock/core';
import { type Client, requireRunning } from './client.ts';
import { FEED, readChanges, readList, requireFeed } from './feeds.ts';
import type { Shape } from './fields.ts';
import type { View } from './map.ts';
import { defaultMapping } from './mapping.ts';
import { toFindings } from './probe.ts';
import type { Accounts } from './query-accounts.ts';
import { findContacts, READ_BATCH, readContacts } from './store-read.ts';
import { WRITE_BATCH, writeContacts } from './store-write.ts';

/** What the stores of one connection share. */
export interface Connection {
  readonly client: Client;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly stampField: string;
  readonly companyField: string | null;
  /** The describe, kept until it is asked for anew or proves to be out of date. */
  shape(fresh?: boolean): Promise<Shape>;
  /** Drops the kept describe. */
  outdate(): void;
}

export const CAPABILITIES: StoreCapabilities = {
  // Single updates carry If-Unmodified-Since, which is too weak to promise: whole seconds, and not in collections.
  conditionalUpdate: false,
  conditionalDelete: false,
  createKey: 'unique',
  representation: false,
  modifiedBy: true,
  deletions: 'in-feed',
  contentInFeed: true,
  stampInFeed: true,
  merges: true,
  restore: false,
  // Our own writes can be read at once; other people's late commits are what the feed's overlap is for.
  lagSeconds: 0,
  zombieSeconds: 120,
  batch: { read: READ_BATCH, write: WRITE_BATCH },
};

/** Sharing, not a filter, decides what is in it; nothing of ours changes the scope. */
const SCOPE_HASH = 'contact-1';

export function toProperties(scope: CrmScope): readonly string[] {
  return scope.properties ?? defaultMapping.fields.map((rule) => rule.crm);
}

async function toView(connection: Connection, properties: readonly string[]): Promise<View> {
  const shape = await connection.shape();
  const { catalogue } = shape;
  return {
    properties: [...new Set(properties)].filter((property) => Object.hasOwn(catalogue, property)),
    specs: catalogue,
    stampField: shape.stamp ? connection.stampField : null,
    companyField: connection.companyField,
    userId: await connection.client.userId(),
  };
}

export function createStore(connection: Connection, scope: CrmScope): RecordStore {
  const { client } = connection;
  const properties = toProperties(scope);

  /** Every call: not after an abort, with today's fields, and with a fresh describe after a field has vanished. */
  const call = async <T>(
    operation: string,
    options: CallOptions | undefined,
    work: (reading: { client: Client; view: View; options: CallOptions | undefined }) => Promise<T>,
  ): Promise<T> => {
    requireRunning(options?.signal, operation);
    const view = await toView(connection, properties);
    try {
      return await work({ client, view, options });
    } catch (error) {
      if (isAdapterError(error) && error.code === 'INVALID_FIELD') connection.outdate();
      throw error;
    }
  };

  return {
    async probe(options) {
      requireRunning(options?.signal, 'contacts.probe');
      const shape = await connection.shape(true);
      const { stampField } = connection;
      const findings = toFindings({ shape, stampField, properties, usage: client.usage() });
      return { capabilities: CAPABILITIES, catalogue: shape.catalogue, findings };
    },
    feeds: async () => [{ key: FEED, label: 'Contacts', scopeHash: SCOPE_HASH }],
    changes(feed, cursor, options) {
      requireFeed(feed);
      return call('contacts.changes', options, (reading) => readChanges(reading, cursor));
    },
    list(feed, page, options) {
      requireFeed(feed);
      return call('contacts.list', options, (reading) => readList(reading, page));
    },
    async read(ids, options) {
      if (ids.length === 0) return [];
      return call('contacts.read', options, (reading) =>
        readContacts({ ...reading, now: connection.clock.now() }, ids),
      );
    },
    async find(by, values, options) {
      if (values.length === 0) return [];
      return call('contacts.find', options, (reading) => findContacts(reading, by, values));
    },
    async write(batch, options) {
      if (batch.length === 0) return [];
      return call('contacts.write', options, (reading) =>
        writeContacts(
          {
            ...reading,
            accounts: connection.accounts,
            stampField: connection.stampField,
            now: () => connection.clock.now(),
            halt: null,
          },
          batch,
        ),
      );
    },
  };
}
