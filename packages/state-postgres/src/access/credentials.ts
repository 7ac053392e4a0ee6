import type { AccessStore, ApiTokenRow, SessionRow } from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Param } from '../database-session.ts';
import { int, intOrNull, type Row, text, word } from '../row.ts';
import { toUser, userColumns } from './accounts.ts';

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

// The lock waits for a change of the account that is under way, so that none is opened behind its back.
const OPEN = `insert into $.session (hash, account_id, started_at, seen_at, ends_at)
  select $1, id, $3, $4, $5 from (select id from $.account where id = $2 and disabled_at is null for share) as owner`;
const FIND = `select s.*, ${userColumns('a', 'owner_')} from $.session s join $.account a on a.id = s.account_id
  where s.hash = $1 and s.ends_at > $2 and s.seen_at > $3 and a.disabled_at is null`;
const ADD_TOKEN = `insert into $.api_token (id, hash, owner_id, name, role, created_at, ends_at, used_at, revoked_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const FIND_TOKEN = `select t.id, t.hash, t.owner_id, t.name, t.role, t.created_at, t.ends_at, t.used_at, t.revoked_at,
  ${userColumns('a', 'account_')} from $.api_token t join $.account a on a.id = t.owner_id where t.id = $1`;

/** Rows that a statement changed. */
const runner =
  (db: Database) =>
  (operation: string, sql: string, ...params: Param[]): Promise<number> =>
    db.single(operation, (session) => session.run(sql, params));

function createSessions(db: Database) {
  const run = runner(db);
  return {
    async openSession({ hash, userId, startedAt, seenAt, endsAt }) {
      return (await run('state.openSession', OPEN, ...[hash, userId, startedAt, seenAt, endsAt])) === 1;
    },
    async session(hash, { now, idleMs }) {
      const params = [hash, now, now - idleMs];
      const [row] = await db.single('state.session', (session) => session.all(FIND, params));
      return row === undefined ? null : { session: toSession(row), user: toUser(row, 'owner_') };
    },
    async seeSession(hash, seenAt) {
      const sql = 'update $.session set seen_at = greatest(seen_at, $2) where hash = $1';
      await run('state.seeSession', sql, hash, seenAt);
    },
    async endSession(hash) {
      return (await run('state.endSession', 'delete from $.session where hash = $1', hash)) === 1;
    },
    endSessions: (userId) => run('state.endSessions', 'delete from $.session where account_id = $1', userId),
  } satisfies Partial<AccessStore>;
}

function createTokens(db: Database) {
  const run = runner(db);
  return {
    async addApiToken(row) {
      const { id, hash, ownerId, name, role, createdAt, endsAt, usedAt, revokedAt } = row;
      const values = [id, hash, ownerId, name, role, createdAt, endsAt, usedAt, revokedAt];
      await run('state.addApiToken', ADD_TOKEN, ...values);
    },
    async apiToken(id) {
      const [row] = await db.single('state.apiToken', (session) => session.all(FIND_TOKEN, [id]));
      return row === undefined ? null : { token: toToken(row), owner: toUser(row, 'account_') };
    },
    async apiTokens() {
      const sql = 'select * from $.api_token order by created_at desc, id';
      return (await db.single('state.apiTokens', (session) => session.all(sql))).map(toToken);
    },
    async useApiToken(id, usedAt) {
      const sql = 'update $.api_token set used_at = greatest(used_at, $2) where id = $1';
      await run('state.useApiToken', sql, id, usedAt);
    },
    async revokeApiToken(id, revokedAt) {
      const sql =
        'update $.api_token set revoked_at = $2 where id = $1 and revoked_at is null and ends_at > $2';
      return (await run('state.revokeApiToken', sql, id, revokedAt)) === 1;
    },
  } satisfies Partial<AccessStore>;
}

export const createCredentials = (db: Database): Credentials => ({
  ...createSessions(db),
  ...createTokens(db),
});
