import type { SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { instant } from '../database-session.ts';
import { toLane } from './lanes.ts';

type DueMethods = Pick<SyncState, 'lanes' | 'dueLanes' | 'deferLanes'>;

/** A lease of the owner's own is not looked at: it may have died with it. */
export const DUE = `select * from $.lane where due_at <= $1::bigint
    and (lease_owner is null or lease_owner = $2::text or lease_until <= ${instant('$4')})
  order by due_at, id limit $3`;

const DEFER = 'update $.lane set due_at = greatest(due_at, $2::bigint) where id = any($1::text[])';

/** Which lanes there are, and which of them are due. */
export function createDue(db: Database): DueMethods {
  return {
    async lanes(ids) {
      const all = 'select * from $.lane order by id';
      const named = 'select * from $.lane where id = any($1::text[]) order by id';
      const rows = await db.single('state.lanes', (session) =>
        ids === undefined ? session.all(all) : session.all(named, [ids]),
      );
      return rows.map(toLane);
    },
    async dueLanes({ now, owner, limit }) {
      const rows = await db.single('state.dueLanes', (session) =>
        session.all(DUE, [now, owner, limit, db.leaseNow(now)]),
      );
      return rows.map(toLane);
    },
    async deferLanes(ids, until) {
      if (ids.length === 0) return;
      await db.single('state.deferLanes', (session) => session.run(DEFER, [ids, until]));
    },
  };
}
