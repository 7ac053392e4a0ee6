import { hash } from 'node:crypto';
import {
  advancePolling,
  decodeCursor as decode,
  type PolledPage,
  requireFresh as requireYoung,
  startPolling,
} from '@tidelock/kit';
import * as z from 'zod';
import type { Row } from './wire.ts';

/**
 * Longest time between a row's `SystemModstamp`, set when its statement runs, and its visibility, at the commit: ten
 * minutes of transaction, and one for clocks inside the service that differ.
 */
export const OVERLAP_MS = 11 * 60_000;
/** Deleted rows can be queried for 15 days: a cursor that rested longer may have missed deletions. */
export const MAX_REST_MS = 14 * 86_400_000;
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

/** A `PolledWindow` of kit, as it is stored. */
const DeltaSchema = z.strictObject({
  v: z.literal(1),
  mode: z.literal('delta'),
  floor: z.string().nullable(),
  head: KeySchema.nullable(),
  at: KeySchema.nullable(),
  full: z.boolean(),
  due: z.string().nullable(),
  above: z.number(),
  clock: z.number().nullable(),
  /** Cursors of earlier versions do not say. */
  swept: z.number().nullable().default(null),
  /** Server's clock at the latest round that went some seconds back before the head, in milliseconds. */
  back: z.number().nullable().default(null),
  /** The next round that starts at the head does. */
  goesBack: z.boolean().default(true),
  /** Marks of the newest rows, as they were delivered. */
  told: z.array(z.string()).default([]),
});

const CursorSchema = z.discriminatedUnion('mode', [ScanSchema, DeltaSchema]);
export type ScanCursor = z.infer<typeof ScanSchema>;
export type DeltaCursor = z.infer<typeof DeltaSchema>;
export type Cursor = ScanCursor | DeltaCursor;

export function encodeCursor(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

const OPERATION = 'contacts.changes';

/** Throws `cursor_expired` for a cursor that this version cannot read. */
export const decodeCursor = (text: string): Cursor =>
  decode(text, { operation: OPERATION, read: (value) => CursorSchema.safeParse(value).data });

const OVERLAP = { overlapMs: OVERLAP_MS } as const;

/** The first round after an enumeration begins below what existed when it began, by the overlap. */
export function afterScan(scan: ScanCursor): DeltaCursor {
  return { v: 1, mode: 'delta', ...startPolling(scan, OVERLAP), back: null, goesBack: true, told: [] };
}

/**
 * How long the seconds before the newest row may still get company, in milliseconds. Stamps are whole seconds, and most
 * transactions are short: a row that changes in the second of the newest one may have the smaller id, and would wait for the
 * next full round, which after a mass change is minutes away.
 */
const RECENT_MS = 5_000;

/** Rounds that come oftener go back only to the second of the newest row, so that those seconds are read twice a second at most. */
const BACK_EVERY_MS = 1_000;
/** So many rows are told apart; others come again. */
const MOST_TOLD = 200;

/** Where the next page begins: behind a key, behind a stamp (null: at the very first row), or with a stamp. */
export type Start = { readonly behind: Key } | { readonly above: string | null } | { readonly from: string };

export function startOf({ at, full, head, floor, clock, goesBack }: DeltaCursor): Start {
  if (at !== null) return { behind: at };
  if (full || head === null) return { above: floor };
  const newest = Date.parse(head.stamp);
  const isOver = clock !== null && clock >= newest + RECENT_MS;
  if (isOver) return { behind: head };
  return { from: goesBack ? new Date(newest - RECENT_MS).toISOString() : head.stamp };
}

/** SOQL conditions for the next page. */
export function toConditions(cursor: DeltaCursor): readonly string[] {
  const start = startOf(cursor);
  if ('from' in start) return [`SystemModstamp >= ${start.from}`];
  if ('above' in start) return start.above === null ? [] : [`SystemModstamp > ${start.above}`];
  const { stamp, id } = start.behind;
  return [
    `(SystemModstamp > ${stamp} OR (SystemModstamp = ${stamp} AND Id > '${id}'))`,
    // Redundant, and what lets the service use the index on the stamp.
    `SystemModstamp >= ${stamp}`,
  ];
}

/** Whether these keys hold the one behind which the page was to begin: it leads nowhere. */
export function isRepeated(cursor: DeltaCursor, keys: readonly Key[]): boolean {
  const start = startOf(cursor);
  if (!('behind' in start)) return false;
  return keys.some(({ id, stamp }) => id === start.behind.id && stamp === start.behind.stamp);
}

/** Throws `cursor_expired` when so much time has passed that deletions may have left the recycle bin. */
export const requireFresh = (cursor: Cursor, { serverTime }: { readonly serverTime: number | null }): void =>
  requireYoung(cursor, { operation: OPERATION, serverTime, maxRestMs: MAX_REST_MS, keeper: 'recycle-bin' });

/** The cursor behind a page. Pure: the same page gives the same cursor. */
export function advance(cursor: DeltaCursor, page: PolledPage): DeltaCursor {
  const next = advancePolling(cursor, page, OVERLAP);
  const { clock } = next;
  const wentBack = cursor.goesBack && 'from' in startOf(cursor);
  // A round that went back and came long enough after the one before says that rounds are rare.
  const goesBack = clock === null || cursor.back === null || clock - cursor.back >= BACK_EVERY_MS;
  return { ...next, goesBack, back: wentBack ? clock : cursor.back };
}

/** Tells a row as it is from any other. Short, because it is stored with each reading. */
const markOf = (row: Row): string => hash('sha256', JSON.stringify(row), 'base64url').slice(0, 8);

/** Rows of a page that were not delivered as they are, and the cursor behind it with the marks of what the next round may repeat. */
export function withoutTold(
  rows: readonly Row[],
  { before, next }: { readonly before: DeltaCursor; readonly next: DeltaCursor },
): { readonly news: readonly Row[]; readonly cursor: DeltaCursor } {
  const repeats = 'from' in startOf(next);
  const told = new Set(before.told);
  const marks = repeats || told.size > 0 ? rows.map(markOf) : [];
  const news = rows.filter((_, index) => !told.has(marks[index] ?? ''));
  const remembered = repeats ? [...told.union(new Set(marks))].slice(-MOST_TOLD) : [];
  return { news, cursor: { ...next, told: remembered } };
}
