import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { AdapterError, InputError } from '@tidelock/core';
import type { Encrypter } from 'age-encryption';
import type { ParsedTarEntry } from 'modern-tar';
import { CONTENTS, type Contents, ContentsSchema, isEntryName } from './contents.ts';

/** Who can open a backup: age recipients (`age1...`), or whoever knows a passphrase. */
export type Lock = { readonly recipients: readonly string[] } | { readonly passphrase: string };
/** How one is opened: age identities (`AGE-SECRET-KEY-1...`), or the passphrase. */
export type Unlock = { readonly identities: readonly string[] } | { readonly passphrase: string };

export interface Entry {
  readonly name: string;
  readonly file: string;
}

export type OnBytes = (bytes: number) => void;

const OPERATION = 'backup.read';

/** Loaded when a backup is made or read: every process would hold them otherwise. */
const loadAge = () => import('age-encryption');
const loadTar = () => import('modern-tar');

async function encrypterFor(lock: Lock): Promise<Encrypter> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  if ('passphrase' in lock) {
    encrypter.setPassphrase(lock.passphrase);
    return encrypter;
  }
  for (const recipient of lock.recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      const reason = 'is not an age recipient';
      const remedy = 'Write what age-keygen prints as "Public key": age1...';
      throw new InputError(`${recipient} ${reason}`, [{ path: recipient.slice(0, 80), reason, remedy }]);
    }
  }
  return encrypter;
}

export async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
  return hash.digest('hex');
}

const web = (file: string): ReadableStream<Uint8Array> =>
  Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;

function counted(onBytes: OnBytes | undefined): TransformStream<Uint8Array, Uint8Array> {
  let sum = 0;
  return new TransformStream({
    transform(part, to) {
      sum += part.byteLength;
      onBytes?.(sum);
      to.enqueue(part);
    },
  });
}

/** `tar`, compressed, encrypted with age: `age -d backup | tar xz` reads it without this program. */
export async function writeArchive(
  out: string,
  of: {
    readonly contents: Contents;
    readonly entries: readonly Entry[];
    readonly lock: Lock;
    readonly onBytes?: OnBytes | undefined;
  },
): Promise<void> {
  const encrypter = await encrypterFor(of.lock);
  const { createTarPacker } = await loadTar();
  const { readable, controller } = createTarPacker();
  const fill = async (): Promise<void> => {
    const text = new TextEncoder().encode(`${JSON.stringify(of.contents, null, 2)}\n`);
    const writer = controller.add({ name: CONTENTS, size: text.length, mode: 0o600 }).getWriter();
    await writer.write(text);
    await writer.close();
    for (const { name, file } of of.entries) {
      const { size } = await stat(file);
      await web(file).pipeTo(controller.add({ name, size, mode: 0o600 }));
    }
    controller.finalize();
  };
  const squeezed = readable
    .pipeThrough(counted(of.onBytes))
    .pipeThrough(new CompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>);
  const sealed = await encrypter.encrypt(squeezed);
  const target = Writable.toWeb(createWriteStream(out, { flags: 'wx', mode: 0o600 }));
  const filled = fill().catch((error: unknown) => {
    controller.error(error);
    throw error;
  });
  await Promise.all([filled, sealed.pipeTo(target)]);
}

const locked = (cause: unknown): AdapterError =>
  new AdapterError('auth', 'The backup does not open with that.', {
    operation: OPERATION,
    code: 'locked',
    remedy: 'Give the passphrase, or the identity of one of the recipients, that it was made for.',
    cause,
  });

const damaged = (what: string): AdapterError =>
  new AdapterError('invalid', `The backup is damaged: ${what}.`, {
    operation: OPERATION,
    code: 'damaged',
    remedy: 'Take another backup. Nothing was changed.',
  });

async function open(file: string, unlock: Unlock): Promise<ReadableStream<Uint8Array>> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  if ('passphrase' in unlock) decrypter.addPassphrase(unlock.passphrase);
  else for (const identity of unlock.identities) decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(web(file));
  } catch (error) {
    throw locked(error);
  }
}

async function readContents(entry: ParsedTarEntry): Promise<Contents> {
  if (entry.header.name !== CONTENTS) throw damaged('it does not say what it holds');
  const parsed = ContentsSchema.safeParse(await new Response(entry.body).json());
  if (parsed.success) return parsed.data;
  throw new AdapterError('unsupported', 'The backup is of a form that this program does not know.', {
    operation: OPERATION,
    remedy: 'Restore it with the program that made it, or a newer one.',
  });
}

async function unpack(tar: ReadableStream<ParsedTarEntry>, folder: string): Promise<ReadArchive> {
  let contents: Contents | null = null;
  const files = new Map<string, string>();
  for await (const entry of tar) {
    if (contents === null) {
      contents = await readContents(entry);
      continue;
    }
    const { name } = entry.header;
    if (!isEntryName(name) || files.has(name)) throw damaged(`it holds ${JSON.stringify(name)}`);
    const file = join(folder, String(files.size));
    await entry.body.pipeTo(Writable.toWeb(createWriteStream(file, { flags: 'wx', mode: 0o600 })));
    files.set(name, file);
  }
  if (contents === null) throw damaged('it is empty');
  for (const { name, sha256 } of contents.files) {
    const file = files.get(name);
    if (file === undefined) throw damaged(`${name} is missing`);
    if ((await hashOfFile(file)) !== sha256) throw damaged(`${name} is not what it was`);
  }
  return { contents, files };
}

export interface ReadArchive {
  readonly contents: Contents;
  /** Where each entry was put, by its name. */
  readonly files: ReadonlyMap<string, string>;
}

/** Unpacks into a folder, under numbers for names, and checks everything. Throws `auth` where it does not open. */
export async function readArchive(file: string, folder: string, unlock: Unlock): Promise<ReadArchive> {
  const plain = await open(file, unlock);
  const { createTarDecoder } = await loadTar();
  const tar = plain
    .pipeThrough(new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>)
    .pipeThrough(createTarDecoder({ strict: true }));
  try {
    return await unpack(tar, folder);
  } catch (error) {
    if (error instanceof Error && error.name === 'AdapterError') throw error;
    throw damaged(error instanceof Error ? error.message : 'it ends too early');
  }
}
