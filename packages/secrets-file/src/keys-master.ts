import { argon2, createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import type { KeySource } from './config.ts';
import { createFailure } from './errors.ts';
import { readSafely, writeNew } from './store-file.ts';

const KEY_BYTES = 32;
const MIN_PASSPHRASE = 12;
const OPERATION = 'secrets.key';

/** Numbers of argon2id as they stand in the file: checked against limits before they cost memory. */
export const KdfSchema = z.strictObject({
  name: z.literal('argon2id'),
  /** KiB. */
  m: z.int().min(8).max(262_144),
  t: z.int().min(1).max(10),
  p: z.int().min(1).max(16),
  salt: z.string().regex(/^[A-Za-z0-9_-]{22,86}$/),
});
export type Kdf = z.infer<typeof KdfSchema>;

/** A key that is ready, or a passphrase that needs the salt of the file at hand. */
export type MasterKey =
  | { readonly kind: 'key'; readonly kid: string; readonly key: KeyObject }
  | { readonly kind: 'passphrase'; readonly passphrase: KeyObject };

export interface ReadyKey {
  readonly kid: string;
  readonly key: KeyObject;
  readonly kdf?: Kdf;
}

/** Environment variables by name, as the host hands them in. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface KeyPlace {
  readonly dataDir: string;
  readonly env: Environment | undefined;
  /** A new key would open nothing where a secrets file exists already. */
  readonly mayCreate: boolean;
}

function bad(text: string, remedy: string): Error {
  return createFailure('CONFIG', { operation: OPERATION, text, remedy });
}

/** A name for the key that gives nothing away. */
function kidOf(bytes: Uint8Array): string {
  return createHash('sha256').update('tidelock master key\0').update(bytes).digest('hex').slice(0, 8);
}

function decodeText(text: string): Buffer | null {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/]{43}=$|^[A-Za-z0-9_-]{43}$/.test(text)) return Buffer.from(text, 'base64');
  return null;
}

/** Takes the key out of `bytes` and wipes them. */
function toMasterKey(bytes: Buffer, where: string): MasterKey {
  const decoded = bytes.length === KEY_BYTES ? bytes : decodeText(bytes.toString('latin1').trim());
  try {
    if (decoded?.length !== KEY_BYTES) {
      throw bad(`${where} does not hold a key of 32 bytes`, 'Make one with: openssl rand -base64 32');
    }
    return { kind: 'key', kid: kidOf(decoded), key: createSecretKey(decoded) };
  } finally {
    decoded?.fill(0);
    bytes.fill(0);
  }
}

function toPassphrase(bytes: Buffer, where: string): MasterKey {
  const text = bytes
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .normalize('NFC');
  bytes.fill(0);
  if (text.length < MIN_PASSPHRASE) {
    throw bad(`${where} is shorter than ${MIN_PASSPHRASE} characters`, 'Choose a longer passphrase.');
  }
  return { kind: 'passphrase', passphrase: createSecretKey(text, 'utf8') };
}

async function readKeyFile(file: string): Promise<Buffer | null> {
  return readSafely(file, { operation: OPERATION, forbiddenMode: 0o077, maxBytes: 4096 });
}

function environmentOf(place: KeyPlace): Environment {
  if (place.env !== undefined) return place.env;
  throw bad('the host passes no environment to this adapter', 'Use a key file, or a passphrase file.');
}

function fromEnvironment(name: string, place: KeyPlace): Buffer {
  const value = environmentOf(place)[name];
  if (value === undefined || value === '') {
    throw bad(`the environment variable ${name} is not set`, `Set ${name} for this process.`);
  }
  return Buffer.from(value, 'utf8');
}

async function fromCredential(name: string, place: KeyPlace): Promise<Buffer> {
  const directory = environmentOf(place).CREDENTIALS_DIRECTORY;
  const remedy = `Add LoadCredentialEncrypted=${name}:<file> to the systemd unit.`;
  if (directory === undefined)
    throw bad('systemd has passed no credentials ($CREDENTIALS_DIRECTORY)', remedy);
  const rules = { operation: OPERATION, forbiddenMode: 0o037, maxBytes: 4096, rootMayOwn: true };
  const bytes = await readSafely(path.join(directory, name), rules);
  if (bytes === null) throw bad(`systemd has passed no credential "${name}"`, remedy);
  return bytes;
}

/** `fresh`: there are no secrets yet that another key was used for. */
async function fromKeyFile(file: string, may: { create: boolean; fresh: boolean }): Promise<Buffer> {
  const bytes = await readKeyFile(file);
  if (bytes !== null) return bytes;
  if (!may.create || !may.fresh) {
    throw bad(
      `the key file ${file} does not exist`,
      may.fresh
        ? `Make it with: (umask 077; openssl rand -base64 32 > ${file})`
        : 'Put it back from its backup: a new key cannot open the secrets that are there.',
    );
  }
  const fresh = randomBytes(KEY_BYTES);
  if (await writeNew(file, `${fresh.toString('base64')}\n`, OPERATION)) return fresh;
  fresh.fill(0);
  return fromKeyFile(file, { create: false, fresh: true });
}

async function fromPassphraseFile(file: string): Promise<Buffer> {
  const bytes = await readKeyFile(file);
  if (bytes === null) throw bad(`the passphrase file ${file} does not exist`, 'Create it with mode 600.');
  return bytes;
}

export async function loadMasterKey(source: KeySource, place: KeyPlace): Promise<MasterKey> {
  if ('credential' in source) {
    return toMasterKey(
      await fromCredential(source.credential, place),
      `the credential "${source.credential}"`,
    );
  }
  if ('keyFile' in source) {
    const file = path.resolve(place.dataDir, source.keyFile);
    return toMasterKey(await fromKeyFile(file, { create: source.create, fresh: place.mayCreate }), file);
  }
  if ('env' in source) return toMasterKey(fromEnvironment(source.env, place), `the variable ${source.env}`);
  const { passphrase } = source;
  if ('env' in passphrase) {
    return toPassphrase(fromEnvironment(passphrase.env, place), `the variable ${passphrase.env}`);
  }
  const file = path.resolve(place.dataDir, passphrase.file);
  return toPassphrase(await fromPassphraseFile(file), file);
}

/** 64 MiB, three passes, four lanes: 140 ms on the slowest machine measured. */
export function createKdf(): Kdf {
  return { name: 'argon2id', m: 65_536, t: 3, p: 4, salt: randomBytes(16).toString('base64url') };
}

/** The key that a passphrase gives with the numbers and the salt of a file. */
export async function stretch(passphrase: KeyObject, kdf: Kdf): Promise<ReadyKey> {
  const message = passphrase.export();
  const nonce = Buffer.from(kdf.salt, 'base64url');
  const settings = { message, nonce, parallelism: kdf.p, tagLength: KEY_BYTES, memory: kdf.m, passes: kdf.t };
  try {
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      argon2('argon2id', settings, (error, derived) => (error ? reject(error) : resolve(derived)));
    });
    const ready = { kid: kidOf(bytes), key: createSecretKey(bytes), kdf };
    bytes.fill(0);
    return ready;
  } finally {
    message.fill(0);
  }
}
