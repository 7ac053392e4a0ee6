import type { SecretStore, SecretValue } from '@tidelock/core';
import { requireSecretName, requireSecretSize } from '@tidelock/kit';
import { createFailure } from './errors.ts';
import type { DocumentFile, SecretsDocument } from './store-document.ts';

/** Versions kept of each name, the present one among them. */
const KEPT_VERSIONS = 4;

type Entry = SecretsDocument['secrets'][number];

function entryOf(document: SecretsDocument, name: string): Entry | undefined {
  return document.secrets.find((entry) => entry.name === name);
}

function assertExpected(current: string | null, expected: string | null | undefined, name: string): void {
  if (expected === undefined || expected === current) return;
  const remedy = 'Read the present version and decide again.';
  const text = expected === null ? `"${name}" exists already` : `"${name}" has another version by now`;
  throw createFailure('CONFLICT', { operation: 'secrets.put', text, remedy });
}

function withVersion(
  document: SecretsDocument,
  name: string,
  version: Entry['versions'][number],
): SecretsDocument {
  const older = entryOf(document, name)?.versions.slice(0, KEPT_VERSIONS - 1) ?? [];
  const others = document.secrets.filter((entry) => entry.name !== name);
  return { ...document, secrets: [...others, { name, versions: [version, ...older] }] };
}

export function createSecretStore(file: DocumentFile): SecretStore {
  return {
    async get(name, version): Promise<SecretValue | null> {
      requireSecretName(name, 'secrets.get');
      const versions = entryOf(await file.read('secrets.get'), name)?.versions;
      const found =
        version === undefined ? versions?.[0] : versions?.find((each) => each.version === version);
      if (found === undefined) return null;
      return { name, value: new Uint8Array(Buffer.from(found.value, 'base64')), version: found.version };
    },
    async put(name, value, options) {
      const operation = 'secrets.put';
      requireSecretName(name, operation);
      requireSecretSize(name, value, operation);
      const encoded = Buffer.from(value).toString('base64');
      const written = await file.update(operation, (document, rev) => {
        assertExpected(entryOf(document, name)?.versions[0]?.version ?? null, options?.expected, name);
        return withVersion(document, name, { version: String(rev), value: encoded });
      });
      return String(written.rev);
    },
    async remove(name) {
      requireSecretName(name, 'secrets.remove');
      await file.update('secrets.remove', (document) =>
        entryOf(document, name) === undefined
          ? null
          : { ...document, secrets: document.secrets.filter((entry) => entry.name !== name) },
      );
    },
    async list(prefix = '') {
      const { secrets } = await file.read('secrets.list');
      return secrets
        .map((entry) => entry.name)
        .filter((name) => name.startsWith(prefix))
        .sort();
    },
  };
}
