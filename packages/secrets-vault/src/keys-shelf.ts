import type { Certificate, Clock, SecretStore } from '@tidelock/core';
import { toCertificate } from '@tidelock/kit/certificate';
import { type Certified, createCertificates } from './certificate.ts';
import type { VaultClient } from './client.ts';
import type { TransitOptions } from './config.ts';
import { createFailure } from './errors.ts';
import { createTransitKeys, type TransitKeys } from './keys-transit.ts';
import type { TransitKey } from './wire.ts';

/** A key without a certificate that is older than this was left behind by somebody who died between the two. */
const UNFINISHED_MS = 60_000;

function conflict(operation: string, name: string): Error {
  const remedy = 'Choose another name; key pairs are replaced by new ones, never overwritten.';
  return createFailure('CONFLICT', { operation, text: `a key pair "${name}" exists already`, remedy });
}

export interface Newest {
  readonly version: number;
  readonly publicKey: string;
  readonly madeAt: number;
}

export function newestOf(key: TransitKey): Newest {
  const version = Math.max(...Object.keys(key.keys).map(Number));
  const entry = key.keys[String(version)];
  return { version, publicKey: entry?.public_key ?? '', madeAt: Date.parse(entry?.creation_time ?? '') };
}

export interface KeyParts {
  readonly client: VaultClient;
  readonly options: TransitOptions;
  readonly clock: Clock;
  /** For certificates that the engine does not take; null = there is no such place. */
  readonly aside: SecretStore | null;
}

/** What making, finding and removing a key pair have in common. */
export interface KeyShelf {
  readonly keys: TransitKeys;
  /** What a creator that died left behind, or null; throws where the name is taken. */
  requireFree(name: string, operation: string): Promise<TransitKey | null>;
  certified(name: string, operation: string): Promise<Certified | null>;
  /** Sets the certificate, and makes sure that it is the one that stands. */
  finish(name: string, made: Certified, operation: string): Promise<Certificate>;
  remove(name: string, operation: string): Promise<void>;
}

export function createKeyShelf({ client, options, clock, aside }: KeyParts): KeyShelf {
  const keys = createTransitKeys(client, options);
  const certificates = createCertificates(client, keys, aside);

  async function requireFree(name: string, operation: string): Promise<TransitKey | null> {
    const found = await keys.read(name, operation);
    if (found === null) return null;
    const fresh = clock.now() - newestOf(found).madeAt < UNFINISHED_MS;
    if (fresh || (await certificates.of(name, found)) !== null) throw conflict(operation, name);
    return found;
  }

  async function certified(name: string, operation: string): Promise<Certified | null> {
    const key = await keys.read(name, operation);
    return key && certificates.of(name, key);
  }

  async function finish(name: string, made: Certified, operation: string): Promise<Certificate> {
    await certificates.set(name, made, operation);
    // Nothing in the service makes "create" exclusive: of two who came at once, the one whose certificate stands has it.
    const kept = await certified(name, operation);
    if (kept === null || !Buffer.from(kept.der).equals(made.der)) throw conflict(operation, name);
    return toCertificate(name, made.der);
  }

  async function remove(name: string, operation: string): Promise<void> {
    if ((await keys.read(name, operation)) === null) return;
    const path = keys.pathOf(name, operation);
    const body = { deletion_allowed: true };
    await client.call({ operation, method: 'POST', path: `${path}/config`, body });
    await client.call({ operation, method: 'DELETE', path });
    await certificates.forget(name);
  }

  return { keys, requireFree, certified, finish, remove };
}
