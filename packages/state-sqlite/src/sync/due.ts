import type { SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { toLane } from './lanes.ts';

type DueMethods = Pick<SyncState, 'lanes' | 'dueLanes' | 'deferLanes'>;

/** A lease of the owner's own is not looked at: it may have died with it. */
export const DUE = `select * from lane where due_at <= ?1 and (lease_owner is null or lease_owner = ?2 or lease_until <= ?1)
  order by due_at, id limit ?3`;

const DEFER = 'update lane set due_at = max(due_at, ?) where id = ?';

/** Which lanes there are, and which of them are due. */
export function createDue(db: Database): DueMethods {
  return {
    async lanes(ids) {
      return db.read('state.lanes', () => {
        if (ids === undefined) return db.statement('select * from lane order by id').all().map(toLane);
        const one = db.statement('select * from lane where id = ?');
        return [...new Set(ids)].sort().flatMap((id) => {
          const row = one.get(id);
          return row === undefined ? [] : [toLane(row)];
        });
      });
    },
    async dueLanes({ now, owner, limit }) {
      return db.read('state.dueLanes', () => db.statement(DUE).all(now, owner, limit).map(toLane));
    },
    async deferLanes(ids, until) {
      db.transaction('state.deferLanes', () => {
        for (const id of ids) db.statement(DEFER).run(until, id);
      });
    },
  };
}
