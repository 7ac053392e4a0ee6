import {
  AdapterError,
  type HistoryRow,
  type Review,
  type RunRow,
  type Side,
  type SyncState,
} from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Param, Session } from '../database-session.ts';
import { bool, int, intOrNull, json, type Row, text, textOrNull, word } from '../row.ts';
import { toJson } from '../row-text.ts';
import { unknownLane } from './lane-key.ts';
import { toWaves } from './waves.ts';

interface Lane {
  readonly n: number;
  readonly id: string;
}

/** Numbers are given in the order of the rows. */
const ADD_HISTORY = `insert into $.history (lane, run_id, seq, link_id, side, op, field, old, new, rule,
    intent_id, cause, mapping, at)
  select $1::bigint, "runId", seq, "linkId", side, op, field, old, new, rule, "intentId", cause, mapping, at
  from jsonb_to_recordset($2::jsonb) as r("runId" text, seq bigint, "linkId" text, side text, op text, field text,
    old jsonb, new jsonb, rule text, "intentId" text, cause jsonb, mapping text, at bigint)`;

function toHistory(row: Row, laneId: string): HistoryRow {
  return {
    runId: text(row, 'run_id'),
    seq: int(row, 'seq'),
    laneId,
    linkId: text(row, 'link_id'),
    side: word(row, 'side'),
    op: word(row, 'op'),
    field: textOrNull(row, 'field'),
    old: json(row, 'old'),
    new: json(row, 'new'),
    rule: text(row, 'rule'),
    intentId: textOrNull(row, 'intent_id'),
    cause: json(row, 'cause'),
    mapping: textOrNull(row, 'mapping'),
    at: int(row, 'at'),
    ...(bool(row, 'expired') ? { expired: true } : {}),
  };
}

export async function addHistory(session: Session, n: number, rows: readonly HistoryRow[]): Promise<void> {
  if (rows.length > 0) await session.run(ADD_HISTORY, [n, toJson(rows)]);
}

const NEWEST = 'and at >= $3 order by n desc limit $2';
/** Newest first. */
export const HISTORY_QUERIES = {
  lane: `select * from $.history where lane = $1 ${NEWEST}`,
  link: `select * from $.history where lane = $1 and link_id = $4 ${NEWEST}`,
  run: `select * from $.history where lane = $1 and run_id = $4 ${NEWEST}`,
  both: `select * from $.history where lane = $1 and link_id = $4 and run_id = $5 ${NEWEST}`,
} as const;

export async function queryHistory(
  session: Session,
  lane: Lane,
  query: Parameters<SyncState['history']>[1],
): Promise<HistoryRow[]> {
  const { linkId, runId, since = Number.MIN_SAFE_INTEGER, limit } = query;
  const find = async (sql: string, ...more: Param[]): Promise<HistoryRow[]> =>
    (await session.all(sql, [lane.n, limit, since, ...more])).map((row) => toHistory(row, lane.id));
  if (linkId !== undefined && runId !== undefined) return find(HISTORY_QUERIES.both, linkId, runId);
  if (linkId !== undefined) return find(HISTORY_QUERIES.link, linkId);
  if (runId !== undefined) return find(HISTORY_QUERIES.run, runId);
  return find(HISTORY_QUERIES.lane);
}

/** Putting a review again refreshes what it says and never asks anew: a decision stays. */
const PUT_REVIEWS = `insert into $.review as v
    (id, lane, kind, link_id, a_ids, b_ids, score, reasons, decision, decided_at, at)
  select id, $1::bigint, kind, "linkId", "aIds", "bIds", score, reasons, decision, "decidedAt", at
  from jsonb_to_recordset($2::jsonb) as r(id text, kind text, "linkId" text, "aIds" jsonb, "bIds" jsonb,
    score double precision, reasons jsonb, decision text, "decidedAt" bigint, at bigint)
  on conflict (id) do update set kind = excluded.kind, link_id = excluded.link_id, a_ids = excluded.a_ids,
    b_ids = excluded.b_ids, score = excluded.score, reasons = excluded.reasons,
    decided_at = case when v.decision is null then excluded.decided_at else v.decided_at end,
    decision = coalesce(v.decision, excluded.decision)
  where v.lane = excluded.lane`;

function toReview(row: Row, laneId: string): Review {
  const { score } = row;
  return {
    id: text(row, 'id'),
    laneId,
    kind: word(row, 'kind'),
    linkId: textOrNull(row, 'link_id'),
    aIds: json(row, 'a_ids'),
    bIds: json(row, 'b_ids'),
    score: typeof score === 'number' ? score : null,
    reasons: json(row, 'reasons'),
    decision: textOrNull(row, 'decision'),
    decidedAt: intOrNull(row, 'decided_at'),
    at: int(row, 'at'),
  };
}

export async function putReviews(session: Session, n: number, reviews: readonly Review[]): Promise<void> {
  for (const wave of toWaves(reviews, (review) => review.id)) {
    const stored = await session.run(PUT_REVIEWS, [n, toJson(wave)]);
    if (stored === wave.length) continue;
    throw new AdapterError('conflict', 'Another lane holds a review of this id.', {
      operation: 'state.commitLane',
    });
  }
}

const REVIEWS = `select * from $.review where lane = $1
  and ($2::boolean is null or (decision is null) = $2::boolean)
  and ($3::text[] is null or id = any($3::text[])) order by at, id`;

/** Oldest first. */
export async function queryReviews(
  session: Session,
  lane: Lane,
  query: { readonly open?: boolean; readonly ids?: readonly string[] },
): Promise<Review[]> {
  const rows = await session.all(REVIEWS, [lane.n, query.open ?? null, query.ids ?? null]);
  return rows.map((row) => toReview(row, lane.id));
}

const DECIDE = `update $.review v set decision = $2, decided_at = $3 from $.lane l
  where v.id = $1 and l.n = v.lane returning v.*, l.id as lane_id`;

const START_RUN = `insert into $.run (id, lane, kind, started_at, ended_at, counts, stop_reason)
  select $2::text, n, $3::text, $4::bigint, $5::bigint, $6::jsonb, $7::text from $.lane where id = $1
  on conflict (id) do update set kind = excluded.kind, started_at = excluded.started_at,
    ended_at = excluded.ended_at, counts = excluded.counts, stop_reason = excluded.stop_reason`;

const FINISH_RUN = 'update $.run set ended_at = $2, counts = $3::jsonb, stop_reason = $4 where id = $1';

const RUNS = `select r.* from $.run r where r.lane = (select n from $.lane where id = $1)
  order by r.started_at desc, r.id desc limit $2`;

function toRun(row: Row, laneId: string): RunRow {
  return {
    id: text(row, 'id'),
    laneId,
    kind: word(row, 'kind'),
    startedAt: int(row, 'started_at'),
    endedAt: intOrNull(row, 'ended_at'),
    counts: json(row, 'counts'),
    stopReason: textOrNull(row, 'stop_reason'),
  };
}

const LANE_DELETES = `select side, count(*) as number from $.history
  where lane = (select n from $.lane where id = $1) and at >= $2 and op = 'delete' group by side`;
/** Through the index over time: what is asked for is short, and lanes are many. */
const TENANT_DELETES = `select count(*) as number from $.history h join $.lane l on l.n = h.lane
  where l.tenant_id = (select tenant_id from $.lane where id = $1) and h.at >= $2 and h.op = 'delete'`;

const deletesOn = (rows: readonly Row[], side: Side): number =>
  rows.flatMap((row) => (row.side === side ? [int(row, 'number')] : []))[0] ?? 0;

export function createJournal(
  db: Database,
): Pick<SyncState, 'decide' | 'startRun' | 'finishRun' | 'runs' | 'deletesSince'> {
  return {
    async decide(reviewId, decision, now) {
      const [row] = await db.single('state.decide', (session) =>
        session.all(DECIDE, [reviewId, decision, now]),
      );
      return row === undefined ? null : toReview(row, text(row, 'lane_id'));
    },
    async startRun({ id, laneId, kind, startedAt, endedAt, counts, stopReason }) {
      const stored = await db.single('state.startRun', (session) =>
        session.run(START_RUN, [laneId, id, kind, startedAt, endedAt, toJson(counts), stopReason]),
      );
      if (stored === 0) throw unknownLane('state.startRun');
    },
    async finishRun({ id, endedAt, counts, stopReason }) {
      const changed = await db.single('state.finishRun', (session) =>
        session.run(FINISH_RUN, [id, endedAt, toJson(counts), stopReason]),
      );
      if (changed === 1) return;
      throw new AdapterError('not_found', 'There is no such run.', { operation: 'state.finishRun' });
    },
    async deletesSince(laneId, since) {
      return db.single('state.deletesSince', async (session) => {
        const own = await session.all(LANE_DELETES, [laneId, since.lane]);
        const [all] = await session.all(TENANT_DELETES, [laneId, since.tenant]);
        const lane = { a: deletesOn(own, 'a'), b: deletesOn(own, 'b') };
        return { lane, tenant: all === undefined ? 0 : int(all, 'number') };
      });
    },
    async runs(laneId, limit) {
      const rows = await db.single('state.runs', (session) => session.all(RUNS, [laneId, limit]));
      return rows.map((row) => toRun(row, laneId));
    },
  };
}
