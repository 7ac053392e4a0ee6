import type { AccessStore, ApiTokenRow, SessionRow } from '@tidelock/core';
import type { Database } from '../database.ts';
import { int, intOrNull, type Row, text, word } from '../row.ts';
import { toUser } from './accounts.ts';

type Credentials = Pick<
  AccessStore,
  | 'openSession'
  | 'session'
  | 'seeSession'
  | 'endSession'
  | 'endSessions'
  | 'addApiToken'
  | 'apiToken'
  | 'apiTokens'
  | 'useApiToken'
  | 'revokeApiToken'
>;

const toSession = (row: Row): SessionRow => ({
  hash: text(row, 'hash'),
  userId: text(row, 'account_id'),
  startedAt: int(row, 'started_at'),
  seenAt: int(row, 'seen_at'),
  endsAt: int(row, 'ends_at'),
});

const toToken = (row: Row): ApiTokenRow => ({
  id: text(row, 'id'),
  hash: text(row, 'hash'),
  ownerId: text(row, 'owner_id'),
  name: text(row, 'name'),
  role: word(row, 'role'),
  createdAt: int(row, 'created_at'),
  endsAt: int(row, 'ends_at'),
  usedAt: intOrNull(row, 'used_at'),
  revokedAt: intOrNull(row, 'revoked_at'),
});

const OPEN = `insert into session (hash, account_id, started_at, seen_at, ends_at)
  select ?, id, ?, ?, ? from account where id = ? and disabled_at is null`;
const FIND = 'select * from session where hash = ? and ends_at > ? and seen_at > ?';
const ACTIVE = 'select * from account where id = ? and disabled_at is null';
const ADD_TOKEN = `insert into api_token (id, hash, owner_id, name, role, created_at, ends_at, used_at, revoked_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function createSessions(db: Database) {
  const changes = (operation: string, sql: string, ...values: (string | number)[]): number =>
    Number(db.transaction(operation, () => db.statement(sql).run(...values)).changes);
  return {
    async openSession({ hash, userId, startedAt, seenAt, endsAt }) {
      return changes('state.openSession', OPEN, ...[hash, startedAt, seenAt, endsAt, userId]) === 1;
    },
    async session(hash, { now, idleMs }) {
      return db.read('state.session', () => {
        const row = db.statement(FIND).get(hash, now, now - idleMs);
        const owner = row && db.statement(ACTIVE).get(text(row, 'account_id'));
        return row && owner ? { session: toSession(row), user: toUser(owner) } : null;
      });
    },
    async seeSession(hash, seenAt) {
      changes(
        'state.seeSession',
        'update session set seen_at = max(seen_at, ?) where hash = ?',
        seenAt,
        hash,
      );
    },
    async endSession(hash) {
      return changes('state.endSession', 'delete from session where hash = ?', hash) === 1;
    },
    async endSessions(userId) {
      return changes('state.endSessions', 'delete from session where account_id = ?', userId);
    },
  } satisfies Partial<AccessStore>;
}

function createTokens(db: Database) {
  const run = (operation: string, sql: string, ...values: (string | number | null)[]): number =>
    Number(db.transaction(operation, () => db.statement(sql).run(...values)).changes);
  return {
    async addApiToken(row) {
      const { id, hash, ownerId, name, role, createdAt, endsAt, usedAt, revokedAt } = row;
      const values = [id, hash, ownerId, name, role, createdAt, endsAt, usedAt, revokedAt];
      run('state.addApiToken', ADD_TOKEN, ...values);
    },
    async apiToken(id) {
      return db.read('state.apiToken', () => {
        const row = db.statement('select * from api_token where id = ?').get(id);
        const owner = row && db.statement('select * from account where id = ?').get(text(row, 'owner_id'));
        return row && owner ? { token: toToken(row), owner: toUser(owner) } : null;
      });
    },
    async apiTokens() {
      const sql = 'select * from api_token order by created_at desc, id';
      return db.read('state.apiTokens', () => db.statement(sql).all().map(toToken));
    },
    async useApiToken(id, usedAt) {
      run(
        'state.useApiToken',
        'update api_token set used_at = max(coalesce(used_at, 0), ?) where id = ?',
        usedAt,
        id,
      );
    },
    async revokeApiToken(id, revokedAt) {
      const sql = 'update api_token set revoked_at = ? where id = ? and revoked_at is null and ends_at > ?';
      return run('state.revokeApiToken', sql, revokedAt, id, revokedAt) === 1;
    },
  } satisfies Partial<AccessStore>;
}

export const createCredentials = (db: Database): Credentials => ({
  ...createSessions(db),
  ...createTokens(db),
});
