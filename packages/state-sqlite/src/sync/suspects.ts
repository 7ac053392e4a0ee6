import type { Side, Suspect, SuspectWhy } from '@tidelock/core';
import type { Database } from '../database.ts';
import { bool, int, jsonOrNull, type Row, text, textOrNull, toBit, toJson, word } from '../row.ts';
import { type KeyValues, NO_KEYS, putKeys, toKeyText } from './blocking-keys.ts';
import type { OpenLane } from './lane-key.ts';
import { type LinkValues, nativeOf, statusOf } from './link-row.ts';

type NewSuspect = Omit<Suspect, 'seq' | 'laneId'>;

/** A report replaces the one before it, except that `mono` never goes back: it is what tells a stale read. */
const PUT = `insert into suspect (lane, side, id, why, feed, into_id, stamp, stamp_known, keys, mono, at, seq)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (lane, side, id) do update set why = excluded.why, feed = excluded.feed, into_id = excluded.into_id,
    stamp = excluded.stamp, stamp_known = excluded.stamp_known, keys = excluded.keys,
    mono = max(mono, excluded.mono), at = excluded.at, seq = excluded.seq`;

const SETTLE =
  'delete from suspect where lane = ? and side = ? and id = ? and seq = ? returning keys is not null as keyed';

const IS_LINKED: Readonly<Record<Side, string>> = {
  a: "select 1 from link indexed by link_native_a where lane = ? and a_id = ? and a_id <> '' and status <> 'tomb'",
  b: "select 1 from link indexed by link_native_b where lane = ? and b_id = ? and b_id <> '' and status <> 'tomb'",
};

function toSuspect(row: Row, laneId: string): Suspect {
  const into = textOrNull(row, 'into_id');
  const keys = jsonOrNull<readonly string[]>(row, 'keys');
  return {
    laneId,
    side: word(row, 'side'),
    id: text(row, 'id'),
    why: word(row, 'why'),
    feed: text(row, 'feed'),
    ...(into === null ? {} : { into }),
    ...(bool(row, 'stamp_known') ? { stamp: textOrNull(row, 'stamp') } : {}),
    ...(keys === null ? {} : { keys }),
    mono: text(row, 'mono'),
    at: int(row, 'at'),
    seq: int(row, 'seq'),
  };
}

/** A suspicion, flat, as it crosses from one thread to another. */
export type SuspectValues = readonly [
  side: Side,
  id: string,
  why: SuspectWhy,
  feed: string,
  into: string | null,
  stamp: string | null,
  stampKnown: number,
  /** As they were given; null = not known. */
  keys: string | null,
  /** In the form that equal keys have in common. */
  keyText: string | null,
  mono: string,
  at: number,
];

export function toSuspectValues(suspect: NewSuspect): SuspectValues {
  const { side, id, why, feed, into, stamp, keys, mono, at } = suspect;
  const [given, keyText] = keys === undefined ? [null, null] : [toJson(keys), toKeyText(keys)];
  return [
    side,
    id,
    why,
    feed,
    into ?? null,
    stamp ?? null,
    toBit(stamp !== undefined),
    given,
    keyText,
    mono,
    at,
  ];
}

export interface Numbered {
  readonly values: SuspectValues;
  readonly seq: number;
}

function put(db: Database, n: number, { values, seq }: Numbered): void {
  const [side, id, why, feed, into, stamp, known, keys, , mono, at] = values;
  db.statement(PUT).run(n, side, id, why, feed, into, stamp, known, keys, mono, at, seq);
}

const keyValuesOf = ([side, id, , , , , , , keyText]: SuspectValues): KeyValues[] =>
  keyText === null ? [] : [[side, id, keyText]];

export function reportSuspects(db: Database, lane: OpenLane, suspects: readonly SuspectValues[]): void {
  for (const values of suspects) put(db, lane.n, { values, seq: lane.sequence.next() });
  putKeys(db, lane.n, suspects.flatMap(keyValuesOf));
}

/** A record that is neither linked nor to be settled is no candidate any more. Call after the links were put. */
function forgetKeys(db: Database, n: number, record: { side: Side; id: string }): void {
  const { side, id } = record;
  if (db.statement(IS_LINKED[side]).get(n, id) === undefined) putKeys(db, n, [[side, id, NO_KEYS]]);
}

export function forgetKeysOfTombs(db: Database, n: number, puts: readonly LinkValues[]): void {
  for (const link of puts) {
    if (statusOf(link) !== 'tomb') continue;
    for (const side of ['a', 'b'] as const) {
      const id = nativeOf(link, side);
      if (id !== null) forgetKeys(db, n, { side, id });
    }
  }
}

export type SettledValues = readonly [side: Side, id: string, seq: number];

export function settleSuspects(
  db: Database,
  lane: OpenLane,
  at: { readonly settled: readonly SettledValues[]; readonly keys: readonly KeyValues[] },
): void {
  // What the same commit names keys of need not be asked about: those keys come last and win.
  const named = new Set(at.keys.map(([side, id]) => side + id));
  for (const [side, id, seq] of at.settled) {
    const row = db.statement(SETTLE).get(lane.n, side, id, seq);
    if (row !== undefined && bool(row, 'keyed') && !named.has(side + id))
      forgetKeys(db, lane.n, { side, id });
  }
}

/** Keeps `seq` of a row that is there and has not moved on; a record that is no suspect yet becomes one. */
export function refineSuspects(db: Database, lane: OpenLane, suspects: readonly Numbered[]): void {
  const present = db.statement('select seq from suspect where lane = ? and side = ? and id = ?');
  for (const { values, seq } of suspects) {
    const row = present.get(lane.n, values[0], values[1]);
    if (row !== undefined && int(row, 'seq') !== seq) continue;
    put(db, lane.n, { values, seq: row === undefined ? lane.sequence.next() : seq });
    putKeys(db, lane.n, keyValuesOf(values));
  }
}

interface SuspectQuery {
  readonly why?: readonly SuspectWhy[];
  readonly after?: { readonly side: Side; readonly id: string };
  readonly limit: number;
}

const ORDER = 'and (side, id) > (?, ?) order by side, id limit ?';

export const SUSPECT_QUERIES = {
  all: `select * from suspect where lane = ? ${ORDER}`,
  why: `select * from suspect indexed by suspect_why where lane = ? and why = ? and why <> 'unknown' ${ORDER}`,
  unknown: `select * from suspect where lane = ? and why = 'unknown' ${ORDER}`,
  /** Of every lane over a store. */
  known: `select suspect.*, lane.id as lane_id from suspect indexed by suspect_b cross join lane on lane.n = suspect.lane
    where suspect.side = 'b' and suspect.id in (select value from json_each(?)) and lane.store_b = ?
    order by suspect.id`,
} as const;

/** By lane. */
export function knownSuspects(
  db: Database,
  of: { readonly storeB: string; readonly ids: string },
): Map<string, readonly Suspect[]> {
  const rows = db.statement(SUSPECT_QUERIES.known).all(of.ids, of.storeB);
  return Map.groupBy(
    rows.map((row) => toSuspect(row, text(row, 'lane_id'))),
    ({ laneId }) => laneId,
  );
}

const inOrder = (x: Suspect, y: Suspect): number => {
  if (x.side !== y.side) return x.side < y.side ? -1 : 1;
  return Buffer.compare(Buffer.from(x.id), Buffer.from(y.id));
};

/** Ordered by side, then id. One ordered index range per reason, merged here. */
export function querySuspects(db: Database, lane: { n: number; id: string }, query: SuspectQuery): Suspect[] {
  const side = query.after?.side ?? '';
  const id = query.after?.id ?? '';
  const { limit } = query;
  const toSuspects = (rows: readonly Row[]): Suspect[] => rows.map((row) => toSuspect(row, lane.id));
  if (query.why === undefined)
    return toSuspects(db.statement(SUSPECT_QUERIES.all).all(lane.n, side, id, limit));
  const rowsOf = (why: SuspectWhy): readonly Row[] =>
    why === 'unknown'
      ? db.statement(SUSPECT_QUERIES.unknown).all(lane.n, side, id, limit)
      : db.statement(SUSPECT_QUERIES.why).all(lane.n, why, side, id, limit);
  const reasons = [...new Set(query.why)];
  const found = reasons.flatMap((why) => toSuspects(rowsOf(why)));
  if (reasons.length === 1) return found;
  return found.sort(inOrder).slice(0, limit);
}
