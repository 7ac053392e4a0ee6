import { createReferenceFixture, type ReferenceFixture } from '@tidelock/conformance';
import {
  type Clock,
  type Fields,
  type FieldValue,
  type Mapping,
  MappingSchema,
  type Random,
  type RecordStore,
  type ScopeRule,
  type Side,
  type StatePort,
} from '@tidelock/core';
import { createSqliteState } from '@tidelock/state-sqlite';
import { createEngine, DEFAULT_POLICY, type LaneConfig, type LanePolicy } from '../src/index.ts';
import { LIKE_CRM, LIKE_MAILBOX, silent } from './world.ts';

export interface Profile {
  readonly name: string;
  readonly rules: Readonly<Record<Side, readonly ScopeRule[]>>;
  readonly createWith: Fields;
  readonly fields: readonly string[];
}

const BASE = ['lastName', 'email', 'phone', 'town', 'labels'];
const only = (field: string, ...values: string[]): ScopeRule => ({ field, in: values });

/** Wide, narrow, by category, by both, with one field fewer and one more. */
export const PROFILES: readonly Profile[] = [
  { name: 'everything', rules: { a: [], b: [] }, createWith: {}, fields: [...BASE, 'site'] },
  {
    name: 'north',
    rules: { a: [], b: [only('town', 'Kiel', 'Bonn')] },
    createWith: {},
    fields: [...BASE, 'site'],
  },
  { name: 'kiel', rules: { a: [], b: [only('city', 'kiel')] }, createWith: {}, fields: [...BASE, 'site'] },
  { name: 'not-ulm', rules: { a: [], b: [{ field: 'town', not: ['Ulm'] }] }, createWith: {}, fields: BASE },
  {
    name: 'chosen',
    rules: { a: [only('labels', 'crm')], b: [] },
    createWith: { tags: ['crm'] },
    fields: [...BASE, 'site'],
  },
  {
    name: 'chosen-north',
    rules: { a: [only('tags', 'crm')], b: [only('town', 'Kiel')] },
    createWith: { tags: ['crm'] },
    fields: BASE,
  },
];

export const TOWNS = ['Kiel', 'Bonn', 'Ulm'] as const;

const RULES = [
  { field: 'lastName', mailbox: 'familyName', crm: 'familyName' },
  { field: 'email', mailbox: 'email', crm: 'email' },
  { field: 'phone', mailbox: 'phone', crm: 'phone' },
  { field: 'town', mailbox: 'city', crm: 'city' },
  // Categories are the mailbox's own: the CRM learns them and never writes them.
  { field: 'labels', mailbox: 'tags', crm: 'tags', direction: 'mailbox>crm', merge: 'set' },
  { field: 'site', mailbox: 'website', crm: 'website' },
];

const mappingOf = (profile: Profile): Mapping =>
  MappingSchema.parse({
    version: 1,
    kind: 'contact',
    fields: RULES.filter(({ field }) => profile.fields.includes(field)),
  });

/** A person as a side shows it. */
export interface Shown {
  readonly id: string;
  readonly fields: Fields;
}

export interface ProfileWorld {
  readonly state: StatePort;
  readonly mailboxes: readonly ReferenceFixture[];
  readonly crm: ReferenceFixture;
  /** Writes by the engine, of all stores. */
  readonly written: { create: number; update: number; delete: number };
  readonly logged: string[];
  /** Which profile each mailbox follows; null = no rule names it. */
  readonly follows: (number | null)[];
  people(store: ReferenceFixture): Promise<readonly Shown[]>;
  sync(): Promise<{ settled: boolean }>;
  reset(mailbox: number): Promise<void>;
  close(): Promise<void>;
}

export const laneId = (mailbox: number): string => `lane-${mailbox}`;

function counted(store: RecordStore, written: ProfileWorld['written']): RecordStore {
  return {
    ...store,
    write: (batch, options) => {
      for (const { op } of batch) written[op]++;
      return store.write(batch, options);
    },
  };
}

export interface Traits {
  /** Do feeds carry contents? */
  readonly content: boolean;
}

/** Two mailboxes over one CRM. Every sync is another process that reads the configuration as it is then. */
export async function createProfileWorld({ content }: Traits): Promise<ProfileWorld> {
  const mailbox = { ...LIKE_MAILBOX, contentInFeed: content };
  const mailboxes = [createReferenceFixture(mailbox), createReferenceFixture(mailbox)];
  const crm = createReferenceFixture({ ...LIKE_CRM, contentInFeed: content, stampInFeed: content });
  const state = await createSqliteState({ file: ':memory:' }, { dataDir: '.', log: silent });
  const written = { create: 0, update: 0, delete: 0 };
  const logged: string[] = [];
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
  const follows: (number | null)[] = [0, 0];
  const laneOf = (index: number, profile: Profile): LaneConfig => {
    const policy: LanePolicy = {
      ...DEFAULT_POLICY,
      holdMs: 0,
      scope: { name: `profile "${profile.name}"`, rules: profile.rules },
      createWith: { a: profile.createWith, b: {} },
    };
    const a = counted((mailboxes[index] as ReferenceFixture).store, written);
    const spec = { id: laneId(index), tenantId: 't', storeA: `mailbox:${index}`, storeB: 'crm', label: 'x' };
    return { spec, stores: { a, b: counted(crm.store, written) }, mapping: mappingOf(profile), policy };
  };
  return {
    state,
    mailboxes,
    crm,
    written,
    logged,
    follows,
    people: async (store) => (await store.oracle.all()).map(({ id, fields }) => ({ id, fields })),
    async sync() {
      wall += 300_000;
      for (const store of [...mailboxes, crm]) void store.clock.advance(300_000);
      const lanes = follows.flatMap((profile, index) => {
        const chosen = profile === null ? undefined : PROFILES[profile];
        return chosen === undefined ? [] : [laneOf(index, chosen)];
      });
      if (lanes.length === 0) return { settled: true };
      const log = {
        ...silent,
        info: (event: string, data: unknown) => void logged.push(JSON.stringify([event, data])),
      };
      const engine = createEngine({ state: state.sync, clock, random, log, owner: 'worker', lanes });
      await engine.prepare();
      return engine.sync();
    },
    async reset(index) {
      for (const store of [`mailbox:${index}`, 'crm']) await state.sync.resetFeeds(store);
    },
    close: () => state.close(),
  };
}

export const text = (value: FieldValue | undefined): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
