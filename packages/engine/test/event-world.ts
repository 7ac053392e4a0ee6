import { createReferenceFixture, REFERENCE_EVENTS, type ReferenceFixture } from '@tidelock/conformance';
import {
  boundsOf,
  type Change,
  type Clock,
  type EventTime,
  type Fields,
  MappingSchema,
  type People,
  type Random,
  type ReadResult,
  type RecordStore,
  type StatePort,
  type StoreCapabilities,
  type StoreRecord,
} from '@tidelock/core';
import { createSqliteState } from '@tidelock/state-sqlite';
import {
  createDesk,
  createEngine,
  DEFAULT_POLICY,
  type Desk,
  type Engine,
  type EngineOptions,
  type EventPolicy,
  type LaneConfig,
} from '../src/index.ts';
import { silent } from './world.ts';

export const START = Date.UTC(2026, 0, 1);
export const DAY_MS = 86_400_000;

export const EVENTS = MappingSchema.parse({
  version: 1,
  kind: 'event',
  fields: [
    { field: 'subject', mailbox: 'familyName', crm: 'familyName' },
    { field: 'time', mailbox: 'when', crm: 'when' },
    { field: 'recurrence', mailbox: 'rule', crm: 'rule', optional: true },
    { field: 'occurrences', mailbox: 'exceptions', crm: 'exceptions', optional: true },
    { field: 'people', mailbox: 'guests', crm: 'guests' },
    { field: 'body', mailbox: 'page', crm: 'page' },
    { field: 'uid', mailbox: 'city', crm: 'city', direction: 'mailbox>crm' },
  ],
});

/** A CRM of events: it sends nothing, and has no conditional writes. */
export const LIKE_CRM: StoreCapabilities = {
  ...REFERENCE_EVENTS,
  conditionalUpdate: false,
  conditionalDelete: false,
  representation: false,
  events: { recurrence: 'full', notifies: false },
};

/** The same, of a CRM that keeps no series. */
export const WITHOUT_SERIES: StoreCapabilities = {
  ...LIKE_CRM,
  events: { recurrence: 'none', notifies: false },
};

export interface EventWorld {
  readonly state: StatePort;
  readonly mailboxes: readonly ReferenceFixture[];
  readonly crm: ReferenceFixture;
  /** Addresses that the mailboxes' store has sent mail to, in order. */
  readonly sent: string[];
  readonly written: { a: number; b: number };
  /** Subjects of events that the mailboxes show as somebody else's. */
  readonly foreign: Set<string>;
  /** What the calendars are looked at in; null = everything. */
  window: { readonly from: number; readonly to: number } | null;
  policy: Partial<EventPolicy>;
  engine(): Promise<Engine>;
  desk(): Desk;
  /** Syncs until there is nothing left to do, as a new process. */
  sync(): Promise<void>;
  advance(ms: number): void;
  all(store: ReferenceFixture): Promise<readonly { readonly id: string; readonly fields: Fields }[]>;
  close(): Promise<void>;
}

export const laneId = (index: number): string => `lane-${index}`;

/** What a service does around the reference store: views in a window, copies of other people's events, mail. */
function asCalendar(world: EventWorld, store: RecordStore): RecordStore {
  const shown = (record: StoreRecord): StoreRecord =>
    world.foreign.has(String(record.fields.familyName)) ? { ...record, writable: false } : record;
  const isOut = ({ fields }: StoreRecord): boolean => {
    const { when } = fields;
    if (world.window === null || typeof when !== 'object' || when === null || !('kind' in when)) return false;
    const { from, to } = boundsOf(when as EventTime);
    return to <= world.window.from || from >= world.window.to;
  };
  const change = (one: Change): Change => {
    if (one.kind === 'removed' || one.record === undefined) return one;
    return isOut(one.record) ? { kind: 'removed', id: one.id } : { ...one, record: shown(one.record) };
  };
  const read = (one: ReadResult): ReadResult => {
    if (one.state !== 'found') return one;
    return isOut(one.record)
      ? { state: 'out', id: one.id, record: shown(one.record) }
      : { ...one, record: shown(one.record) };
  };
  return {
    ...store,
    feeds: async () =>
      (await store.feeds()).map((feed) => ({ ...feed, scopeHash: JSON.stringify(world.window) })),
    changes: async (feed, cursor, options) => {
      const page = await store.changes(feed, cursor, options);
      return { ...page, changes: page.changes.map(change) };
    },
    list: async (feed, page, options) => {
      const { records, next } = await store.list(feed, page, options);
      return { records: records.filter((record) => !isOut(record)).map(shown), next };
    },
    read: async (ids, options) => (await store.read(ids, options)).map(read),
    findShared: async (keys) => {
      const { records } = await store.list('people', null);
      return keys.map((key) => records.filter(({ fields }) => fields.city === key).map(shown));
    },
    write: async (batch, options) => {
      const audiences = batch.map((write) => store.audience?.(write) ?? []);
      const outcomes = await store.write(batch, options);
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status !== 'ok') continue;
        world.sent.push(...(audiences[index] ?? []));
        world.written.a++;
      }
      return outcomes;
    },
  };
}

const counted = (world: EventWorld, store: RecordStore): RecordStore => ({
  ...store,
  write: (batch, options) => {
    world.written.b += batch.length;
    return store.write(batch, options);
  },
});

export interface WorldTraits {
  readonly crm?: StoreCapabilities;
  /** What new records of the CRM have where the calendar says nothing. */
  readonly createWith?: Fields;
  /** Stands between the engine and the calendars. */
  readonly through?: (world: EventWorld, store: RecordStore) => RecordStore;
}

/** Calendars of some mailboxes over one CRM. The clock moves only when a test, or a wait of the engine, moves it. */
export async function createEventWorld(count = 1, of: WorldTraits = {}): Promise<EventWorld> {
  const mailboxes = Array.from({ length: count }, () => createReferenceFixture(REFERENCE_EVENTS));
  const crm = createReferenceFixture(of.crm ?? LIKE_CRM);
  const state = await createSqliteState({ file: ':memory:' }, { dataDir: '.', log: silent });
  let wall = START;
  let ids = 0;
  const clock: Clock = {
    now: () => wall,
    mono: () => wall,
    sleep: async (ms) => {
      wall += ms;
    },
  };
  const uuid = (): string => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`;
  const random: Random = { next: () => 0.5, uuid };
  const lanes = (): LaneConfig[] =>
    mailboxes.map(({ store }, index) => ({
      spec: {
        id: laneId(index),
        tenantId: 't',
        storeA: `mailbox:${index}`,
        storeB: 'crm',
        label: `${index}`,
      },
      stores: {
        a: of.through?.(world, asCalendar(world, store)) ?? asCalendar(world, store),
        b: counted(world, crm.store),
      },
      mapping: EVENTS,
      policy: {
        ...DEFAULT_POLICY,
        holdMs: 0,
        events: { ...DEFAULT_POLICY.events, ...world.policy },
        createWith: { a: {}, b: of.createWith ?? {} },
      },
    }));
  const options = (): EngineOptions => ({
    ...{ state: state.sync, clock, random, log: silent, owner: 'worker', lanes: lanes() },
  });
  const world: EventWorld = {
    ...{ state, mailboxes, crm, sent: [], written: { a: 0, b: 0 }, foreign: new Set<string>() },
    window: null,
    policy: {},
    async engine() {
      world.advance(120_000);
      const engine = createEngine(options());
      await engine.prepare();
      return engine;
    },
    desk: () => createDesk(options()),
    async sync() {
      const engine = await world.engine();
      for (let round = 0; round < 6; round++) {
        await engine.sync();
        world.advance(60_000);
      }
    },
    advance(ms) {
      wall += ms;
      for (const store of [...mailboxes, crm]) void store.clock.advance(ms);
    },
    all: async (store) => (await store.oracle.all()).map(({ id, fields }) => ({ id, fields })),
    close: () => state.close(),
  };
  return world;
}

export const guests = (...emails: readonly string[]): People => ({
  kind: 'people',
  organizer: null,
  attendees: emails.map((email) => ({ email, role: 'required', response: 'none' })),
});

/** An event an hour long, `days` after the beginning of the world. */
export function event(subject: string, days: number, more: Fields = {}): Fields {
  const day = new Date(START + days * DAY_MS).toISOString().slice(0, 10);
  const when: EventTime = {
    ...{ kind: 'time', start: `${day}T09:00:00`, end: `${day}T10:00:00`, zone: 'Europe/Berlin' },
  };
  return { familyName: subject, when, ...more };
}
