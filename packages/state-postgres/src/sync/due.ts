import type { LaneSums, SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { instant } from '../database-session.ts';
import { int, intOrNull, type Row } from '../row.ts';
import { toLane } from './lanes.ts';

type DueMethods = Pick<SyncState, 'lanes' | 'sumLanes' | 'dueLanes' | 'deferLanes'>;

/** A lease of the owner's own is not looked at: it may have died with it. */
export const DUE = `select * from $.lane where due_at <= $1::bigint
    and (lease_owner is null or lease_owner = $2::text or lease_until <= ${instant('$4')})
  order by due_at, id limit $3`;

const DEFER = 'update $.lane set due_at = greatest(due_at, $2::bigint) where id = any($1::text[])';

const toSums = (row: Row): LaneSums => ({
  lanes: int(row, 'lanes'),
  paused: int(row, 'paused'),
  held: int(row, 'held'),
  failing: int(row, 'failing'),
  fresh: int(row, 'fresh'),
  late: int(row, 'late'),
  oldestOkAt: intOrNull(row, 'oldest_ok_at'),
});

const SUM = `select count(*) as lanes, count(*) filter (where paused is not null) as paused,
    count(*) filter (where held is not null) as held,
    count(*) filter (where paused is null and error_kind is not null) as failing,
    count(*) filter (where paused is null and last_ok_at is null) as fresh,
    count(*) filter (where paused is null and last_ok_at < $2::bigint) as late,
    min(last_ok_at) filter (where paused is null) as oldest_ok_at
  from $.lane where id = any($1::text[])`;

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
    async sumLanes({ ids, before }) {
      const [row = {}] = await db.single('state.sumLanes', (session) => session.all(SUM, [ids, before]));
      return toSums(row);
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
