import type { AdapterContext } from '@tidelock/core';
import * as z from 'zod';
import { type KeyRing, seal, unseal } from './envelope.ts';
import { createFailure } from './errors.ts';
import type { ReadyKey } from './keys-master.ts';
import { withLock } from './lock.ts';
import {
  assertDirectory,
  MAX_FILE_BYTES,
  readSafely,
  removeLeftovers,
  writeAtomically,
} from './store-file.ts';

const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

/** What is sealed in the file. Lists, not objects keyed by name: a name can then never meet an object's own. */
const DocumentSchema = z.strictObject({
  /** Goes up with every write; versions of secrets are its values, so none is ever used twice. */
  rev: z.int().min(0),
  secrets: z.array(
    z.strictObject({
      name: z.string(),
      /** Newest first. */
      versions: z.array(z.strictObject({ version: z.string(), value: Base64 })).min(1),
    }),
  ),
  keys: z.array(z.strictObject({ name: z.string(), privateKey: Base64, certificate: Base64 })),
  /** Wrapping keys, newest first. */
  wrapping: z.array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{8}$/), key: Base64 })),
});
export type SecretsDocument = z.infer<typeof DocumentSchema>;

const EMPTY: SecretsDocument = { rev: 0, secrets: [], keys: [], wrapping: [] };

/** The sealed document: read whole, changed whole. */
export interface DocumentFile {
  read(operation: string): Promise<SecretsDocument>;
  /**
   * Changes the document under the lock and writes it. `change` gets the next `rev` and returns the new document, or
   * null when there is nothing to write. What it throws leaves the file as it was.
   */
  update(
    operation: string,
    change: (document: SecretsDocument, rev: number) => SecretsDocument | null,
  ): Promise<SecretsDocument>;
  close(): void;
}

export interface DocumentPlace {
  readonly file: string;
  readonly ring: KeyRing;
  readonly context: AdapterContext;
}

interface Loaded {
  readonly document: SecretsDocument;
  readonly key: ReadyKey | null;
}

function toDocument(plaintext: Uint8Array, operation: string, file: string): SecretsDocument {
  try {
    return DocumentSchema.parse(JSON.parse(new TextDecoder().decode(plaintext)));
  } catch {
    const remedy = 'Put back the file from a backup.';
    throw createFailure('CORRUPT', { operation, text: `${file} opens but holds something else`, remedy });
  } finally {
    plaintext.fill(0);
  }
}

async function load({ file, ring }: DocumentPlace, operation: string): Promise<Loaded> {
  const bytes = await readSafely(file, { operation, forbiddenMode: 0o077, maxBytes: MAX_FILE_BYTES });
  if (bytes === null) {
    await assertDirectory(file, operation);
    return { document: EMPTY, key: null };
  }
  const opened = await unseal(bytes.toString('utf8'), ring, { operation, file });
  return { document: toDocument(opened.plaintext, operation, file), key: opened.key };
}

async function store(place: DocumentPlace, next: Loaded, operation: string): Promise<void> {
  const plaintext = new TextEncoder().encode(JSON.stringify(next.document));
  const text = await seal(plaintext, await place.ring.writeKey(next.key));
  plaintext.fill(0);
  if (text.length > MAX_FILE_BYTES) {
    const remedy = 'Remove secrets that are no longer needed.';
    const full = `the file would have ${text.length} bytes, more than ${MAX_FILE_BYTES}`;
    throw createFailure('TOO_LARGE', { operation, text: full, remedy });
  }
  await removeLeftovers(place.file);
  await writeAtomically(place.file, text, operation);
}

export function createDocumentFile(place: DocumentPlace): DocumentFile {
  const { file, context } = place;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  const assertOpen = (operation: string) => {
    if (closed) throw createFailure('CLOSED', { operation, text: 'the secret store is closed' });
  };

  /** One writer at a time inside this process, so that they do not poll the lock against one another. */
  function queued<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  }

  return {
    async read(operation) {
      assertOpen(operation);
      return (await load(place, operation)).document;
    },
    async update(operation, change) {
      assertOpen(operation);
      await assertDirectory(file, operation);
      return queued(() =>
        withLock(`${file}.lock`, { clock: context.clock, operation }, async () => {
          const { document, key } = await load(place, operation);
          const rev = document.rev + 1;
          const changed = change(document, rev);
          if (changed === null) return document;
          const next = { ...changed, rev };
          await store(place, { document: next, key }, operation);
          return next;
        }),
      );
    },
    close() {
      closed = true;
    },
  };
}
