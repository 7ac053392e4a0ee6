import {
  AdapterError,
  type AuditEntry,
  type ConnectionRow,
  type Party,
  type TenantRow,
  type TenantStore,
  type TokenProvider,
} from '@tidelock/core';
import { expect, test } from 'vitest';
import { readStanding, readTrouble, watchToken } from '../src/connection-trouble.ts';
import { refresh } from '../src/runner/crew.ts';
import { reachJob } from '../src/runner/jobs.ts';
import type { Attached, Machine } from '../src/runner/machine.ts';
import { createSystemRandom } from '../src/system.ts';

const HOUR = 3_600_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Rows in memory, as a database keeps them: what outlives the process. */
function memoryTenants() {
  const trail: AuditEntry[] = [];
  const rows = new Map<string, ConnectionRow>();
  const known = new Map<string, TenantRow>();
  const store: Partial<TenantStore> = {
    tenant: async (id) => known.get(id) ?? null,
    putTenant: async (row) => void known.set(row.id, row),
    connections: async () => [...rows.values()],
    putConnection: async (row) => void rows.set(row.id, row),
    async appendAudit(added) {
      for (const row of added) trail.push({ ...row, seq: trail.length + 1 });
    },
    audit: async (_, { before = Number.POSITIVE_INFINITY, since = Number.NEGATIVE_INFINITY, limit }) =>
      trail
        .filter(({ seq, at }) => seq < before && at >= since)
        .toReversed()
        .slice(0, limit),
  };
  const note = async (act: string, { at = trail.length, who = 'ann' } = {}): Promise<void> => {
    const about = { id: `${trail.length}`, tenantId: 'default', subject: 'x', laneId: null };
    await store.appendAudit?.([{ ...about, at, who, act, before: null, after: null }]);
  };
  return { tenants: store as TenantStore, rows, note };
}

const refusal = (party: Party): AdapterError =>
  new AdapterError('auth', 'refused', {
    operation: 'token.acquire',
    code: `C-${party}`,
    remedy: 'Do it.',
    party,
  });

/** A process that asks for tokens; `answer` is what it gets next. */
function ask(tenants: TenantStore) {
  const at: { answer: AdapterError | null } = { answer: null };
  const token = {
    async getToken() {
      if (at.answer !== null) throw at.answer;
      return { value: 't', expiresAt: 1 };
    },
  } as unknown as TokenProvider;
  const context = { clock: { now: () => 5 } as Machine['clock'], random: createSystemRandom(), log: silent };
  const watched = watchToken(token, { tenants, context, adapter: '@example/mailbox' });
  return async (answer: AdapterError | null): Promise<void> => {
    at.answer = answer;
    await watched.getToken({ tenant: 't', scope: 's' }).catch(() => undefined);
  };
}

test('a connection that an organisation broke is broken for the next process too, however much was done since', async () => {
  const { tenants, note } = memoryTenants();
  expect(await readStanding(tenants)).toEqual({ state: 'pending', left: null });
  await ask(tenants)(refusal('tenant'));
  for (let acts = 0; acts < 1_200; acts += 1) await note('pause');
  expect((await readStanding(tenants)).state).toBe('broken');
  expect(await readTrouble(tenants)).toMatchObject({ code: 'C-tenant', remedy: 'Do it.' });
  await ask(tenants)(null);
  expect((await readStanding(tenants)).state).toBe('connected');
  expect(await readTrouble(tenants)).toBeNull();
});

test('what the operator has to mend is said, and breaks no connection', async () => {
  const { tenants } = memoryTenants();
  await ask(tenants)(refusal('operator'));
  expect(await readTrouble(tenants)).toMatchObject({ code: 'C-operator' });
  expect((await readStanding(tenants)).state).toBe('pending');
});

test('one that was let go stays let go, whatever another process still meets', async () => {
  const { tenants, rows, note } = memoryTenants();
  await ask(tenants)(refusal('tenant'));
  const [row] = rows.values();
  if (row === undefined) throw new Error('it was noted');
  await tenants.putConnection({ ...row, state: 'disconnected' });
  await note('tenant.disconnected', { who: 'Ben' });
  await ask(tenants)(null);
  expect(await readStanding(tenants)).toMatchObject({ state: 'disconnected', left: { who: 'Ben' } });
  expect(await readTrouble(tenants)).toBeNull();
});

test.each([
  ['disconnected', ['reconnect']],
  ['connected', ['roster']],
])('a worker whose organisation is %s: %j', async (state, done) => {
  const seen: string[] = [];
  const attached = {
    platform: { standing: async () => ({ state, left: null }) },
    scheduled: {
      refresh: async () => {
        seen.push('roster');
        throw new AdapterError('unavailable', 'enough', { operation: 'test' });
      },
    },
  } as unknown as Attached;
  const machine = {
    attached,
    source: { reconnect: async () => void seen.push('reconnect') },
    clock: { now: () => 0 },
    tally: { add() {} },
    feed: { publish() {} },
  } as unknown as Machine;
  expect(await refresh(machine)).toBeGreaterThan(0);
  expect(seen).toEqual(done);
});

function worker(hours: number, counts = { open: 2, 'too-wide': 1 }) {
  const { tenants, note } = memoryTenants();
  const said: string[] = [];
  const at = { now: 0, proofs: 0 };
  const platform = {
    config: { schedule: { reachHours: hours } },
    state: { tenants },
    as: () => ({
      async reach() {
        at.proofs += 1;
        await note('reach.proved', { at: at.now });
        return { asIntended: counts['too-wide'] === 0, counts };
      },
    }),
  };
  const machine = {
    attached: { platform },
    source: { use: (work: (of: unknown) => unknown) => work(platform) },
    clock: { now: () => at.now },
    random: { next: () => 0.5 },
    log: { ...silent, error: (event: string) => said.push(event) },
  } as unknown as Machine;
  return { job: reachJob(machine), at, note, said };
}

test('the reach is proved as often as the configuration says, and what is not as intended is said', async () => {
  const { job, at, said } = worker(24);
  expect(job.firstMs).toBeLessThan(HOUR);
  for (let hour = 0; hour < 49; hour += 1) {
    at.now = hour * HOUR;
    expect(await job.work()).toBeLessThanOrEqual(HOUR);
  }
  expect(at.proofs).toBe(3);
  expect(said).toEqual(Array.from({ length: 3 }, () => 'reach.not-as-intended'));
});

test('a proof that somebody asked for meanwhile counts, and nothing is proved where nobody wants it', async () => {
  const { job, at, note } = worker(24, { open: 1, 'too-wide': 0 });
  at.now = 30 * HOUR;
  await note('reach.proved', { at: 20 * HOUR });
  await job.work();
  expect(at.proofs).toBe(0);
  at.now = 44 * HOUR;
  await job.work();
  expect(at.proofs).toBe(1);
  const never = worker(0);
  await never.job.work();
  expect(never.at.proofs).toBe(0);
});
