import type { LaneSums, SyncState } from '@tidelock/core';
import type { Database } from '../database.ts';
import { int, intOrNull, type Row, toJson } from '../row.ts';
import { toLane } from './lanes.ts';

type DueMethods = Pick<SyncState, 'lanes' | 'sumLanes' | 'dueLanes' | 'deferLanes'>;

/** A lease of the owner's own is not looked at: it may have died with it. */
export const DUE = `select * from lane where due_at <= ?1 and (lease_owner is null or lease_owner = ?2 or lease_until <= ?1)
  order by due_at, id limit ?3`;

const DEFER = 'update lane set due_at = max(due_at, ?) where id = ?';

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
    count(*) filter (where paused is null and last_ok_at < ?2) as late,
    min(last_ok_at) filter (where paused is null) as oldest_ok_at
  from lane where id in (select value from json_each(?1))`;

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
    async sumLanes({ ids, before }) {
      return db.read('state.sumLanes', () => toSums(db.statement(SUM).get(toJson(ids), before) ?? {}));
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
