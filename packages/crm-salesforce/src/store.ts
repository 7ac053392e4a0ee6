import {
  type CallOptions,
  type Clock,
  type CrmScope,
  isAdapterError,
  type RecordStore,
  type StoreCapabilities,
} from '@tidelock/core';
import { createBlankFields, createOneFeedStore } from '@tidelock/kit';
import type { Client } from './client.ts';
import type { EventShape } from './event-fields.ts';
import { readChanges, readList } from './feeds.ts';
import type { Shape } from './fields.ts';
import { type Seen, toProperty, type View } from './map.ts';
import { defaultMapping } from './mapping.ts';
import { toFindings } from './probe.ts';
import type { Accounts } from './query-accounts.ts';
import { findContacts, READ_BATCH, readContacts } from './store-read.ts';
import { WRITE_BATCH, writeContacts } from './store-write.ts';
import { CONTACT } from './wire.ts';

/** What the stores of one connection share. */
export interface Connection {
  readonly client: Client;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly stampField: string;
  readonly companyField: string | null;
  /** The describe, kept until it is asked for anew or proves to be out of date. */
  shape(fresh?: boolean): Promise<Shape>;
  /** The same of events and their relations. */
  eventShape(fresh?: boolean): Promise<EventShape>;
  /** Drops what is kept. */
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

async function toView(connection: Connection, properties: readonly string[]): Promise<View & Seen> {
  const shape = await connection.shape();
  const { catalogue } = shape;
  const { companyField } = connection;
  return {
    entity: CONTACT,
    propertyOf: (column) => toProperty(column, { specs: catalogue, companyField }),
    ...createBlankFields([...new Set(properties)].filter((property) => Object.hasOwn(catalogue, property))),
    specs: catalogue,
    stampField: shape.stamp ? connection.stampField : null,
    companyField,
    userId: await connection.client.userId(),
  };
}

interface Reading {
  readonly client: Client;
  readonly options: CallOptions | undefined;
  readonly view: View & Seen;
}

export function createStore(connection: Connection, scope: CrmScope): RecordStore {
  const { client, clock, accounts, stampField } = connection;
  const properties = toProperties(scope);
  return createOneFeedStore<Reading>({
    feed: 'contacts',
    label: 'Contacts',
    scopeHash: SCOPE_HASH,
    open: async (options) => ({ client, options, view: await toView(connection, properties) }),
    onError(error) {
      // A field may have vanished.
      if (isAdapterError(error) && error.code === 'INVALID_FIELD') connection.outdate();
    },
    async probe() {
      const shape = await connection.shape(true);
      const findings = toFindings({ shape, stampField, properties, usage: client.usage() });
      return { capabilities: CAPABILITIES, catalogue: shape.catalogue, findings };
    },
    changes: readChanges,
    list: readList,
    read: (reading, ids) => readContacts({ ...reading, now: clock.now() }, ids),
    find: findContacts,
    write: (reading, batch) =>
      writeContacts({ ...reading, accounts, stampField, now: () => clock.now(), halt: null }, batch),
  });
}
