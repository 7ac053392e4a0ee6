import {
  advancePolling,
  decodeCursor as decode,
  type PolledPage,
  requireFresh as requireYoung,
  startPolling,
} from '@tidelock/kit';
import * as z from 'zod';
import { CensusSchema } from './feeds-census.ts';

/** Longest time between a change and its showing up in searches. */
export const OVERLAP_MS = 3 * 60_000;
/** The archive is walked at least this often: counts cannot tell a restored contact from one that was never deleted. */
const WALK_EVERY_MS = 24 * 3_600_000;

/** Archived contacts are listed for 90 days: a cursor that rested longer may have missed deletions. */
const MAX_REST_MS = 85 * 24 * 3_600_000;

const KeySchema = z.strictObject({ stamp: z.string().min(20), id: z.string() });
export type Key = z.infer<typeof KeySchema>;

/** A full enumeration in id order, of what is there now. */
const ScanSchema = z.strictObject({
  v: z.literal(1),
  mode: z.literal('scan'),
  after: z.string().nullable(),
  /** Server's clock when the enumeration began, in milliseconds. */
  clock: z.number().nullable(),
  census: CensusSchema.nullable(),
});

/** Rounds over the changes (a `PolledWindow` of kit), and what is known about deletions. */
const RoundsSchema = z.strictObject({
  v: z.literal(1),
  mode: z.literal('rounds'),
  floor: z.string().nullable(),
  head: KeySchema.nullable(),
  at: KeySchema.nullable(),
  full: z.boolean(),
  due: z.string().nullable(),
  above: z.number(),
  clock: z.number().nullable(),
  /** Cursors of earlier versions do not say. */
  swept: z.number().nullable().default(null),
  /** The page at `at` was all of one stamp: what follows is read by id. */
  tied: z.boolean(),
  census: CensusSchema.nullable(),
  /** Server's clock when the living were counted last. Cursors of earlier versions do not say. */
  counted: z.number().nullable().default(null),
  /** Server's clock when the archive was walked last. */
  walked: z.number().nullable(),
  /** Where the walk over the archive goes on; null while none is on its way. */
  archive: z.string().nullable(),
});

const CursorSchema = z.discriminatedUnion('mode', [ScanSchema, RoundsSchema]);
export type ScanCursor = z.infer<typeof ScanSchema>;
export type RoundsCursor = z.infer<typeof RoundsSchema>;
export type Cursor = ScanCursor | RoundsCursor;

export const encodeCursor = (cursor: Cursor): string => JSON.stringify(cursor);

const OPERATION = 'contacts.changes';

/** Throws `cursor_expired` for a cursor that this version cannot read. */
export const decodeCursor = (text: string): Cursor =>
  decode(text, { operation: OPERATION, read: (value) => CursorSchema.safeParse(value).data });

/** Throws `cursor_expired` when so much time has passed that deletions may have left the archive. */
export const requireFresh = (cursor: Cursor, serverTime: number | null): void =>
  requireYoung(cursor, { operation: OPERATION, serverTime, maxRestMs: MAX_REST_MS, keeper: 'archive' });

const OVERLAP = { overlapMs: OVERLAP_MS } as const;
const toStamp = (ms: number): string => new Date(ms).toISOString();

/** Everything with a stamp up to here is searchable by now. */
export function settledAt(clock: number | null): string | null {
  return clock === null ? null : toStamp(clock - OVERLAP_MS);
}

/** The rounds after an enumeration begin where it began, less the overlap. */
export function afterScan({ clock, census }: ScanCursor): RoundsCursor {
  const mark = clock === null ? null : { stamp: toStamp(clock), id: '' };
  return {
    v: 1,
    mode: 'rounds',
    ...startPolling({ mark, clock }, OVERLAP),
    tied: false,
    census,
    counted: null,
    walked: clock,
    archive: null,
  };
}

/**
 * The cursor behind a page of changes. Pure. A page that is all of one stamp begins that stamp anew, by id: its own
 * order said nothing about ids.
 */
export function afterChanges(cursor: RoundsCursor, page: PolledPage): RoundsCursor {
  const [first, last] = [page.keys.at(0), page.keys.at(-1)];
  const next = advancePolling(cursor, page, OVERLAP);
  const tied = page.more && first !== undefined && first.stamp === last?.stamp;
  if (!tied || cursor.tied) return { ...next, tied };
  return { ...next, tied, at: { stamp: first.stamp, id: '' } };
}

/** A stamp that filled a page has been read to its end: the round goes on with what was changed after it. */
export function leaveTie(cursor: RoundsCursor, keys: readonly Key[]): RoundsCursor {
  if (cursor.at === null) return { ...cursor, tied: false };
  const { stamp } = cursor.at;
  const last = keys.at(-1) ?? cursor.at;
  const head = cursor.head !== null && cursor.head.stamp > stamp ? cursor.head : last;
  const at = { stamp: toStamp(Date.parse(stamp) + 1), id: '' };
  return { ...cursor, head, at, tied: false, above: cursor.above + keys.length };
}

/** Rounds that find something and come one right after the other count this often. */
const COUNT_EVERY_MS = 5_000;

/** The living were counted a moment ago. */
export const isCounted = ({ counted, clock }: RoundsCursor): boolean =>
  counted !== null && clock !== null && clock - counted < COUNT_EVERY_MS;

/** Nobody has looked into the archive for a day. */
export function isWalkDue({ walked, clock }: RoundsCursor): boolean {
  return walked !== null && clock !== null && clock - walked >= WALK_EVERY_MS;
}
