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
import type { Attributes, Entry, Shelf, Version } from './shelf.ts';

export interface SecretContent {
  readonly value: string;
  readonly contentType: string | undefined;
}

const MOST_BYTES = 25 * 1024;

function toSecret(name: string, version: Version<SecretContent>, vaultUrl: string): Json {
  const { contentType } = version.content;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    id: `${vaultUrl}/secrets/${name}/${version.id}`,
    attributes: toAttributes(version.attributes),
    ...(Object.keys(version.tags).length === 0 ? {} : { tags: version.tags }),
  };
}

function toBundle(name: string, version: Version<SecretContent>, vaultUrl: string): Json {
  return { value: version.content.value, ...toSecret(name, version, vaultUrl) };
}

function get(shelf: Shelf<SecretContent>, name: string, call: Call): Reply {
  const version = shelf.version(name, call.segments[2] || undefined);
  if (!version.attributes.enabled)
    throw new Refusal(403, 'Forbidden', {
      ...{ message: 'Operation get is not allowed on a disabled secret.', inner: 'SecretDisabled' },
    });
  return ok(toBundle(shelf.require(name).name, version, call.vaultUrl));
}

function set(shelf: Shelf<SecretContent>, name: string, call: Call): Reply {
  const { value, contentType, attributes } = call.body;
  if (typeof value !== 'string') throw badParameter('Property value is missing');
  if (Buffer.byteLength(value) > MOST_BYTES) throw badParameter('Property value has too many characters');
  const content = { value, contentType: typeof contentType === 'string' ? contentType : undefined };
  const more = { tags: tagsOf(call.body) ?? {}, attributes: (attributes ?? {}) as Partial<Attributes> };
  return ok(toBundle(name, shelf.add(name, content, more), call.vaultUrl));
}

function toDeletedSecret({ vaultUrl }: Call, entry: Entry<SecretContent>): Json {
  const newest = entry.versions.at(-1);
  const rest = newest === undefined ? {} : toSecret(entry.name, newest, vaultUrl);
  return { ...toDeleted('secrets', entry, vaultUrl), ...rest };
}

function listAll(shelf: Shelf<SecretContent>, call: Call): Reply {
  const live = [...shelf.entries.values()].filter(({ state }) => state === 'live');
  return toPage(live, call, (entry) => {
    const { id: _, ...rest } = toSecret(
      entry.name,
      entry.versions.at(-1) as Version<SecretContent>,
      call.vaultUrl,
    );
    return { id: `${call.vaultUrl}/secrets/${entry.name}`, ...rest };
  });
}

/** `/secrets...` */
export function answerSecrets(
  shelf: Shelf<SecretContent>,
  call: Call,
  clock: EmulatorClock,
): Reply | undefined {
  const [, name, third] = call.segments;
  if (name === undefined) return call.method === 'GET' ? listAll(shelf, call) : undefined;
  if (call.method === 'GET' && third === 'versions')
    return toPage(shelf.require(name).versions, call, (version) => toSecret(name, version, call.vaultUrl));
  if (call.method === 'GET') return get(shelf, name, call);
  if (call.method === 'PUT' && third === undefined) return set(shelf, name, call);
  if (call.method === 'DELETE' && third === undefined) return ok(toDeletedSecret(call, shelf.remove(name)));
  if (call.method !== 'PATCH' || !third) return undefined;
  const version = shelf.version(name, third);
  patch(version, call.body, clock.now());
  return ok(toSecret(name, version, call.vaultUrl));
}

/** `/deletedsecrets...` */
export function answerDeletedSecrets(shelf: Shelf<SecretContent>, call: Call): Reply | undefined {
  const [, name, act] = call.segments;
  if (name === undefined) return undefined;
  if (call.method === 'GET') return ok(toDeletedSecret(call, shelf.deleted(name)));
  if (call.method === 'POST' && act === 'recover') {
    const entry = shelf.recover(name);
    return ok(toSecret(name, entry.versions.at(-1) as Version<SecretContent>, call.vaultUrl));
  }
  if (call.method !== 'DELETE') return undefined;
  shelf.purge(name);
  return NO_CONTENT;
}
