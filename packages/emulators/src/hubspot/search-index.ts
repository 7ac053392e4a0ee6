import { compareIds, type Row } from './row.ts';

/** What searches see: living records only, each some time after it was written. */
export interface SearchIndex {
  /** The version of `id` that shows from `at` on; undefined or archived takes it out. */
  offer(id: string, row: Row | undefined, at: number): void;
  /** Makes visible what is due. */
  settle(now: number): void;
  get(id: string): Row | undefined;
  /** In (time of change, id) order, from the first one changed at `from` or later. */
  byStamp(from: number): Iterable<Row>;
  /** In id order. */
  byId(): Iterable<Row>;
}

interface Offer {
  readonly id: string;
  readonly row: Row | undefined;
  readonly at: number;
}

/** Sorted once when asked after a change, not at every change. */
function createOrder(rows: ReadonlyMap<string, Row>, compare: (left: Row, right: Row) => number) {
  let sorted: readonly Row[] | null = null;
  return {
    outdate(): void {
      sorted = null;
    },
    rows(): readonly Row[] {
      sorted ??= [...rows.values()].sort(compare);
      return sorted;
    },
  };
}

function firstAt(rows: readonly Row[], from: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.updatedAt ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function createSearchIndex(): SearchIndex {
  const rows = new Map<string, Row>();
  const offers: Offer[] = [];
  const stamps = createOrder(
    rows,
    (left, right) => left.updatedAt - right.updatedAt || compareIds(left.id, right.id),
  );
  const ids = createOrder(rows, (left, right) => compareIds(left.id, right.id));

  const show = ({ id, row }: Offer): void => {
    if (row === undefined || row.archivedAt !== null) rows.delete(id);
    else rows.set(id, row);
    stamps.outdate();
    ids.outdate();
  };
  return {
    offer(id, row, at) {
      offers.push({ id, row, at });
    },
    settle(now) {
      const due = offers.filter((offer) => offer.at <= now);
      if (due.length === 0) return;
      const rest = offers.filter((offer) => offer.at > now);
      offers.length = 0;
      offers.push(...rest);
      for (const offer of due) show(offer);
    },
    get: (id) => rows.get(id),
    *byStamp(from) {
      const sorted = stamps.rows();
      for (let at = firstAt(sorted, from); at < sorted.length; at += 1) {
        const row = sorted[at];
        if (row !== undefined) yield row;
      }
    },
    byId: () => ids.rows(),
  };
}
