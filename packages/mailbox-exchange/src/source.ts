import type {
  ContextOf,
  FieldCatalogue,
  MailboxPort,
  MailboxScope,
  Probe,
  RecordStore,
  StoreCapabilities,
} from '@tidelock/core';
import { createCalendarSet } from './calendars.ts';
import { createCatalogue } from './catalogue.ts';
import { checkConnection } from './check.ts';
import { narrowingSteps } from './check-narrowing.ts';
import { createGraph, type Graph } from './client.ts';
import { type ExchangeOptions, toEndpoint } from './config.ts';
import { readChanges } from './delta.ts';
import { createEventStore } from './event-store.ts';
import { findContacts } from './find.ts';
import { createFolderSet } from './folders.ts';
import { listMailboxes, listMembers } from './mailboxes.ts';
import { listPage, readContacts } from './read.ts';
import type { Session } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';
import { writeContacts } from './write.ts';

const toCapabilities = (options: ExchangeOptions): StoreCapabilities => ({
  conditionalUpdate: true,
  conditionalDelete: true,
  createKey: 'lookup',
  representation: true,
  modifiedBy: false,
  deletions: 'in-feed',
  // The feed does not carry extended properties.
  contentInFeed: options.custom.length === 0,
  stampInFeed: false,
  merges: false,
  restore: false,
  lagSeconds: 5,
  zombieSeconds: 60,
  batch: { read: 20, write: 20 },
});

function toSession(
  options: ExchangeOptions,
  given: { graph: Graph; context: ContextOf['mailbox']; scope: MailboxScope },
): Session {
  const { graph, context, scope } = given;
  const { namespace, custom, pageSize } = options;
  return {
    graph,
    clock: context.clock,
    origin: toEndpoint(options, context.token).origin,
    mailbox: scope.mailbox,
    lane: graph.lanes.mailbox(scope.mailbox),
    layout: { namespace, custom },
    pageSize,
  };
}

function createStore(
  session: Session,
  given: { names: readonly string[]; probe: Probe; catalogue: FieldCatalogue },
): RecordStore {
  const folders = createFolderSet(session, given.names);
  const { catalogue } = given;
  return {
    probe: async () => given.probe,
    feeds: (options) => folders.feeds(options),
    changes: (feed, cursor, options) => readChanges(session, { feed, cursor }, options),
    async list(feed, page, options) {
      const { records, next } = await listPage(session, { feed, page }, options);
      return { records, next };
    },
    read: (ids, options) => readContacts(session, { folders, ids }, options),
    find: (by, values, options) => findContacts(session, { by, values, folders }, options),
    write: (writes, options) => writeContacts(session, { folders, catalogue, writes }, options),
  };
}

/** The mailboxes of one Microsoft 365 tenant. */
export function createExchangeMailboxes(
  options: ExchangeOptions,
  context: ContextOf['mailbox'],
): MailboxPort {
  const graph = createGraph(options, context);
  const catalogue = createCatalogue(options.custom);
  const probe: Probe = { capabilities: toCapabilities(options), catalogue, findings: [] };
  const parts = { graph, clock: context.clock, origin: toEndpoint(options, context.token).origin };
  return {
    check: (given) => checkConnection(graph, given),
    mailboxes: (addresses, given) => listMailboxes(parts, addresses, given),
    push: createSubscriptions({ graph, origin: parts.origin, tenant: options.tenant }),
    members: (group, given) => listMembers(parts, group, given),
    narrowing: (of, given) => narrowingSteps({ graph, home: context.token.home }, of, given),
    open(scope) {
      const session = toSession(options, { graph, context, scope });
      if (scope.kind === 'event') {
        const { calendars = options.calendars, window } = scope;
        return createEventStore({
          ...session,
          calendars: createCalendarSet(session, { names: calendars, window }),
        });
      }
      return createStore(session, { names: scope.folders ?? options.folders, probe, catalogue });
    },
    close: async () => {},
  };
}
