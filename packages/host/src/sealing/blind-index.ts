import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { AdapterError, isAdapterError, type SecretAbilities, type SecretStore } from '@tidelock/core';

/** Secret that every index is keyed by. Without it no look-up works; with it nobody learns what was indexed. */
const ROOT = 'index-root';
const ROOT_BYTES = 32;

/** Look-ups by a value that is stored sealed: equal values have equal indexes, and only the key's owner can compute one. */
export interface BlindIndex {
  /** Hexadecimal HMAC-SHA-256. Upper and lower case are the same value. */
  of(value: string): string;
}

function createBlindIndex(root: Uint8Array, column: string): BlindIndex {
  const bytes = hkdfSync('sha256', root, Buffer.alloc(0), `blind-index:${column}:v1`, ROOT_BYTES);
  const key: KeyObject = createSecretKey(Buffer.from(bytes));
  return {
    of: (value) => createHmac('sha256', key).update(`${column}\0${value.trim().toLowerCase()}`).digest('hex'),
  };
}

async function readRoot(store: SecretStore, compareAndSet: boolean): Promise<Uint8Array> {
  const present = await store.get(ROOT);
  if (present !== null) return present.value;
  const made = new Uint8Array(randomBytes(ROOT_BYTES));
  try {
    if (compareAndSet) {
      await store.put(ROOT, made, { expected: null });
      return made;
    }
    // A store without versions to compare keeps what was written last: that is what everybody reads from then on.
    await store.put(ROOT, made);
    return (await store.get(ROOT))?.value ?? made;
  } catch (error) {
    // Another process was faster.
    const winner = isAdapterError(error) && error.kind === 'conflict' ? await store.get(ROOT) : null;
    if (winner === null) throw error;
    return winner.value;
  }
}

/** The index of one column. Its root is made on first use and kept in the secret store. */
export async function openBlindIndex(
  {
    abilities,
    store,
  }: { readonly abilities: Pick<SecretAbilities, 'store' | 'compareAndSet'>; readonly store: SecretStore },
  column: string,
): Promise<BlindIndex> {
  if (!abilities.store)
    throw new AdapterError('unsupported', 'The secret store keeps no secrets, so nothing can be looked up.', {
      operation: 'index.root',
      remedy: 'Use an adapter under "secrets" that offers a store.',
    });
  return createBlindIndex(await readRoot(store, abilities.compareAndSet), column);
}
