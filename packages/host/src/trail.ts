import type { HistoryRow, LaneRow, RunRow, Side, SyncState } from '@tidelock/core';
import { fieldStep } from '@tidelock/engine';
import { type ExplainContext, titleOfLink } from './explain.ts';
import { findItems } from './find-items.ts';

export interface TrailQuery {
  /** E-mail address, part of a name or subject, or an id; absent = everything. */
  readonly query?: string | undefined;
  /** Id of a run, or its beginning. */
  readonly run?: string | undefined;
  readonly field?: string | undefined;
  /** Only what was changed there. */
  readonly side?: Side | undefined;
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly limit: number;
}

export interface RunsQuery {
  readonly since?: number | undefined;
  readonly limit: number;
}

/** A run, with how much of it history still knows. */
export interface TrailRun extends RunRow {
  readonly mailbox: string;
}

export interface TrailRow extends HistoryRow {
  readonly mailbox: string;
  /** What the record is called now. */
  readonly title: string;
}

export interface Trail {
  /** Newest first. */
  readonly rows: readonly TrailRow[];
  /** Pairs that the query names; null without a query. */
  readonly items: number | null;
  /** Older rows were left out. */
  readonly more: boolean;
}

/** Rows looked through for those about one field; older ones need a narrower question. */
const LOOK = 20_000;
/** Pairs that one query may name. */
const ITEMS = 50;
const RUNS = 1_000;

/** Full ids of the runs that start like this; the text itself where a decision, and no run, made the rows. */
async function runsLike(state: SyncState, laneId: string, run: string): Promise<readonly string[]> {
  const known = (await state.runs(laneId, RUNS)).filter(({ id }) => id.startsWith(run));
  return known.length > 0 ? known.map(({ id }) => id) : [run];
}

async function rowsOf(
  state: SyncState,
  laneId: string,
  of: {
    links: readonly string[] | null;
    run?: string | undefined;
    since?: number | undefined;
    limit: number;
  },
): Promise<HistoryRow[]> {
  const runs = of.run === undefined ? [undefined] : await runsLike(state, laneId, of.run);
  const links = of.links ?? [undefined];
  const rows: HistoryRow[] = [];
  for (const runId of runs) {
    for (const linkId of links) {
      const narrowed = {
        ...(runId === undefined ? {} : { runId }),
        ...(linkId === undefined ? {} : { linkId }),
        ...(of.since === undefined ? {} : { since: of.since }),
      };
      rows.push(...(await state.history(laneId, { ...narrowed, limit: of.limit })));
    }
  }
  return rows;
}

function aboutField(rows: readonly HistoryRow[], field: string | undefined): HistoryRow[] {
  if (field === undefined) return [...rows];
  return rows.flatMap((row) => {
    const step = fieldStep(row, field);
    return step === null ? [] : [{ ...row, field, old: step.old, new: step.new }];
  });
}

const newestFirst = (x: HistoryRow, y: HistoryRow): number => y.at - x.at || y.seq - x.seq;

async function titled(state: SyncState, lane: LaneRow, rows: readonly HistoryRow[]): Promise<TrailRow[]> {
  const ids = [...new Set(rows.map((row) => row.linkId))];
  const links = ids.length === 0 ? [] : await state.links(lane.id, { by: 'id', ids });
  const titles = new Map(links.map((link) => [link.id, titleOfLink(link)]));
  return rows.map((row) => ({ ...row, mailbox: lane.label, title: titles.get(row.linkId) ?? '(forgotten)' }));
}

/** What was changed, from what to what, by which run and rule, in every configured mailbox. Reads only. */
export async function readTrail(context: ExplainContext, query: TrailQuery): Promise<Trail> {
  const { state, canon } = context;
  const limit = query.field === undefined && query.side === undefined ? query.limit + 1 : LOOK;
  const all: TrailRow[] = [];
  let items = 0;
  for (const lane of await context.lanes()) {
    let links: readonly string[] | null = null;
    if (query.query !== undefined) {
      const found = await findItems(state, lane, { query: query.query, canon, limit: ITEMS });
      links = found.links.map((link) => link.id);
      items += links.length;
    }
    const { run, since, side } = query;
    const found = await rowsOf(state, lane.id, { links, run, since, limit });
    const rows = aboutField(found, query.field).filter((row) => side === undefined || row.side === side);
    const newest = rows.sort(newestFirst).slice(0, query.limit + 1);
    all.push(...(await titled(state, lane, newest)));
  }
  const rows = all.sort(newestFirst);
  return {
    rows: rows.slice(0, query.limit),
    items: query.query === undefined ? null : items,
    more: rows.length > query.limit,
  };
}

/** Did it change anything? Most passes find nothing to do. */
const changed = ({ counts }: RunRow): boolean =>
  ['created', 'updated', 'deleted', 'linked', 'conflicts'].some((name) => (counts[name] ?? 0) > 0);

/** Runs that changed something, newest first, in every configured mailbox. Reads only. */
export async function readRuns(context: ExplainContext, query: RunsQuery): Promise<readonly TrailRun[]> {
  const all: TrailRun[] = [];
  for (const lane of await context.lanes()) {
    const runs = await context.state.runs(lane.id, RUNS);
    all.push(
      ...runs
        .filter((run) => run.kind !== 'plan' && changed(run) && run.startedAt >= (query.since ?? 0))
        .map((run) => ({ ...run, mailbox: lane.label })),
    );
  }
  return all.sort((x, y) => y.startedAt - x.startedAt).slice(0, query.limit);
}
