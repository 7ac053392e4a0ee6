import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { isAdapterError } from '@tidelock/core';
import { importX509, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { adapter, createFileSecrets, type KeySource } from '../src/index.ts';
import { createContext, createPlace, OPTIONS } from './context.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
let env: Record<string, string>;
let place: ReturnType<typeof createPlace>;

beforeEach(() => {
  place = createPlace();
  env = {};
});
afterEach(() => {
  place.remove();
});

const open = (...keys: readonly KeySource[]) =>
  createFileSecrets({ file: 'secrets.jwe', keys: [...keys] }, { ...createContext(place.dataDir), env });
const keyFile = (name: string, create = false): KeySource => ({ keyFile: name, create });

function writeKey(
  name: string,
  content: string | Uint8Array = randomBytes(32).toString('base64'),
  mode = 0o600,
): void {
  writeFileSync(`${place.dataDir}/${name}`, content, { mode });
  chmodSync(`${place.dataDir}/${name}`, mode);
}

it('the same 32 bytes open the file raw, as hexadecimal, base64, base64url, from the environment and from systemd', async () => {
  const key = randomBytes(32);
  writeKey('raw', key);
  await (await open(keyFile('raw'))).store.put('a', bytes('x'));
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    writeKey(encoding, `${key.toString(encoding)}\n`);
    expect((await (await open(keyFile(encoding))).store.get('a'))?.value).toEqual(bytes('x'));
  }
  env.TIDELOCK_TEST_KEY = key.toString('base64');
  expect(await (await open({ env: 'TIDELOCK_TEST_KEY' })).store.list()).toEqual(['a']);
  env.CREDENTIALS_DIRECTORY = place.dataDir;
  chmodSync(`${place.dataDir}/raw`, 0o440);
  expect(await (await open({ credential: 'raw' })).store.list()).toEqual(['a']);
});

it('every bad key source is refused with a remedy and without its content', async () => {
  writeKey('short', 'c2hvcnQtY2FuYXJ5');
  writeKey('open', undefined, 0o644);
  writeKey('phrase', 'canary7');
  env.TIDELOCK_TEST_KEY = 'canary-not-a-key';
  const sources: readonly KeySource[] = [
    keyFile('missing'),
    keyFile('short'),
    keyFile('open'),
    { env: 'TIDELOCK_TEST_KEY' },
    { env: 'TIDELOCK_TEST_ABSENT' },
    { credential: 'none' },
    { passphrase: { file: 'phrase' } },
    { passphrase: { file: 'missing' } },
  ];
  for (const source of sources) {
    const error = await open(source).then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(isAdapterError(error) && error.remedy, JSON.stringify(source)).toBeTruthy();
    expect(String(error)).not.toMatch(/canary|c2hvcnQ/);
  }
});

it('without an environment from the host, a key from a variable is refused and a key file works', async () => {
  const context = createContext(place.dataDir);
  const work = createFileSecrets({ file: 'secrets.jwe', keys: [{ env: 'TIDELOCK_TEST_KEY' }] }, context);
  await expect(work).rejects.toMatchObject({ code: 'CONFIG' });
  expect(await (await createFileSecrets(OPTIONS, context)).store.list()).toEqual([]);
});

it('a passphrase opens the file by argon2id, another one does not', async () => {
  env.TIDELOCK_TEST_KEY = 'correct horse battery staple';
  const source: KeySource = { passphrase: { env: 'TIDELOCK_TEST_KEY' } };
  await (await open(source)).store.put('a', bytes('x'));
  const { kdf } = JSON.parse(readFileSync(place.file, 'utf8')).recipients[0].header;
  expect(kdf).toMatchObject({ name: 'argon2id', m: 65_536, t: 3, p: 4 });
  expect((await (await open(source)).store.get('a'))?.value).toEqual(bytes('x'));
  env.TIDELOCK_TEST_KEY = 'incorrect horse battery staple';
  await expect((await open(source)).store.get('a')).rejects.toMatchObject({ code: 'NO_KEY' });
});

it('numbers of the key derivation are checked before they cost memory', async () => {
  env.TIDELOCK_TEST_KEY = 'correct horse battery staple';
  const source: KeySource = { passphrase: { env: 'TIDELOCK_TEST_KEY' } };
  await (await open(source)).store.put('a', bytes('x'));
  const container = JSON.parse(readFileSync(place.file, 'utf8'));
  for (const bad of [{ m: 1 << 30 }, { t: 11 }, { p: 1000 }, { name: 'pbkdf2' }]) {
    const [recipient] = container.recipients;
    const header = { ...recipient.header, kdf: { ...recipient.header.kdf, ...bad } };
    writeFileSync(place.file, JSON.stringify({ ...container, recipients: [{ ...recipient, header }] }));
    await expect((await open(source)).store.get('a')).rejects.toMatchObject({ code: 'CORRUPT' });
  }
});

it('rotation: read with any key, write with the first; after rekey the old one opens nothing', async () => {
  writeKey('new');
  const old = await open(keyFile('master.key'));
  await old.store.put('a', bytes('x'));
  const wrapped = await old.wrapper.wrap(new Uint8Array(32).fill(3), 'tenant');
  const both = await open(keyFile('new'), keyFile('master.key'));
  expect((await both.store.get('a'))?.value).toEqual(bytes('x'));
  await both.rekey();
  await expect((await open(keyFile('master.key'))).store.get('a')).rejects.toMatchObject({ code: 'NO_KEY' });
  const after = await open(keyFile('new'));
  expect((await after.store.get('a'))?.value).toEqual(bytes('x'));
  expect(await after.wrapper.unwrap(wrapped, 'tenant')).toEqual(new Uint8Array(32).fill(3));
});

it('from a passphrase to a key file and back', async () => {
  env.TIDELOCK_TEST_KEY = 'correct horse battery staple';
  const phrase: KeySource = { passphrase: { env: 'TIDELOCK_TEST_KEY' } };
  await (await open(phrase)).store.put('a', bytes('x'));
  await (await open(keyFile('master.key'), phrase)).rekey();
  expect(await (await open(keyFile('master.key'))).store.list()).toEqual(['a']);
  await (await open(phrase, keyFile('master.key'))).rekey();
  expect(await (await open(phrase)).store.list()).toEqual(['a']);
});

it('a key file is made on request, once, and never beside a file that it could not open', async () => {
  await (await open(keyFile('made.key', true))).store.put('a', bytes('x'));
  expect(statSync(`${place.dataDir}/made.key`).mode & 0o777).toBe(0o600);
  expect(await (await open(keyFile('made.key', true))).store.list()).toEqual(['a']);
  await expect(open(keyFile('another.key', true))).rejects.toMatchObject({ code: 'CONFIG' });
  expect(existsSync(`${place.dataDir}/another.key`)).toBe(false);
});

it('several first starts at once make one key file', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => open(keyFile('made.key', true))));
  await Promise.all(all.map((each, index) => each.store.put(`a/${index}`, bytes('x'))));
  for (const each of all) expect(await each.store.list()).toHaveLength(6);
});

it('a signed assertion verifies with jose against the certificate, both ways and for each length', async () => {
  const { keys } = await open(keyFile('master.key'));
  for (const bits of [2048, 3072, 4096] as const) {
    const certificate = await keys.create(`signing/${bits}`, { commonName: 'tidelock', bits });
    const signer = await keys.signer(`signing/${bits}`);
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate.der).toString('base64')}\n-----END CERTIFICATE-----`;
    for (const alg of ['PS256', 'RS256'] as const) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const input = `${part({ alg, typ: 'JWT' })}.${part({ sub: 'client', iat: 1 })}`;
      const signature = await signer.sign(alg, createHash('sha256').update(input).digest());
      const token = `${input}.${Buffer.from(signature).toString('base64url')}`;
      const { payload } = await jwtVerify(token, await importX509(pem, alg));
      expect(payload.sub).toBe('client');
    }
  }
});

it('a common name cannot smuggle further names into the subject', async () => {
  const { keys } = await open(keyFile('master.key'));
  const certificate = await keys.create('signing/odd', { commonName: 'a, O=Evil+CN=b', bits: 2048 });
  const { X509Certificate } = await import('node:crypto');
  expect(new X509Certificate(certificate.der).toLegacyObject().subject).toEqual({ CN: 'a, O=Evil+CN=b' });
  await expect(keys.create('signing/none', { commonName: '', bits: 2048 })).rejects.toMatchObject({
    kind: 'invalid',
  });
});

it('options are strict, and every problem is told at once', async () => {
  const result = await adapter.options['~standard'].validate({ keys: [], fiel: 'x' });
  expect(result.issues?.length).toBe(2);
  const good = await adapter.options['~standard'].validate({ keys: [{ env: 'KEY' }] });
  expect(good).toMatchObject({ value: { file: 'secrets.jwe', keys: [{ env: 'KEY' }] } });
  for (const keys of [[{ env: 'A', keyFile: 'b' }], [{ passphrase: 'in clear' }], [{ key: 'AAAA' }]]) {
    expect((await adapter.options['~standard'].validate({ keys })).issues, JSON.stringify(keys)).toBeTruthy();
  }
});
