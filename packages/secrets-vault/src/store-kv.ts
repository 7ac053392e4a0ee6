import { type Clock, isAdapterError, type SecretStore, type SecretValue } from '@tidelock/core';
import { requireSecretName, requireSecretSize } from '@tidelock/kit';
import type * as z from 'zod';
import type { VaultClient } from './client.ts';
import type { KvOptions } from './config.ts';
import { createFailure } from './errors.ts';
import { KeysSchema, MetadataSchema, parseAnswer, ReadSchema, WrittenSchema } from './wire.ts';

/** Member that holds bytes as base64. People who write by hand use `value`, for text. */
const BYTES = 'base64';
const TEXT = 'value';
/** Stands in the last version of a name that was removed, until that version is destroyed too. */
const REMOVED = 'removed';
/** How often a write looks again where another one came between. */
const LOOKS = 4;
/** Names whose state is asked for at once. */
const ABREAST = 8;

type Data = Readonly<Record<string, unknown>>;

interface Present {
  readonly version: number;
  /** `null`: deleted, destroyed or removed. */
  readonly data: Data | null;
}

const isPast = (instant: string, now: number): boolean => instant !== '' && Date.parse(instant) <= now;

function toBytes(data: Data, operation: string): Uint8Array {
  const bytes = data[BYTES];
  if (typeof bytes === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(bytes))
    return new Uint8Array(Buffer.from(bytes, 'base64'));
  const text = data[TEXT];
  if (typeof text === 'string') return new TextEncoder().encode(text);
  throw createFailure('PROTOCOL', {
    operation,
    text: `the secret has neither a member "${TEXT}" nor "${BYTES}"`,
    remedy: `Write it with "tidelock secrets put", or by hand under the member "${TEXT}".`,
  });
}

interface Versions {
  read(name: string, version: string | undefined, operation: string): Promise<Present | null>;
  write(name: string, data: Data, cas: number): Promise<number>;
  metadata(name: string, operation: string): Promise<z.infer<typeof MetadataSchema>['data'] | null>;
  /** All names below a folder, which is empty or ends with a slash. */
  names(folder: string): Promise<string[]>;
  destroy(name: string, versions: readonly number[]): Promise<void>;
}

function createVersions(client: VaultClient, { mount, path }: KvOptions): Versions {
  const at = (part: string, name: string): string => `${mount}/${part}/${path}/${name}`;
  async function read(name: string, version: string | undefined, operation: string): Promise<Present | null> {
    const query = version === undefined ? undefined : { version };
    const { status, body } = await client.call({ operation, method: 'GET', path: at('data', name), query });
    if (body === null) return null;
    const { data, metadata } = parseAnswer(ReadSchema, body, operation).data;
    if (status === 404 && data !== null)
      throw createFailure('PROTOCOL', { operation, status, text: 'the answer says two things at once' });
    const live = data === null || metadata.destroyed || REMOVED in data ? null : data;
    return { version: metadata.version, data: live };
  }

  async function write(name: string, data: Data, cas: number): Promise<number> {
    const operation = 'secrets.put';
    const body = { data, options: { cas } };
    const answer = await client.call({ operation, method: 'POST', path: at('data', name), body });
    if (answer.body === null)
      throw createFailure('CONFIG', {
        ...{ operation, status: answer.status, text: 'there is no KV engine of version 2 at the mount' },
        remedy: `Enable it: bao secrets enable -path=${mount} -version=2 kv`,
      });
    return parseAnswer(WrittenSchema, answer.body, operation).data.version;
  }

  async function names(folder: string): Promise<string[]> {
    const operation = 'secrets.list';
    const call = { operation, method: 'GET', path: at('metadata', folder), query: { list: 'true' } } as const;
    const { body } = await client.call(call);
    if (body === null) return [];
    const found: string[] = [];
    for (const key of parseAnswer(KeysSchema, body, operation).data.keys) {
      if (key.endsWith('/')) found.push(...(await names(`${folder}${key}`)));
      else found.push(`${folder}${key}`);
    }
    return found;
  }

  return {
    read,
    write,
    names,
    async metadata(name, operation) {
      const { body } = await client.call({ operation, method: 'GET', path: at('metadata', name) });
      return body === null ? null : parseAnswer(MetadataSchema, body, operation).data;
    },
    async destroy(name, versions) {
      const call = { operation: 'secrets.remove', method: 'PUT', path: at('destroy', name) } as const;
      await client.call({ ...call, body: { versions } });
    },
  };
}

const conflict = (name: string, expected: string | null): Error =>
  createFailure('CONFLICT', {
    operation: 'secrets.put',
    text: expected === null ? `"${name}" exists already` : `"${name}" has another version by now`,
    remedy: 'Read the present version and decide again.',
  });

/** The version that a write has to follow: what the caller expects, as far as that is what there is. */
function follows(present: Present | null, expected: string | null | undefined, name: string): number {
  if (expected === undefined) return present?.version ?? 0;
  const version = present?.data ? String(present.version) : null;
  if (version !== expected) throw conflict(name, expected);
  return present?.version ?? 0;
}

/**
 * KV version 2. Removing writes one more version and destroys all of them: values are gone for good, while version
 * numbers go on rising, so that no compare-and-set can mistake a new secret for an old one.
 */
export function createKvStore(client: VaultClient, options: KvOptions, clock: Clock): SecretStore {
  const versions = createVersions(client, options);

  async function put(name: string, data: Data, expected: string | null | undefined): Promise<string> {
    for (let look = 1; ; look += 1) {
      const cas = follows(await versions.read(name, undefined, 'secrets.put'), expected, name);
      try {
        return String(await versions.write(name, data, cas));
      } catch (error) {
        // Overtaken between look and write: what there is by now decides.
        if (!isAdapterError(error) || error.code !== 'CONFLICT' || look >= LOOKS) throw error;
      }
    }
  }

  async function lives(name: string): Promise<boolean> {
    const metadata = await versions.metadata(name, 'secrets.list');
    const newest = metadata?.versions[String(metadata.current_version)];
    return newest !== undefined && !newest.destroyed && !isPast(newest.deletion_time, clock.now());
  }

  return {
    async get(name, version): Promise<SecretValue | null> {
      const operation = 'secrets.get';
      requireSecretName(name, operation);
      if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) return null;
      const found = await versions.read(name, version, operation);
      if (found === null || found.data === null) return null;
      return { name, value: toBytes(found.data, operation), version: String(found.version) };
    },
    async put(name, value, { expected } = {}) {
      requireSecretName(name, 'secrets.put');
      requireSecretSize(name, value, 'secrets.put');
      return put(name, { [BYTES]: Buffer.from(value).toString('base64') }, expected);
    },
    async remove(name) {
      const operation = 'secrets.remove';
      requireSecretName(name, operation);
      const metadata = await versions.metadata(name, operation);
      if (metadata === null || Object.values(metadata.versions).every(({ destroyed }) => destroyed)) return;
      const last = Number(await put(name, { [REMOVED]: 'true' }, undefined));
      const all = new Set([...Object.keys(metadata.versions).map(Number), last]);
      await versions.destroy(name, [...all]);
    },
    async list(prefix = '') {
      const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : '';
      const found = (await versions.names(folder)).filter((name) => name.startsWith(prefix)).sort();
      const kept: string[] = [];
      for (let at = 0; at < found.length; at += ABREAST) {
        const part = found.slice(at, at + ABREAST);
        const alive = await Promise.all(part.map(lives));
        kept.push(...part.filter((_, index) => alive[index]));
      }
      return kept;
    },
  };
}
