import { type CrmScope, isAdapterError, type RecordStore, type StoreCapabilities } from '@tidelock/core';
import { createOneFeedStore } from '@tidelock/kit';
import { type EventReading, listEvents, readEventChanges } from './event-feeds.ts';
import type { EventShape } from './event-fields.ts';
import { type EventView, toEventProperty } from './event-map.ts';
import { defaultEventMapping } from './event-mapping.ts';
import { toEventFindings } from './event-probe.ts';
import { findEvents, readEvents } from './event-read.ts';
import { type EventWriting, findStrangers, writeEvents } from './event-write.ts';
import type { Connection } from './store.ts';
import { READ_BATCH } from './store-read.ts';
import { WRITE_BATCH } from './store-write.ts';
import { EVENT } from './wire.ts';

const CAPABILITIES: StoreCapabilities = {
  conditionalUpdate: false,
  conditionalDelete: false,
  createKey: 'unique',
  representation: false,
  modifiedBy: true,
  deletions: 'in-feed',
  // People are rows of another object, with stamps of their own.
  contentInFeed: false,
  stampInFeed: false,
  merges: false,
  restore: false,
  lagSeconds: 0,
  zombieSeconds: 120,
  batch: { read: READ_BATCH, write: WRITE_BATCH },
  // A write to one occurrence of the service's own series changes all of it, so events are single ones.
  events: { recurrence: 'none', notifies: false },
};

export const toEventProperties = (scope: Pick<CrmScope, 'properties'>): readonly string[] =>
  scope.properties ?? defaultEventMapping.fields.map((rule) => rule.crm);

async function toView(connection: Connection, scope: CrmScope): Promise<EventView> {
  const shape: EventShape = await connection.eventShape();
  const { catalogue } = shape;
  return {
    entity: EVENT,
    propertyOf: toEventProperty,
    properties: [...new Set(toEventProperties(scope))].filter((property) =>
      Object.hasOwn(catalogue, property),
    ),
    specs: catalogue,
    stampField: shape.stamp ? connection.stampField : null,
    shared: shape.shared,
    userId: await connection.client.userId(),
    window: scope.window,
  };
}

/** E-mail fields of Contact: everybody is known under any of them. */
async function emailFields(connection: Connection): Promise<readonly string[]> {
  const { catalogue } = await connection.shape();
  return Object.entries(catalogue).flatMap(([name, { type }]) => (type === 'email' ? [name] : []));
}

/** The single events of one org. */
export function createEventStore(connection: Connection, scope: CrmScope): RecordStore {
  const { client, clock, stampField } = connection;
  const { from, to } = scope.window ?? { from: '', to: '' };
  const writingOf = async (reading: EventReading): Promise<EventWriting> => ({
    ...{ ...reading, emailFields: await emailFields(connection) },
    ...{ stampField, now: () => clock.now(), halt: null },
  });
  const store = createOneFeedStore({
    feed: 'events',
    label: 'Events',
    scopeHash: `event-1 ${from} ${to}`,
    open: async (options) => ({ client, options, view: await toView(connection, scope) }),
    onError(error) {
      if (isAdapterError(error) && error.code === 'INVALID_FIELD') connection.outdate();
    },
    async probe() {
      const shape = await connection.eventShape(true);
      const properties = toEventProperties(scope);
      const findings = toEventFindings({ shape, stampField, properties });
      return { capabilities: CAPABILITIES, catalogue: shape.catalogue, findings };
    },
    changes: readEventChanges,
    list: listEvents,
    read: (reading, ids) => readEvents({ ...reading, now: clock.now() }, ids),
    find: findEvents,
    write: async (reading, batch) => writeEvents(await writingOf(reading), batch),
    strangers: async (reading, batch) => findStrangers(await writingOf(reading), batch),
  });
  // The org keeps no key that the copies of a meeting have in common: one meeting is one event by our own claims.
  return { ...store, findShared: async (keys) => keys.map(() => []) };
}
