import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { geteuid } from 'node:process';
import { inspect } from 'node:util';
import { type AdapterError, isAdapterError } from '@tidelock/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileSecrets, type FileSecretsOptions } from '../src/index.ts';
import { createContext, createPlace, OPTIONS } from './context.ts';

const CANARY = 'canary-3b1f77';
const bytes = (text: string) => new TextEncoder().encode(text);
let place: ReturnType<typeof createPlace>;

beforeEach(() => {
  place = createPlace();
});
afterEach(() => place.remove());

const open = (options: FileSecretsOptions = OPTIONS) =>
  createFileSecrets(options, createContext(place.dataDir));

async function filled(): Promise<void> {
  const secrets = await open();
  await secrets.store.put('crm/password', bytes(CANARY));
}

async function failure(work: Promise<unknown>): Promise<AdapterError> {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isAdapterError(error)) throw new Error(`no AdapterError but ${String(error)}`);
  expect(inspect(error, { depth: 6, showHidden: true })).not.toContain(CANARY);
  expect(error.remedy).toBeTruthy();
  return error;
}

async function reading(): Promise<AdapterError> {
  return failure(open().then((secrets) => secrets.store.get('crm/password')));
}

it('the file is a JWE with mode 600 and holds neither names nor values in clear', async () => {
  await filled();
  expect(statSync(place.file).mode & 0o777).toBe(0o600);
  const text = readFileSync(place.file, 'utf8');
  const container = JSON.parse(text);
  expect(JSON.parse(Buffer.from(container.protected, 'base64url').toString())).toMatchObject({
    enc: 'A256GCM',
    typ: 'secret-file+json',
    v: 1,
  });
  expect(container.recipients).toHaveLength(1);
  expect(container.recipients[0].header).toMatchObject({
    alg: 'A256GCMKW',
    kid: expect.stringMatching(/^[0-9a-f]{8}$/),
  });
  for (const form of [CANARY, Buffer.from(CANARY).toString('base64'), 'password'])
    expect(text).not.toContain(form);
});

it('a change of any character of the file is noticed', async () => {
  await filled();
  const text = readFileSync(place.file, 'utf8').trimEnd();
  const secrets = await open();
  const changed: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const other = text[at] === 'A' ? 'E' : 'A';
    writeFileSync(place.file, text.slice(0, at) + other + text.slice(at + 1), { mode: 0o600 });
    const value = await secrets.store.get('crm/password').catch((error: unknown) => {
      if (!isAdapterError(error) || error.kind === 'not_found') throw error;
      return 'refused';
    });
    if (value !== 'refused') {
      expect(value).toMatchObject({ value: bytes(CANARY) });
      changed.push(text.slice(Math.max(0, at - 12), at + 3));
    }
  }
  // The name of the key is a hint and opens nothing; the name of the field that holds it is as little.
  expect(changed.length).toBeLessThanOrEqual('"kid":"01234567"'.length);
}, 120_000);

it('a file cut anywhere is refused', async () => {
  await filled();
  const text = readFileSync(place.file, 'utf8');
  for (let length = 0; length < text.length - 1; length += 37) {
    writeFileSync(place.file, text.slice(0, length), { mode: 0o600 });
    expect((await reading()).kind).toBe('protocol');
  }
});

it('a swapped part of another valid file is TAMPERED', async () => {
  await filled();
  const one = JSON.parse(readFileSync(place.file, 'utf8'));
  const secrets = await open();
  await secrets.store.put('crm/password', bytes('new'));
  const two = JSON.parse(readFileSync(place.file, 'utf8'));
  for (const part of ['ciphertext', 'iv', 'tag', 'recipients']) {
    writeFileSync(place.file, JSON.stringify({ ...two, [part]: one[part] }), { mode: 0o600 });
    expect(await reading()).toMatchObject({ kind: 'protocol', code: 'TAMPERED' });
  }
});

it('wrong mode, symbolic link, directory and size are refused by name', async () => {
  await filled();
  for (const mode of [0o640, 0o604, 0o660, 0o602]) {
    chmodSync(place.file, mode);
    expect(await reading()).toMatchObject({ kind: 'forbidden', code: 'INSECURE_FILE' });
  }
  chmodSync(place.file, 0o600);
  renameSync(place.file, `${place.file}.real`);
  symlinkSync(`${place.file}.real`, place.file);
  expect(await reading()).toMatchObject({ kind: 'forbidden', code: 'INSECURE_FILE' });
  rmSync(place.file);
  writeFileSync(place.file, 'x'.repeat((1 << 20) + 1), { mode: 0o600 });
  expect(await reading()).toMatchObject({ kind: 'invalid', code: 'TOO_LARGE' });
});

it.skipIf(geteuid?.() !== 0)(
  'a file of another owner is refused [skipped: only root can give files away]',
  async () => {
    await filled();
    chownSync(place.file, 65_534, 65_534);
    expect(await reading()).toMatchObject({ kind: 'forbidden', code: 'INSECURE_FILE' });
  },
);

it('a file of a newer format is left alone', async () => {
  await filled();
  const container = JSON.parse(readFileSync(place.file, 'utf8'));
  const header = { enc: 'A256GCM', typ: 'secret-file+json', v: 2 };
  const text = JSON.stringify({
    ...container,
    protected: Buffer.from(JSON.stringify(header)).toString('base64url'),
  });
  writeFileSync(place.file, text, { mode: 0o600 });
  expect(await reading()).toMatchObject({ kind: 'unsupported', code: 'NEWER_FORMAT' });
  const secrets = await open();
  expect((await failure(secrets.store.put('a', bytes('x')))).code).toBe('NEWER_FORMAT');
  expect(readFileSync(place.file, 'utf8')).toBe(text);
});

it('a wrong key is NO_KEY, names the key and leaves the file as it is', async () => {
  await filled();
  const text = readFileSync(place.file, 'utf8');
  writeFileSync(`${place.dataDir}/master.key`, randomBytes(32));
  const error = await reading();
  expect(error).toMatchObject({ kind: 'auth', code: 'NO_KEY' });
  expect(error.message).toContain(JSON.parse(text).recipients[0].header.kid);
  const secrets = await open();
  expect((await failure(secrets.store.put('a', bytes('x')))).code).toBe('NO_KEY');
  expect(readFileSync(place.file, 'utf8')).toBe(text);
});

it('a data directory that is not there is no empty store', async () => {
  const secrets = await open();
  renameSync(place.dataDir, `${place.dataDir}-away`);
  try {
    expect((await failure(secrets.store.get('a'))).kind).toBe('unavailable');
    expect((await failure(secrets.store.put('a', bytes('x')))).kind).toBe('unavailable');
  } finally {
    renameSync(`${place.dataDir}-away`, place.dataDir);
  }
});

it('a store that is full refuses the write and keeps what it has', async () => {
  const secrets = await open();
  const large = new Uint8Array(25_000).fill(1);
  const names: string[] = [];
  let refused: AdapterError | null = null;
  for (let index = 0; refused === null && index < 60; index += 1) {
    await secrets.store.put(`big/${index}`, large).then(
      () => names.push(`big/${index}`),
      (error: AdapterError) => {
        refused = error;
      },
    );
  }
  expect(refused).toMatchObject({ kind: 'invalid', code: 'TOO_LARGE' });
  expect(await secrets.store.list()).toEqual(names.sort());
});

it('four versions are kept, older ones go', async () => {
  const { store } = await open();
  const versions: string[] = [];
  for (let index = 0; index < 6; index += 1) versions.push(await store.put('a', bytes(String(index))));
  const read = await Promise.all(versions.map((version) => store.get('a', version)));
  expect(read.map((each) => each !== null)).toEqual([false, false, true, true, true, true]);
});

it('the revision goes down when an old copy is put back', async () => {
  await filled();
  const old = readFileSync(place.file);
  const secrets = await open();
  await secrets.store.put('a', bytes('x'));
  const before = await secrets.revision();
  writeFileSync(place.file, old);
  expect(await secrets.revision()).toBeLessThan(before);
});

it('nothing is written before something is stored, and a closed store answers nothing', async () => {
  const secrets = await open();
  await secrets.store.list();
  await secrets.store.remove('nobody');
  expect(existsSync(place.file)).toBe(false);
  await secrets.close();
  await expect(secrets.store.get('a')).rejects.toMatchObject({ code: 'CLOSED' });
});
