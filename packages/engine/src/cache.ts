import type { Side, StoreRecord } from '@tidelock/core';
import { hash53 } from './features.ts';

/**
 * Contents that a feed or a listing already carried, so that they need not be read again as the *source* of a write.
 * Kept as text, a third of the memory of objects: the newest in memory, older ones in the overflow. Where there is none,
 * the oldest go first.
 */
export interface RecordCache {
  put(side: Side, record: StoreRecord): void;
  /** Without `mono` newer than `seen`, the cached content is stale and is not given out. */
  get(side: Side, id: string, seen: string): StoreRecord | undefined;
  has(side: Side, id: string): boolean;
  drop(side: Side, id: string): void;
}

/** A place outside the memory for texts of this process. Losing what it holds costs reads, nothing else. */
export interface Overflow {
  /** Answers what `get` takes; null when there is no room. */
  put(text: string): number | null;
  get(place: number): string | null;
  /** Forgets everything. */
  clear(): void;
}

/** Entries are found by a hash of their name; the text says whose content it is, so a clash costs a read. */
export function createRecordCache(maxChars = 48_000_000, overflow?: Overflow): RecordCache {
  const near = new Map<number, string>();
  const far = new Map<number, number>();
  let size = 0;
  const keyOf = (side: Side, id: string): number => hash53(side + id);
  const drop = (key: number): void => {
    size -= near.get(key)?.length ?? 0;
    near.delete(key);
    if (far.delete(key) && far.size === 0) overflow?.clear();
  };
  const makeRoom = (): void => {
    for (const [key, text] of near) {
      if (size <= maxChars) return;
      size -= text.length;
      near.delete(key);
      const place = overflow?.put(text) ?? null;
      if (place !== null) far.set(key, place);
    }
  };
  const textOf = (key: number): string | null => {
    const place = far.get(key);
    return near.get(key) ?? (place === undefined ? null : (overflow?.get(place) ?? null));
  };
  return {
    put(side, record) {
      const key = keyOf(side, record.id);
      drop(key);
      const { extra: _, ...kept } = record;
      const text = side + JSON.stringify(kept);
      near.set(key, text);
      size += text.length;
      makeRoom();
    },
    get(side, id, seen) {
      const text = textOf(keyOf(side, id));
      if (text === null || !text.startsWith(side)) return undefined;
      const record = JSON.parse(text.slice(1)) as StoreRecord;
      return record.id !== id || record.mono < seen ? undefined : record;
    },
    has(side, id) {
      const key = keyOf(side, id);
      return near.has(key) || far.has(key);
    },
    drop(side, id) {
      drop(keyOf(side, id));
    },
  };
}
