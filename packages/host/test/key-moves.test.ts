import { randomBytes } from 'node:crypto';
import {
  AdapterError,
  type Certificate,
  type DataKeyRow,
  type Secrets,
  type TenantStore,
} from '@tidelock/core';
import { expect, test } from 'vitest';
import { moveAll } from '../src/move-secrets.ts';
import { openSealer } from '../src/sealing/data-keys.ts';
import type { FieldPlace } from '../src/sealing/field-seal.ts';
import { rewrapDataKeys } from '../src/sealing/rewrap.ts';
import { createSealerSource } from '../src/sealing/sealer-source.ts';
import { fromWraps, toWraps } from '../src/sealing/wraps.ts';
import { createSystemRandom } from '../src/system.ts';

const place: FieldPlace = { table: 'history', column: 'values', row: 'lane/link/run/1' };
const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
const invalid = () => new AdapterError('invalid', 'not mine', { operation: 'toy' });

/** `onStep` is called before everything that changes something. */
function memoryTenants(onStep: () => void = () => {}) {
  const rows = new Map<string, DataKeyRow>();
  const store: Partial<TenantStore> = {
    async putDataKey(row) {
      if (!rows.has(row.id)) rows.set(row.id, row);
    },
    async rewrapDataKey(id, { from, to }) {
      onStep();
      const row = rows.get(id);
      if (row === undefined || hex(row.wrapped) !== hex(from)) return false;
      rows.set(id, { ...row, wrapped: to });
      return true;
    },
    dataKeys: async (tenantId) =>
      [...rows.values()].filter((row) => row.tenantId === tenantId).sort((a, b) => b.createdAt - a.createdAt),
    tenants: async () => [],
  };
  return { tenants: store as TenantStore, rows };
}

/** A store in memory that wraps by writing down; key pairs are names. */
function toySecrets(onStep: () => void = () => {}) {
  const values = new Map<string, Uint8Array>();
  const pairs = new Map<string, string>();
  const wraps = new Map<string, { readonly key: Uint8Array; readonly context: string }>();
  let version = 1;
  const certificate = (keyName: string): Certificate => ({
    ...{ keyName, der: bytes('der'), sha256: pairs.get(keyName) ?? '', notBefore: 0, notAfter: 1 },
  });
  const wrap = async (key: Uint8Array, context: string) => {
    const wrapped = new Uint8Array([version, ...randomBytes(8)]);
    wraps.set(hex(wrapped), { key: Uint8Array.from(key), context });
    return wrapped;
  };
  const unwrap = async (wrapped: Uint8Array, context: string) => {
    const found = wraps.get(hex(wrapped));
    if (found === undefined || found.context !== context) throw invalid();
    return Uint8Array.from(found.key);
  };
  const secrets: Partial<Secrets> = {
    abilities: { store: true, keys: true, wrapper: true, compareAndSet: true, versions: false },
    store: {
      get: async (name) => {
        const value = values.get(name);
        return value === undefined ? null : { name, value, version: '1' };
      },
      put: async (name, value) => {
        onStep();
        values.set(name, value);
        return '1';
      },
      remove: async () => {},
      list: async () => [...values.keys()].sort(),
    },
    keys: {
      signer: () => Promise.reject(invalid()),
      create: () => Promise.reject(invalid()),
      list: async () => [...pairs.keys()].map(certificate),
      import: async (name, pem) => {
        onStep();
        pairs.set(name, pem.certificatePem);
        return certificate(name);
      },
      remove: async (name) => void pairs.delete(name),
      export: async (name) => ({ privateKeyPem: 'p', certificatePem: pairs.get(name) ?? '' }),
    },
    wrapper: {
      wrap,
      unwrap,
      rewrap: async (wrapped, context) => {
        const key = await unwrap(wrapped, context);
        return wrapped[0] === version ? wrapped : wrap(key, context);
      },
      rotate: async () => {
        version += 1;
      },
    },
  };
  return { secrets: secrets as Secrets, values, pairs, wraps };
}

function createTime() {
  let now = 0;
  const clock = { now: () => now, mono: () => now, sleep: async () => {} };
  return { clock, random: createSystemRandom(), pass: (ms: number) => (now += ms) };
}

test('several wrapped forms of a key travel as one, and one by itself stays as it is', () => {
  const forms = [bytes('one'), new Uint8Array(0), bytes('three'.repeat(40))];
  expect(toWraps(fromWraps(forms))).toEqual(forms);
  expect(fromWraps([bytes('one')])).toEqual(bytes('one'));
  expect(toWraps(bytes('one'))).toEqual([bytes('one')]);
  expect(toWraps(new Uint8Array(0))).toEqual([new Uint8Array(0)]);
});

test('rewrap gives every data key the newest wrapping key once, and what was sealed opens throughout', async () => {
  const time = createTime();
  const { tenants, rows } = memoryTenants();
  const { secrets, wraps } = toySecrets();
  const options = { ...time, tenant: 't', tenants, secrets };
  const sealer = await openSealer(options);
  const sealed = sealer.seal(place, 'value');
  time.pass(91 * 86_400_000);
  await openSealer(options);
  expect(rows.size).toBe(2);
  const parts = { tenants, secrets, of: ['t', 'nobody'] };
  expect(await rewrapDataKeys(parts, { rotate: true })).toEqual({ keys: 2, rewrapped: 2 });
  expect(await rewrapDataKeys(parts, { rotate: false })).toEqual({ keys: 2, rewrapped: 0 });
  expect([...rows.values()].map((row) => row.wrapped[0])).toEqual([2, 2]);
  const old = [...wraps.keys()].filter((wrapped) => wrapped.startsWith('01'));
  for (const wrapped of old) wraps.delete(wrapped);
  expect((await openSealer(options)).open(place, sealed)).toBe('value');
});

test('two that rewrap at once do not undo one another', async () => {
  const time = createTime();
  const { tenants, rows } = memoryTenants();
  const { secrets } = toySecrets();
  await openSealer({ ...time, tenant: 't', tenants, secrets });
  const parts = { tenants, secrets, of: ['t'] };
  await Promise.all([rewrapDataKeys(parts, { rotate: true }), rewrapDataKeys(parts, { rotate: true })]);
  expect([...rows.values()].map((row) => row.wrapped[0])).toEqual([3]);
});

test('a key that another process began to seal with is found, and one that is nowhere is gone', async () => {
  const time = createTime();
  const { tenants } = memoryTenants();
  const { secrets } = toySecrets();
  const options = { ...time, tenant: 't', tenants, secrets };
  const source = createSealerSource(options);
  const first = await source();
  time.pass(60_000);
  const other = await openSealer(options, { fresh: true });
  const sealed = other.seal(place, 'theirs');
  expect((await source()).knows(sealed)).toBe(false);
  expect((await source(true)).open(place, sealed)).toBe('theirs');
  expect(first.knows(first.seal(place, 'x'))).toBe(true);
  expect(first.knows('not sealed')).toBe(true);
});

test('keys in memory are looked up anew after ten minutes, and serve through an outage for fifteen', async () => {
  const time = createTime();
  const { tenants } = memoryTenants();
  const { secrets } = toySecrets();
  let outage: AdapterError | null = null;
  let looks = 0;
  const watched = {
    ...tenants,
    dataKeys: async (id: string) => {
      looks += 1;
      if (outage !== null) throw outage;
      return tenants.dataKeys(id);
    },
  };
  const source = createSealerSource({ ...time, tenant: 't', tenants: watched, secrets });
  const before = await source();
  for (let minute = 0; minute < 9; minute += 1) {
    time.pass(60_000);
    await source();
  }
  expect(looks).toBe(1);
  outage = new AdapterError('unavailable', 'away', { operation: 'toy' });
  time.pass(2 * 60_000);
  expect(await source()).toBe(before);
  time.pass(5 * 60_000);
  await expect(source()).rejects.toMatchObject({ kind: 'unavailable' });
  outage = null;
  expect(await source()).not.toBe(before);
});

test('a tenant that was erased elsewhere gets no new key behind its back', async () => {
  const time = createTime();
  const { tenants, rows } = memoryTenants();
  const { secrets } = toySecrets();
  const source = createSealerSource({ ...time, tenant: 't', tenants, secrets });
  await source();
  rows.clear();
  time.pass(11 * 60_000);
  await expect(source()).rejects.toMatchObject({ kind: 'invalid', code: 'KEY_GONE' });
  expect(rows.size).toBe(0);
});

async function movingWorld(steps: number) {
  let left = steps;
  const onStep = () => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  const time = createTime();
  const { tenants, rows } = memoryTenants(onStep);
  const from = toySecrets();
  const to = toySecrets(onStep);
  for (const name of ['a', 'b', 'c']) from.values.set(name, bytes(`value of ${name}`));
  for (const name of ['k1', 'k2']) from.pairs.set(name, `certificate of ${name}`);
  const options = { ...time, tenant: 't', tenants };
  const sealed = (await openSealer({ ...options, secrets: from.secrets })).seal(place, 'value');
  time.pass(91 * 86_400_000);
  const later = (await openSealer({ ...options, secrets: from.secrets })).seal(place, 'later');
  const move = (replace = false) =>
    moveAll({ from: from.secrets, to: to.secrets, replace, dataKeys: { tenants, of: ['t'] } });
  const opens = async (secrets: Secrets) => {
    const sealer = await openSealer({ ...options, secrets });
    return [sealer.open(place, sealed), sealer.open(place, later)];
  };
  return { from, to, rows, move, opens, tenants, live: () => (left = Number.POSITIVE_INFINITY) };
}

test('a move that dies at any step loses nothing, keeps the first store working, and is finished by repeating it', async () => {
  for (let steps = 0; steps < 8; steps += 1) {
    const world = await movingWorld(steps);
    const died = await world.move().then(
      () => false,
      () => true,
    );
    expect(died, `after ${steps} steps`).toBe(steps < 7);
    expect(await world.opens(world.from.secrets)).toEqual(['value', 'later']);
    expect(world.from.values.size + world.from.pairs.size).toBe(5);
    world.live();
    const report = await world.move();
    expect(
      report.items.map(({ state }) => state).every((state) => state === 'moved' || state === 'present'),
    ).toBe(true);
    expect([...world.to.values]).toEqual([...world.from.values]);
    expect([...world.to.pairs]).toEqual([...world.from.pairs]);
    expect(await world.opens(world.to.secrets)).toEqual(['value', 'later']);
    expect(await world.opens(world.from.secrets)).toEqual(['value', 'later']);
  }
});

test('after the switch, rewrap drops what the old store wrapped', async () => {
  const world = await movingWorld(99);
  await world.move();
  const { tenants } = world;
  const report = await rewrapDataKeys({ tenants, secrets: world.to.secrets, of: ['t'] }, { rotate: false });
  expect(report).toEqual({ keys: 2, rewrapped: 2 });
  expect(await world.opens(world.to.secrets)).toEqual(['value', 'later']);
  await expect(world.opens(world.from.secrets)).rejects.toMatchObject({ kind: 'invalid' });
});

test('what is something else in the other store is told, and overwritten only when asked', async () => {
  const world = await movingWorld(99);
  world.to.values.set('b', bytes('theirs'));
  world.to.pairs.set('k2', 'their certificate');
  const states = (report: Awaited<ReturnType<typeof world.move>>) => report.items.map(({ state }) => state);
  expect(states(await world.move())).toEqual(['moved', 'differs', 'moved', 'moved', 'differs']);
  expect(world.to.values.get('b')).toEqual(bytes('theirs'));
  expect(states(await world.move(true))).toEqual(['present', 'moved', 'present', 'present', 'moved']);
  expect(world.to.values.get('b')).toEqual(bytes('value of b'));
});

test('a key pair that cannot leave its store is told', async () => {
  const world = await movingWorld(99);
  delete (world.from.secrets.keys as { export?: unknown }).export;
  const report = await world.move();
  expect(report.items.filter(({ kind }) => kind === 'key').map(({ state }) => state)).toEqual([
    'kept',
    'kept',
  ]);
});
