import { X509Certificate } from 'node:crypto';
import { isAdapterError, type SecretStore } from '@tidelock/core';
import type { VaultClient } from './client.ts';
import { createFailure } from './errors.ts';
import type { TransitKeys } from './keys-transit.ts';
import type { TransitKey } from './wire.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/** A version of a key, and the certificate made for it. */
export interface Certified {
  readonly version: number;
  readonly der: Uint8Array;
}

export interface Certificates {
  /** Of the newest version that has one: a newer version without is registered nowhere yet. */
  of(name: string, key: TransitKey): Promise<Certified | null>;
  set(name: string, certified: Certified, operation: string): Promise<void>;
  forget(name: string): Promise<void>;
}

function onKey(key: TransitKey): Certified | null {
  const versions = Object.keys(key.keys).map(Number);
  for (const version of versions.sort((a, b) => b - a)) {
    const leaf = PEM.exec(key.keys[String(version)]?.certificate_chain ?? '')?.[0];
    if (leaf !== undefined) return { version, der: new Uint8Array(new X509Certificate(leaf).raw) };
  }
  return null;
}

/**
 * Certificates stand on the keys themselves. The service takes none there that could sign others, which self-signed ones
 * made elsewhere often say they can: those of imported keys are kept beside the secrets then (`aside`).
 */
export function createCertificates(
  client: VaultClient,
  keys: TransitKeys,
  aside: SecretStore | null,
): Certificates {
  async function setOnKey(name: string, { version, der }: Certified, operation: string): Promise<void> {
    const path = `${keys.pathOf(name, operation)}/set-certificate`;
    const body = { version, certificate_chain: new X509Certificate(der).toString() };
    await client.call({ operation, method: 'POST', path, body });
  }

  return {
    async of(name, key) {
      const found = onKey(key);
      if (found !== null || !key.imported_key || aside === null) return found;
      const kept = await aside.get(name);
      return kept && { version: 1, der: kept.value };
    },
    async set(name, certified, operation) {
      try {
        await setOnKey(name, certified, operation);
      } catch (error) {
        const refused = isAdapterError(error) && error.code === 'BAD_REQUEST' && certified.version === 1;
        if (!refused) throw error;
        if (aside !== null) {
          await aside.put(name, certified.der);
          return;
        }
        throw createFailure('BAD_REQUEST', {
          ...{ operation, status: error.status, text: 'the secret store does not take this certificate' },
          remedy: 'Use one that is no authority (basicConstraints=CA:FALSE), or configure "kv" as well.',
        });
      }
    },
    async forget(name) {
      await aside?.remove(name);
    },
  };
}
