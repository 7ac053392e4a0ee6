import { createReferenceFixture } from '@tidelock/conformance';
import type { Change, LaneRow, LaneSpec, RecordStore, StoreRecord } from '@tidelock/core';
import { createSqliteState } from '@tidelock/state-sqlite';
import { createEngine, DEFAULT_POLICY, type EngineOptions, type LaneConfig } from '../src/index.ts';
import { LIKE_CRM, LIKE_MAILBOX, MAPPING, silent } from './world.ts';

export const NAMES = ['one', 'two', 'three'];
export const FAR = 1_000_000;

/** A record of `one@owner.example` belongs to "one"; of others nobody says whose they are. */
function withOwner(record: StoreRecord): StoreRecord {
  const [owner, domain] = String(record.fields.email).split('@');
  return domain === 'owner.example' ? { ...record, owner } : record;
}

const changeWithOwner = (change: Change): Change =>
  change.kind !== 'changed' || change.record === undefined
    ? change
    : { ...change, record: withOwner(change.record) };

/** Several mailboxes over one CRM; every call of a store is noted. The clock moves only when a test moves it. */
export async function createOffice(
  through: Readonly<Record<string, (store: RecordStore) => RecordStore>> = {},
  names: readonly string[] = NAMES,
) {
  const state = await createSqliteState({ file: ':memory:' }, { dataDir: '.', log: silent });
  let wall = 1_767_225_600_000;
  let ids = 0;
  const calls: string[] = [];
  const noted = (name: string, store: RecordStore): RecordStore =>
    Object.fromEntries(
      Object.entries(store).map(([key, value]) => [
        key,
        typeof value !== 'function'
          ? value
          : (...args: unknown[]) => {
              calls.push(`${name}.${key}`);
              return (value as (...given: unknown[]) => unknown)(...args);
            },
      ]),
    ) as unknown as RecordStore;
  const crm = createReferenceFixture(LIKE_CRM);
  const changes: RecordStore['changes'] = async (...args) => {
    const page = await crm.store.changes(...args);
    return { ...page, changes: page.changes.map(changeWithOwner) };
  };
  const read: RecordStore['read'] = async (...args) =>
    (await crm.store.read(...args)).map((found) =>
      found.state === 'found' ? { ...found, record: withOwner(found.record) } : found,
    );
  const shared = noted('crm', { ...crm.store, changes, read });
  const mailboxes = names.map((name) => ({ name, ...createReferenceFixture(LIKE_MAILBOX) }));
  const lanes = mailboxes.map(({ name, store }): LaneConfig => {
    const spec: LaneSpec = { id: name, tenantId: 't', storeA: `a:${name}`, storeB: 'crm', label: name };
    const stores = { a: noted(name, through[name]?.(store) ?? store), b: shared };
    const policy = { ...DEFAULT_POLICY, holdMs: 0, owners: [name] };
    return { spec, stores, mapping: MAPPING, policy, revision: 'first' };
  });
  const pass = (ms: number): void => {
    wall += ms;
  };
  const clock = { now: () => wall, mono: () => wall, sleep: async (ms: number) => pass(ms) };
  const uuid = () => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`;
  const options: EngineOptions = {
    ...{ state: state.sync, clock, random: { next: () => 0.5, uuid }, log: silent, owner: 'w', lanes },
    hub: true,
  };
  const engine = createEngine(options);
  return {
    ...{ engine, crm, mailboxes, lanes, calls, options, sync: state.sync, close: () => state.close() },
    advance: pass,
    now: () => wall,
    mailbox: (name: string) => {
      const found = mailboxes.find((one) => one.name === name);
      if (found === undefined) throw new Error(name);
      return found;
    },
    row: async (name: string): Promise<LaneRow> => {
      const [row] = await state.sync.lanes([name]);
      if (row === undefined) throw new Error(name);
      return row;
    },
  };
}

export const pace = () => FAR;
