import type { AccessStore, UserChange, UserRow } from '@tidelock/core';
import type { Database } from '../database.ts';
import { int, intOrNull, type Row, text, textOrNull, word } from '../row.ts';

type Accounts = Pick<AccessStore, 'addUser' | 'user' | 'userByIdentity' | 'users' | 'changeUser'>;

export const toUser = (row: Row): UserRow => ({
  id: text(row, 'id'),
  identity: text(row, 'identity'),
  via: text(row, 'via'),
  name: text(row, 'name'),
  role: row.role === null ? null : word(row, 'role'),
  roleBy: word(row, 'role_by'),
  passwordHash: textOrNull(row, 'password_hash'),
  disabledAt: intOrNull(row, 'disabled_at'),
  createdAt: int(row, 'created_at'),
  signedInAt: intOrNull(row, 'signed_in_at'),
});

const ADD = `insert into account (id, identity, via, name, role, role_by, password_hash, disabled_at, created_at,
  signed_in_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const COLUMNS: Readonly<Record<keyof UserChange, string>> = {
  name: 'name',
  role: 'role',
  roleBy: 'role_by',
  passwordHash: 'password_hash',
  disabledAt: 'disabled_at',
  signedInAt: 'signed_in_at',
};

/** Columns and values of what is to be changed. */
function assignments(change: UserChange): {
  readonly set: string;
  readonly values: (string | number | null)[];
} {
  const given = (Object.keys(COLUMNS) as (keyof UserChange)[]).filter((key) => change[key] !== undefined);
  return {
    set: given.map((key) => `${COLUMNS[key]} = ?`).join(', '),
    values: given.map((key) => change[key] ?? null),
  };
}

export function createAccounts(db: Database): Accounts {
  const one = (operation: string, sql: string, value: string): UserRow | null =>
    db.read(operation, () => {
      const row = db.statement(sql).get(value);
      return row === undefined ? null : toUser(row);
    });
  const change = (id: string, of: UserChange): boolean => {
    const { set, values } = assignments(of);
    if (set === '') return db.statement('select 1 from account where id = ?').get(id) !== undefined;
    return Number(db.statement(`update account set ${set} where id = ?`).run(...values, id).changes) === 1;
  };
  return {
    async addUser(row) {
      const { id, identity, via, name, role, roleBy, passwordHash, disabledAt, createdAt, signedInAt } = row;
      const values = [id, identity, via, name, role, roleBy, passwordHash, disabledAt, createdAt, signedInAt];
      db.transaction('state.addUser', () => db.statement(ADD).run(...values));
    },
    async user(id) {
      return one('state.user', 'select * from account where id = ?', id);
    },
    async userByIdentity(identity) {
      return one('state.userByIdentity', 'select * from account where identity = ?', identity);
    },
    async users() {
      return db.read('state.users', () =>
        db.statement('select * from account order by id').all().map(toUser),
      );
    },
    async changeUser(id, of, { endSessions }) {
      return db.transaction('state.changeUser', () => {
        const found = change(id, of);
        if (endSessions) db.statement('delete from session where account_id = ?').run(id);
        return found;
      });
    },
  };
}
