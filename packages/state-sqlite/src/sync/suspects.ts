import type { LaneCommit, LinkPut, Side, Suspect, SuspectWhy } from '@tidelock/core';
import type { Database } from '../database.ts';
import { bool, int, json, jsonOrNull, type Row, text, textOrNull, toJson, word } from '../row.ts';
import type { OpenLane } from './lane-key.ts';

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

const KEYED = 'select n, keys, filed from keyed where lane = ? and side = ? and id = ?';

/** Blocking keys of one record; replaces what was known. They are filed when somebody looks for candidates. */
export function putKeys(
  db: Database,
  n: number,
  record: { side: Side; id: string; keys: readonly string[] },
): void {
  const { side, id } = record;
  const keys = [...new Set(record.keys)].sort();
  const keyText = toJson(keys);
  const present = db.statement(KEYED).get(n, side, id);
  if (present === undefined ? keys.length === 0 : present.keys === keyText) return;
  if (present === undefined) {
    const insert = db.statement('insert into keyed (lane, side, id, keys, filed) values (?, ?, ?, ?, 0)');
    insert.run(n, side, id, keyText);
    return;
  }
  const number = int(present, 'n');
  if (bool(present, 'filed')) {
    const forget = db.statement(
      'delete from blocking where lane = ? and side = ? and key = ? and record = ?',
    );
    for (const key of json<readonly string[]>(present, 'keys')) forget.run(n, side, key, number);
  }
  if (keys.length === 0) db.statement('delete from keyed where n = ?').run(number);
  else db.statement('update keyed set keys = ?, filed = 0 where n = ?').run(keyText, number);
}

/** Records whose keys are filed in one transaction. */
const FILE_AT_ONCE = 5_000;

/** What is not filed yet, in the order of the index, so that each page of it is written once. */
export const FILING = {
  records: `select n from keyed indexed by keyed_unfiled where lane = ? and side = ? and filed = 0
    order by n limit ${FILE_AT_ONCE}`,
  keys: `insert into blocking (lane, side, key, record) select lane, side, json_each.value, n
    from keyed cross join json_each(keyed.keys) where n in (select value from json_each(?1)) order by 3, 4`,
  done: 'update keyed set filed = 1 where n in (select value from json_each(?))',
} as const;

/** Must not run inside a transaction. Safe to repeat: a batch is filed wholly or not at all. */
function fileKeys(db: Database, n: number, side: Side): void {
  for (;;) {
    const rows = db.statement(FILING.records).all(n, side);
    if (rows.length === 0) return;
    const numbers = toJson(rows.map((row) => int(row, 'n')));
    db.transaction('state.candidates', () => {
      db.statement(FILING.keys).run(numbers);
      db.statement(FILING.done).run(numbers);
    });
    if (rows.length < FILE_AT_ONCE) return;
  }
}

function put(db: Database, n: number, suspect: NewSuspect & { seq: number }): void {
  const { side, id, why, feed, into, stamp, keys, mono, at, seq } = suspect;
  const keyText = keys === undefined ? null : toJson(keys);
  const known = stamp === undefined ? 0 : 1;
  db.statement(PUT).run(n, side, id, why, feed, into ?? null, stamp ?? null, known, keyText, mono, at, seq);
  if (keys !== undefined) putKeys(db, n, { side, id, keys });
}

export function reportSuspects(db: Database, lane: OpenLane, suspects: readonly NewSuspect[]): void {
  for (const suspect of suspects) put(db, lane.n, { ...suspect, seq: lane.sequence.next() });
}

/** A record that is neither linked nor to be settled is no candidate any more. Call after the links were put. */
function forgetKeys(db: Database, n: number, record: { side: Side; id: string }): void {
  const { side, id } = record;
  if (db.statement(IS_LINKED[side]).get(n, id) === undefined) putKeys(db, n, { side, id, keys: [] });
}

export function forgetKeysOfTombs(db: Database, n: number, puts: readonly LinkPut[]): void {
  for (const { link } of puts) {
    if (link.status !== 'tomb') continue;
    if (link.a !== null) forgetKeys(db, n, { side: 'a', id: link.a.id });
    if (link.b !== null) forgetKeys(db, n, { side: 'b', id: link.b.id });
  }
}

export function settleSuspects(
  db: Database,
  lane: OpenLane,
  at: { readonly settled: NonNullable<LaneCommit['settled']>; readonly keys: LaneCommit['keys'] },
): void {
  // What the same commit names keys of need not be asked about: those keys come last and win.
  const named = new Set((at.keys ?? []).map(({ side, id }) => side + id));
  for (const { side, id, seq } of at.settled) {
    const row = db.statement(SETTLE).get(lane.n, side, id, seq);
    if (row !== undefined && bool(row, 'keyed') && !named.has(side + id))
      forgetKeys(db, lane.n, { side, id });
  }
}

/** Keeps `seq` of a row that is there and has not moved on; a record that is no suspect yet becomes one. */
export function refineSuspects(db: Database, lane: OpenLane, suspects: readonly Suspect[]): void {
  const present = db.statement('select seq from suspect where lane = ? and side = ? and id = ?');
  for (const suspect of suspects) {
    const row = present.get(lane.n, suspect.side, suspect.id);
    if (row === undefined) put(db, lane.n, { ...suspect, seq: lane.sequence.next() });
    else if (int(row, 'seq') === suspect.seq) put(db, lane.n, suspect);
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

/** One row per key that somebody has, at most the cap and one more of them. */
export const CANDIDATES = `select value as key, (
    select json_group_array(id) from (
      select keyed.id from blocking cross join keyed on keyed.n = blocking.record
      where blocking.lane = ?1 and blocking.side = ?2 and blocking.key = value limit ?3
    )
  ) as ids
  from json_each(?4)
  where exists (select 1 from blocking where lane = ?1 and side = ?2 and key = value)`;

/** Every key asked for answers, with no ids where nothing shares it. */
export function findCandidates(
  db: Database,
  n: number,
  query: { side: Side; keys: readonly string[]; cap: number },
): Map<string, readonly string[]> {
  fileKeys(db, n, query.side);
  const found = new Map<string, readonly string[]>(query.keys.map((key) => [key, []]));
  const rows = db.statement(CANDIDATES).all(n, query.side, query.cap + 1, toJson(query.keys));
  for (const row of rows) found.set(text(row, 'key'), json<string[]>(row, 'ids').sort());
  return found;
}
