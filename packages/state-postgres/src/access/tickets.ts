import { type AccessStore, judgeTries, type TicketRow, type Tries } from '@tidelock/core';
import type { Database } from '../database.ts';
import { bool, bytes, int, type Row, text } from '../row.ts';

type Tickets = Pick<
  AccessStore,
  'putTicket' | 'takeTicket' | 'countTickets' | 'dropTickets' | 'takeTries' | 'forgetTries' | 'pruneAccess'
>;

const toTicket = (row: Row): TicketRow => ({
  kind: text(row, 'kind'),
  hash: text(row, 'hash'),
  bound: text(row, 'bound'),
  value: bytes(row, 'value'),
  endsAt: int(row, 'ends_at'),
});

const toTries = (row: Row): Tries => ({
  count: int(row, 'count'),
  since: int(row, 'since'),
  lastAt: int(row, 'last_at'),
  refused: bool(row, 'refused'),
});

const PUT = 'insert into $.ticket (kind, hash, bound, value, ends_at) values ($1, $2, $3, $4, $5)';
const TAKE = 'delete from $.ticket where kind = $1 and hash = $2 returning *';
const COUNT = `select count(*) as every, count(*) filter (where bound = $1) as own from $.ticket
  where kind = $2 and ends_at > $3`;
// A row of nothing, so that there is something to lock: of two that come first, one waits for the other.
const RESERVE = `insert into $.tries (key, count, since, last_at, refused) values ($1, 0, $2, $2, false)
  on conflict (key) do nothing`;
const REMEMBER = 'update $.tries set count = $2, since = $3, last_at = $4, refused = $5 where key = $1';
const PRUNE = `with sessions as (delete from $.session where ends_at < $1),
    tickets as (delete from $.ticket where ends_at < $1)
  delete from $.tries where last_at < $1`;

export function createTickets(db: Database): Tickets {
  return {
    async putTicket({ kind, hash, bound, value, endsAt }) {
      await db.single('state.putTicket', (session) => session.run(PUT, [kind, hash, bound, value, endsAt]));
    },
    async takeTicket(kind, hash) {
      const [row] = await db.single('state.takeTicket', (session) => session.all(TAKE, [kind, hash]));
      return row === undefined ? null : toTicket(row);
    },
    async countTickets(kind, { bound, now }) {
      const [row = {}] = await db.single('state.countTickets', (session) =>
        session.all(COUNT, [bound, kind, now]),
      );
      return { own: int(row, 'own'), all: int(row, 'every') };
    },
    async dropTickets(kind, bound) {
      const sql = 'delete from $.ticket where kind = $1 and bound = $2';
      await db.single('state.dropTickets', (session) => session.run(sql, [kind, bound]));
    },
    takeTries: (key, rule, of) =>
      db.transaction('state.takeTries', async (session) => {
        await session.run(RESERVE, [key, of.now]);
        const [row = {}] = await session.all('select * from $.tries where key = $1 for update', [key]);
        const { verdict, next } = judgeTries(toTries(row), rule, of);
        await session.run(REMEMBER, [key, next.count, next.since, next.lastAt, next.refused]);
        return verdict;
      }),
    async forgetTries(key) {
      await db.single('state.forgetTries', (session) =>
        session.run('delete from $.tries where key = $1', [key]),
      );
    },
    async pruneAccess(before) {
      await db.single('state.pruneAccess', (session) => session.run(PRUNE, [before]));
    },
  };
}
