import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate, Clock, KeyStore, Signer } from '@tidelock/core';
import { requireSecretName } from '@tidelock/kit';
import { toCertificate } from '@tidelock/kit/certificate';
import { createPair, importPair, type StoredPair } from './certificate.ts';
import { createFailure } from './errors.ts';
import { signDigest } from './signer.ts';
import type { DocumentFile, SecretsDocument } from './store-document.ts';

type Entry = SecretsDocument['keys'][number];

function assertFree(document: SecretsDocument, name: string, operation: string): void {
  if (!document.keys.some((entry) => entry.name === name)) return;
  const remedy = 'Choose another name; key pairs are replaced by new ones, never overwritten.';
  throw createFailure('CONFLICT', { operation, text: `a key pair "${name}" exists already`, remedy });
}

function certificateOf(entry: Entry): Certificate {
  return toCertificate(entry.name, new Uint8Array(Buffer.from(entry.certificate, 'base64')));
}

/** Keeps key objects only: no PEM, no bytes that a heap snapshot would show. */
function createSigner(entry: Entry): Signer {
  const der = Buffer.from(entry.privateKey, 'base64');
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const pair = { privateKey, publicKey: createPublicKey(privateKey) };
  const certificate = certificateOf(entry);
  return {
    certificate: async () => certificate,
    sign: async (algorithm, digest) => signDigest(pair, algorithm, digest),
  };
}

export function createKeyStore(file: DocumentFile, clock: Clock): KeyStore {
  async function keep(name: string, pair: StoredPair, operation: string): Promise<Certificate> {
    const privateKey = Buffer.from(pair.privateKey).toString('base64');
    pair.privateKey.fill(0);
    const certificate = Buffer.from(pair.certificate).toString('base64');
    await file.update(operation, (document) => {
      assertFree(document, name, operation);
      return { ...document, keys: [...document.keys, { name, privateKey, certificate }] };
    });
    return toCertificate(name, pair.certificate);
  }

  async function find(name: string, operation: string): Promise<Entry> {
    requireSecretName(name, operation);
    const entry = (await file.read(operation)).keys.find((each) => each.name === name);
    if (entry !== undefined) return entry;
    const remedy = 'Create or import the key pair, or correct the name.';
    throw createFailure('NOT_FOUND', { operation, text: `there is no key pair "${name}"`, remedy });
  }

  return {
    signer: async (name) => createSigner(await find(name, 'keys.signer')),
    // Whoever has file and master key has the private key anyway.
    async export(name) {
      const entry = await find(name, 'keys.export');
      const key = Buffer.from(entry.privateKey, 'base64');
      const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
      key.fill(0);
      return {
        privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        certificatePem: new X509Certificate(Buffer.from(entry.certificate, 'base64')).toString(),
      };
    },
    async create(name, options) {
      const operation = 'keys.create';
      requireSecretName(name, operation);
      assertFree(await file.read(operation), name, operation);
      return keep(name, await createPair(options, clock.now()), operation);
    },
    async import(name, pem) {
      requireSecretName(name, 'keys.import');
      return keep(name, importPair(pem), 'keys.import');
    },
    async list() {
      const { keys } = await file.read('keys.list');
      return keys.map(certificateOf).sort((a, b) => (a.keyName < b.keyName ? -1 : 1));
    },
    async remove(name) {
      requireSecretName(name, 'keys.remove');
      await file.update('keys.remove', (document) =>
        document.keys.some((each) => each.name === name)
          ? { ...document, keys: document.keys.filter((each) => each.name !== name) }
          : null,
      );
    },
  };
}
