import type { AccessStore, UserChange, UserRow } from '@tidelock/core';
import type { Database } from '../database.ts';
import type { Param, Session } from '../database-session.ts';
import { int, intOrNull, type Row, text, textOrNull, word } from '../row.ts';

type Accounts = Pick<AccessStore, 'addUser' | 'user' | 'userByIdentity' | 'users' | 'changeUser'>;

/** `prefix`: of its columns in a joined row. */
export const toUser = (row: Row, prefix = ''): UserRow => ({
  id: text(row, `${prefix}id`),
  identity: text(row, `${prefix}identity`),
  via: text(row, `${prefix}via`),
  name: text(row, `${prefix}name`),
  role: row[`${prefix}role`] === null ? null : word(row, `${prefix}role`),
  roleBy: word(row, `${prefix}role_by`),
  passwordHash: textOrNull(row, `${prefix}password_hash`),
  disabledAt: intOrNull(row, `${prefix}disabled_at`),
  createdAt: int(row, `${prefix}created_at`),
  signedInAt: intOrNull(row, `${prefix}signed_in_at`),
});

const COLUMNS: Readonly<Record<keyof UserChange, string>> = {
  name: 'name',
  role: 'role',
  roleBy: 'role_by',
  passwordHash: 'password_hash',
  disabledAt: 'disabled_at',
  signedInAt: 'signed_in_at',
};

const ALL_COLUMNS = ['id', 'identity', 'via', ...Object.values(COLUMNS), 'created_at'];

/** Columns of an account in a join, each with the prefix that `toUser` is told. */
export const userColumns = (table: string, prefix: string): string =>
  ALL_COLUMNS.map((column) => `${table}.${column} as ${prefix}${column}`).join(', ');

const ADD = `insert into $.account (id, identity, via, name, role, role_by, password_hash, disabled_at, created_at,
  signed_in_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

async function change(session: Session, id: string, of: UserChange): Promise<boolean> {
  const given = (Object.keys(COLUMNS) as (keyof UserChange)[]).filter((key) => of[key] !== undefined);
  const set = given.map((key, index) => `${COLUMNS[key]} = $${index + 2}`).join(', ');
  // Locked even where nothing of its own changes: a session that is being opened waits, and then sees what is true.
  if (set === '')
    return (await session.all('select id from $.account where id = $1 for update', [id])).length === 1;
  const values = given.map((key): Param => of[key] ?? null);
  return (await session.run(`update $.account set ${set} where id = $1`, [id, ...values])) === 1;
}

export function createAccounts(db: Database): Accounts {
  const one = async (operation: string, sql: string, value: string): Promise<UserRow | null> => {
    const [row] = await db.single(operation, (session) => session.all(sql, [value]));
    return row === undefined ? null : toUser(row);
  };
  return {
    async addUser(row) {
      const { id, identity, via, name, role, roleBy, passwordHash, disabledAt, createdAt, signedInAt } = row;
      const values = [id, identity, via, name, role, roleBy, passwordHash, disabledAt, createdAt, signedInAt];
      await db.single('state.addUser', (session) => session.run(ADD, values));
    },
    user: (id) => one('state.user', 'select * from $.account where id = $1', id),
    userByIdentity: (identity) =>
      one('state.userByIdentity', 'select * from $.account where identity = $1', identity),
    async users() {
      const rows = await db.single('state.users', (session) =>
        session.all('select * from $.account order by id'),
      );
      return rows.map((row) => toUser(row));
    },
    changeUser: (id, of, { endSessions }) =>
      db.transaction('state.changeUser', async (session) => {
        const found = await change(session, id, of);
        if (endSessions) await session.run('delete from $.session where account_id = $1', [id]);
        return found;
      }),
  };
}
