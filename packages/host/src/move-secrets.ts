import { AdapterError, type Certificate, type Secrets } from '@tidelock/core';
import type { RewrapParts, RewrapReport } from './sealing/rewrap.ts';
import { addWraps } from './sealing/rewrap.ts';

/** What became of one secret or key pair. */
export interface Moved {
  readonly kind: 'secret' | 'key';
  readonly name: string;
  /** `kept`: the private key cannot leave its store. `differs`: the other store has something else under that name. */
  readonly state: 'moved' | 'present' | 'kept' | 'differs';
}

export interface MoveReport {
  readonly items: readonly Moved[];
  readonly dataKeys: RewrapReport;
}

export interface MoveParts {
  readonly from: Secrets;
  readonly to: Secrets;
  readonly dataKeys: Omit<RewrapParts, 'secrets' | 'onProgress'>;
  /** Values that differ are replaced by those of `from`. */
  readonly replace: boolean;
  readonly signal?: AbortSignal | undefined;
  onProgress?(step: {
    readonly what: 'secrets' | 'keys' | 'data keys';
    readonly done: number;
    readonly all: number;
  }): void;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function moveSecret({ from, to, replace }: MoveParts, name: string): Promise<Moved['state']> {
  const found = await from.store.get(name);
  // Taken away while we were at it.
  if (found === null) return 'present';
  const there = await to.store.get(name);
  if (there !== null && equal(there.value, found.value)) return 'present';
  if (there !== null && !replace) return 'differs';
  await to.store.put(name, found.value);
  const written = await to.store.get(name);
  if (written !== null && equal(written.value, found.value)) return 'moved';
  throw new AdapterError('protocol', `The other secret store did not keep "${name}" as it was written.`, {
    operation: 'secrets.migrate',
    remedy: 'Look for another process that writes there, then repeat: nothing was taken away here.',
  });
}

async function moveKey(
  parts: MoveParts,
  own: Certificate,
  there: Certificate | undefined,
): Promise<Moved['state']> {
  const { from, to, replace } = parts;
  if (there !== undefined && there.sha256 === own.sha256) return 'present';
  if (!from.keys.export) return 'kept';
  if (there !== undefined && !replace) return 'differs';
  if (there !== undefined) await to.keys.remove(own.keyName);
  const taken = await to.keys.import(own.keyName, await from.keys.export(own.keyName));
  if (taken.sha256 === own.sha256) return 'moved';
  throw new AdapterError('protocol', `The other secret store has another certificate for "${own.keyName}".`, {
    operation: 'secrets.migrate',
    remedy: 'Remove the key pair there and repeat: nothing was taken away here.',
  });
}

async function moveSecrets(parts: MoveParts): Promise<Moved[]> {
  const names = await parts.from.store.list();
  const moved: Moved[] = [];
  for (const name of names) {
    parts.signal?.throwIfAborted();
    moved.push({ kind: 'secret', name, state: await moveSecret(parts, name) });
    parts.onProgress?.({ what: 'secrets', done: moved.length, all: names.length });
  }
  return moved;
}

async function moveKeys(parts: MoveParts): Promise<Moved[]> {
  const [own, there] = await Promise.all([parts.from.keys.list(), parts.to.keys.list()]);
  const moved: Moved[] = [];
  for (const certificate of own) {
    parts.signal?.throwIfAborted();
    const { keyName: name } = certificate;
    const twin = there.find(({ keyName }) => keyName === name);
    moved.push({ kind: 'key', name, state: await moveKey(parts, certificate, twin) });
    parts.onProgress?.({ what: 'keys', done: moved.length, all: own.length });
  }
  return moved;
}

/**
 * Copies what one secret store holds to another, and wraps every data key for both. The first store stays as it is and in use, so
 * breaking off at any place loses nothing; repeating goes on where it stopped.
 */
export async function moveAll(parts: MoveParts): Promise<MoveReport> {
  const { from, to, dataKeys, onProgress } = parts;
  const both = (ability: 'store' | 'keys' | 'wrapper') => from.abilities[ability] && to.abilities[ability];
  const secrets = both('store') ? await moveSecrets(parts) : [];
  const keys = both('keys') ? await moveKeys(parts) : [];
  const wrapping: RewrapParts = {
    ...{ ...dataKeys, secrets: from },
    onProgress: (done, all) => {
      parts.signal?.throwIfAborted();
      onProgress?.({ what: 'data keys', done, all });
    },
  };
  const wrapped = both('wrapper') ? await addWraps(wrapping, to) : { keys: 0, rewrapped: 0 };
  return { items: [...secrets, ...keys], dataKeys: wrapped };
}
