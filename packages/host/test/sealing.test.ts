import { createSecretKey, randomBytes } from 'node:crypto';
import { AdapterError, type DataKeyRow, type Secrets, type TenantStore } from '@tidelock/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSealer } from '../src/sealing/data-keys.ts';
import { createFieldSealer, type DataKey, type FieldPlace } from '../src/sealing/field-seal.ts';
import { createSystemClock, createSystemRandom } from '../src/system.ts';

const DAY = 86_400_000;
const place: FieldPlace = { table: 'history', column: 'values', row: 'lane/link/run/1' };
const aKey = (id: string): DataKey => ({ id, key: createSecretKey(randomBytes(32)) });
const ONE = aKey('11111111-1111-4111-8111-111111111111');
const TWO = aKey('22222222-2222-4222-8222-222222222222');
const authFailed = expect.objectContaining({ name: 'AdapterError', kind: 'invalid', code: 'AUTH_FAILED' });

test('what was sealed opens again, whatever it is, and never shows', () => {
  const sealer = createFieldSealer('tenant', [ONE]);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(sealer.open(place, sealer.seal(place, value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  const sealed = sealer.seal(place, ['Ada Lovelace', '+49 30 1']);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toMatch(/Ada|Lovelace|\+49/);
  expect(sealer.seal(place, 'x')).not.toBe(sealer.seal(place, 'x'));
});

test('a value opens in its own place only: not in another tenant, table, column or row', () => {
  const sealed = createFieldSealer('tenant', [ONE]).seal(place, 'secret');
  const elsewhere: readonly FieldPlace[] = [
    { ...place, table: 'intent' },
    { ...place, column: 'contents' },
    { ...place, row: 'lane/link/run/2' },
    // The same letters, cut in another place.
    { table: 'histor', column: 'yvalues', row: place.row },
  ];
  for (const other of elsewhere)
    expect(() => createFieldSealer('tenant', [ONE]).open(other, sealed)).toThrow(authFailed);
  expect(() => createFieldSealer('another', [ONE]).open(place, sealed)).toThrow(authFailed);
});

test('a changed byte anywhere is noticed', () => {
  const sealer = createFieldSealer('tenant', [ONE]);
  const sealed = Buffer.from(sealer.seal(place, 'secret'), 'base64');
  for (let at = 0; at < sealed.length; at++) {
    const bent = Buffer.from(sealed);
    bent[at] = (bent[at] ?? 0) ^ 1;
    expect(() => sealer.open(place, bent.toString('base64'))).toThrow(AdapterError);
  }
  for (const length of [0, 17, 44]) {
    const cut = sealed.subarray(0, length).toString('base64');
    expect(() => sealer.open(place, cut)).toThrow(AdapterError);
  }
});

test('a nonce is never used twice', () => {
  const sealer = createFieldSealer('tenant', [ONE]);
  const nonces = Array.from({ length: 20_000 }, () =>
    Buffer.from(sealer.seal(place, 1), 'base64').toString('hex', 17, 29),
  );
  expect(new Set(nonces).size).toBe(nonces.length);
});

test('a new key seals, the old ones still open; without its key a value is gone', () => {
  const before = createFieldSealer('tenant', [ONE]).seal(place, 'old');
  const after = createFieldSealer('tenant', [TWO, ONE]);
  expect(after.open(place, before)).toBe('old');
  const sealed = after.seal(place, 'new');
  expect(() => createFieldSealer('tenant', [ONE]).open(place, sealed)).toThrow(
    expect.objectContaining({ code: 'KEY_GONE' }),
  );
});

function memoryTenants(): TenantStore & { readonly rows: DataKeyRow[] } {
  const rows: DataKeyRow[] = [];
  const store: Partial<TenantStore> & { readonly rows: DataKeyRow[] } = {
    rows,
    async putDataKey(row) {
      rows.unshift(row);
    },
    async dataKeys(tenantId) {
      return rows.filter((row) => row.tenantId === tenantId);
    },
    async removeTenant() {
      rows.length = 0;
    },
  };
  return store as TenantStore & { readonly rows: DataKeyRow[] };
}

/** Wraps by turning bits over, and remembers under which context. */
function toyWrapper(): Pick<Secrets, 'abilities' | 'wrapper'> {
  const turned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff);
  const contexts = new Map<string, string>();
  const name = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    abilities: { store: true, keys: true, wrapper: true, compareAndSet: true, versions: true },
    wrapper: {
      async wrap(key, context) {
        const wrapped = turned(key);
        contexts.set(name(wrapped), context);
        return wrapped;
      },
      async unwrap(wrapped, context) {
        if (contexts.get(name(wrapped)) !== context) throw new Error('wrapped under another context');
        return turned(wrapped);
      },
    },
  };
}

const world = (now = 0) => ({
  tenant: 'tenant',
  clock: { ...createSystemClock(), now: () => now },
  random: createSystemRandom(),
});

test('one key is made at first, kept for 90 days, and followed by another that reads what it sealed', async () => {
  const tenants = memoryTenants();
  const secrets = toyWrapper() as Secrets;
  const first = await openSealer({ ...world(), tenants, secrets });
  const sealed = first.seal(place, 'value');
  const again = await openSealer({ ...world(89 * DAY), tenants, secrets });
  expect(again.open(place, sealed)).toBe('value');
  expect(tenants.rows).toHaveLength(1);
  const rotated = await openSealer({ ...world(90 * DAY), tenants, secrets });
  expect(tenants.rows).toHaveLength(2);
  expect(rotated.open(place, sealed)).toBe('value');
  expect(() => first.open(place, rotated.seal(place, 1))).toThrow(
    expect.objectContaining({ code: 'KEY_GONE' }),
  );
});

test('removing a tenant shreds what was sealed for it', async () => {
  const tenants = memoryTenants();
  const secrets = toyWrapper() as Secrets;
  const sealed = (await openSealer({ ...world(), tenants, secrets })).seal(place, 'value');
  await tenants.removeTenant('tenant');
  const after = await openSealer({ ...world(), tenants, secrets });
  expect(() => after.open(place, sealed)).toThrow(expect.objectContaining({ code: 'KEY_GONE' }));
});

test('without a key wrapper nothing is sealed, and nothing falls back to clear text', async () => {
  const secrets = toyWrapper();
  const none = { ...secrets, abilities: { ...secrets.abilities, wrapper: false } } as Secrets;
  await expect(openSealer({ ...world(), tenants: memoryTenants(), secrets: none })).rejects.toMatchObject({
    kind: 'unsupported',
    remedy: expect.stringContaining('key wrapper'),
  });
});
