import type { Side, StoreRecord } from '@tidelock/core';
import { hash53 } from './features.ts';

/** What a lane has seen of its records and not used yet, so that it need not be read again as the *source* of a write. */
export interface RecordCache {
  put(side: Side, record: StoreRecord): void;
  /** Without `mono` newer than `seen`, the cached content is stale and is not given out. */
  get(side: Side, id: string, seen: string): StoreRecord | undefined;
  has(side: Side, id: string): boolean;
  drop(side: Side, id: string): void;
  /** Forgets everything, and keeps nothing from here on: the lane takes no part any more. */
  close(): void;
}

/** A place outside the memory for texts of this process. Losing what it holds costs reads, nothing else. */
export interface Overflow {
  /** Answers what `get` takes; null when there is no room. */
  put(text: string): number | null;
  get(place: number): string | null;
  /** Nobody asks for this one any more. To be called once. */
  drop(place: number): void;
}

/**
 * Contents that feeds and listings already carried, of all lanes: how many mailboxes there are does not say how much memory they take.
 * Kept as text, a third of the memory of objects: the newest in memory, older ones in the overflow. Where there is none, or
 * no room in it, the oldest go first.
 */
export interface Contents {
  /** A lane's own part. */
  open(): RecordCache;
}

interface ContentsOptions {
  /** Characters that stay in memory. */
  readonly maxChars: number;
  /** Contents that may lie in the overflow: each takes some sixty bytes of memory. Default: half a million. */
  readonly maxFar?: number;
  readonly overflow?: Overflow | undefined;
}

interface Part {
  /** Keys of this lane, and where its texts lie. */
  readonly far: Map<number, number>;
  isClosed: boolean;
}

/** What all parts have in common: the texts in memory, and how many lie elsewhere. */
function createPool({ maxChars, maxFar = 500_000, overflow }: ContentsOptions) {
  const near = new Map<number, string>();
  const parts = new Map<string, Part>();
  let size = 0;
  let far = 0;
  const dropNear = (key: number): void => {
    size -= near.get(key)?.length ?? 0;
    near.delete(key);
  };
  const dropFar = (part: Part, key: number): void => {
    const place = part.far.get(key);
    if (place === undefined) return;
    part.far.delete(key);
    far -= 1;
    overflow?.drop(place);
  };
  const putFar = (key: number, text: string): void => {
    const part = parts.get(text.slice(0, text.indexOf(':')));
    const place = part === undefined || far >= maxFar ? null : (overflow?.put(text) ?? null);
    if (part === undefined || place === null) return;
    part.far.set(key, place);
    far += 1;
  };
  return {
    near,
    drop(part: Part, key: number): void {
      dropNear(key);
      dropFar(part, key);
    },
    put(name: string, of: { readonly part: Part; readonly key: number; readonly text: string }): void {
      // Not before: a lane that takes no part in the end leaves nothing behind.
      parts.set(name, of.part);
      near.set(of.key, of.text);
      size += of.text.length;
      for (const [key, text] of near) {
        if (size <= maxChars) return;
        dropNear(key);
        putFar(key, text);
      }
    },
    textOf(part: Part, key: number): string | null {
      const place = part.far.get(key);
      return near.get(key) ?? (place === undefined ? null : (overflow?.get(place) ?? null));
    },
    close(name: string, part: Part): void {
      parts.delete(name);
      for (const key of [...part.far.keys()]) dropFar(part, key);
      for (const [key, text] of near) if (text.startsWith(`${name}:`)) dropNear(key);
    },
  };
}

/** Entries are found by a hash of their name; the text says whose content it is, so a clash costs a read. */
function openPart(pool: ReturnType<typeof createPool>, name: string): RecordCache {
  const part: Part = { far: new Map(), isClosed: false };
  const prefixOf = (side: Side): string => `${name}:${side}`;
  const keyOf = (side: Side, id: string): number => hash53(prefixOf(side) + id);
  return {
    put(side, record) {
      if (part.isClosed) return;
      const key = keyOf(side, record.id);
      pool.drop(part, key);
      const { extra: _, ...kept } = record;
      pool.put(name, { part, key, text: prefixOf(side) + JSON.stringify(kept) });
    },
    get(side, id, seen) {
      const text = pool.textOf(part, keyOf(side, id));
      const prefix = prefixOf(side);
      if (text === null || !text.startsWith(prefix)) return undefined;
      const record = JSON.parse(text.slice(prefix.length)) as StoreRecord;
      return record.id !== id || record.mono < seen ? undefined : record;
    },
    has(side, id) {
      const key = keyOf(side, id);
      return pool.near.has(key) || part.far.has(key);
    },
    drop: (side, id) => pool.drop(part, keyOf(side, id)),
    close() {
      part.isClosed = true;
      pool.close(name, part);
    },
  };
}

export function createContents(options: ContentsOptions): Contents {
  const pool = createPool(options);
  let opened = 0;
  return {
    open() {
      opened += 1;
      return openPart(pool, String(opened));
    },
  };
}

/** Contents of one lane by itself, all of them in memory up to so many characters. */
export const createRecordCache = (maxChars = 48_000_000): RecordCache => createContents({ maxChars }).open();
