import {
  type CallOptions,
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
import { BATCH, findContacts, type Reading, readContacts } from './store-read.ts';
import { writeContacts } from './store-write.ts';

/** What stores need of their connection. */
export interface Connection {
  readonly client: Client;
  readonly stampProperty: string;
  /** The account's contact properties; kept until outdated. */
  shape(fresh?: boolean): Promise<Shape>;
  outdate(): void;
}

const CAPABILITIES: StoreCapabilities = {
  conditionalUpdate: false,
  conditionalDelete: false,
  createKey: 'unique',
  representation: false,
  modifiedBy: false,
  deletions: 'side-list',
  contentInFeed: true,
  stampInFeed: true,
  merges: true,
  restore: false,
  // Only searches are known to lag, and what they find is read again. A margin, for reads by id are not said to be exact.
  lagSeconds: 10,
  zombieSeconds: 120,
  batch: { read: BATCH, write: BATCH },
};

/** Nothing narrows the object down, so nothing but a new version of ours changes the scope. */
const SCOPE_HASH = 'contact-1';

export function toProperties(scope: CrmScope): readonly string[] {
  return scope.properties ?? defaultMapping.fields.map((rule) => rule.crm);
}

export function createStore(connection: Connection, scope: CrmScope): RecordStore {
  const { client, stampProperty } = connection;
  const wanted = toProperties(scope);

  const toView = async (): Promise<View> => {
    const { catalogue } = await connection.shape();
    const properties = [...new Set(wanted)].filter((property) => Object.hasOwn(catalogue, property));
    return { properties, specs: catalogue, stampProperty };
  };

  /** Every call: not after an abort, with today's properties, and with fresh ones after a property has vanished. */
  const call = async <T>(
    operation: string,
    options: CallOptions | undefined,
    work: (reading: Reading) => Promise<T>,
  ): Promise<T> => {
    requireRunning(options?.signal, operation);
    const view = await toView();
    try {
      return await work({ client, view, options });
    } catch (error) {
      if (isAdapterError(error) && error.kind === 'invalid') connection.outdate();
      throw error;
    }
  };

  return {
    async probe(options) {
      requireRunning(options?.signal, 'contacts.probe');
      const shape = await connection.shape(true);
      const findings = toFindings({ shape, stampProperty, properties: wanted, client });
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
      return call('contacts.read', options, (reading) => readContacts(reading, ids));
    },
    async find(by, values, options) {
      if (values.length === 0) return [];
      return call('contacts.find', options, (reading) => findContacts(reading, by, values));
    },
    async write(batch, options) {
      if (batch.length === 0) return [];
      return call('contacts.write', options, (reading) => writeContacts(reading, batch));
    },
  };
}
