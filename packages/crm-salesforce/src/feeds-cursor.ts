import { AdapterError } from '@tidelock/core';
import * as z from 'zod';

/**
 * Longest time between a row's `SystemModstamp`, set when its statement runs, and its visibility, at the commit: ten
 * minutes of transaction, and one for clocks inside the service that differ.
 */
export const OVERLAP_MS = 11 * 60_000;
/** Deleted rows can be queried for 15 days: a cursor that rested longer may have missed deletions. */
export const MAX_REST_MS = 14 * 86_400_000;
/** A repeated window of at most this many rows costs nothing: it shares the page with what is new. */
const SMALL_WINDOW = 1000;

/** A place in the order `SystemModstamp, Id`. */
const KeySchema = z.strictObject({ stamp: z.string().min(20), id: z.string() });
export type Key = z.infer<typeof KeySchema>;

/** A full enumeration in id order. `mark`: the newest row there was before its first page. */
const ScanSchema = z.strictObject({
  v: z.literal(1),
  mode: z.literal('scan'),
  after: z.string().nullable(),
  mark: KeySchema.nullable(),
  /** Server's clock when the enumeration began, in milliseconds. */
  clock: z.number().nullable(),
});

/**
 * Rounds over the rows behind a stamp. What was read once is read again until it is certain that nothing can appear
 * below it any more, and never after that:
 *
 * - `floor`: every row up to and including this stamp has been delivered, late commits included.
 * - `head`: the greatest key delivered. Rows between the two may still get company from open transactions.
 * - A round starts at the floor while few rows lie above it (one page for the old and the new). After a mass change it
 *   starts at the head, and at the floor again once, when `due` is older than the overlap on the server's clock.
 * - When the server's clock is past `head` by the overlap, the floor is the head: an idle round repeats nothing.
 *
 * Stamps are the server's, always of rows seen; its clock (header `Date`) only tells when an overlap is over.
 */
const DeltaSchema = z.strictObject({
  v: z.literal(1),
  mode: z.literal('delta'),
  floor: z.string().nullable(),
  head: KeySchema.nullable(),
  /** Place inside a round; null between rounds. */
  at: KeySchema.nullable(),
  /** The round starts, or started, at the floor. */
  full: z.boolean(),
  /** Greatest stamp when the last full round ended. */
  due: z.string().nullable(),
  /** Rows delivered above the stamp that the floor can rise to at best. */
  above: z.number(),
  /** Server's clock at the first page of the latest round, in milliseconds. */
  clock: z.number().nullable(),
});

const CursorSchema = z.discriminatedUnion('mode', [ScanSchema, DeltaSchema]);
export type ScanCursor = z.infer<typeof ScanSchema>;
export type DeltaCursor = z.infer<typeof DeltaSchema>;
export type Cursor = ScanCursor | DeltaCursor;

export function encodeCursor(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

/** Throws `cursor_expired` for a cursor that this version cannot read: a full enumeration mends that. */
export function decodeCursor(text: string): Cursor {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    input = undefined;
  }
  const parsed = CursorSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AdapterError('cursor_expired', 'contacts.changes: a cursor of another version', {
    operation: 'contacts.changes',
    code: 'cursor-form',
  });
}

const toStamp = (ms: number): string => new Date(ms).toISOString();
const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);
const isBefore = (a: Key, b: Key): boolean => a.stamp < b.stamp || (a.stamp === b.stamp && a.id < b.id);

/** The first round after an enumeration begins below what existed when it began, by the overlap. */
export function afterScan({ mark, clock }: ScanCursor): DeltaCursor {
  return {
    v: 1,
    mode: 'delta',
    floor: mark === null ? null : toStamp(Date.parse(mark.stamp) - OVERLAP_MS),
    head: mark,
    at: null,
    full: true,
    due: null,
    above: 0,
    clock,
  };
}

/** SOQL conditions for the next page. */
export function toConditions(cursor: DeltaCursor): readonly string[] {
  const after = cursor.at ?? (cursor.full ? null : cursor.head);
  if (after === null) return cursor.floor === null ? [] : [`SystemModstamp > ${cursor.floor}`];
  return [
    `(SystemModstamp > ${after.stamp} OR (SystemModstamp = ${after.stamp} AND Id > '${after.id}'))`,
    // Redundant, and what lets the service use the index on the stamp.
    `SystemModstamp >= ${after.stamp}`,
  ];
}

export interface DeltaPage {
  /** Keys of the rows, in order. */
  readonly keys: readonly Key[];
  readonly more: boolean;
  readonly serverTime: number | null;
}

/** Throws `cursor_expired` when so much time has passed that deletions may have left the recycle bin. */
export function requireFresh(cursor: Cursor, page: { readonly serverTime: number | null }): void {
  if (cursor.clock === null || page.serverTime === null) return;
  if (page.serverTime - cursor.clock <= MAX_REST_MS) return;
  throw new AdapterError('cursor_expired', 'contacts.changes: the cursor is older than the recycle bin', {
    operation: 'contacts.changes',
    code: 'recycle-bin',
  });
}

function endRound(cursor: DeltaCursor, settled: string | null): DeltaCursor {
  const { head } = cursor;
  if (head === null) return { ...cursor, at: null, full: true };
  if (!cursor.full) {
    const isDue = settled === null || cursor.due === null || settled >= cursor.due;
    return { ...cursor, at: null, full: isDue || cursor.above <= SMALL_WINDOW };
  }
  const reach = settled === null ? null : settled < head.stamp ? settled : head.stamp;
  const floor = reach === null ? cursor.floor : later(cursor.floor, reach);
  const isSettled = floor === head.stamp;
  return {
    ...cursor,
    at: null,
    floor,
    full: isSettled || settled === null || cursor.above <= SMALL_WINDOW,
    due: head.stamp,
    above: isSettled ? 0 : cursor.above,
  };
}

/** The cursor behind a page. Pure: the same page gives the same cursor. */
export function advance(cursor: DeltaCursor, page: DeltaPage): DeltaCursor {
  const clock = cursor.at === null ? (page.serverTime ?? cursor.clock) : cursor.clock;
  const settled = clock === null ? null : toStamp(clock - OVERLAP_MS);
  const last = page.keys.at(-1) ?? null;
  const head = last !== null && (cursor.head === null || isBefore(cursor.head, last)) ? last : cursor.head;
  const before = cursor.at === null && cursor.full ? 0 : cursor.above;
  const above = before + page.keys.filter((key) => settled === null || key.stamp > settled).length;
  const next: DeltaCursor = { ...cursor, clock, head, above };
  if (page.more && last !== null) return { ...next, at: last };
  return endRound(next, settled);
}
