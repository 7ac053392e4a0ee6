import {
  type FeedCommit,
  type FeedRow,
  type LaneRow,
  type LaneSums,
  type SyncState,
  withApproval,
} from '@tidelock/core';
import { applyMark } from './links.ts';
import { reportSuspects } from './suspects.ts';
import { byText, laneOf, OLD_FENCE, refused, type Tables, unknownRow } from './tables.ts';

type Sync<K extends keyof SyncState> = {
  readonly [M in K]: (...args: Parameters<SyncState[M]>) => Awaited<ReturnType<SyncState[M]>>;
};

const FRESH = {
  fence: 0,
  leaseOwner: null,
  leaseUntil: 0,
  dirtySeq: 0,
  doneSeq: 0,
  scopeHash: null,
  held: null,
  approved: [],
  paused: null,
  lastOkAt: null,
  errorKind: null,
  errorCount: 0,
};

interface Leased {
  readonly fence: number;
  readonly leaseOwner: string | null;
  readonly leaseUntil: number;
}

const isFree = (row: Leased, owner: string, now: number): boolean =>
  row.leaseOwner === null || row.leaseOwner === owner || row.leaseUntil <= now;

export function bump(row: LaneRow, now: number): LaneRow {
  return { ...row, dirtySeq: row.dirtySeq + 1, dueAt: Math.min(row.dueAt, now) };
}

function released(row: LaneRow, of: Parameters<SyncState['releaseLane']>[0]): LaneRow {
  const { now, doneSeq, dueAt, errorKind, scopeHash } = of;
  const failed = errorKind !== null;
  return {
    ...row,
    leaseOwner: null,
    leaseUntil: 0,
    doneSeq: Math.max(row.doneSeq, doneSeq),
    dueAt: row.dirtySeq > doneSeq && !failed ? Math.min(dueAt, now) : dueAt,
    lastOkAt: failed ? row.lastOkAt : now,
    errorCount: failed ? row.errorCount + 1 : 0,
    errorKind,
    scopeHash,
  };
}

function eraseLane(tables: Tables, laneId: string, now: number): void {
  const lane = laneOf(tables, laneId, 'state.eraseLane');
  const { row, sequence } = lane;
  const cut = {
    fence: row.fence + 1,
    leaseOwner: null,
    leaseUntil: 0,
    dueAt: now,
    dirtySeq: row.dirtySeq + 1,
  };
  const blank = {
    scopeHash: null,
    held: null,
    approved: [],
    lastOkAt: null,
    errorKind: null,
    errorCount: 0,
  };
  tables.lanes.set(laneId, {
    ...{
      row: { ...row, ...cut, ...blank },
      sequence,
      links: new Map(),
      suspects: new Map(),
      keys: new Map(),
    },
    history: [],
  });
  for (const map of [tables.intents, tables.claims, tables.reviews, tables.runs])
    for (const [key, one] of map) if (one.laneId === laneId) map.delete(key);
}

function sumLanes(tables: Tables, { ids, before }: Parameters<SyncState['sumLanes']>[0]): LaneSums {
  const rows = [...new Set(ids)].flatMap((id) => tables.lanes.get(id)?.row ?? []);
  const active = rows.filter(({ paused }) => paused === null);
  const inStep = active.flatMap(({ lastOkAt }) => lastOkAt ?? []);
  return {
    lanes: rows.length,
    paused: rows.length - active.length,
    held: rows.filter(({ held }) => held !== null).length,
    failing: active.filter(({ errorKind }) => errorKind !== null).length,
    fresh: active.length - inStep.length,
    late: inStep.filter((at) => at < before).length,
    oldestOkAt: inStep.length === 0 ? null : Math.min(...inStep),
  };
}

export function createLanes(
  tables: Tables,
): Sync<
  | 'saveLanes'
  | 'lanes'
  | 'sumLanes'
  | 'dueLanes'
  | 'deferLanes'
  | 'acquireLane'
  | 'renewLane'
  | 'releaseLane'
  | 'hintLane'
  | 'approveHeld'
  | 'pauseLane'
  | 'eraseLane'
> {
  const held = (guard: { laneId: string; fence: number }) => {
    const lane = tables.lanes.get(guard.laneId);
    return lane?.row.fence === guard.fence && lane.row.leaseOwner !== null ? lane : undefined;
  };
  return {
    saveLanes(specs, now) {
      for (const spec of specs) {
        const lane = tables.lanes.get(spec.id);
        if (lane !== undefined) lane.row = { ...lane.row, ...spec };
        else
          tables.lanes.set(spec.id, {
            row: { ...spec, ...FRESH, dueAt: now },
            sequence: 0,
            links: new Map(),
            suspects: new Map(),
            keys: new Map(),
            history: [],
          });
      }
    },
    lanes: (ids) => {
      const rows: LaneRow[] = [];
      for (const { row } of tables.lanes.values())
        if (ids === undefined || ids.includes(row.id)) rows.push(row);
      return rows.length < 2 ? rows : rows.sort((x, y) => byText(x.id, y.id));
    },
    sumLanes: (query) => sumLanes(tables, query),
    dueLanes: ({ now, owner, limit }) =>
      [...tables.lanes.values()]
        .map((lane) => lane.row)
        .filter((row) => row.dueAt <= now && isFree(row, owner, now))
        .sort((x, y) => x.dueAt - y.dueAt || byText(x.id, y.id))
        .slice(0, limit),
    deferLanes(ids, until) {
      for (const id of ids) {
        const lane = tables.lanes.get(id);
        if (lane !== undefined) lane.row = { ...lane.row, dueAt: Math.max(lane.row.dueAt, until) };
      }
    },
    acquireLane({ laneId, owner, now, ttlMs }) {
      const lane = laneOf(tables, laneId, 'state.acquireLane');
      if (!isFree(lane.row, owner, now)) return null;
      const lease = { fence: lane.row.fence + 1, until: now + ttlMs };
      lane.row = { ...lane.row, fence: lease.fence, leaseOwner: owner, leaseUntil: lease.until };
      return lease;
    },
    renewLane({ guard, now, ttlMs }) {
      const lane = held(guard);
      if (lane === undefined) return false;
      lane.row = { ...lane.row, leaseUntil: now + ttlMs };
      return true;
    },
    releaseLane(request) {
      const lane = held(request.guard);
      if (lane === undefined) throw refused('The lease was lost.', 'state.releaseLane', OLD_FENCE);
      lane.row = released(lane.row, request);
    },
    hintLane(laneId, now) {
      const lane = laneOf(tables, laneId, 'state.hintLane');
      lane.row = bump(lane.row, now);
    },
    approveHeld(laneId, hash, now) {
      const lane = laneOf(tables, laneId, 'state.approveHeld');
      const { approved, held } = lane.row;
      const next = hash === null ? [] : withApproval(approved, { hash, held, now });
      lane.row = { ...lane.row, approved: next };
    },
    pauseLane(laneId, paused) {
      const lane = laneOf(tables, laneId, 'state.pauseLane');
      lane.row = { ...lane.row, paused };
    },
    eraseLane: (laneId, now) => eraseLane(tables, laneId, now),
  };
}

const FRESH_FEED = {
  cursor: null,
  gen: 0,
  scanning: false,
  scopeHash: null,
  fence: 0,
  leaseUntil: 0,
  leaseOwner: null,
  pageHash: null,
  scannedAt: null,
  dueAt: 0,
};

type Notes = FeedCommit['lanes'][number];

/** Notes, and the lane that they are for. Throws where a mark names a link that is gone. */
function toNote(tables: Tables, { laneId, marks, suspects }: Notes) {
  const lane = laneOf(tables, laneId, 'state.commitObservations');
  if (marks.some((mark) => !lane.links.has(mark.linkId)))
    throw refused('A mark names a link that is gone.', 'state.commitObservations', 'unknown-link');
  return { lane, marks, suspects };
}

export function createFeeds(
  tables: Tables,
): Sync<
  'saveFeeds' | 'feeds' | 'acquireFeed' | 'releaseFeed' | 'hintFeeds' | 'resetFeeds' | 'commitObservations'
> {
  const put = (row: FeedRow): void => void tables.feeds.set(row.id, row);
  return {
    saveFeeds(feeds) {
      for (const { id, store, side, key } of feeds)
        tables.feeds.set(id, { ...(tables.feeds.get(id) ?? FRESH_FEED), id, store, side, key });
    },
    feeds(store) {
      const rows: FeedRow[] = [];
      for (const row of tables.feeds.values()) if (row.store === store) rows.push(row);
      return rows.length < 2 ? rows : rows.sort((x, y) => byText(x.id, y.id));
    },
    acquireFeed({ feed, owner, now, ttlMs }) {
      const row = tables.feeds.get(feed);
      if (row === undefined) throw unknownRow('feed', 'state.acquireFeed');
      if (!isFree(row, owner, now)) return null;
      const lease = { fence: row.fence + 1, until: now + ttlMs };
      put({ ...row, fence: lease.fence, leaseOwner: owner, leaseUntil: lease.until, dueAt: lease.until });
      return lease;
    },
    releaseFeed({ feed, fence, dueAt }) {
      const row = tables.feeds.get(feed);
      if (row?.fence !== fence) return;
      put({ ...row, leaseOwner: null, leaseUntil: 0, dueAt: Math.min(row.dueAt, dueAt ?? row.dueAt) });
    },
    hintFeeds(store, now) {
      for (const row of tables.feeds.values())
        if (row.store === store) put({ ...row, dueAt: Math.min(row.dueAt, now) });
    },
    resetFeeds(store) {
      const ended = {
        cursor: null,
        scanning: false,
        pageHash: null,
        leaseOwner: null,
        leaseUntil: 0,
        dueAt: 0,
      };
      for (const row of tables.feeds.values()) if (row.store === store) put({ ...row, ...ended });
    },
    commitObservations({ feed, fence, lanes, now, cursor, gen, scanning, scopeHash, pageHash }) {
      const row = tables.feeds.get(feed);
      if (row === undefined || row.fence !== fence || row.leaseOwner === null)
        throw refused('The lease of the feed was lost.', 'state.commitObservations', OLD_FENCE);
      const open = lanes.map((notes) => toNote(tables, notes));
      const scannedAt = row.scanning && !scanning ? now : row.scannedAt;
      put({ ...row, cursor, gen, scanning, scopeHash, pageHash, scannedAt });
      for (const { lane, marks, suspects } of open) {
        for (const mark of marks) applyMark(lane, mark);
        reportSuspects(lane, suspects);
        if (suspects.length > 0 || marks.some((mark) => mark.kind === 'dirty'))
          lane.row = bump(lane.row, now);
      }
    },
  };
}
