import type { Link, LinkPut, LinkQuery, LinkStatus, Side } from '@tidelock/core';
import type { Param, Session } from '../database-session.ts';
import { type Row, text } from '../row.ts';
import { toJson } from '../row-text.ts';
import { foreignRow, type OpenLane } from './lane-key.ts';
import { fromPut, PUT_LINKS, toLink } from './link-row.ts';
import { toWaves } from './waves.ts';

const bySide = <T>(make: (x: Side) => T): Readonly<Record<Side, T>> => ({ a: make('a'), b: make('b') });

/** Word for word the predicate of the index `link_work`. */
export const IS_WORK = `(dirty_a > clean_a or dirty_b > clean_b or status = 'half'
  or ((gone_a or gone_b) and status <> 'tomb'))`;

/** Every query on links, here so that a test can look at how PostgreSQL plans it. */
export const LINK_QUERIES = {
  id: 'select * from $.link where lane = $1 and id = any($2::text[]) order by id',
  native: bySide(
    (x) => `select * from $.link where lane = $1 and ${x}_id = any($2::text[]) and ${x}_id <> '' order by id`,
  ),
  /** Of every lane over a store. The lane's number comes last in this index. */
  known: `select l.*, lane.id as lane_id from $.link l join $.lane lane on lane.n = l.lane
    where l.b_id = any($1::text[]) and l.b_id <> '' and lane.store_b = $2 order by l.id`,
  stamp: `select * from $.link where lane = $1 and a_stamp = any($2::text[]) and a_stamp <> ''
    union select * from $.link where lane = $1 and b_stamp = any($2::text[]) and b_stamp <> ''
    union select * from $.link where lane = $1 and id in (select link_id from $.intent
      where lane = $1 and stamp = any($2::text[]) and stamp <> '') order by id`,
  work: `select * from $.link where lane = $1 and ${IS_WORK} and id > $2 and parked_until <= $3
    order by id limit $4`,
  unseen: bySide(
    (x) => `select * from $.link where lane = $1 and ${x}_gen < $2 and ${x}_id <> ''
      and status in ('live', 'half', 'out') order by ${x}_gen, id limit $3`,
  ),
  page: 'select * from $.link where lane = $1 and id > $2 order by id limit $3',
} as const;

const STEP_ASIDE = "update $.link set status = 'tomb' where lane = $1 and id = any($2::text[])";

/**
 * Only the state after the commit has to be unique: a link may take over the native id of another link of the same
 * commit, in whatever order they come. PostgreSQL checks row by row, so after a clash the whole commit is tried again
 * with `stepAside`: the old rows leave the unique index first.
 */
export async function putLinks(
  session: Session,
  lane: OpenLane,
  at: { readonly puts: readonly LinkPut[]; readonly stepAside: boolean },
): Promise<void> {
  for (const { link } of at.puts) {
    if (link.laneId !== lane.id) throw foreignRow('state.commitLane');
    lane.sequence.raise(Math.max(link.dirtyA, link.dirtyB, link.cleanA, link.cleanB));
  }
  if (at.stepAside) await session.run(STEP_ASIDE, [lane.n, at.puts.map(({ link }) => link.id)]);
  for (const wave of toWaves(at.puts, ({ link }) => link.id)) {
    const rows = wave.map((put) => fromPut(put, lane.sequence));
    await session.run(PUT_LINKS, [lane.n, toJson(rows)]);
  }
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

/** By lane. */
export async function knownLinks(
  session: Session,
  of: { readonly storeB: string; readonly ids: readonly string[] },
): Promise<Map<string, readonly Link[]>> {
  const rows = await session.all(LINK_QUERIES.known, [of.ids, of.storeB]);
  const links = Map.groupBy(
    rows.map((row) => toLink(row, text(row, 'lane_id'))),
    ({ laneId }) => laneId,
  );
  return new Map([...links].map(([laneId, all]) => [laneId, onlyBest(all, 'b')]));
}

const native = (found: Link[], { side, ended }: Extract<LinkQuery, { by: 'native' }>): Link[] =>
  ended === true ? found : onlyBest(found, side);

export async function queryLinks(
  session: Session,
  lane: { readonly n: number; readonly id: string },
  query: LinkQuery,
): Promise<Link[]> {
  const find = async (sql: string, ...params: Param[]): Promise<Link[]> => {
    const rows: readonly Row[] = await session.all(sql, [lane.n, ...params]);
    return rows.map((row) => toLink(row, lane.id));
  };
  switch (query.by) {
    case 'id':
      return find(LINK_QUERIES.id, query.ids);
    case 'native':
      return native(await find(LINK_QUERIES.native[query.side], query.ids), query);
    case 'stamp':
      return find(LINK_QUERIES.stamp, query.stamps);
    case 'work':
      return find(LINK_QUERIES.work, query.after ?? '', query.now, query.limit);
    case 'unseen':
      return find(LINK_QUERIES.unseen[query.side], query.gen, query.limit);
    case 'page':
      return find(LINK_QUERIES.page, query.after, query.limit);
  }
}
