import type { CallOptions, CrmScope, FieldCatalogue, RecordStore, StoreCapabilities } from '@tidelock/core';
import { type Client, requireRunning } from './client.ts';
import {
  findContacts,
  listContacts,
  READ_BATCH,
  type Reading,
  readChanges,
  readContacts,
} from './store-read.ts';
import { WRITE_BATCH, writeContacts } from './store-write.ts';

export interface Opened {
  readonly client: Client;
  readonly scope: CrmScope;
  catalogue(signal?: AbortSignal): Promise<FieldCatalogue>;
}

/** The scope hash changes when what lies inside the store changes: a filter, an object. */
const FEED = { key: 'contacts', label: 'Contacts', scopeHash: 'contacts-1' };

/** What the engine branches on. The suite holds the adapter to each, the declared "no" included. */
const CAPABILITIES: StoreCapabilities = {
  conditionalUpdate: true,
  conditionalDelete: true,
  createKey: 'unique',
  representation: true,
  modifiedBy: false,
  deletions: 'in-feed',
  contentInFeed: true,
  stampInFeed: true,
  merges: false,
  restore: false,
  lagSeconds: 0,
  zombieSeconds: 30,
  batch: { read: READ_BATCH, write: WRITE_BATCH },
};

/** Asked once; a failure is not kept. */
function createCatalogue(opened: Opened) {
  let kept: Promise<FieldCatalogue> | null = null;
  return (signal?: AbortSignal, fresh = false): Promise<FieldCatalogue> => {
    if (fresh) kept = null;
    kept ??= opened.catalogue(signal).catch((error: unknown) => {
      kept = null;
      throw error;
    });
    return kept;
  };
}

export function createStore(opened: Opened): RecordStore {
  const { client, scope } = opened;
  const catalogueOf = createCatalogue(opened);

  /** Before every call: not after an abort, and with the properties that there really are. */
  const begin = async (operation: string, options?: CallOptions) => {
    requireRunning(options?.signal, operation);
    const catalogue = await catalogueOf(options?.signal);
    const wanted = scope.properties ?? Object.keys(catalogue);
    const properties = wanted.filter((name) => Object.hasOwn(catalogue, name));
    const reading: Reading = { client, properties, options };
    return { catalogue, reading };
  };

  return {
    async probe(options) {
      requireRunning(options?.signal, 'contacts.probe');
      const catalogue = await catalogueOf(options?.signal, true);
      return { capabilities: CAPABILITIES, catalogue, findings: [] };
    },
    feeds: async () => [FEED],
    async changes(_feed, cursor, options) {
      const { reading } = await begin('contacts.changes', options);
      return readChanges(reading, cursor);
    },
    async list(_feed, page, options) {
      const { reading } = await begin('contacts.list', options);
      return listContacts(reading, page);
    },
    async read(ids, options) {
      if (ids.length === 0) return [];
      const { reading } = await begin('contacts.read', options);
      return readContacts(reading, ids);
    },
    async find(by, values, options) {
      if (values.length === 0) return [];
      const { reading } = await begin('contacts.find', options);
      return findContacts(reading, by, values);
    },
    async write(batch, options) {
      if (batch.length === 0) return [];
      const { catalogue, reading } = await begin('contacts.write', options);
      return writeContacts({ ...reading, catalogue }, batch);
    },
  };
}
