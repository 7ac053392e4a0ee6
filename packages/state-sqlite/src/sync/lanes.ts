import type { ApprovedDeletes, LaneRow, SyncState } from '@tidelock/core';
import { withApproval } from '@tidelock/core/lane';
import type { Database } from '../database.ts';
import { int, intOrNull, jsonOrNull, type Row, text, textOrNull, toJson, toJsonOrNull } from '../row.ts';
import { laneKey, oldFence, unknownLane } from './lane-key.ts';

type LaneMethods = Pick<
  SyncState,
  | 'saveLanes'
  | 'acquireLane'
  | 'renewLane'
  | 'releaseLane'
  | 'hintLane'
  | 'approveHeld'
  | 'pauseLane'
  | 'eraseLane'
>;

/** Everything that carries the number of a lane. */
const OF_LANE = [
  ...['blocking', 'keyed', 'suspect', 'intent', 'claim', 'history', 'review', 'run', 'link', 'link_count'],
] as const;
const FORGET = `update lane set fence = fence + 1, lease_owner = null, lease_until = 0, due_at = ?,
  dirty_seq = dirty_seq + 1, scope_hash = null, held = null, approved_hash = null, last_ok_at = null,
  error_kind = null, error_count = 0 where n = ?`;

/** A row of an earlier version holds one hash. */
function toApproved(stored: string | null): readonly ApprovedDeletes[] {
  if (stored === null) return [];
  return stored.startsWith('[')
    ? (JSON.parse(stored) as ApprovedDeletes[])
    : [{ hash: stored, linkIds: [], at: 0 }];
}

export function toLane(row: Row): LaneRow {
  return {
    id: text(row, 'id'),
    tenantId: text(row, 'tenant_id'),
    storeA: text(row, 'store_a'),
    storeB: text(row, 'store_b'),
    label: text(row, 'label'),
    fence: int(row, 'fence'),
    leaseOwner: textOrNull(row, 'lease_owner'),
    leaseUntil: int(row, 'lease_until'),
    dirtySeq: int(row, 'dirty_seq'),
    doneSeq: int(row, 'done_seq'),
    dueAt: int(row, 'due_at'),
    scopeHash: textOrNull(row, 'scope_hash'),
    held: jsonOrNull(row, 'held'),
    approved: toApproved(textOrNull(row, 'approved_hash')),
    paused: jsonOrNull(row, 'paused'),
    lastOkAt: intOrNull(row, 'last_ok_at'),
    errorKind: textOrNull(row, 'error_kind'),
    errorCount: int(row, 'error_count'),
  };
}

/** What is so already is not written: a process that starts says it of every lane, and a commit that writes waits for the disk. */
const SAVE = `insert into lane (id, tenant_id, store_a, store_b, label, due_at) values (?, ?, ?, ?, ?, ?)
  on conflict (id) do update set tenant_id = excluded.tenant_id, store_a = excluded.store_a,
    store_b = excluded.store_b, label = excluded.label
  where (tenant_id, store_a, store_b, label) is not (excluded.tenant_id, excluded.store_a, excluded.store_b, excluded.label)`;

const ACQUIRE = `update lane set fence = fence + 1, lease_owner = ?, lease_until = ?
  where id = ? and (lease_owner is null or lease_owner = ? or lease_until <= ?) returning fence`;

const RELEASE = `update lane set lease_owner = null, lease_until = 0,
    done_seq = max(done_seq, ?1), due_at = case when dirty_seq > ?1 and ?4 is null then min(?2, ?3) else ?2 end,
    last_ok_at = case when ?4 is null then ?3 else last_ok_at end,
    error_count = case when ?4 is null then 0 else error_count + 1 end, error_kind = ?4, scope_hash = ?5
  where id = ?6 and fence = ?7 and lease_owner is not null`;

export const HINT = 'update lane set dirty_seq = dirty_seq + 1, due_at = min(due_at, ?) where id = ?';

/** In the transaction of whatever made the lane dirty. */
export function bumpLane(db: Database, n: number, now: number): void {
  db.statement('update lane set dirty_seq = dirty_seq + 1, due_at = min(due_at, ?) where n = ?').run(now, n);
}

export function createLanes(db: Database): LaneMethods {
  return {
    async saveLanes(lanes, now) {
      db.transaction('state.saveLanes', () => {
        for (const { id, tenantId, storeA, storeB, label } of lanes) {
          db.statement(SAVE).run(id, tenantId, storeA, storeB, label, now);
        }
      });
    },
    async acquireLane({ laneId, owner, now, ttlMs }) {
      return db.transaction('state.acquireLane', () => {
        const until = now + ttlMs;
        const row = db.statement(ACQUIRE).get(owner, until, laneId, owner, now);
        if (row !== undefined) return { fence: int(row, 'fence'), until };
        const known = db.statement('select 1 from lane where id = ?').get(laneId);
        if (known === undefined) throw unknownLane('state.acquireLane');
        return null;
      });
    },
    async renewLane({ guard, now, ttlMs }) {
      return db.transaction('state.renewLane', () => {
        const { changes } = db
          .statement('update lane set lease_until = ? where id = ? and fence = ? and lease_owner is not null')
          .run(now + ttlMs, guard.laneId, guard.fence);
        return changes === 1;
      });
    },
    async releaseLane({ guard, now, doneSeq, dueAt, errorKind, scopeHash }) {
      db.transaction('state.releaseLane', () => {
        const { changes } = db
          .statement(RELEASE)
          .run(doneSeq, dueAt, now, errorKind, scopeHash, guard.laneId, guard.fence);
        if (changes === 0) throw oldFence('state.releaseLane');
      });
    },
    async hintLane(laneId, now) {
      db.transaction('state.hintLane', () => {
        if (db.statement(HINT).run(now, laneId).changes === 0) throw unknownLane('state.hintLane');
      });
    },
    async pauseLane(laneId, pause) {
      db.transaction('state.pauseLane', () => {
        const { changes } = db
          .statement('update lane set paused = ? where id = ?')
          .run(toJsonOrNull(pause), laneId);
        if (changes === 0) throw unknownLane('state.pauseLane');
      });
    },
    async eraseLane(laneId, now) {
      db.transaction('state.eraseLane', () => {
        const n = laneKey(db, laneId);
        if (n === null) throw unknownLane('state.eraseLane');
        db.statement(FORGET).run(now, n);
        for (const table of OF_LANE) db.statement(`delete from ${table} where lane = ?`).run(n);
      });
    },
    async approveHeld(laneId, hash, now) {
      db.transaction('state.approveHeld', () => {
        const row = db.statement('select * from lane where id = ?').get(laneId);
        if (row === undefined) throw unknownLane('state.approveHeld');
        const { approved, held } = toLane(row);
        const next = hash === null ? null : toJson(withApproval(approved, { hash, held, now }));
        db.statement('update lane set approved_hash = ? where id = ?').run(next, laneId);
      });
    },
  };
}
