import { Temporal } from 'temporal-polyfill';

const BUCKET_MS = 366 * 86_400_000;

/** From this instant on, in milliseconds, the zone is so far ahead of UTC. */
interface Piece {
  readonly from: number;
  readonly offset: number;
}

const tables = new Map<string, Map<number, readonly Piece[]>>();

/** What the time zone data says of one stretch of about a year, the latest first. */
function readPieces(zone: string, bucket: number): readonly Piece[] {
  const from = bucket * BUCKET_MS;
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  const pieces: Piece[] = [{ from, offset: at.offsetNanoseconds / 1_000_000 }];
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (next === null || next.epochMilliseconds >= from + BUCKET_MS) return pieces.toReversed();
    pieces.push({ from: next.epochMilliseconds, offset: next.offsetNanoseconds / 1_000_000 });
    at = next;
  }
}

/** Milliseconds that `zone` (an IANA name) is ahead of UTC at an instant; looked up, so that series cost little. */
export function offsetAt(instant: number, zone: string): number {
  if (zone === 'UTC') return 0;
  let table = tables.get(zone);
  if (table === undefined) {
    table = new Map();
    tables.set(zone, table);
  }
  const bucket = Math.floor(instant / BUCKET_MS);
  let pieces = table.get(bucket);
  if (pieces === undefined) {
    pieces = readPieces(zone, bucket);
    table.set(bucket, pieces);
  }
  for (const { from, offset } of pieces) if (instant >= from) return offset;
  return pieces.at(-1)?.offset ?? 0;
}
