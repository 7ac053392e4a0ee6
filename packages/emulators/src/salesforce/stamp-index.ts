import type { Row } from './row.ts';

/** Row versions in (stamp, id) order. Versions that `isLive` denies are skipped and swept out now and then. */
export interface StampIndex {
  add(row: Row): void;
  range(from: number, to: number): Iterable<Row>;
}

function precedes(left: Row, right: Row): boolean {
  return left.stamp < right.stamp || (left.stamp === right.stamp && left.id < right.id);
}

const SWEEP_FROM = 1024;

export function createStampIndex(isLive: (row: Row) => boolean): StampIndex {
  let entries: Row[] = [];
  let addedSinceSweep = 0;

  const firstWhere = (reached: (row: Row) => boolean): number => {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = entries[middle];
      if (row !== undefined && reached(row)) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  return {
    add(row) {
      const last = entries[entries.length - 1];
      if (last === undefined || precedes(last, row)) entries.push(row);
      else
        entries.splice(
          firstWhere((entry) => precedes(row, entry)),
          0,
          row,
        );
      addedSinceSweep += 1;
      if (addedSinceSweep > SWEEP_FROM && addedSinceSweep * 2 > entries.length) {
        entries = entries.filter(isLive);
        addedSinceSweep = 0;
      }
    },
    *range(from, to) {
      const view = entries;
      for (let at = firstWhere((row) => row.stamp >= from); at < view.length; at += 1) {
        const row = view[at];
        if (row === undefined || row.stamp > to) return;
        if (isLive(row)) yield row;
      }
    },
  };
}
