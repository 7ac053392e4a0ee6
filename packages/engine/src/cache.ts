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
  readonly far: Readonly<Record<Side, Map<number, number>>>;
  isClosed: boolean;
}

/** Whose content a text is. A key is a hash of that, so a clash costs a read. */
interface Place {
  readonly part: Part;
  readonly side: Side;
  readonly key: number;
}

interface Near {
  readonly part: Part;
  readonly side: Side;
  readonly text: string;
}

/** What all parts have in common: the texts in memory, and how many lie elsewhere. */
function createPool({ maxChars, maxFar = 500_000, overflow }: ContentsOptions) {
  const near = new Map<number, Near>();
  let size = 0;
  let far = 0;
  const dropNear = (key: number): void => {
    size -= near.get(key)?.text.length ?? 0;
    near.delete(key);
  };
  const dropFar = ({ part, side, key }: Place): void => {
    const place = part.far[side].get(key);
    if (place === undefined) return;
    part.far[side].delete(key);
    far -= 1;
    overflow?.drop(place);
  };
  const putFar = (key: number, { part, side, text }: Near): void => {
    const place = far >= maxFar ? null : (overflow?.put(text) ?? null);
    if (place === null) return;
    part.far[side].set(key, place);
    far += 1;
  };
  const nearAt = ({ part, side, key }: Place): Near | undefined => {
    const one = near.get(key);
    return one?.part === part && one.side === side ? one : undefined;
  };
  return {
    drop(place: Place): void {
      dropNear(place.key);
      dropFar(place);
    },
    put({ part, side, key }: Place, text: string): void {
      near.set(key, { part, side, text });
      size += text.length;
      for (const [oldest, one] of near) {
        if (size <= maxChars) return;
        dropNear(oldest);
        putFar(oldest, one);
      }
    },
    textOf(place: Place): string | null {
      const at = place.part.far[place.side].get(place.key);
      return nearAt(place)?.text ?? (at === undefined ? null : (overflow?.get(at) ?? null));
    },
    has: (place: Place): boolean => nearAt(place) !== undefined || place.part.far[place.side].has(place.key),
    close(part: Part): void {
      for (const side of ['a', 'b'] as const)
        for (const key of [...part.far[side].keys()]) dropFar({ part, side, key });
      for (const [key, one] of near) if (one.part === part) dropNear(key);
    },
  };
}

function openPart(pool: ReturnType<typeof createPool>, name: string): RecordCache {
  const part: Part = { far: { a: new Map(), b: new Map() }, isClosed: false };
  const placeOf = (side: Side, id: string): Place => ({ part, side, key: hash53(`${name}:${side}${id}`) });
  return {
    put(side, record) {
      if (part.isClosed) return;
      const place = placeOf(side, record.id);
      pool.drop(place);
      const { extra: _, ...kept } = record;
      pool.put(place, JSON.stringify(kept));
    },
    get(side, id, seen) {
      const text = pool.textOf(placeOf(side, id));
      if (text === null) return undefined;
      const record = JSON.parse(text) as StoreRecord;
      return record.id !== id || record.mono < seen ? undefined : record;
    },
    has: (side, id) => pool.has(placeOf(side, id)),
    drop: (side, id) => pool.drop(placeOf(side, id)),
    close() {
      part.isClosed = true;
      pool.close(part);
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
