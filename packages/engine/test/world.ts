import { createReferenceFixture, REFERENCE_CAPABILITIES, type ReferenceFixture } from '@tidelock/conformance';
import {
  type Clock,
  type Fields,
  type LaneSpec,
  type Logger,
  MappingSchema,
  type Random,
  type RecordStore,
  type StatePort,
  type StoreCapabilities,
} from '@tidelock/core';
import { createSqliteState } from '@tidelock/state-sqlite';
import {
  createDesk,
  createEngine,
  DEFAULT_POLICY,
  type Desk,
  type Engine,
  type EngineOptions,
  type LaneConfig,
  type LanePolicy,
} from '../src/index.ts';

/** A CRM-like store: no conditional writes, no answer with the record, many records a call. */
export const LIKE_CRM: StoreCapabilities = {
  ...REFERENCE_CAPABILITIES,
  conditionalUpdate: false,
  conditionalDelete: false,
  representation: false,
  batch: { read: 200, write: 200 },
};

/** A mailbox-like store: conditional, with representation, stamps only by look-up and not in the feed. */
export const LIKE_MAILBOX: StoreCapabilities = {
  ...REFERENCE_CAPABILITIES,
  createKey: 'lookup',
  stampInFeed: false,
  modifiedBy: false,
  merges: false,
};

export const MAPPING = MappingSchema.parse({
  version: 1,
  kind: 'contact',
  fields: [
    { field: 'firstName', mailbox: 'city', crm: 'city' },
    { field: 'lastName', mailbox: 'familyName', crm: 'familyName', fallback: ['company', 'email'] },
    { field: 'email', mailbox: 'email', crm: 'email' },
    { field: 'phone', mailbox: 'phone', crm: 'phone' },
    { field: 'notes', mailbox: 'notes', crm: 'notes', merge: 'text' },
    { field: 'birthday', mailbox: 'birthday', crm: 'birthday' },
    { field: 'home', mailbox: 'home', crm: 'home' },
    { field: 'tags', mailbox: 'tags', crm: 'tags', merge: 'set' },
  ],
});

export interface TestWorld {
  readonly a: ReferenceFixture;
  readonly b: ReferenceFixture;
  readonly state: StatePort;
  readonly engine: Engine;
  /** A second engine over the same world: another process. */
  restart(options?: Partial<EngineOptions>, mapping?: { readonly fields: number }): Promise<Engine>;
  /** `stores`: what stands between this process and the stores. */
  desk(
    options?: Partial<EngineOptions> & { stores?: ((store: RecordStore) => RecordStore) | undefined },
  ): Desk;
  advance(ms: number): void;
  snapshot(): Promise<{ a: readonly Fields[]; b: readonly Fields[] }>;
  close(): Promise<void>;
}

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface WorldOptions {
  readonly capsA?: StoreCapabilities;
  readonly capsB?: StoreCapabilities;
  readonly policy?: Partial<LanePolicy>;
  /** Stands between the engine and the mailbox. */
  readonly throughA?: (store: RecordStore) => RecordStore;
  /** Stands between the engine and the CRM. */
  readonly throughB?: (store: RecordStore) => RecordStore;
}

/** Two reference stores, a real SQLite state in memory, one lane. The clock only moves when a test moves it. */
export async function createWorld(options: WorldOptions = {}): Promise<TestWorld> {
  const a = createReferenceFixture(options.capsA ?? LIKE_MAILBOX);
  const b = createReferenceFixture(options.capsB ?? LIKE_CRM);
  const state = await createSqliteState({ file: ':memory:' }, { dataDir: '.', log: silent });
  let wall = 1_767_225_600_000;
  let ids = 0;
  const clock: Clock = {
    now: () => wall,
    mono: () => wall,
    sleep: async (ms) => {
      wall += ms;
    },
  };
  const random: Random = {
    next: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`,
  };
  const spec: LaneSpec = { id: 'lane-1', tenantId: 't', storeA: 'mailbox:1', storeB: 'crm:1', label: 'one' };
  const lane: LaneConfig = {
    spec,
    stores: { a: options.throughA?.(a.store) ?? a.store, b: options.throughB?.(b.store) ?? b.store },
    mapping: MAPPING,
    policy: { ...DEFAULT_POLICY, holdMs: 0, ...options.policy },
  };
  const shared = { state: state.sync, clock, random, log: silent, owner: 'worker', lanes: [lane] };
  const restart = async (more: Partial<EngineOptions> = {}, of?: { fields: number }): Promise<Engine> => {
    wall += 120_000;
    const fields = MAPPING.fields.slice(0, of?.fields);
    const engine = createEngine({
      ...shared,
      lanes: [{ ...lane, mapping: { ...MAPPING, fields } }],
      ...more,
    });
    await engine.prepare();
    return engine;
  };
  const fieldsOf = async (fixture: ReferenceFixture): Promise<Fields[]> =>
    (await fixture.oracle.all()).map((record) => record.fields);
  return {
    a,
    b,
    state,
    engine: await restart(),
    restart,
    desk: ({ stores = (store: RecordStore) => store, ...more } = {}) =>
      createDesk({
        ...shared,
        ...more,
        lanes: [{ ...lane, stores: { a: stores(a.store), b: stores(b.store) } }],
      }),
    advance: (ms) => {
      wall += ms;
      void a.clock.advance(ms);
      void b.clock.advance(ms);
    },
    snapshot: async () => ({ a: await fieldsOf(a), b: await fieldsOf(b) }),
    close: () => state.close(),
  };
}

export const person = (n: number, extra: Fields = {}): Fields => ({
  city: `First${n}`,
  familyName: `Family${n}`,
  email: `person${n}@example.com`,
  phone: `+1202555${String(1000 + n)}`,
  ...extra,
});
