import {
  type ApprovedDeletes,
  type LaneRow,
  type LaneSpec,
  type SyncState,
  withApproval,
} from '@tidelock/core';
import type { Database } from '../database.ts';
import { instant } from '../database-session.ts';
import { int, intOrNull, json, type Row, text, textOrNull } from '../row.ts';
import { toJson } from '../row-text.ts';
import { oldFence, unknownLane } from './lane-key.ts';
import { toWaves } from './waves.ts';

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
const OF_LANE = ['blocking', 'suspect', 'intent', 'claim', 'history', 'review', 'run', 'link'] as const;
const FORGET = `update $.lane set fence = fence + 1, lease_owner = null, lease_until = 0, due_at = $2,
  dirty_seq = dirty_seq + 1, scope_hash = null, held = null, approved_hash = null, last_ok_at = null,
  error_kind = null, error_count = 0 where id = $1 returning n`;

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
    held: json(row, 'held'),
    approved: toApproved(textOrNull(row, 'approved_hash')),
    paused: json(row, 'paused'),
    lastOkAt: intOrNull(row, 'last_ok_at'),
    errorKind: textOrNull(row, 'error_kind'),
    errorCount: int(row, 'error_count'),
  };
}

/** In the order of ids, so that two programs that save the same lanes do not wait for each other in a circle. */
const SAVE = `insert into $.lane as lane (id, tenant_id, store_a, store_b, label, due_at)
  select id, "tenantId", "storeA", "storeB", label, $2::bigint from jsonb_to_recordset($1::jsonb)
    as r(id text, "tenantId" text, "storeA" text, "storeB" text, label text) order by id
  on conflict (id) do update set tenant_id = excluded.tenant_id, store_a = excluded.store_a,
    store_b = excluded.store_b, label = excluded.label
  where (lane.tenant_id, lane.store_a, lane.store_b, lane.label)
    is distinct from (excluded.tenant_id, excluded.store_a, excluded.store_b, excluded.label)`;

const ACQUIRE = `with took as (
    update $.lane set fence = fence + 1, lease_owner = $2::text, lease_until = ${instant('$4')} + $3::bigint
    where id = $1 and (lease_owner is null or lease_owner = $2::text or lease_until <= ${instant('$4')})
    returning fence
  ) select (select fence from took) as fence, exists (select from $.lane where id = $1) as known`;

const RENEW = `update $.lane set lease_until = ${instant('$4')} + $3::bigint
  where id = $1 and fence = $2 and lease_owner is not null`;

const RELEASE = `update $.lane set lease_owner = null, lease_until = 0,
    done_seq = greatest(done_seq, $1::bigint),
    due_at = case when dirty_seq > $1::bigint and $4::text is null then least($2::bigint, $3::bigint)
      else $2::bigint end,
    last_ok_at = case when $4::text is null then $3::bigint else last_ok_at end,
    error_count = case when $4::text is null then 0 else error_count + 1 end, error_kind = $4::text,
    scope_hash = $5
  where id = $6 and fence = $7 and lease_owner is not null`;

const HINT = 'update $.lane set dirty_seq = dirty_seq + 1, due_at = least(due_at, $2::bigint) where id = $1';

const specOf = ({ id, tenantId, storeA, storeB, label }: LaneSpec): LaneSpec => ({
  ...{ id, tenantId, storeA, storeB, label },
});

export function createLanes(db: Database): LaneMethods {
  const mustChange = async (operation: string, sql: string, params: (string | number | null)[]) => {
    const changed = await db.single(operation, (session) => session.run(sql, params));
    if (changed === 0) throw unknownLane(operation);
  };
  return {
    async saveLanes(lanes, now) {
      await db.transaction('state.saveLanes', async (session) => {
        for (const wave of toWaves(lanes, (lane) => lane.id)) {
          await session.run(SAVE, [toJson(wave.map(specOf)), now]);
        }
      });
    },
    async acquireLane({ laneId, owner, now, ttlMs }) {
      const until = now + ttlMs;
      const [row = {}] = await db.single('state.acquireLane', (session) =>
        session.all(ACQUIRE, [laneId, owner, ttlMs, db.leaseNow(now)]),
      );
      if (row.known !== true) throw unknownLane('state.acquireLane');
      const fence = intOrNull(row, 'fence');
      return fence === null ? null : { fence, until };
    },
    async renewLane({ guard, now, ttlMs }) {
      const changed = await db.single('state.renewLane', (session) =>
        session.run(RENEW, [guard.laneId, guard.fence, ttlMs, db.leaseNow(now)]),
      );
      return changed === 1;
    },
    async releaseLane({ guard, now, doneSeq, dueAt, errorKind, scopeHash }) {
      const changed = await db.single('state.releaseLane', (session) =>
        session.run(RELEASE, [doneSeq, dueAt, now, errorKind, scopeHash, guard.laneId, guard.fence]),
      );
      if (changed === 0) throw oldFence('state.releaseLane');
    },
    hintLane: (laneId, now) => mustChange('state.hintLane', HINT, [laneId, now]),
    pauseLane: (laneId, pause) =>
      mustChange('state.pauseLane', 'update $.lane set paused = $2::jsonb where id = $1', [
        laneId,
        pause === null ? null : toJson(pause),
      ]),
    async eraseLane(laneId, now) {
      await db.transaction('state.eraseLane', async (session) => {
        // Taking the lane's row first keeps out whoever writes for it.
        const [row] = await session.all(FORGET, [laneId, now]);
        if (row === undefined) throw unknownLane('state.eraseLane');
        for (const table of OF_LANE)
          await session.run(`delete from $.${table} where lane = $1`, [int(row, 'n')]);
      });
    },
    async approveHeld(laneId, hash, now) {
      await db.transaction('state.approveHeld', async (session) => {
        const [row] = await session.all('select * from $.lane where id = $1 for update', [laneId]);
        if (row === undefined) throw unknownLane('state.approveHeld');
        const { approved, held } = toLane(row);
        const next = hash === null ? null : toJson(withApproval(approved, { hash, held, now }));
        await session.run('update $.lane set approved_hash = $2 where id = $1', [laneId, next]);
      });
    },
  };
}
