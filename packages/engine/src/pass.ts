import { type FeedRow, type HeldDeletes, isAdapterError, type LaneRow, type Side } from '@tidelock/core';
import { adoptUnknown } from './adopt.ts';
import type { Approval } from './approval.ts';
import { closedBreakers } from './breakers.ts';
import type { Poll } from './cadence.ts';
import { carryOut, takeStock } from './carry-out.ts';
import { compareBases } from './compare.ts';
import { type Core, log, mono, now, state, uuid } from './effect.ts';
import { execute } from './execute.ts';
import { emptyCounts, type Lane, type Pass } from './lane.ts';
import { LeaseLost } from './lease-lost.ts';
import { waitForLooks } from './look-again.ts';
import { isFirstSync } from './mail.ts';
import type { MailSpent } from './mail-spent.ts';
import { failedReport, type PassReport, reportOf } from './pass-report.ts';
import { isPaused } from './pause.ts';
import type { PlanItem, PlannedClaims } from './plan-item.ts';
import { CHUNK, LEASE } from './policy.ts';
import { preview } from './preview.ts';
import { readFeeds } from './read-feeds.ts';
import { recover } from './recover.ts';
import { type Ending, giveBack, release, tryRelease } from './release.ts';
import { withholdDeletes } from './scope-wait.ts';
import type { Done } from './sending.ts';
import { createSketch } from './sketch.ts';
import { retryUnderNewMapping } from './unpark.ts';
import { verifySuspects } from './verify.ts';
import { planWork, type Work } from './work.ts';
import { applyBrake } from './work-brake.ts';

export interface PassOptions {
  readonly lane: Lane;
  /** Name of this worker in leases. */
  readonly owner: string;
  readonly preview: boolean;
  /** Carries out this plan and nothing else. */
  readonly approval?: Approval | undefined;
  /** In a preview: collects what its rows would claim in stores that lanes share. */
  readonly claimed?: PlannedClaims | undefined;
  /** Of the run that this pass is one of. Absent = it is a run by itself. */
  readonly mailSpent?: MailSpent | undefined;
  /** Scope hash of each feed, by feed id. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Reads no feed: a pass just before has read them and left a backlog. Another pass that reads has to follow. */
  readonly goOn?: boolean;
  /** Changes of a feed that are stored in one transaction, give or take a page. */
  readonly commitChanges?: number | undefined;
  /** Links that are planned, journaled and sent together. Default: as many as a store takes in one request. */
  readonly chunk?: number | undefined;
  /** Chunks that are under way side by side, at most. */
  readonly chunksAtOnce?: number | undefined;
  /** How often the lane is looked at when nobody asks for it. Default: every five minutes. */
  readonly poll?: Poll | undefined;
}

interface Acquired {
  readonly pass: Pass;
  readonly doneSeq: number;
  /** As it was when the pass began. */
  readonly row: LaneRow | null;
}

/** Two passes of one lane never overlap; a preview takes the lane as well. */
function* acquire(options: PassOptions): Core<Acquired | 'busy' | 'paused'> {
  const laneId = options.lane.spec.id;
  const wall = yield* now();
  const at = yield* mono();
  const lease = yield* state('acquireLane', { laneId, owner: options.owner, now: wall, ttlMs: LEASE.ttl });
  if (lease === null) return 'busy';
  // Looked at with the lease in hand: whoever paused the lane held it then.
  const [row = null] = yield* state('lanes', [laneId]);
  if (!options.preview && (yield* isPaused(options.lane, row?.paused ?? null))) {
    yield* state('renewLane', { guard: { laneId, fence: lease.fence }, now: wall, ttlMs: 0 });
    return 'paused';
  }
  const firstSync = yield* isFirstSync(options.lane);
  const runId = yield* uuid();
  yield* state('startRun', {
    id: runId,
    laneId,
    kind: options.preview ? 'plan' : 'sync',
    startedAt: wall,
    endedAt: null,
    counts: {},
    stopReason: null,
  });
  const pass: Pass = {
    lane: options.lane,
    scopes: options.scopes,
    guard: { laneId, fence: lease.fence },
    runId,
    counts: emptyCounts(),
    waiting: new Map(),
    breakers: closedBreakers(),
    sketch: options.preview ? createSketch() : null,
    claimed: options.claimed,
    approval: options.approval ?? null,
    renewAt: at + LEASE.renewAfter,
    historySeq: 0,
    chunk: options.chunk ?? CHUNK,
    goesOn: options.goOn === true,
    chunksAtOnce: options.chunksAtOnce,
    mailSpent: options.mailSpent ?? { people: 0 },
    firstSync,
    lookAgainMs: 0,
    awaited: new Set(),
    asked: new Set(),
    mailboxRead: false,
    heard: options.lane.shared.b ? { dirtySeq: row?.dirtySeq ?? 0 } : null,
    more: false,
  };
  return { pass, doneSeq: row?.dirtySeq ?? 0, row };
}

function* feedRows(lane: Lane): Core<Record<Side, FeedRow[]>> {
  const a = yield* state('feeds', lane.spec.storeA);
  const b = yield* state('feeds', lane.spec.storeB);
  return {
    a: a.filter((row) => lane.feeds.a.includes(row.id)),
    b: b.filter((row) => lane.feeds.b.includes(row.id)),
  };
}

interface Outcome {
  readonly done: readonly Done[];
  readonly plan: readonly PlanItem[];
  readonly held: HeldDeletes | null;
  readonly openOutcomes: number;
  readonly waiting: number;
  readonly degraded: boolean;
  readonly backlog: boolean;
  /** Entries that its own feeds reported. */
  readonly changes: number;
}

function* planAhead(pass: Pass, at: number): Core<{ work: Work[]; backlog: boolean }> {
  const { more } = pass;
  pass.more = false;
  const work = yield* planWork(pass, at);
  const backlog = pass.more;
  pass.more ||= more;
  return { work, backlog };
}

/** recover -> ingest -> verify -> heal, adopt -> plan -> brake -> execute: the whole of a pass, in one place. */
function* steps({ pass, row }: Acquired, options: PassOptions): Core<Outcome> {
  const { lane } = options;
  const scopeHash = row?.scopeHash ?? null;
  const openOutcomes = yield* recover(pass);
  if (pass.sketch === null) yield* retryUnderNewMapping(pass, { scopeHash });
  const read = options.goOn === true ? [] : yield* readFeeds(pass, options);
  pass.more ||= options.goOn === true || read.some((feed) => feed.more);
  yield* verifySuspects(pass);
  const feeds = yield* feedRows(lane);
  const degraded = read.some((feed) => feed.degraded);
  const changes = read.reduce((sum, feed) => sum + feed.changes, 0);
  const base = { done: [], plan: [], waiting: 0, openOutcomes, degraded, backlog: false, changes };
  if (pass.sketch !== null) return { ...base, ...(yield* preview(pass, feeds)) };
  const { approval } = pass;
  if (approval !== null) yield* takeStock(pass, approval);
  yield* adoptUnknown(pass, feeds);
  if (approval !== null) {
    const carried = yield* carryOut(pass, approval);
    yield* takeStock(pass, approval);
    return { ...base, ...carried };
  }
  const at = yield* mono();
  const { work, backlog } = yield* planAhead(pass, at);
  const free = yield* withholdDeletes(pass, work);
  const { held, stopped } = yield* applyBrake(pass, free);
  const done = yield* execute(pass, free, stopped);
  yield* waitForLooks(pass);
  yield* compareBases(pass, { feeds, lastOkAt: row?.lastOkAt ?? null });
  return { ...base, held, backlog, done };
}

/** A hint asked for the pass, its feeds had something to report, or it changed something. */
function isMoved({ counts }: Pass, row: LaneRow | null, changes: number): boolean {
  const { created, updated, deleted, linked } = counts;
  return changes + created + updated + deleted + linked > 0 || (row !== null && row.dirtySeq > row.doneSeq);
}

/**
 * One pass over one lane. Its only side effects are the effects it yields, so it can be stopped after any of them:
 * whatever was sent is in the journal, and the next pass settles it. An error of a whole call ends the pass, is
 * recorded on the lane, and deletes nothing.
 */
export function* pass(options: PassOptions): Core<PassReport> {
  const laneId = options.lane.spec.id;
  const started = yield* acquire(options);
  if (started === 'busy' || started === 'paused') return reportOf(laneId, started, {});
  const { pass: running, doneSeq, row } = started;
  const { poll } = options;
  try {
    const { changes, ...outcome } = yield* steps(started, options);
    const waitMs = Math.max(running.lookAgainMs, ...running.waiting.values());
    if (options.preview) yield* giveBack(running);
    else {
      const moved = isMoved(running, row, changes);
      yield* release(running, { doneSeq, errorKind: null, waitMs, row, moved, poll });
    }
    return reportOf(laneId, 'done', { ...outcome, counts: running.counts, more: running.more, waitMs });
  } catch (error) {
    const busy = reportOf(laneId, 'busy', { counts: running.counts });
    if (error instanceof LeaseLost) return busy;
    if (!isAdapterError(error)) throw error;
    yield* log('warn', 'pass.failed', {
      lane: laneId,
      kind: error.kind,
      operation: error.operation,
      code: error.code ?? null,
    });
    const waitMs = error.retryAfterMs ?? 0;
    const at: Ending = { doneSeq: -1, errorKind: error.kind, waitMs, row, moved: false, poll };
    const released = yield* tryRelease(running, at);
    return released ? failedReport(laneId, error, running.counts) : busy;
  }
}
