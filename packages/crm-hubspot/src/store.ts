import { type CrmScope, isAdapterError, type RecordStore, type StoreCapabilities } from '@tidelock/core';
import { createBlankFields, createOneFeedStore } from '@tidelock/kit';
import type { Client } from './client.ts';
import type { MeetingShape } from './event-fields.ts';
import type { Owners } from './event-guests.ts';
import { listContacts, readChanges } from './feeds.ts';
import type { Shape } from './fields.ts';
import { CONTACTS } from './map.ts';
import { defaultMapping } from './mapping.ts';
import { toFindings } from './probe.ts';
import { BATCH, findContacts, type Reading, readContacts } from './store-read.ts';
import { writeContacts } from './store-write.ts';

/** What stores need of their connection. */
export interface Connection {
  readonly client: Client;
  readonly stampProperty: string;
  /** Property of meetings that tells whole days. */
  readonly allDayProperty: string;
  /** The account's contact properties; kept until outdated. */
  shape(fresh?: boolean): Promise<Shape>;
  meetingShape(fresh?: boolean): Promise<MeetingShape>;
  /** Who uses the account; kept for some minutes. */
  readonly owners: Owners;
  outdate(): void;
}

/** How far searches may be behind. */
export const LAG_SECONDS = 10;

export const CAPABILITIES: StoreCapabilities = {
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
  lagSeconds: LAG_SECONDS,
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
  return createOneFeedStore<Reading>({
    feed: 'contacts',
    label: 'Contacts',
    scopeHash: SCOPE_HASH,
    async open(options) {
      const { catalogue } = await connection.shape();
      const properties = [...new Set(wanted)].filter((property) => Object.hasOwn(catalogue, property));
      const read = createBlankFields(properties);
      return { client, options, view: { object: CONTACTS, ...read, specs: catalogue, stampProperty } };
    },
    onError(error) {
      // A property may have vanished.
      if (isAdapterError(error) && error.kind === 'invalid') connection.outdate();
    },
    async probe() {
      const shape = await connection.shape(true);
      const findings = toFindings({ shape, stampProperty, properties: wanted, client });
      return { capabilities: CAPABILITIES, catalogue: shape.catalogue, findings };
    },
    changes: readChanges,
    list: listContacts,
    read: readContacts,
    find: findContacts,
    write: writeContacts,
  });
}
