import type { SQLInputValue } from 'node:sqlite';
import type { HistoryRow, Review, RunRow, Side, SyncState } from '@tidelock/core';
import { AdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import {
  bool,
  int,
  intOrNull,
  json,
  jsonOrNull,
  type Row,
  text,
  textOrNull,
  toJson,
  toJsonOrNull,
  word,
} from '../row.ts';
import { laneKey, type OpenLane, unknownLane } from './lane-key.ts';

type Lane = { readonly n: number; readonly id: string };

const ADD_HISTORY = `insert into history (lane, run_id, seq, link_id, side, op, field, old, new, rule,
  intent_id, cause, mapping, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

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
    cause: jsonOrNull(row, 'cause'),
    mapping: textOrNull(row, 'mapping'),
    at: int(row, 'at'),
    ...(bool(row, 'expired') ? { expired: true } : {}),
  };
}

/** The parameters of `ADD_HISTORY` behind the lane, flat, as they cross from one thread to another. */
export type HistoryValues = SQLInputValue[];

export function toHistoryValues(row: HistoryRow): HistoryValues {
  const { runId, seq, linkId, side, op, field, rule, intentId, mapping, at } = row;
  const [old, now, cause] = [toJson(row.old), toJson(row.new), toJsonOrNull(row.cause)];
  return [runId, seq, linkId, side, op, field, old, now, rule, intentId, cause, mapping, at];
}

export function addHistory(db: Database, lane: OpenLane, rows: readonly HistoryValues[]): void {
  const add = db.statement(ADD_HISTORY);
  for (const row of rows) add.run(lane.n, ...row);
}

const SINCE = 'and +at >= ? order by n desc limit ?';
/** Newest first. The unary plus keeps the other conditions from picking the wider of two indexes. */
export const HISTORY_QUERIES = {
  lane: `select * from history where lane = ? ${SINCE}`,
  link: `select * from history where lane = ? and link_id = ? ${SINCE}`,
  run: `select * from history where lane = ? and run_id = ? ${SINCE}`,
  both: `select * from history where lane = ? and link_id = ? and +run_id = ? ${SINCE}`,
} as const;

export function queryHistory(
  db: Database,
  lane: Lane,
  query: Parameters<SyncState['history']>[1],
): HistoryRow[] {
  const { linkId, runId, since = Number.MIN_SAFE_INTEGER, limit } = query;
  const rows = (): Row[] => {
    if (linkId !== undefined && runId !== undefined) {
      return db.statement(HISTORY_QUERIES.both).all(lane.n, linkId, runId, since, limit);
    }
    if (linkId !== undefined) return db.statement(HISTORY_QUERIES.link).all(lane.n, linkId, since, limit);
    if (runId !== undefined) return db.statement(HISTORY_QUERIES.run).all(lane.n, runId, since, limit);
    return db.statement(HISTORY_QUERIES.lane).all(lane.n, since, limit);
  };
  return rows().map((row) => toHistory(row, lane.id));
}

/** Putting a review again refreshes what it says and never asks anew: a decision stays. */
const PUT_REVIEW = `insert into review (id, lane, kind, link_id, a_ids, b_ids, score, reasons, decision, decided_at, at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (id) do update set kind = excluded.kind, link_id = excluded.link_id, a_ids = excluded.a_ids,
    b_ids = excluded.b_ids, score = excluded.score, reasons = excluded.reasons,
    decided_at = case when decision is null then excluded.decided_at else decided_at end,
    decision = coalesce(decision, excluded.decision)
  where lane = excluded.lane`;

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

export function putReviews(db: Database, lane: OpenLane, reviews: readonly Review[]): void {
  for (const review of reviews) {
    const { id, kind, linkId, score, decision, decidedAt, at } = review;
    const lists = [toJson(review.aIds), toJson(review.bIds), score, toJson(review.reasons)];
    const { changes } = db
      .statement(PUT_REVIEW)
      .run(id, lane.n, kind, linkId, ...lists, decision, decidedAt, at);
    if (changes === 0) {
      throw new AdapterError('conflict', 'Another lane holds a review of this id.', {
        operation: 'state.commitLane',
      });
    }
  }
}

const REVIEWS = {
  all: 'select * from review where lane = ? order by at, id',
  open: 'select * from review where lane = ? and decision is null order by at, id',
  decided: 'select * from review where lane = ? and decision is not null order by at, id',
} as const;

function reviewSql(open: boolean | undefined): string {
  if (open === undefined) return REVIEWS.all;
  return open ? REVIEWS.open : REVIEWS.decided;
}

/** Oldest first. */
export function queryReviews(
  db: Database,
  lane: Lane,
  query: { readonly open?: boolean; readonly ids?: readonly string[] },
): Review[] {
  const wanted = query.ids === undefined ? null : new Set(query.ids);
  const found = db.statement(reviewSql(query.open)).all(lane.n);
  return found
    .map((row) => toReview(row, lane.id))
    .filter((review) => wanted === null || wanted.has(review.id));
}

const DECIDE = `update review set decision = ?, decided_at = ? where id = ?
  returning *, (select lane.id from lane where lane.n = review.lane) as lane_id`;

const START_RUN = `insert into run (id, lane, kind, started_at, ended_at, counts, stop_reason)
  values (?, ?, ?, ?, ?, ?, ?)
  on conflict (id) do update set kind = excluded.kind, started_at = excluded.started_at,
    ended_at = excluded.ended_at, counts = excluded.counts, stop_reason = excluded.stop_reason`;

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

const LANE_DELETES = `select side, count(*) as number from history
  where lane = ? and at >= ? and op = 'delete' group by side`;
/** Through the index over time: what is asked for is short, and lanes are many. */
const TENANT_DELETES = `select count(*) as number from history h join lane l on l.n = h.lane
  where l.tenant_id = (select tenant_id from lane where n = ?) and h.at >= ? and h.op = 'delete'`;

const deletesOn = (rows: readonly Row[], side: Side): number =>
  rows.flatMap((row) => (row.side === side ? [int(row, 'number')] : []))[0] ?? 0;

export function createJournal(
  db: Database,
): Pick<SyncState, 'decide' | 'startRun' | 'finishRun' | 'runs' | 'deletesSince'> {
  return {
    async decide(reviewId, decision, now) {
      return db.transaction('state.decide', () => {
        const row = db.statement(DECIDE).get(decision, now, reviewId);
        return row === undefined ? null : toReview(row, text(row, 'lane_id'));
      });
    },
    async startRun(run) {
      const { id, laneId, kind, startedAt, endedAt, counts, stopReason } = run;
      db.transaction('state.startRun', () => {
        const n = laneKey(db, laneId);
        if (n === null) throw unknownLane('state.startRun');
        db.statement(START_RUN).run(id, n, kind, startedAt, endedAt, toJson(counts), stopReason);
      });
    },
    async finishRun({ id, endedAt, counts, stopReason }) {
      db.transaction('state.finishRun', () => {
        const { changes } = db
          .statement('update run set ended_at = ?, counts = ?, stop_reason = ? where id = ?')
          .run(endedAt, toJson(counts), stopReason, id);
        if (changes === 1) return;
        throw new AdapterError('not_found', 'There is no such run.', { operation: 'state.finishRun' });
      });
    },
    async deletesSince(laneId, since) {
      return db.read('state.deletesSince', () => {
        const n = laneKey(db, laneId);
        if (n === null) return { lane: { a: 0, b: 0 }, tenant: 0 };
        const own = db.statement(LANE_DELETES).all(n, since.lane);
        const all = db.statement(TENANT_DELETES).get(n, since.tenant);
        const lane = { a: deletesOn(own, 'a'), b: deletesOn(own, 'b') };
        return { lane, tenant: all === undefined ? 0 : int(all, 'number') };
      });
    },
    async runs(laneId, limit) {
      return db.read('state.runs', () => {
        const n = laneKey(db, laneId);
        const sql = 'select * from run where lane = ? order by started_at desc, id desc limit ?';
        return n === null
          ? []
          : db
              .statement(sql)
              .all(n, limit)
              .map((row) => toRun(row, laneId));
      });
    },
  };
}
