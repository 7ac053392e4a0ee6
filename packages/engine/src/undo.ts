import { AdapterError, type HeldDeletes, type Side } from '@tidelock/core';
import { type BrakeResult, brake } from './brake.ts';
import { closedBreakers } from './breakers.ts';
import { type Core, mono, now, progress, state, stopped, uuid } from './effect.ts';
import { settleHolds } from './held-fields.ts';
import { emptyCounts, type Lane, type Pass } from './lane.ts';
import { LeaseLost } from './lease-lost.ts';
import { configurationOf } from './pause.ts';
import { LEASE } from './policy.ts';
import { recover } from './recover.ts';
import { type Pair, pairsOf, planPairs, rowsOf, type UndoTarget } from './undo-pairs.ts';
import type { UndoMode, UndoPlan } from './undo-plan.ts';
import { itemsOf, type UndoItem } from './undo-report.ts';
import { stepsOf } from './undo-rows.ts';
import { promise, type Undoing, undoSide } from './undo-send.ts';

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
}

const CHUNK = 20;
function busy(): AdapterError {
  return new AdapterError('conflict', 'Another process is working on this mailbox.', {
    operation: 'undo.lane',
    remedy: 'Try again when it has finished.',
  });
}

const deletesOn = (items: readonly Undoing[], side: Side): string[] =>
  items.flatMap(({ plan }) =>
    plan.writes.some((write) => write.side === side && write.op === 'delete') ? [plan.link.id] : [],
  );

/** Records that a run created may be many: taking them all away asks a person, as any mass delete does. */
function* brakeUndo(pass: Pass, items: readonly Undoing[], approved: string | undefined): Core<BrakeResult> {
  const [onA, onB] = [deletesOn(items, 'a'), deletesOn(items, 'b')];
  const all = [...new Set([...onA, ...onB])];
  if (all.length === 0) return { held: null, waiting: [], stopped: new Set() };
  // One question for both sides: a person approves an undo, and not half of it.
  const deletes = onB.length === 0 ? { a: all, b: [] } : { a: [], b: all };
  const { live } = yield* state('counts', pass.guard.laneId, yield* now());
  const { policy } = pass.lane;
  const input = { deletes, blankings: [], live, recent: 0, policy: policy.brake };
  return brake({ ...input, approvedHash: approved ?? null });
}

const isWork = ({ writes, status, releases }: UndoPlan): boolean =>
  writes.length > 0 || status !== null || releases.length > 0;

/** Reads once more, plans on that, and carries it out: nothing is written on an older look than this one. */
function* undoChunk(pass: Pass, pairs: readonly Pair[], of: UndoRequest): Core<Undoing[]> {
  const items = yield* planPairs(pass, pairs, of.mode);
  const work = items.filter(({ plan }) => isWork(plan));
  yield* promise(pass, work);
  yield* undoSide(pass, 'b', work);
  yield* undoSide(pass, 'a', work);
  yield* settleHolds(
    pass,
    work.map(({ promised, link }) => ({ link: promised, next: link })),
  );
  return items;
}

function* undoAll(
  pass: Pass,
  pairs: readonly Pair[],
  of: UndoRequest,
): Core<{ items: Undoing[]; whole: boolean }> {
  const items: Undoing[] = [];
  for (let start = 0; start < pairs.length; start += CHUNK) {
    if (yield* stopped()) return { items, whole: false };
    items.push(...(yield* undoChunk(pass, pairs.slice(start, start + CHUNK), of)));
    yield* progress({ phase: 'write', done: Math.min(start + CHUNK, pairs.length), total: pairs.length });
  }
  return { items, whole: true };
}

/** The lane rests before anything is taken back: the next pass would repeat the mistake. */
function* pauseLane(pass: Pass): Core<void> {
  const { laneId } = pass.guard;
  const row = (yield* state('lanes')).find((lane) => lane.id === laneId);
  if (row?.paused != null) return;
  const reason = `run ${pass.runId.slice(0, 8)}; the next sync would repeat what it took back`;
  const pause = { by: 'undo', at: yield* now(), reason, under: configurationOf(pass.lane) };
  yield* state('pauseLane', laneId, pause);
}

function* steps(pass: Pass, of: UndoRequest): Core<Omit<UndoReport, 'laneId' | 'runId'>> {
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
  const { held, stopped: braked } = yield* brakeUndo(pass, planned, of.approved);
  const going = planned.filter(({ plan }) => isWork(plan) && !braked.has(plan.link.id));
  const rest = planned.filter((item) => !going.includes(item));
  const base = { held, open: pairs.length - free.length };
  const say = (items: readonly Undoing[]): UndoItem[] =>
    items.flatMap((item) =>
      itemsOf(pass.lane, item, { preview: of.preview, held: braked.has(item.plan.link.id) }),
    );
  if (of.preview) return { ...base, items: say(planned), stopped: false, paused: false };
  if (going.length === 0) return { ...base, items: say(rest), stopped: false, paused: false };
  yield* pauseLane(pass);
  const ids = new Set(going.map(({ plan }) => plan.link.id));
  const done = yield* undoAll(
    pass,
    free.filter(({ link }) => ids.has(link.id)),
    of,
  );
  const unsettled = done.items.filter(({ results }) => [...results.values()].includes('open')).length;
  const items = [...say(done.items), ...say(rest)];
  return { ...base, items, open: base.open + unsettled, stopped: !done.whole, paused: true };
}

function countsOf(items: readonly UndoItem[]): Record<string, number> {
  const of = (op: UndoItem['op']): number =>
    items.filter((item) => item.op === op && item.outcome === 'done').length;
  return { ...emptyCounts(), created: of('create'), updated: of('update'), deleted: of('delete') };
}

/**
 * Takes back what was written, as a run of its own made of ordinary intents: the journal is never edited. Newest
 * first, each on a read of this moment; what was changed since stays as it is and is named. Throws `conflict` while
 * another worker has the lane. Can be repeated: what is as it was stays so.
 */
export function* undo(of: UndoRequest): Core<UndoReport> {
  const laneId = of.lane.spec.id;
  const wall = yield* now();
  const lease = yield* state('acquireLane', { laneId, owner: of.owner, now: wall, ttlMs: LEASE.ttl });
  if (lease === null) throw busy();
  const runId = yield* uuid();
  const guard = { laneId, fence: lease.fence };
  const pass: Pass = {
    ...{
      lane: of.lane,
      guard,
      runId,
      counts: emptyCounts(),
      waiting: new Map(),
      breakers: closedBreakers(),
      sketch: null,
      approval: null,
    },
    ...{
      renewAt: (yield* mono()) + LEASE.renewAfter,
      historySeq: 0,
      chunk: CHUNK,
      lookAgainMs: 0,
      more: false,
    },
  };
  try {
    if (of.preview) return { laneId, runId: null, ...(yield* steps(pass, of)) };
    const run = { id: runId, laneId, kind: 'undo', startedAt: wall, endedAt: null, counts: {} } as const;
    yield* state('startRun', { ...run, stopReason: null });
    const report = yield* steps(pass, of);
    const end = { id: runId, endedAt: yield* now(), counts: countsOf(report.items) };
    yield* state('finishRun', { ...end, stopReason: report.stopped ? 'stopped' : null });
    return { laneId, runId, ...report };
  } catch (error) {
    throw error instanceof LeaseLost ? busy() : error;
  } finally {
    yield* state('renewLane', { guard, now: wall, ttlMs: 0 });
  }
}
