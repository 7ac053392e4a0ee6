import type { PushState, SubscriptionRow } from '@tidelock/core';
import type { Database } from './database.ts';
import { instant, type Param } from './database-session.ts';
import { int, intOrNull, type Row, text, textOrNull, word } from './row.ts';

const toSubscription = (row: Row): SubscriptionRow => ({
  tenantId: text(row, 'tenant_id'),
  mailboxId: text(row, 'mailbox_id'),
  kind: word(row, 'kind'),
  rev: int(row, 'rev'),
  state: word(row, 'state'),
  subscriptionId: textOrNull(row, 'subscription_id'),
  secretHash: text(row, 'secret_hash'),
  path: text(row, 'path'),
  origin: text(row, 'origin'),
  expiresAt: intOrNull(row, 'expires_at'),
  dueAt: int(row, 'due_at'),
  failures: int(row, 'failures'),
  problem: textOrNull(row, 'problem'),
});

const ALL = 'select * from $.subscription where tenant_id = $1 order by mailbox_id, kind';

/** A row that was removed and made again begins at the first revision, with another time. */
const STAMP = `select count(*) || ' ' || coalesce(sum(rev), 0) || ' ' || coalesce(sum(due_at), 0) as stamp
  from $.subscription where tenant_id = $1`;

const INSERT = `insert into $.subscription (tenant_id, mailbox_id, kind, rev, state, subscription_id, secret_hash, path,
    origin, expires_at, due_at, failures, problem) values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  on conflict (tenant_id, mailbox_id, kind) do nothing`;

const UPDATE = `update $.subscription set rev = rev + 1, state = $4, subscription_id = $5, secret_hash = $6, path = $7,
    origin = $8, expires_at = $9, due_at = $10, failures = $11, problem = $12
  where tenant_id = $1 and mailbox_id = $2 and kind = $3 and rev = $13`;

const REMOVE =
  'delete from $.subscription where tenant_id = $1 and mailbox_id = $2 and kind = $3 and rev = $4';

const LEASE = `insert into $.keeper as k (tenant_id, owner, until)
    values ($1, $2, ${instant('$4')} + $3::bigint)
  on conflict (tenant_id) do update set owner = $2, until = ${instant('$4')} + $3::bigint
    where k.owner = $2 or k.until <= ${instant('$4')}`;

/** Rows are taken in the order of ids, so that two programs that hint the same lanes do not wait for each other in a circle. */
const HINT = `with due as (select id from $.lane where id = any($1::text[]) order by id for update)
  update $.lane set dirty_seq = dirty_seq + 1, due_at = least(due_at, $2::bigint)
  where id in (select id from due)`;

export function createPushState(db: Database): PushState {
  const run = (operation: string, sql: string, params: readonly Param[]): Promise<number> =>
    db.single(operation, (session) => session.run(sql, params));
  return {
    async subscriptions(tenantId) {
      const rows = await db.single('state.subscriptions', (session) => session.all(ALL, [tenantId]));
      return rows.map(toSubscription);
    },
    async subscriptionsStamp(tenantId) {
      const [row = {}] = await db.single('state.subscriptionsStamp', (session) =>
        session.all(STAMP, [tenantId]),
      );
      return text(row, 'stamp');
    },
    async putSubscription(row) {
      const { tenantId, mailboxId, kind, rev } = row;
      const values = [
        ...[tenantId, mailboxId, kind, row.state, row.subscriptionId, row.secretHash, row.path, row.origin],
        ...[row.expiresAt, row.dueAt, row.failures, row.problem],
      ];
      const isFirst = rev === 1;
      const changed = await run(
        'state.putSubscription',
        isFirst ? INSERT : UPDATE,
        isFirst ? values : [...values, rev - 1],
      );
      return changed === 1;
    },
    async removeSubscription({ tenantId, mailboxId, kind, rev }) {
      return (await run('state.removeSubscription', REMOVE, [tenantId, mailboxId, kind, rev])) === 1;
    },
    async leaseKeeper({ tenantId, owner, now, ttlMs }) {
      return (await run('state.leaseKeeper', LEASE, [tenantId, owner, ttlMs, db.leaseNow(now)])) === 1;
    },
    async releaseKeeper({ tenantId, owner }) {
      const sql = 'delete from $.keeper where tenant_id = $1 and owner = $2';
      await run('state.releaseKeeper', sql, [tenantId, owner]);
    },
    async hintLanes(laneIds, now) {
      if (laneIds.length === 0) return;
      await db.transaction('state.hintLanes', async (session) => {
        await session.run(HINT, [laneIds, now]);
      });
    },
  };
}
