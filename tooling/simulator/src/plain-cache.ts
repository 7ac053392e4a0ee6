import type { Side, StoreRecord } from '@tidelock/core';
import type { RecordCache } from '@tidelock/engine';

/** The engine's cache without its text and its overflow, which have tests of their own: schedules hold few records. */
export function createPlainCache(): RecordCache {
  const known: Readonly<Record<Side, Map<string, StoreRecord>>> = { a: new Map(), b: new Map() };
  return {
    put(side, record) {
      known[side].set(record.id, record);
    },
    get(side, id, seen) {
      const record = known[side].get(id);
      return record === undefined || record.mono < seen ? undefined : record;
    },
    has: (side, id) => known[side].has(id),
    drop(side, id) {
      known[side].delete(id);
    },
    close() {
      known.a.clear();
      known.b.clear();
    },
  };
}
