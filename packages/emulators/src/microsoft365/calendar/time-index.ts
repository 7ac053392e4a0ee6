import type { Window } from '../series.ts';

const BUCKET_MS = 32 * 86_400_000;
/** What spans more months than this is looked at every time. */
const MOST_BUCKETS = 48;

/** Finds what may touch a window without looking at the rest of the calendar. */
export interface TimeIndex<T> {
  readonly buckets: Map<number, Set<T>>;
  readonly wide: Set<T>;
  readonly places: Map<T, readonly number[]>;
}

export const createTimeIndex = <T>(): TimeIndex<T> => ({
  buckets: new Map(),
  wide: new Set(),
  places: new Map(),
});

function bucketsOf({ start, end }: Window): readonly number[] | undefined {
  const first = Math.floor(start / BUCKET_MS);
  const last = Math.floor(end / BUCKET_MS);
  if (!(last - first < MOST_BUCKETS)) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** `span`: from the first to the last instant at which it can be; without an end, Infinity. */
export function addToTimes<T>(index: TimeIndex<T>, item: T, span: Window): void {
  const buckets = bucketsOf(span);
  if (buckets === undefined) {
    index.wide.add(item);
    return;
  }
  index.places.set(item, buckets);
  for (const bucket of buckets) {
    const known = index.buckets.get(bucket);
    if (known === undefined) index.buckets.set(bucket, new Set([item]));
    else known.add(item);
  }
}

export function removeFromTimes<T>(index: TimeIndex<T>, item: T): void {
  index.wide.delete(item);
  for (const bucket of index.places.get(item) ?? []) {
    const known = index.buckets.get(bucket);
    known?.delete(item);
    if (known?.size === 0) index.buckets.delete(bucket);
  }
  index.places.delete(item);
}

/** Everything that may touch the window, each once; whoever asks looks closer. */
export function mayTouch<T>(index: TimeIndex<T>, window: Window): Iterable<T> {
  const found = new Set<T>(index.wide);
  const first = Math.floor(window.start / BUCKET_MS);
  const last = Math.floor(window.end / BUCKET_MS);
  for (let bucket = first; bucket <= last; bucket += 1)
    for (const item of index.buckets.get(bucket) ?? []) found.add(item);
  return found;
}
