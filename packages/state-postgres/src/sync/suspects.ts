import type { LaneCommit, LinkPut, Side, Suspect, SuspectWhy } from '@tidelock/core';
import type { Session } from '../database-session.ts';
import { bool, int, json, type Row, text, textOrNull, word } from '../row.ts';
import { toJson } from '../row-text.ts';
import type { OpenLane } from './lane-key.ts';

export type Report = Omit<Suspect, 'laneId'> & { readonly lane: number };

interface KeysOf {
  readonly lane: number;
  readonly side: Side;
  readonly id: string;
  readonly keys: readonly string[];
}

const COLUMNS = 'lane, side, id, why, feed, into_id, stamp, stamp_known, keys, mono, at, seq';

/** A report replaces the one before it, except that `mono` never goes back: it is what tells a stale read. */
const PUT = `insert into $.suspect as s (${COLUMNS})
  select ${COLUMNS} from jsonb_to_recordset($1::jsonb) as r(lane bigint, side text, id text, why text, feed text,
    into_id text, stamp text, stamp_known boolean, keys jsonb, mono text, at bigint, seq bigint)
  on conflict (lane, side, id) do update set why = excluded.why, feed = excluded.feed, into_id = excluded.into_id,
    stamp = excluded.stamp, stamp_known = excluded.stamp_known, keys = excluded.keys,
    mono = greatest(s.mono, excluded.mono), at = excluded.at, seq = excluded.seq`;

/** Blocking keys of records; replaces what was known of each. */
const PUT_KEYS = `with r as (select * from jsonb_to_recordset($1::jsonb) as r(lane bigint, side text, id text, keys jsonb)),
  gone as (delete from $.blocking b using r
    where b.lane = r.lane and b.side = r.side and b.id = r.id and not r.keys ? b.key)
  insert into $.blocking (lane, side, key, id)
  select r.lane, r.side, k.key, r.id from r cross join lateral jsonb_array_elements_text(r.keys) as k(key)
  on conflict do nothing`;

const isLinked = (x: Side): string => `r.side = '${x}' and exists (select from $.link l
  where l.lane = $1 and l.${x}_id = r.id and l.${x}_id <> '' and l.status <> 'tomb')`;

/** A record that is neither linked nor to be settled is no candidate any more. Run after the links were put. */
const FORGET = `delete from $.blocking b using r where b.lane = $1 and b.side = r.side and b.id = r.id
  and not (${isLinked('a')}) and not (${isLinked('b')})`;

const FORGET_KEYS = `with r as (select * from jsonb_to_recordset($2::jsonb) as r(side text, id text)) ${FORGET}`;

const SETTLE = `with settled as (
    delete from $.suspect s using jsonb_to_recordset($2::jsonb) as d(side text, id text, seq bigint)
    where s.lane = $1 and s.side = d.side and s.id = d.id and s.seq = d.seq
    returning s.side, s.id, s.keys is not null as keyed
  ), r as (select side, id from settled where keyed) ${FORGET}`;

const recordKey = ({ lane, side, id }: { lane: number; side: Side; id: string }): string =>
  `${lane}/${side}/${id}`;

export async function putKeys(session: Session, records: readonly KeysOf[]): Promise<void> {
  const last = new Map(
    records.map(({ lane, side, id, keys }) => [recordKey({ lane, side, id }), { lane, side, id, keys }]),
  );
  if (last.size > 0) await session.run(PUT_KEYS, [toJson([...last.values()])]);
}

const fromReport = ({ lane, side, id, why, feed, into, stamp, keys, mono, at, seq }: Report) => ({
  ...{
    lane,
    side,
    id,
    why,
    feed,
    into_id: into ?? null,
    stamp: stamp ?? null,
    stamp_known: stamp !== undefined,
  },
  ...{ keys: keys ?? null, mono, at, seq },
});

/** In the order given: of several reports of one record the last one stays, under the highest `mono`. */
export async function putSuspects(session: Session, reports: readonly Report[]): Promise<void> {
  const last = new Map<string, Report>();
  for (const report of reports) {
    const before = last.get(recordKey(report));
    const mono = before !== undefined && before.mono > report.mono ? before.mono : report.mono;
    last.set(recordKey(report), { ...report, mono });
  }
  if (last.size === 0) return;
  await session.run(PUT, [toJson([...last.values()].map(fromReport))]);
  await putKeys(
    session,
    reports.flatMap(({ lane, side, id, keys }) => (keys === undefined ? [] : [{ lane, side, id, keys }])),
  );
}

export async function forgetKeysOfTombs(
  session: Session,
  n: number,
  puts: readonly LinkPut[],
): Promise<void> {
  const records = puts.flatMap(({ link: { status, a, b } }) => {
    if (status !== 'tomb') return [];
    return [
      ...(a === null ? [] : [{ side: 'a', id: a.id }]),
      ...(b === null ? [] : [{ side: 'b', id: b.id }]),
    ];
  });
  if (records.length > 0) await session.run(FORGET_KEYS, [n, toJson(records)]);
}

export async function settleSuspects(
  session: Session,
  n: number,
  settled: NonNullable<LaneCommit['settled']>,
): Promise<void> {
  if (settled.length === 0) return;
  await session.run(SETTLE, [n, toJson(settled.map(({ side, id, seq }) => ({ side, id, seq })))]);
}

const PRESENT = `select s.side, s.id, s.seq from jsonb_to_recordset($2::jsonb) as r(side text, id text)
  join $.suspect s on s.lane = $1 and s.side = r.side and s.id = r.id`;

/** Keeps `seq` of a row that is there and has not moved on; a record that is no suspect yet becomes one. */
export async function refineSuspects(
  session: Session,
  lane: OpenLane,
  suspects: readonly Suspect[],
): Promise<void> {
  if (suspects.length === 0) return;
  const named = suspects.map(({ side, id }) => ({ side, id }));
  const present = new Map<string, number>();
  for (const row of await session.all(PRESENT, [lane.n, toJson(named)])) {
    present.set(recordKey({ lane: lane.n, side: word(row, 'side'), id: text(row, 'id') }), int(row, 'seq'));
  }
  const reports: Report[] = [];
  for (const suspect of suspects) {
    const report = { ...suspect, lane: lane.n };
    const known = present.get(recordKey(report));
    if (known !== undefined && known !== suspect.seq) continue;
    const seq = known ?? lane.sequence.next();
    present.set(recordKey(report), seq);
    reports.push({ ...report, seq });
  }
  await putSuspects(session, reports);
}

function toSuspect(row: Row, laneId: string): Suspect {
  const into = textOrNull(row, 'into_id');
  const keys = json<readonly string[] | null>(row, 'keys');
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

interface SuspectQuery {
  readonly why?: readonly SuspectWhy[];
  readonly after?: { readonly side: Side; readonly id: string };
  readonly limit: number;
}

export const SUSPECT_QUERIES = {
  all: 'select * from $.suspect where lane = $1 and (side, id) > ($2, $3) order by side, id limit $4',
  why: `select * from $.suspect where lane = $1 and (side, id) > ($2, $3) and why = any($5::text[])
    order by side, id limit $4`,
  /** Of every lane over a store. */
  known: `select s.*, lane.id as lane_id from $.suspect s join $.lane lane on lane.n = s.lane
    where s.side = 'b' and s.id = any($1::text[]) and lane.store_b = $2 order by s.id`,
} as const;

/** By lane. */
export async function knownSuspects(
  session: Session,
  of: { readonly storeB: string; readonly ids: readonly string[] },
): Promise<Map<string, readonly Suspect[]>> {
  const rows = await session.all(SUSPECT_QUERIES.known, [of.ids, of.storeB]);
  return Map.groupBy(
    rows.map((row) => toSuspect(row, text(row, 'lane_id'))),
    ({ laneId }) => laneId,
  );
}

/** Ordered by side, then id. */
export async function querySuspects(
  session: Session,
  lane: { readonly n: number; readonly id: string },
  query: SuspectQuery,
): Promise<Suspect[]> {
  const at = [lane.n, query.after?.side ?? '', query.after?.id ?? '', query.limit];
  const rows =
    query.why === undefined
      ? await session.all(SUSPECT_QUERIES.all, at)
      : await session.all(SUSPECT_QUERIES.why, [...at, query.why]);
  return rows.map((row) => toSuspect(row, lane.id));
}

const CANDIDATES = `select k.key, b.id from unnest($3::text[]) as k(key) cross join lateral (
    select id from $.blocking where lane = $1 and side = $2 and key = k.key order by id limit $4
  ) b`;

/** Every key asked for answers, with no ids where nothing shares it. */
export async function findCandidates(
  session: Session,
  n: number,
  query: { readonly side: Side; readonly keys: readonly string[]; readonly cap: number },
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, string[]>(query.keys.map((key) => [key, []]));
  const rows = await session.all(CANDIDATES, [n, query.side, [...found.keys()], query.cap + 1]);
  for (const row of rows) found.get(text(row, 'key'))?.push(text(row, 'id'));
  return found;
}
