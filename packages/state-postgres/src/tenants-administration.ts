import type { AssignmentRow, AuditEntry, ProfileRow, TenantStore } from '@tidelock/core';
import type { Database } from './database.ts';
import type { Param } from './database-session.ts';
import { int, intOrNull, json, type Row, text, textOrNull } from './row.ts';
import { toJson } from './row-text.ts';

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
  crmUser: json(row, 'crm_user'),
  matchedBy: textOrNull(row, 'matched_by'),
  decided: json(row, 'decided'),
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
  before: json(row, 'before'),
  after: json(row, 'after'),
});

const PUT_PROFILE = `insert into $.profile (tenant_id, name, document, at) values ($1, $2, $3, $4)
  on conflict (tenant_id, name) do update set document = excluded.document, at = excluded.at`;

const PUT_ASSIGNMENT = `insert into $.assignment (tenant_id, mailbox_id, address, lane_id, profile, rule, crm_user,
    matched_by, decided, blocked, removed_at, at)
  values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9::jsonb, $10, $11, $12)
  on conflict (tenant_id, mailbox_id) do update set address = excluded.address, lane_id = excluded.lane_id,
    profile = excluded.profile, rule = excluded.rule, crm_user = excluded.crm_user, matched_by = excluded.matched_by,
    decided = excluded.decided, blocked = excluded.blocked, removed_at = excluded.removed_at, at = excluded.at`;

const APPEND = `insert into $.audit (id, tenant_id, at, who, act, subject, lane_id, before, after)
  values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb) on conflict (id) do nothing`;

const AUDIT = `select * from $.audit where tenant_id = $1 and n < $2 and at >= $3 order by n desc limit $4`;

const orNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : toJson(value);

/** What administrators set and did. */
export function createAdministration(db: Database): Administration {
  const all = (operation: string, sql: string, ...params: Param[]): Promise<readonly Row[]> =>
    db.single(operation, (session) => session.all(sql, params));
  const run = async (operation: string, sql: string, ...params: Param[]): Promise<void> => {
    await db.single(operation, (session) => session.run(sql, params));
  };
  return {
    putProfile: ({ tenantId, name, document, at }) =>
      run('state.putProfile', PUT_PROFILE, tenantId, name, document, at),
    removeProfile: (tenantId, name) =>
      run(
        'state.removeProfile',
        'delete from $.profile where tenant_id = $1 and name = $2',
        ...[tenantId, name],
      ),
    async profiles(tenantId) {
      const sql = 'select * from $.profile where tenant_id = $1 order by name';
      return (await all('state.profiles', sql, tenantId)).map(toProfile);
    },
    async putAssignments(rows) {
      await db.transaction('state.putAssignments', async (session) => {
        for (const row of rows) {
          const { tenantId, mailboxId, address, laneId, profile, rule, matchedBy, blocked } = row;
          await session.run(PUT_ASSIGNMENT, [
            ...[tenantId, mailboxId, address, laneId, profile, rule, orNull(row.crmUser)],
            ...[matchedBy, orNull(row.decided), blocked, row.removedAt, row.at],
          ]);
        }
      });
    },
    async assignments(tenantId) {
      const sql = 'select * from $.assignment where tenant_id = $1 order by mailbox_id';
      return (await all('state.assignments', sql, tenantId)).map(toAssignment);
    },
    async appendAudit(rows) {
      await db.transaction('state.appendAudit', async (session) => {
        for (const { id, tenantId, at, who, act, subject, laneId, before, after } of rows) {
          const facts = [id, tenantId, at, who, act, subject, laneId];
          await session.run(APPEND, [...facts, orNull(before), orNull(after)]);
        }
      });
    },
    async audit(tenantId, { since = 0, before = Number.MAX_SAFE_INTEGER, limit }) {
      return (await all('state.audit', AUDIT, tenantId, before, since, limit)).map(toEntry);
    },
  };
}
