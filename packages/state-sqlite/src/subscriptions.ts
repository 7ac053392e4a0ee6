import type { PushState, SubscriptionRow } from '@tidelock/core';
import type { Database } from './database.ts';
import { int, intOrNull, type Row, text, textOrNull, word } from './row.ts';
import { HINT } from './sync/lanes.ts';

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

const ALL = 'select * from subscription where tenant_id = ? order by mailbox_id, kind';

/** A row that was removed and made again begins at the first revision, with another time. */
const STAMP = `select count(*) || ' ' || coalesce(sum(rev), 0) || ' ' || coalesce(sum(due_at), 0) as stamp
  from subscription where tenant_id = ?`;

const INSERT = `insert into subscription (rev, state, subscription_id, secret_hash, path, origin, expires_at, due_at,
    failures, problem, tenant_id, mailbox_id, kind) values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (tenant_id, mailbox_id, kind) do nothing`;

const UPDATE = `update subscription set rev = rev + 1, state = ?, subscription_id = ?, secret_hash = ?, path = ?,
    origin = ?, expires_at = ?, due_at = ?, failures = ?, problem = ?
  where tenant_id = ? and mailbox_id = ? and kind = ? and rev = ?`;

const REMOVE = 'delete from subscription where tenant_id = ? and mailbox_id = ? and kind = ? and rev = ?';

const LEASE = `insert into keeper (tenant_id, owner, until) values (?1, ?2, ?3)
  on conflict (tenant_id) do update set owner = ?2, until = ?3 where owner = ?2 or until <= ?4`;

export function createPushState(db: Database): PushState {
  return {
    async subscriptions(tenantId) {
      return db.read('state.subscriptions', () => db.statement(ALL).all(tenantId).map(toSubscription));
    },
    async subscriptionsStamp(tenantId) {
      return db.read('state.subscriptionsStamp', () =>
        text(db.statement(STAMP).get(tenantId) ?? {}, 'stamp'),
      );
    },
    async putSubscription(row) {
      const { tenantId, mailboxId, kind, rev } = row;
      const values = [
        ...[row.state, row.subscriptionId, row.secretHash, row.path, row.origin, row.expiresAt],
        ...[row.dueAt, row.failures, row.problem, tenantId, mailboxId, kind],
      ];
      return db.transaction('state.putSubscription', () => {
        const statement = db.statement(rev === 1 ? INSERT : UPDATE);
        const { changes } = rev === 1 ? statement.run(...values) : statement.run(...values, rev - 1);
        return changes === 1;
      });
    },
    async removeSubscription({ tenantId, mailboxId, kind, rev }) {
      return db.transaction(
        'state.removeSubscription',
        () => db.statement(REMOVE).run(tenantId, mailboxId, kind, rev).changes === 1,
      );
    },
    async leaseKeeper({ tenantId, owner, now, ttlMs }) {
      return db.transaction(
        'state.leaseKeeper',
        () => db.statement(LEASE).run(tenantId, owner, now + ttlMs, now).changes === 1,
      );
    },
    async releaseKeeper({ tenantId, owner }) {
      const sql = 'delete from keeper where tenant_id = ? and owner = ?';
      db.transaction('state.releaseKeeper', () => db.statement(sql).run(tenantId, owner));
    },
    async hintLanes(laneIds, now) {
      db.transaction('state.hintLanes', () => {
        for (const id of laneIds) db.statement(HINT).run(now, id);
      });
    },
  };
}
