import { createCipheriv, createDecipheriv, generateKeySync, randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Overflow } from '@tidelock/engine';

/** A place is offset and length in one number: texts up to a megabyte, in a file of up to eight gigabytes. */
const LENGTHS = 2 ** 20;
const MAX_FILE = 2 ** 33;
const BLOCK = 2 ** 18;

interface File {
  readonly descriptor: number;
  /** Where it still stands in the folder: the system would not take the name of an open file away. */
  readonly left: string | null;
}

/** A file without a name: nothing of it outlives the process, and nobody else can open it. */
function openNameless(folder: string): File {
  const path = join(folder, `contents-${randomUUID()}.tmp`);
  const descriptor = openSync(path, 'wx+', 0o600);
  try {
    rmSync(path);
    return { descriptor, left: null };
  } catch {
    return { descriptor, left: path };
  }
}

const CIPHER = 'aes-256-ctr';
const STEP = 16;

/** Each file has a key of its own, which is nowhere but in memory: what is left on the disk can be read by nobody. */
function createSeal() {
  // As a key object: of plain bytes, Node makes one anew for each text.
  const key = generateKeySync('aes', { length: 256 });
  const cipher = createCipheriv(CIPHER, key, Buffer.alloc(STEP));
  return {
    /** Takes the bytes of the file in their order. */
    next: (bytes: Buffer): Buffer => cipher.update(bytes),
    open(bytes: Buffer, at: number): Buffer {
      const counter = Buffer.alloc(STEP);
      counter.writeBigUInt64BE(BigInt(Math.floor(at / STEP)), STEP - 8);
      const skipped = at % STEP;
      const decipher = createDecipheriv(CIPHER, key, counter);
      return decipher.update(Buffer.concat([Buffer.alloc(skipped), bytes])).subarray(skipped);
    },
  };
}

/**
 * Contents of a large sync, in a file of the data folder that exists only while it is needed. Where it cannot be written
 * (a full disk), nothing is kept, which costs reads.
 */
export function createOverflow(folder: string): Overflow {
  let file: File | null = null;
  /** Bytes in the file; behind them comes what is in the block. */
  let written = 0;
  let used = 0;
  let block = Buffer.alloc(0);
  /** Made for the first bytes: most mailboxes never have any here. */
  let seal: ReturnType<typeof createSeal> | null = null;
  let sealed: Buffer | null = null;
  const flush = (): void => {
    file ??= openNameless(folder);
    seal ??= createSeal();
    const bytes = sealed ?? seal.next(block.subarray(0, used));
    // A write that fails is tried again with the same bytes: the cipher goes forward only.
    sealed = bytes;
    let done = 0;
    while (done < used) done += writeSync(file.descriptor, bytes, done, used - done, written + done);
    sealed = null;
    written += used;
    used = 0;
  };
  const put = (text: string): number | null => {
    const length = Buffer.byteLength(text);
    if (length >= BLOCK || written + used + length > MAX_FILE) return null;
    if (block.length === 0) block = Buffer.allocUnsafe(BLOCK);
    if (used + length > BLOCK) flush();
    const at = written + used;
    used += block.write(text, used);
    return at * LENGTHS + length;
  };
  const get = (place: number): string | null => {
    const length = place % LENGTHS;
    const at = (place - length) / LENGTHS;
    if (at >= written) return block.toString('utf8', at - written, at - written + length);
    const bytes = Buffer.allocUnsafe(length);
    const read = file === null ? 0 : readSync(file.descriptor, bytes, 0, length, at);
    return read === length && seal !== null ? seal.open(bytes, at).toString('utf8') : null;
  };
  const orNull = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  return {
    put: (text) => orNull(() => put(text)),
    get: (place) => orNull(() => get(place)),
    clear() {
      const open = file;
      file = null;
      written = 0;
      used = 0;
      block = Buffer.alloc(0);
      seal = null;
      sealed = null;
      if (open === null) return;
      orNull(() => ftruncateSync(open.descriptor));
      orNull(() => closeSync(open.descriptor));
      if (open.left !== null) rmSync(open.left, { force: true });
    },
  };
}
