import type { SQLInputValue } from 'node:sqlite';
import type { Link, LinkQuery, LinkStatus, Side } from '@tidelock/core';
import { AdapterError } from '@tidelock/core/errors';
import type { Database } from '../database.ts';
import { int, type Row, text, toJson } from '../row.ts';
import type { OpenLane } from './lane-key.ts';
import {
  complete,
  highestOf,
  INSERT_LINK,
  idIn,
  idOf,
  LINK_CELLS,
  type LinkCells,
  type LinkValues,
  LOOK_AT_LINK,
  LOOK_AT_LINKS,
  statusOf,
  toLink,
  toUpdate,
  updateLink,
} from './link-row.ts';

const bySide = <T>(make: (x: Side) => T): Readonly<Record<Side, T>> => ({ a: make('a'), b: make('b') });

const IN_LIST = 'in (select value from json_each(?))';

/**
 * Every query on links, here so that a test can look at how SQLite plans it. Indexes are named: without statistics
 * the planner prefers the primary key's range, which is the whole lane.
 */
export const LINK_QUERIES = {
  id: `select ${LINK_CELLS} from link where lane = ? and id ${IN_LIST}`,
  native: bySide(
    (x) => `select ${LINK_CELLS} from link indexed by link_native_${x}
      where lane = ? and ${x}_id ${IN_LIST} and ${x}_id <> '' order by id`,
  ),
  /** Of every lane over a store. The lane's number comes last in this index. */
  known: `select ${LINK_CELLS}, lane.id from link indexed by link_native_b cross join lane on lane.n = link.lane
    where b_id ${IN_LIST} and b_id <> '' and lane.store_b = ? order by link.id`,
  stamp: bySide(
    (x) => `select ${LINK_CELLS} from link indexed by link_stamp_${x}
      where lane = ? and ${x}_stamp ${IN_LIST} and ${x}_stamp <> '' order by id`,
  ),
  sent: `select ${LINK_CELLS} from link where lane = ? and id in (select link_id from intent indexed by intent_stamp
    where lane = ? and stamp ${IN_LIST} and stamp <> '') order by id`,
  work: `select ${LINK_CELLS} from link indexed by link_work
    where lane = ? and is_work = 1 and id > ? and parked_until <= ? order by id limit ?`,
  unseen: bySide(
    (
      x,
    ) => `select ${LINK_CELLS} from link indexed by link_unseen_${x} where lane = ? and ${x}_gen < ? and ${x}_id <> ''
      and at_rest = 0 order by ${x}_gen, id limit ?`,
  ),
  page: `select ${LINK_CELLS} from link where lane = ? and id > ? order by id limit ?`,
} as const;

/** Links more or fewer, by status; written when the transaction has put all of them. */
function createTally(db: Database, lane: OpenLane) {
  const more = new Map<string, number>();
  const add = (status: string, count: number): void => void more.set(status, (more.get(status) ?? 0) + count);
  return {
    move(from: string | null, to: string): void {
      if (from === to) return;
      if (from !== null) add(from, -1);
      add(to, 1);
    },
    flush(): void {
      for (const [status, count] of more) if (count !== 0) db.statement(COUNT).run(lane.n, status, count);
    },
  };
}
type Tally = ReturnType<typeof createTally>;

const COUNT = `insert into link_count (lane, status, n) values (?, ?, ?)
  on conflict (lane, status) do update set n = n + excluded.n`;

/** The rows as they were, asked for together; one that was put since is asked for again. */
function createOldRows(db: Database, lane: OpenLane, puts: readonly LinkValues[]) {
  const found = db.statement(LOOK_AT_LINKS).all(lane.n, toJson(puts.map(idOf)));
  const rows = new Map(found.map((row) => [text(row, 'id'), row]));
  const taken = new Set<string>();
  return (id: string): Row | undefined => {
    if (taken.has(id)) return db.statement(LOOK_AT_LINK).get(lane.n, id);
    taken.add(id);
    return rows.get(id);
  };
}

function putOne(
  db: Database,
  lane: OpenLane,
  of: { put: LinkValues; tally: Tally; oldRow: (id: string) => Row | undefined },
): void {
  const values = complete(of.put, lane.n, lane.sequence.next);
  const old = of.oldRow(idOf(values));
  of.tally.move(old === undefined ? null : text(old, 'status'), statusOf(values));
  if (old === undefined) db.statement(INSERT_LINK).run(...values);
  else {
    const sql = updateLink(toUpdate(values, old));
    db.statement(sql).run(...values, int(old, 'n'));
  }
}

const ASIDE = "update link set status = 'tomb', holder = id, at_rest = 1 where n = ?";

/** The rows leave the unique indexes; each is put again in a moment. */
function stepAside(db: Database, lane: OpenLane, of: { puts: readonly LinkValues[]; tally: Tally }): void {
  for (const put of of.puts) {
    const old = db.statement(LOOK_AT_LINK).get(lane.n, idOf(put));
    if (old === undefined) continue;
    of.tally.move(text(old, 'status'), 'tomb');
    db.statement(ASIDE).run(int(old, 'n'));
  }
}

/**
 * Only the state after the commit has to be unique: a link may take over the native id of another link of the same
 * commit, in whatever order they come. SQLite checks row by row, so after a clash the whole commit is tried again
 * with `aside`: the old rows leave the unique index first.
 */
export function putLinks(
  db: Database,
  lane: OpenLane,
  at: { readonly puts: readonly LinkValues[]; readonly aside: boolean },
): void {
  if (at.puts.length === 0) return;
  for (const put of at.puts) lane.sequence.raise(highestOf(put));
  const tally = createTally(db, lane);
  if (at.aside) stepAside(db, lane, { puts: at.puts, tally });
  const oldRow = createOldRows(db, lane, at.puts);
  for (const put of at.puts) putOne(db, lane, { put, tally, oldRow });
  tally.flush();
}

export function foreignRow(operation: string): AdapterError {
  return new AdapterError('invalid', 'A row of another lane does not belong in this commit.', { operation });
}

const RANK: Readonly<Record<LinkStatus, number>> = {
  half: 0,
  live: 0,
  out: 0,
  detached: 0,
  merged: 1,
  tomb: 2,
};

/** One native id may stand in one active link and in any number of merged and tombstoned ones: the best rank answers. */
function onlyBest(links: readonly Link[], side: Side): Link[] {
  const best = new Map<string, number>();
  for (const link of links) {
    const id = link[side]?.id ?? '';
    best.set(id, Math.min(best.get(id) ?? RANK.tomb, RANK[link.status]));
  }
  return links.filter((link) => RANK[link.status] === best.get(link[side]?.id ?? ''));
}

const allCells = (db: Database, sql: string, ...values: readonly SQLInputValue[]): LinkCells[] =>
  // Typed as objects: it does not know of `setReturnArrays`.
  db.cells(sql).all(...values) as unknown as LinkCells[];

/** By lane. */
export function knownLinks(
  db: Database,
  of: { readonly storeB: string; readonly ids: string },
): Map<string, readonly Link[]> {
  const links = Map.groupBy(
    allCells(db, LINK_QUERIES.known, of.ids, of.storeB).map((cells) => toLink(cells, cells.at(-1) as string)),
    ({ laneId }) => laneId,
  );
  return new Map([...links].map(([laneId, all]) => [laneId, onlyBest(all, 'b')]));
}

function byStamp(db: Database, n: number, stamps: string): LinkCells[] {
  const all = [
    ...allCells(db, LINK_QUERIES.stamp.a, n, stamps),
    ...allCells(db, LINK_QUERIES.stamp.b, n, stamps),
    ...allCells(db, LINK_QUERIES.sent, n, n, stamps),
  ];
  const found = new Map(all.map((cells) => [idIn(cells), cells]));
  return [...found.values()].sort((x, y) => (idIn(x) < idIn(y) ? -1 : 1));
}

/** What is found, as cells: `toLinks` makes links of them, in whatever thread they are needed. */
export function queryLinks(db: Database, n: number, query: LinkQuery): LinkCells[] {
  switch (query.by) {
    case 'id':
      return allCells(db, LINK_QUERIES.id, n, toJson(query.ids));
    case 'native':
      return allCells(db, LINK_QUERIES.native[query.side], n, toJson(query.ids));
    case 'stamp':
      return byStamp(db, n, toJson(query.stamps));
    case 'work':
      return allCells(db, LINK_QUERIES.work, n, query.after ?? '', query.now, query.limit);
    case 'unseen':
      return allCells(db, LINK_QUERIES.unseen[query.side], n, query.gen, query.limit);
    case 'page':
      return allCells(db, LINK_QUERIES.page, n, query.after, query.limit);
  }
}

/** Links of a lane as `links` answers this query. */
export function toLinks(found: readonly LinkCells[], laneId: string, query: LinkQuery): Link[] {
  const links = found.map((cells) => toLink(cells, laneId));
  return query.by === 'native' && query.ended !== true ? onlyBest(links, query.side) : links;
}
