import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicEncrypt,
} from 'node:crypto';
import type { EmulatorClock } from '../kit/index.ts';
import {
  type Call,
  type Json,
  NO_CONTENT,
  ok,
  patch,
  type Reply,
  tagsOf,
  toAttributes,
  toDeleted,
  toPage,
} from './call.ts';
import { badParameter, Refusal } from './refusal.ts';
import { pkcs1Block, pssBlock } from './rsa-block.ts';
import type { Entry, Shelf, Version } from './shelf.ts';

export interface KeyContent {
  readonly privateKey: KeyObject;
  readonly operations: readonly string[];
}

type KeyShelf = Shelf<KeyContent>;

const SIZES = [2048, 3072, 4096];
const ALL = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'];

const kidOf = (name: string, version: Version<KeyContent>, vaultUrl: string): string =>
  `${vaultUrl}/keys/${name}/${version.id}`;

function toKey(name: string, version: Version<KeyContent>, vaultUrl: string): Json {
  const { n, e } = createPublicKey(version.content.privateKey).export({ format: 'jwk' });
  return {
    key: { kid: kidOf(name, version, vaultUrl), kty: 'RSA', key_ops: version.content.operations, n, e },
    attributes: { ...toAttributes(version.attributes), exportable: false },
    ...(Object.keys(version.tags).length === 0 ? {} : { tags: version.tags }),
  };
}

function operationsOf(value: unknown): readonly string[] {
  const asked = Array.isArray(value) ? value.map(String) : ALL;
  if (asked.some((each) => !ALL.includes(each))) throw badParameter('key_ops: unknown operation');
  return asked;
}

function create(shelf: KeyShelf, name: string, call: Call): Reply {
  const { kty, key_size: size = 2048, key_ops: operations } = call.body;
  if (kty !== 'RSA' || !SIZES.includes(Number(size)))
    throw badParameter('Property kty or key_size is invalid');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: Number(size) });
  const content = { privateKey, operations: operationsOf(operations) };
  return ok(toKey(name, shelf.add(name, content, { tags: tagsOf(call.body) ?? {} }), call.vaultUrl));
}

function take(shelf: KeyShelf, name: string, call: Call): Reply {
  const jwk = call.body.key as Json | undefined;
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: { ...jwk, kty: 'RSA' }, format: 'jwk' });
  } catch {
    throw badParameter('Property key is no RSA key');
  }
  const content = { privateKey, operations: operationsOf(jwk?.key_ops) };
  return ok(toKey(name, shelf.add(name, content, { tags: tagsOf(call.body) ?? {} }), call.vaultUrl));
}

function sign({ privateKey }: KeyContent, alg: unknown, digest: Buffer): Buffer {
  const length = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  if (digest.length !== 32) throw badParameter('Invalid length of value for this algorithm');
  if (alg !== 'PS256' && alg !== 'RS256') throw badParameter('Property alg is invalid');
  const block = alg === 'PS256' ? pssBlock(digest, length) : pkcs1Block(digest, length);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);
}

function crypt(
  { privateKey }: KeyContent,
  operation: string,
  { alg, value }: { alg: unknown; value: Buffer },
): Buffer {
  if (alg !== 'RSA-OAEP-256') throw badParameter('Property alg is invalid');
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  try {
    if (operation === 'wrapkey')
      return publicEncrypt({ key: createPublicKey(privateKey), ...padding }, value);
    return privateDecrypt({ key: privateKey, ...padding }, value);
  } catch {
    throw badParameter('The parameter is incorrect.\r\n');
  }
}

const NEEDS: Readonly<Record<string, string>> = { sign: 'sign', wrapkey: 'wrapKey', unwrapkey: 'unwrapKey' };

function use(version: Version<KeyContent>, name: string, call: Call): Reply | undefined {
  const operation = call.segments[3] ?? '';
  const needs = NEEDS[operation];
  if (needs === undefined) return undefined;
  if (!version.attributes.enabled || !version.content.operations.includes(needs))
    throw new Refusal(403, 'Forbidden', {
      ...{ message: `Operation ${needs} is not permitted on this key.`, inner: 'KeyOperationForbidden' },
    });
  const { alg } = call.body;
  const value = Buffer.from(String(call.body.value ?? ''), 'base64url');
  const result =
    operation === 'sign'
      ? sign(version.content, alg, value)
      : crypt(version.content, operation, { alg, value });
  return ok({ kid: kidOf(name, version, call.vaultUrl), value: result.toString('base64url') });
}

function listAll(shelf: KeyShelf, call: Call): Reply {
  const live = [...shelf.entries.values()].filter(({ state }) => state === 'live');
  return toPage(live, call, (entry) => {
    const newest = entry.versions.at(-1) as Version<KeyContent>;
    const kid = `${call.vaultUrl}/keys/${entry.name}`;
    return { kid, attributes: toAttributes(newest.attributes), tags: newest.tags };
  });
}

function toDeletedKey({ vaultUrl }: Call, entry: Entry<KeyContent>): Json {
  const newest = entry.versions.at(-1) as Version<KeyContent>;
  return { ...toDeleted('keys', entry, vaultUrl), ...toKey(entry.name, newest, vaultUrl) };
}

function read(shelf: KeyShelf, call: Call): Reply {
  const [, name, third] = call.segments;
  if (name === undefined) return listAll(shelf, call);
  const { vaultUrl } = call;
  if (third !== 'versions') return ok(toKey(name, shelf.version(name, third || undefined), vaultUrl));
  return toPage(shelf.require(name).versions, call, (version) => ({
    ...{ kid: kidOf(name, version, vaultUrl), tags: version.tags },
    attributes: toAttributes(version.attributes),
  }));
}

function change(shelf: KeyShelf, call: Call, clock: EmulatorClock): Reply {
  const [, name = '', third] = call.segments;
  const version = shelf.version(name, third || undefined);
  patch(version, call.body, clock.now());
  return ok(toKey(name, version, call.vaultUrl));
}

function post(shelf: KeyShelf, call: Call): Reply | undefined {
  const [, name = '', third, operation] = call.segments;
  if (third === 'create') return create(shelf, name, call);
  return operation === undefined ? undefined : use(shelf.version(name, third || undefined), name, call);
}

/** `/keys...` */
export function answerKeys(shelf: KeyShelf, call: Call, clock: EmulatorClock): Reply | undefined {
  const [, name, third] = call.segments;
  if (call.method === 'GET') return read(shelf, call);
  if (name === undefined) return undefined;
  if (call.method === 'POST') return post(shelf, call);
  if (call.method === 'PATCH') return change(shelf, call, clock);
  if (third !== undefined) return undefined;
  if (call.method === 'PUT') return take(shelf, name, call);
  return call.method === 'DELETE' ? ok(toDeletedKey(call, shelf.remove(name))) : undefined;
}

/** `/deletedkeys...` */
export function answerDeletedKeys(shelf: KeyShelf, call: Call): Reply | undefined {
  const [, name, act] = call.segments;
  if (name === undefined) return undefined;
  if (call.method === 'GET') return ok(toDeletedKey(call, shelf.deleted(name)));
  if (call.method === 'POST' && act === 'recover') {
    const entry = shelf.recover(name);
    return ok(toKey(name, entry.versions.at(-1) as Version<KeyContent>, call.vaultUrl));
  }
  if (call.method !== 'DELETE') return undefined;
  shelf.purge(name);
  return NO_CONTENT;
}
