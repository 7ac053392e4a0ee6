import path from 'node:path';
import type { FileSecretsOptions } from './config.ts';
import { createFailure } from './errors.ts';
import { assertDirectory, MAX_FILE_BYTES, readSafely, writeNew } from './store-file.ts';

interface Place {
  readonly dataDir: string;
}

const RULES = { forbiddenMode: 0o077, maxBytes: MAX_FILE_BYTES } as const;

/** The encrypted file as it lies there. Its key is not in it: whoever restores it needs that from its own safe place. */
export async function snapshotFileSecrets(
  options: FileSecretsOptions,
  { dataDir }: Place,
  to: string,
): Promise<void> {
  const operation = 'secrets.snapshot';
  const file = path.resolve(dataDir, options.file);
  const bytes = await readSafely(file, { ...RULES, operation });
  if (bytes === null) {
    const remedy = 'Restore it, or set Tidelock up anew.';
    throw createFailure('UNAVAILABLE', {
      operation,
      text: `the secrets file ${file} does not exist`,
      remedy,
    });
  }
  if (await writeNew(to, bytes.toString('utf8'), operation)) return;
  throw createFailure('CONFLICT', { operation, text: `${to} exists already` });
}

/** Throws `conflict` where there is another secrets file already; the same one is left as it is. */
export async function restoreFileSecrets(
  options: FileSecretsOptions,
  { dataDir }: Place,
  from: string,
): Promise<void> {
  const operation = 'secrets.restore';
  const file = path.resolve(dataDir, options.file);
  await assertDirectory(file, operation);
  const bytes = await readSafely(from, { ...RULES, operation });
  if (bytes === null) throw createFailure('NOT_FOUND', { operation, text: `${from} does not exist` });
  if (await writeNew(file, bytes.toString('utf8'), operation)) return;
  const present = await readSafely(file, { ...RULES, operation });
  if (present?.equals(bytes) === true) return;
  const text = `there is another secrets file already: ${file}`;
  throw createFailure('CONFLICT', {
    operation,
    text,
    remedy: 'Move it away, or restore into another data folder.',
  });
}
