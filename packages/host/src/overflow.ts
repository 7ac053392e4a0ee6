import { createCipheriv, createDecipheriv, generateKeySync, randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Overflow } from '@tidelock/engine';

/** A place is the number of the file, offset and length in one number: texts up to a megabyte, in files of 64. */
const LENGTHS = 2 ** 20;
const MAX_FILE = 2 ** 26;
/** Eight gigabytes. */
const MAX_FILES = 128;
const BLOCK = 2 ** 18;

interface NamelessFile {
  readonly descriptor: number;
  /** Where it still stands in the folder: the system would not take the name of an open file away. */
  readonly left: string | null;
}

/** A file without a name: nothing of it outlives the process, and nobody else can open it. */
function openNameless(folder: string): NamelessFile {
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

const orNull = <T>(work: () => T): T | null => {
  try {
    return work();
  } catch {
    return null;
  }
};

/** One file, which is filled once, from its beginning to its end. It exists from its first full block on. */
function createFile(folder: string) {
  let file: NamelessFile | null = null;
  /** Bytes in the file; behind them comes what is in the block. */
  let written = 0;
  let used = 0;
  let block = Buffer.alloc(0);
  let seal: ReturnType<typeof createSeal> | null = null;
  let sealed: Buffer | null = null;
  /** Texts that somebody may ask for. */
  let living = 0;
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
  return {
    fits: (length: number): boolean => written + used + length <= MAX_FILE,
    /** Answers the offset. Throws when the disk is full. */
    put(text: string, length: number): number {
      if (block.length === 0) block = Buffer.allocUnsafe(BLOCK);
      if (used + length > BLOCK) flush();
      const at = written + used;
      used += block.write(text, used);
      living += 1;
      return at;
    },
    get(at: number, length: number): string | null {
      if (at >= written) return block.toString('utf8', at - written, at - written + length);
      const bytes = Buffer.allocUnsafe(length);
      const read = file === null ? 0 : readSync(file.descriptor, bytes, 0, length, at);
      return read === length && seal !== null ? seal.open(bytes, at).toString('utf8') : null;
    },
    /** Nothing comes after this. Throws when the disk is full. */
    end(): void {
      if (used > 0) flush();
      block = Buffer.alloc(0);
    },
    /** Answers whether it was the last one. */
    drop(): boolean {
      living -= 1;
      return living === 0;
    },
    remove(): void {
      const open = file;
      if (open === null) return;
      orNull(() => ftruncateSync(open.descriptor));
      orNull(() => closeSync(open.descriptor));
      if (open.left !== null) rmSync(open.left, { force: true });
    },
  };
}

/**
 * Contents of a large sync, in files of the data folder that exist only while what is in them is needed. Where nothing can be written
 * (a full disk), nothing is kept, which costs reads.
 */
export function createOverflow(folder: string): Overflow {
  const files = new Map<number, ReturnType<typeof createFile>>();
  /** The one that is being filled. */
  let filling: number | null = null;
  const numberOf = (place: number): number => Math.floor(place / LENGTHS / MAX_FILE);
  const begin = (): number | null => {
    for (let free = 0; free < MAX_FILES; free += 1) {
      if (files.has(free)) continue;
      files.set(free, createFile(folder));
      return free;
    }
    return null;
  };
  /** The number of a file that has room for so many bytes; null = all of them are full. */
  const roomFor = (length: number): number | null => {
    const last = filling === null ? undefined : files.get(filling);
    if (last?.fits(length) === true) return filling;
    last?.end();
    filling = begin();
    return filling;
  };
  const put = (text: string): number | null => {
    const length = Buffer.byteLength(text);
    const number = length >= BLOCK ? null : roomFor(length);
    const file = number === null ? undefined : files.get(number);
    if (number === null || file === undefined) return null;
    return (number * MAX_FILE + file.put(text, length)) * LENGTHS + length;
  };
  const get = (place: number): string | null => {
    const length = place % LENGTHS;
    const at = (place - length) / LENGTHS;
    return files.get(numberOf(place))?.get(at % MAX_FILE, length) ?? null;
  };
  return {
    put: (text) => orNull(() => put(text)),
    get: (place) => orNull(() => get(place)),
    drop(place) {
      const number = numberOf(place);
      const file = files.get(number);
      if (file?.drop() !== true) return;
      file.remove();
      files.delete(number);
      if (filling === number) filling = null;
    },
  };
}
