import type { AccessStore, TicketRow, Tries } from '@tidelock/core';
import { judgeTries } from '@tidelock/core/tries';
import type { Database } from '../database.ts';
import { bool, bytes, int, type Row, text, toBit } from '../row.ts';

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

const PUT = 'insert into ticket (kind, hash, bound, value, ends_at) values (?, ?, ?, ?, ?)';
const TAKE = 'delete from ticket where kind = ? and hash = ? returning *';
const COUNT = `select count(*) as every, count(*) filter (where bound = ?) as own from ticket
  where kind = ? and ends_at > ?`;
const REMEMBER = `insert into tries (key, count, since, last_at, refused) values (?, ?, ?, ?, ?)
  on conflict (key) do update set count = excluded.count, since = excluded.since, last_at = excluded.last_at,
    refused = excluded.refused`;
const PRUNE = [
  'delete from session where ends_at < ?',
  'delete from ticket where ends_at < ?',
  'delete from tries where last_at < ?',
];

export function createTickets(db: Database): Tickets {
  return {
    async putTicket({ kind, hash, bound, value, endsAt }) {
      db.transaction('state.putTicket', () => db.statement(PUT).run(kind, hash, bound, value, endsAt));
    },
    async takeTicket(kind, hash) {
      const row = db.transaction('state.takeTicket', () => db.statement(TAKE).get(kind, hash));
      return row === undefined ? null : toTicket(row);
    },
    async countTickets(kind, { bound, now }) {
      const row = db.read('state.countTickets', () => db.statement(COUNT).get(bound, kind, now)) ?? {};
      return { own: int(row, 'own'), all: int(row, 'every') };
    },
    async dropTickets(kind, bound) {
      const sql = 'delete from ticket where kind = ? and bound = ?';
      db.transaction('state.dropTickets', () => db.statement(sql).run(kind, bound));
    },
    async takeTries(key, rule, of) {
      return db.transaction('state.takeTries', () => {
        const row = db.statement('select * from tries where key = ?').get(key);
        const { verdict, next } = judgeTries(row === undefined ? null : toTries(row), rule, of);
        db.statement(REMEMBER).run(key, next.count, next.since, next.lastAt, toBit(next.refused));
        return verdict;
      });
    },
    async forgetTries(key) {
      db.transaction('state.forgetTries', () => db.statement('delete from tries where key = ?').run(key));
    },
    async pruneAccess(before) {
      db.transaction('state.pruneAccess', () => {
        for (const sql of PRUNE) db.statement(sql).run(before);
      });
    },
  };
}
