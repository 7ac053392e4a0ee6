import type { Probe, RecordStore, StoreCapabilities } from '@tidelock/core';
import { audienceOf } from './event-audience.ts';
import { EVENT_CATALOGUE } from './event-catalogue.ts';
import { createEventFeed } from './event-delta.ts';
import { findEvents, findSharedEvents, listEvents } from './event-list.ts';
import { type EventSession, readEvents } from './event-read.ts';
import { writeEvents } from './event-write.ts';

const CAPABILITIES: StoreCapabilities = {
  conditionalUpdate: true,
  conditionalDelete: true,
  createKey: 'lookup',
  representation: true,
  modifiedBy: false,
  deletions: 'in-feed',
  // Occurrences come as stubs, and of cancelled ones nothing is told: a series has to be read.
  contentInFeed: false,
  stampInFeed: false,
  merges: false,
  restore: false,
  lagSeconds: 5,
  zombieSeconds: 60,
  batch: { read: 20, write: 20 },
  events: { recurrence: 'full', notifies: true },
};

const PROBE: Probe = { capabilities: CAPABILITIES, catalogue: EVENT_CATALOGUE, findings: [] };

/** The events of one mailbox: single ones, and series with everything that was changed of them as one record each. */
export const createEventStore = (session: EventSession): RecordStore => ({
  probe: async () => PROBE,
  feeds: (options) => session.calendars.feeds(options),
  changes: createEventFeed(session),
  list: (feed, page, options) => listEvents(session, { feed, page }, options),
  read: (ids, options) => readEvents(session, ids, options),
  find: (by, values, options) => findEvents(session, { by, values }, options),
  findShared: (keys, options) => findSharedEvents(session, keys, options),
  write: (writes, options) => writeEvents(session, writes, options),
  audience: audienceOf,
});
