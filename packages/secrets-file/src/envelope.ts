import { GeneralEncrypt, type GeneralJWE, generalDecrypt } from 'jose';
import * as z from 'zod';
import { createFailure } from './errors.ts';
import { createKdf, type Kdf, KdfSchema, type MasterKey, type ReadyKey, stretch } from './keys-master.ts';

/** Version of what is inside the container; a file of a newer one is not touched. */
export const FORMAT = 1;
const TYPE = 'secret-file+json';
const ALLOWED = { keyManagementAlgorithms: ['A256GCMKW'], contentEncryptionAlgorithms: ['A256GCM'] };

/**
 * JWE General JSON (RFC 7516), one recipient. `kid` is a hint and stands unprotected; everything that decides is
 * authenticated.
 */
const HeaderSchema = z.looseObject({ kid: z.string().max(64).optional(), kdf: KdfSchema.optional() });
const ContainerSchema = z.looseObject({
  protected: z.string().max(4096),
  recipients: z
    .array(z.looseObject({ header: HeaderSchema.optional(), encrypted_key: z.string() }))
    .min(1)
    .max(8),
  iv: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
});
const ProtectedSchema = z.looseObject({ typ: z.literal(TYPE), v: z.int().min(1), enc: z.literal('A256GCM') });

export interface Opened {
  readonly plaintext: Uint8Array;
  /** The configured key that opened it. */
  readonly key: ReadyKey;
}

/** Keys as they are configured, with what stretching passphrases gave. */
export interface KeyRing {
  /** The key to write with. `salted`: the one that opened the file, whose salt is kept if it is the first key. */
  writeKey(opened: ReadyKey | null): Promise<ReadyKey>;
  /** Keys worth trying on a recipient. */
  candidates(kdf: Kdf | undefined): Promise<readonly ReadyKey[]>;
}

export function createKeyRing(keys: readonly MasterKey[]): KeyRing {
  const stretched = new Map<string, Promise<ReadyKey>>();
  const ready = (key: MasterKey, kdf: Kdf): Promise<ReadyKey> => {
    if (key.kind === 'key') return Promise.resolve({ kid: key.kid, key: key.key });
    const id = `${keys.indexOf(key)} ${kdf.m} ${kdf.t} ${kdf.p} ${kdf.salt}`;
    const running = stretched.get(id) ?? stretch(key.passphrase, kdf);
    stretched.set(id, running);
    return running;
  };
  return {
    writeKey: async (opened) => {
      const [first] = keys;
      if (first === undefined)
        throw createFailure('CONFIG', { operation: 'secrets.key', text: 'no key is configured' });
      return ready(first, opened?.kdf ?? createKdf());
    },
    candidates: (kdf) =>
      Promise.all(
        keys
          .filter((key) => (key.kind === 'passphrase') === (kdf !== undefined))
          .map((key) => ready(key, kdf ?? createKdf())),
      ),
  };
}

function corrupt(operation: string, file: string, text: string): Error {
  const remedy = 'Put back the file from a backup; the damaged one was left as it is.';
  return createFailure('CORRUPT', { operation, text: `${file} ${text}`, remedy });
}

function fromText(text: string, operation: string, file: string): z.infer<typeof ContainerSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt(operation, file, 'is not JSON');
  }
  const parsed = ContainerSchema.safeParse(value);
  if (!parsed.success) throw corrupt(operation, file, 'is not a secrets file');
  return parsed.data;
}

function assertFormat(header: string, operation: string, file: string): void {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  } catch {
    throw corrupt(operation, file, 'has an unreadable header');
  }
  const parsed = ProtectedSchema.safeParse(value);
  if (!parsed.success) throw corrupt(operation, file, 'has a header of another kind');
  if (parsed.data.v <= FORMAT) return;
  const text = `${file} has format ${parsed.data.v}, this version knows ${FORMAT}`;
  throw createFailure('NEWER_FORMAT', { operation, text, remedy: 'Run the newer version that wrote it.' });
}

/** Opens the container with whichever key fits. Wrong key and changed bytes are told apart by the key's name. */
export async function unseal(
  text: string,
  ring: KeyRing,
  at: { operation: string; file: string },
): Promise<Opened> {
  const { operation, file } = at;
  const container = fromText(text, operation, file);
  assertFormat(container.protected, operation, file);
  let named = false;
  for (const recipient of container.recipients) {
    for (const key of await ring.candidates(recipient.header?.kdf)) {
      named ||= key.kid === recipient.header?.kid;
      const single = { ...container, recipients: [recipient] } as GeneralJWE;
      const opened = await generalDecrypt(single, key.key, ALLOWED).catch(() => null);
      if (opened !== null) return { plaintext: opened.plaintext, key };
    }
  }
  if (named) {
    const remedy = 'Put back the file from a backup, and find out who can write to it.';
    throw createFailure('TAMPERED', {
      operation,
      text: `${file} was changed by somebody else or is damaged`,
      remedy,
    });
  }
  const kids = container.recipients.map((each) => each.header?.kid ?? '?').join(', ');
  const shown = kids.replace(/[^0-9a-z?, ]/gi, '').slice(0, 80);
  const remedy = 'Configure the key that the file was written with (its name is shown) under "keys".';
  throw createFailure('NO_KEY', {
    operation,
    text: `no configured key opens ${file} (written with ${shown})`,
    remedy,
  });
}

export async function seal(plaintext: Uint8Array, key: ReadyKey): Promise<string> {
  const header = { alg: 'A256GCMKW', kid: key.kid, ...(key.kdf ? { kdf: key.kdf } : {}) };
  const jwe = await new GeneralEncrypt(plaintext)
    .setProtectedHeader({ enc: 'A256GCM', typ: TYPE, v: FORMAT })
    .addRecipient(key.key)
    .setUnprotectedHeader(header)
    .encrypt();
  return `${JSON.stringify(jwe)}\n`;
}
