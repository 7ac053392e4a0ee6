import {
  AdapterError,
  type HeldDeletes,
  isAdapterError,
  type LaneRow,
  type Side,
  type UndoOrder,
} from '@tidelock/core';
import { type BrakeResult, brake } from './brake.ts';
import { closedBreakers } from './breakers.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Core, log, mono, now, state, uuid } from './effect.ts';
import { emptyCounts, type Lane, type Pass } from './lane.ts';
import { LeaseLost } from './lease-lost.ts';
import { createMailLedger, type MailLedger } from './mail-spent.ts';
import { configurationOf } from './pause.ts';
import { LEASE } from './policy.ts';
import { recover } from './recover.ts';
import { isWork, UNDO_CHUNK, undoAll } from './undo-chunk.ts';
import { pairsOf, planPairs, rowsOf, type UndoTarget } from './undo-pairs.ts';
import type { UndoMode } from './undo-plan.ts';
import { itemsOf, type UndoItem } from './undo-report.ts';
import { stepsOf } from './undo-rows.ts';
import type { Undoing } from './undo-send.ts';

export interface UndoRequest {
  readonly lane: Lane;
  /** Name of this process in leases. */
  readonly owner: string;
  readonly target: UndoTarget;
  /**
   * `hold`: the value that was carried over stays where it came from, and the field waits for a person.
   * `revert-source`: it is taken back there too, if it is still that value. `detach`: the pair is unlinked for good.
   */
  readonly mode: UndoMode;
  /** Says what it would do, and changes nothing. */
  readonly preview: boolean;
  /** Hash of deletes beyond the brake that a person approved. */
  readonly approved?: string | undefined;
  /** What an undo of several lanes has spent of its budget for mail. Absent = it is of this one alone. */
  readonly spentOf?: MailLedger | undefined;
}

/** A request with what is left of an earlier process's work on it. */
interface Ordered extends UndoRequest {
  /** The lane as it was when its lease was taken. */
  readonly row: LaneRow | null;
  /** It goes on with this; null = it begins. */
  readonly order: UndoOrder | null;
}

export interface UndoReport {
  readonly laneId: string;
  /** The run that this undo is; null for a preview. */
  readonly runId: string | null;
  readonly items: readonly UndoItem[];
  /** Deletes beyond the brake, which wait for approval of their hash. */
  readonly held: HeldDeletes | null;
  /** Writes whose fate is not known yet; the same undo, a little later, goes on from there. */
  readonly open: number;
  /** It was stopped before its end. */
  readonly stopped: boolean;
  /** The lane was paused and stays so until its configuration changes or a person resumes it. */
  readonly paused: boolean;
  /** Only in a preview: a process that ended in the middle left this very undo to be finished. */
  readonly unfinished: boolean;
}

const HISTORY_ROWS = 1_000_000;

function busy(): AdapterError {
  return new AdapterError('conflict', 'Another process is working on this mailbox.', {
    operation: 'undo.lane',
    remedy: 'Try again when it has finished.',
  });
}

function unfinished(): AdapterError {
  return new AdapterError('conflict', 'An earlier undo of this mailbox has not come to its end.', {
    operation: 'undo.lane',
    remedy: 'A store gave it no clear answer. Try again in a few minutes; both are carried out then.',
  });
}

const isSame = (order: UndoOrder, of: UndoRequest): boolean =>
  canonicalJson([order.mode, order.target]) === canonicalJson([of.mode, of.target]);

function* laneRow(laneId: string): Core<LaneRow | null> {
  const [row = null] = yield* state('lanes', [laneId]);
  return row;
}

const deletesOn = (items: readonly Undoing[], side: Side): string[] =>
  items.flatMap(({ plan }) =>
    plan.writes.some((write) => write.side === side && write.op === 'delete') ? [plan.link.id] : [],
  );

/** Records that a run created may be many: taking them all away asks a person, as any mass delete does. */
function* brakeUndo(pass: Pass, items: readonly Undoing[], of: Ordered): Core<BrakeResult> {
  const [onA, onB] = [deletesOn(items, 'a'), deletesOn(items, 'b')];
  const all = [...new Set([...onA, ...onB])];
  if (all.length === 0) return { held: null, waiting: [], stopped: new Set() };
  // One question for both sides: a person approves an undo, and not half of it.
  const deletes = onB.length === 0 ? { a: all, b: [] } : { a: [], b: all };
  const { live } = yield* state('counts', pass.guard.laneId, yield* now());
  const { policy } = pass.lane;
  const input = { deletes, blankings: [], live, policy: policy.brake };
  const approvedHashes = of.approved === undefined ? [] : [of.approved];
  const allowed = of.order === null ? {} : { approvedIds: new Set(of.order.deletes) };
  return brake({ ...input, approvedHashes, ...allowed });
}

/**
 * The lane rests before anything is taken back: the next pass would repeat the mistake. With it goes what was ordered, so
 * that a process that dies in the middle leaves an undo that is finished and not one that is forgotten.
 */
function* begin(pass: Pass, of: Ordered, deletes: readonly string[]): Core<void> {
  const { target, mode, row, order } = of;
  const all = [...new Set([...(order?.deletes ?? []), ...deletes])];
  const undo: UndoOrder = { runId: pass.runId, target, mode, deletes: all, stopped: false };
  const reason = `run ${pass.runId.slice(0, 8)}; the next sync would repeat what it took back`;
  const fresh = { by: 'undo', at: yield* now(), reason, under: configurationOf(pass.lane) };
  yield* state('pauseLane', pass.guard.laneId, { ...(row?.paused ?? fresh), undo });
}

/** It has come to its end, or to one from which somebody goes on. */
function* end(pass: Pass, of: Pick<UndoReport, 'open' | 'stopped'>): Core<void> {
  const { laneId } = pass.guard;
  const paused = (yield* laneRow(laneId))?.paused;
  if (paused?.undo === undefined) return;
  const { undo, ...rest } = paused;
  const waits = of.stopped || of.open > 0;
  yield* state('pauseLane', laneId, waits ? { ...rest, undo: { ...undo, stopped: of.stopped } } : rest);
}

function* steps(pass: Pass, of: Ordered): Core<Omit<UndoReport, 'laneId' | 'runId'>> {
  const { laneId } = pass.guard;
  if (!of.preview) yield* recover(pass);
  const open = yield* state('openIntentsOf', laneId);
  const waiting = new Set(open.map((intent) => intent.linkId));
  const past = stepsOf(yield* rowsOf(laneId, of.target));
  const pairs = yield* pairsOf(pass, past);
  const free = pairs.filter(({ link }) => !waiting.has(link.id));
  const planned: Undoing[] = [];
  for (let start = 0; start < free.length; start += 200)
    planned.push(...(yield* planPairs(pass, free.slice(start, start + 200), of.mode)));
  const { held, stopped: braked } = yield* brakeUndo(pass, planned, of);
  const going = planned.filter(({ plan }) => isWork(plan) && !braked.has(plan.link.id));
  const rest = planned.filter((item) => !going.includes(item));
  const base = { held, open: pairs.length - free.length, unfinished: of.preview && of.order !== null };
  const say = (items: readonly Undoing[]): UndoItem[] =>
    items.flatMap((item) =>
      itemsOf(pass.lane, item, { preview: of.preview, held: braked.has(item.plan.link.id) }),
    );
  if (of.preview) return { ...base, items: say(planned), stopped: false, paused: false };
  if (going.length === 0) return { ...base, items: say(rest), stopped: false, paused: of.order !== null };
  yield* begin(pass, of, [...deletesOn(going, 'a'), ...deletesOn(going, 'b')]);
  const ids = new Set(going.map(({ plan }) => plan.link.id));
  const done = yield* undoAll(
    pass,
    free.filter(({ link }) => ids.has(link.id)),
    of.mode,
  );
  const unsettled = done.items.filter(({ results }) => [...results.values()].includes('open')).length;
  const items = [...say(done.items), ...say(rest)];
  return { ...base, items, open: base.open + unsettled, stopped: !done.whole, paused: true };
}

/** What the run has written in all, by whichever process. */
function* countsOf({ runId, guard }: Pass): Core<Record<string, number>> {
  const past = stepsOf(yield* state('history', guard.laneId, { runId, limit: HISTORY_ROWS }));
  const of = (op: UndoItem['op']): number => past.filter((step) => step.op === op).length;
  return { ...emptyCounts(), created: of('create'), updated: of('update'), deleted: of('delete') };
}

/** The run of an order goes on where it stood. */
function* startOrResume(pass: Pass, { order }: Ordered, startedAt: number): Core<void> {
  const { runId, guard } = pass;
  if (order === null) {
    const run = { id: runId, laneId: guard.laneId, kind: 'undo', startedAt, endedAt: null } as const;
    yield* state('startRun', { ...run, counts: {}, stopReason: null });
    return;
  }
  const rows = yield* state('history', guard.laneId, { runId, limit: HISTORY_ROWS });
  pass.historySeq = Math.max(-1, ...rows.map((row) => row.seq)) + 1;
}

/** Carries one order out, a new one or one that was left in the middle. */
function* carryOut(pass: Pass, of: Ordered, wall: number): Core<UndoReport> {
  const { laneId } = pass.guard;
  if (of.preview) return { laneId, runId: null, ...(yield* steps(pass, of)) };
  yield* startOrResume(pass, of, wall);
  const report = yield* steps(pass, of);
  const counts = yield* countsOf(pass);
  const stopReason = report.stopped ? 'stopped' : null;
  yield* state('finishRun', { id: pass.runId, endedAt: yield* now(), counts, stopReason });
  yield* end(pass, report);
  return { laneId, runId: pass.runId, ...report };
}

function* passOf(of: UndoRequest, guard: Pass['guard'], runId: string): Core<Pass> {
  return {
    ...{ lane: of.lane, scopes: new Map(), guard, runId, counts: emptyCounts(), waiting: new Map() },
    ...{ breakers: closedBreakers(), sketch: null, approval: null },
    ...{ renewAt: (yield* mono()) + LEASE.renewAfter, historySeq: 0, chunk: UNDO_CHUNK },
    ...{
      lookAgainMs: 0,
      awaited: new Set(),
      asked: new Set(),
      mailboxRead: false,
      heard: null,
      more: false,
      firstSync: false,
      goesOn: false,
      mailSpent: (of.spentOf ?? createMailLedger())(of.lane),
    },
  };
}

/** An order that was left in the middle comes to its end first; the same one asked for again is that one. */
function* resumeFirst(of: UndoRequest, guard: Pass['guard'], row: LaneRow | null): Core<UndoReport | null> {
  const order = row?.paused?.undo;
  if (order === undefined || of.preview) return null;
  const { target, mode, runId } = order;
  const same = isSame(order, of);
  // Whoever stopped it and asks for another one has thought better of it.
  if (order.stopped && !same) return null;
  const pass = yield* passOf(of, guard, runId);
  const approved = same ? of.approved : undefined;
  const report = yield* carryOut(pass, { ...of, target, mode, approved, row, order }, yield* now());
  if (same) return report;
  if (report.open > 0 || report.stopped) throw unfinished();
  return null;
}

/**
 * Takes back what was written, as a run of its own made of ordinary intents: the journal is never edited. Newest
 * first, each on a read of this moment; what was changed since stays as it is and is named. Throws `conflict` while
 * another worker has the lane, and while an earlier undo waits for a write of unknown fate. Can be repeated: what is as it
 * was stays so. A process that dies in the middle leaves an order (`LanePause.undo`) that the next one finishes.
 */
export function* undo(of: UndoRequest): Core<UndoReport> {
  const laneId = of.lane.spec.id;
  const wall = yield* now();
  const lease = yield* state('acquireLane', { laneId, owner: of.owner, now: wall, ttlMs: LEASE.ttl });
  if (lease === null) throw busy();
  const guard = { laneId, fence: lease.fence };
  try {
    const row = yield* laneRow(laneId);
    const resumed = yield* resumeFirst(of, guard, row);
    if (resumed !== null) return resumed;
    const left = row?.paused?.undo;
    const order = of.preview && left !== undefined && isSame(left, of) ? left : null;
    const pass = yield* passOf(of, guard, yield* uuid());
    return yield* carryOut(pass, { ...of, row: yield* laneRow(laneId), order }, wall);
  } catch (error) {
    throw error instanceof LeaseLost ? busy() : error;
  } finally {
    yield* state('renewLane', { guard, now: wall, ttlMs: 0 });
  }
}

/**
 * Carries out to its end what an earlier process was ordered to take back and has not. Trouble with a store, or another
 * worker, leaves it to the next one.
 */
export function* finishUndo(of: Pick<UndoRequest, 'lane' | 'owner'>, order: UndoOrder): Core<void> {
  const { id } = of.lane.spec;
  try {
    const { open } = yield* undo({ ...of, target: order.target, mode: order.mode, preview: false });
    yield* log('info', 'undo.finished', { lane: id, open });
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    yield* log('warn', 'undo.unfinished', { lane: id, kind: error.kind, operation: error.operation });
  }
}
