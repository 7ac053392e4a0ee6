import type { AssignmentRow, AuditEntry, ProfileRow, TenantStore } from '@tidelock/core';
import type { Database } from './database.ts';
import { int, intOrNull, jsonOrNull, type Row, text, textOrNull, toJsonOrNull } from './row.ts';

export type Administration = Pick<
  TenantStore,
  'putProfile' | 'removeProfile' | 'profiles' | 'putAssignments' | 'assignments' | 'appendAudit' | 'audit'
>;

const toProfile = (row: Row): ProfileRow => ({
  tenantId: text(row, 'tenant_id'),
  name: text(row, 'name'),
  document: text(row, 'document'),
  at: int(row, 'at'),
});

const toAssignment = (row: Row): AssignmentRow => ({
  tenantId: text(row, 'tenant_id'),
  mailboxId: text(row, 'mailbox_id'),
  address: text(row, 'address'),
  laneId: text(row, 'lane_id'),
  profile: textOrNull(row, 'profile'),
  rule: text(row, 'rule'),
  crmUser: jsonOrNull(row, 'crm_user'),
  matchedBy: textOrNull(row, 'matched_by'),
  decided: jsonOrNull(row, 'decided'),
  blocked: textOrNull(row, 'blocked'),
  removedAt: intOrNull(row, 'removed_at'),
  at: int(row, 'at'),
});

const toEntry = (row: Row): AuditEntry => ({
  seq: int(row, 'n'),
  id: text(row, 'id'),
  tenantId: text(row, 'tenant_id'),
  at: int(row, 'at'),
  who: text(row, 'who'),
  act: text(row, 'act'),
  subject: text(row, 'subject'),
  laneId: textOrNull(row, 'lane_id'),
  before: jsonOrNull(row, 'before'),
  after: jsonOrNull(row, 'after'),
});

const PUT_PROFILE = `insert into profile (tenant_id, name, document, at) values (?, ?, ?, ?)
  on conflict (tenant_id, name) do update set document = excluded.document, at = excluded.at`;

const PUT_ASSIGNMENT = `insert into assignment (tenant_id, mailbox_id, address, lane_id, profile, rule, crm_user,
    matched_by, decided, blocked, removed_at, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (tenant_id, mailbox_id) do update set address = excluded.address, lane_id = excluded.lane_id,
    profile = excluded.profile, rule = excluded.rule, crm_user = excluded.crm_user, matched_by = excluded.matched_by,
    decided = excluded.decided, blocked = excluded.blocked, removed_at = excluded.removed_at, at = excluded.at`;

const APPEND = `insert into audit (id, tenant_id, at, who, act, subject, lane_id, before, after)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`;

const AUDIT = 'select * from audit where tenant_id = ? and n < ? and at >= ? order by n desc limit ?';

/** What administrators set and did. */
export function createAdministration(db: Database): Administration {
  return {
    async putProfile({ tenantId, name, document, at }) {
      db.transaction('state.putProfile', () => db.statement(PUT_PROFILE).run(tenantId, name, document, at));
    },
    async removeProfile(tenantId, name) {
      const sql = 'delete from profile where tenant_id = ? and name = ?';
      db.transaction('state.removeProfile', () => db.statement(sql).run(tenantId, name));
    },
    async profiles(tenantId) {
      const sql = 'select * from profile where tenant_id = ? order by name';
      return db.read('state.profiles', () => db.statement(sql).all(tenantId).map(toProfile));
    },
    async putAssignments(rows) {
      db.transaction('state.putAssignments', () => {
        for (const row of rows) {
          const { tenantId, mailboxId, address, laneId, profile, rule, matchedBy, blocked } = row;
          db.statement(PUT_ASSIGNMENT).run(
            ...[tenantId, mailboxId, address, laneId, profile, rule, toJsonOrNull(row.crmUser)],
            ...[matchedBy, toJsonOrNull(row.decided), blocked, row.removedAt, row.at],
          );
        }
      });
    },
    async assignments(tenantId) {
      const sql = 'select * from assignment where tenant_id = ? order by mailbox_id';
      return db.read('state.assignments', () => db.statement(sql).all(tenantId).map(toAssignment));
    },
    async appendAudit(rows) {
      db.transaction('state.appendAudit', () => {
        for (const { id, tenantId, at, who, act, subject, laneId, before, after } of rows) {
          const facts = [id, tenantId, at, who, act, subject, laneId];
          db.statement(APPEND).run(...facts, toJsonOrNull(before), toJsonOrNull(after));
        }
      });
    },
    async audit(tenantId, { since = 0, before = Number.MAX_SAFE_INTEGER, limit }) {
      return db.read('state.audit', () =>
        db.statement(AUDIT).all(tenantId, before, since, limit).map(toEntry),
      );
    },
  };
}
