import type { Side, StoreRecord } from '@tidelock/core';

/**
 * Contents that a feed or a listing already carried, so that they need not be read again as the *source* of a write.
 * Bounded by size; the oldest go first. Records are kept as text: a third of the memory of objects.
 */
export interface RecordCache {
  put(side: Side, record: StoreRecord): void;
  /** Without `mono` newer than `seen`, the cached content is stale and is not given out. */
  get(side: Side, id: string, seen: string): StoreRecord | undefined;
  drop(side: Side, id: string): void;
}

export function createRecordCache(maxChars = 48_000_000): RecordCache {
  const entries = new Map<string, string>();
  let size = 0;
  const drop = (key: string): void => {
    const text = entries.get(key);
    if (text === undefined) return;
    size -= text.length;
    entries.delete(key);
  };
  return {
    put(side, record) {
      const key = side + record.id;
      drop(key);
      const { extra: _, ...kept } = record;
      const text = JSON.stringify(kept);
      entries.set(key, text);
      size += text.length;
      for (const oldest of entries.keys()) {
        if (size <= maxChars) break;
        drop(oldest);
      }
    },
    get(side, id, seen) {
      const text = entries.get(side + id);
      if (text === undefined) return undefined;
      const record = JSON.parse(text) as StoreRecord;
      return record.mono < seen ? undefined : record;
    },
    drop(side, id) {
      drop(side + id);
    },
  };
}
