import { type CrmScope, isAdapterError, type RecordStore, type StoreCapabilities } from '@tidelock/core';
import { createBlankFields, createOneFeedStore } from '@tidelock/kit';
import { type EventView, toMeetings } from './event-map.ts';
import { defaultEventMapping } from './event-mapping.ts';
import { toEventFindings } from './event-probe.ts';
import { type EventReading, findEvents, listEvents, readEvents } from './event-read.ts';
import { findStrangers, writeEvents } from './event-write.ts';
import { readChanges } from './feeds.ts';
import { CAPABILITIES, type Connection } from './store.ts';

const EVENT_CAPABILITIES: StoreCapabilities = {
  ...CAPABILITIES,
  // People are objects of their own.
  contentInFeed: false,
  stampInFeed: false,
  merges: false,
  events: { recurrence: 'none', notifies: false },
};

const toEventProperties = (scope: CrmScope): readonly string[] =>
  scope.properties ?? defaultEventMapping.fields.map((rule) => rule.crm);

async function toView(connection: Connection, scope: CrmScope): Promise<EventView> {
  const { catalogue, allDay } = await connection.meetingShape();
  const allDayProperty = allDay === undefined ? null : connection.allDayProperty;
  return {
    object: toMeetings(allDayProperty),
    ...createBlankFields(
      [...new Set(toEventProperties(scope))].filter((name) => Object.hasOwn(catalogue, name)),
    ),
    specs: catalogue,
    stampProperty: connection.stampProperty,
    allDayProperty,
    window: scope.window,
  };
}

/** The meetings of one account: single events, whoever is on them. */
export function createEventStore(connection: Connection, scope: CrmScope): RecordStore {
  const { client, stampProperty, allDayProperty, owners } = connection;
  const { from, to } = scope.window ?? { from: '', to: '' };
  const store = createOneFeedStore<EventReading>({
    feed: 'meetings',
    label: 'Meetings',
    scopeHash: `event-1 ${from} ${to}`,
    open: async (options) => ({ client, options, owners, view: await toView(connection, scope) }),
    onError(error) {
      if (isAdapterError(error) && error.kind === 'invalid') connection.outdate();
    },
    async probe() {
      const shape = await connection.meetingShape(true);
      const properties = toEventProperties(scope);
      const findings = toEventFindings({ shape, stampProperty, allDayProperty, properties });
      return { capabilities: EVENT_CAPABILITIES, catalogue: shape.catalogue, findings };
    },
    changes: readChanges,
    list: listEvents,
    read: readEvents,
    find: findEvents,
    write: writeEvents,
    strangers: findStrangers,
  });
  // Meetings keep no key that the copies of one have in common: which belong together is known by our own claims.
  return { ...store, findShared: async (keys) => keys.map(() => []) };
}
