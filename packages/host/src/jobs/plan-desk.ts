import { AdapterError } from '@tidelock/core';
import type { ApplyReport, PassReport } from '@tidelock/engine';
import type { LivePlatform } from '../live/live-platform.ts';
import type { PlannedLane } from '../plan-format.ts';
import { requireKnown } from '../plan-reader.ts';
import { type PreparedEngine, prepareEngine } from '../prepared-engine.ts';
import { isFirstPause } from '../runner/first-sync.ts';
import { driftWords } from '../words/say-drift.ts';
import { type Acting, actAs } from './acting.ts';
import { CANCELLED, CLOSING, type Job, type JobContext, type Jobs } from './jobs.ts';
import {
  counted,
  isBusy,
  type MailboxTrouble,
  makePlan,
  type PlanMaking,
  type PlanOrder,
  troublesOf,
  untilFree,
} from './make-plan.ts';
import type { PlanMeta } from './plan-store.ts';

/** What an apply job answers. */
export interface PlanApplied {
  readonly planId: string;
  readonly settled: boolean;
  readonly lanes: readonly {
    readonly mailbox: string;
    readonly status: PassReport['status'] | 'pending';
    /** Rows by what became of them: `done`, `already`, `drift`, `held`, `parked`, `open`, `pending`. */
    readonly rows: Readonly<Record<string, number>>;
    /** Changes that are not in the plan and wait. */
    readonly beyond: number;
    readonly drift: readonly { readonly title: string; readonly why: string }[];
  }[];
  readonly troubles: readonly MailboxTrouble[];
}

export interface ApplyOrder {
  readonly by: string;
  readonly planId: string;
  /** What was looked at: another hash is `conflict`. */
  readonly hash: string;
  /** Hashes of held deletes that may go. */
  readonly approveHeld: readonly string[];
}

export interface PlanDesk {
  make(order: PlanOrder): Job;
  /** Throws `not_found`, and `conflict` for another hash, or a plan that was carried out or is being carried out. */
  apply(order: ApplyOrder): Promise<Job>;
  list(): Promise<readonly PlanMeta[]>;
  meta(id: string): Promise<PlanMeta>;
  rows(id: string): Promise<{ readonly meta: PlanMeta; readonly lanes: readonly PlannedLane[] }>;
  remove(id: string): Promise<void>;
  /** Goes on with plans that were approved and not carried out to their end when a process ended. */
  resume(): Promise<readonly Job[]>;
}

export interface PlanDeskParts extends PlanMaking {
  readonly live: LivePlatform;
  readonly jobs: Jobs;
}

const SHOWN_DRIFT = 200;

async function approveHeld(
  { platform }: Acting,
  { engine }: PreparedEngine,
  hashes: readonly string[],
): Promise<void> {
  const lanes = await platform.state.sync.lanes();
  for (const hash of hashes) {
    const lane = lanes.find((one) => one.held?.hash === hash);
    if (lane?.held == null) continue;
    await engine.decideHeld(lane.id, hash, 'apply');
    await platform.administration.record({
      ...{ act: 'held.decided', subject: hash, laneId: lane.id },
      ...{ before: { held: lane.held.reason }, after: { decision: 'apply' } },
    });
  }
}

/** Whoever approves the first plan of a mailbox lets it go on. */
async function endFirstPauses({ platform }: Acting, laneIds: readonly string[]): Promise<void> {
  const rows = await platform.state.sync.lanes(laneIds);
  const resting = rows.filter(isFirstPause).map(({ label }) => label);
  if (resting.length > 0) await platform.administration.resume(resting);
}

function appliedOf(
  plan: { readonly meta: PlanMeta; readonly names: ReadonlyMap<string, string> },
  report: ApplyReport,
): PlanApplied {
  const lanes = report.fates.map(({ laneId, rows, beyond }) => ({
    mailbox: plan.names.get(laneId) ?? laneId,
    status: report.lanes.find((lane) => lane.laneId === laneId)?.status ?? ('pending' as const),
    rows: counted(rows.map(({ fate }) => fate)),
    beyond,
    drift: rows
      .filter(({ fate }) => fate === 'drift')
      .slice(0, SHOWN_DRIFT)
      .map((fate) => ({ title: fate.row.title, why: driftWords(fate) })),
  }));
  const troubles = troublesOf(report.lanes, plan.names);
  return { planId: plan.meta.id, settled: report.settled, lanes, troubles };
}

const sumOf = (applied: PlanApplied): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { rows } of applied.lanes)
    for (const [fate, count] of Object.entries(rows)) sums[fate] = (sums[fate] ?? 0) + count;
  return sums;
};

/** What is known of it afterwards. Somebody who cancelled it does not want it to go on at the next start. */
async function noteEnd(
  parts: PlanDeskParts,
  meta: PlanMeta,
  of: { applied: PlanApplied; signal: AbortSignal },
) {
  const { applied, signal } = of;
  if (!signal.aborted) {
    const outcome = { at: parts.clock.now(), rows: sumOf(applied), settled: applied.settled };
    return parts.store.update({ ...meta, outcome });
  }
  if (signal.reason === CANCELLED) await parts.store.update({ ...meta, approved: null });
}

async function carryOut(
  parts: PlanDeskParts,
  of: { readonly meta: PlanMeta; readonly held: readonly string[]; readonly context: JobContext },
  acting: Acting,
): Promise<PlanApplied> {
  const { meta, context } = of;
  const lanes = await parts.store.rows(meta);
  const prepared = await prepareEngine(acting.platform, acting.name);
  const plan = { createdAt: meta.createdAt, hash: meta.hash, lanes };
  requireKnown(
    meta.id,
    plan,
    prepared.lanes.map(({ id }) => id),
  );
  await approveHeld(acting, prepared, of.held);
  await endFirstPauses(
    acting,
    lanes.map(({ laneId }) => laneId),
  );
  const rows = new Map(lanes.filter((lane) => lane.rows.length > 0).map((lane) => [lane.laneId, lane.rows]));
  const waiting = { clock: parts.clock, signal: context.signal };
  const report = await untilFree(waiting, await prepared.engine.apply(rows), {
    busy: ({ lanes: passes }) => passes.filter(isBusy).map(({ laneId }) => laneId),
    again: () => prepared.engine.apply(rows),
  });
  const names = new Map(meta.mailboxes.map(({ laneId, mailbox }) => [laneId, mailbox]));
  const applied = appliedOf({ meta, names }, report);
  await noteEnd(parts, meta, { applied, signal: context.signal });
  return applied;
}

const refusal = (kind: 'not_found' | 'conflict', message: string, remedy: string): AdapterError =>
  new AdapterError(kind, message, { operation: 'plan.apply', remedy });

async function metaNamed({ store }: PlanDeskParts, id: string): Promise<PlanMeta> {
  const meta = await store.meta(id);
  if (meta !== null) return meta;
  throw refusal('not_found', 'There is no plan of this id.', 'Plans are kept for 30 days. Make a new one.');
}

/** What could not be carried out may be approved again once what stood in the way is mended. */
async function orOpenAgain<R>(
  parts: PlanDeskParts,
  of: { readonly meta: PlanMeta; readonly signal: AbortSignal },
  work: () => Promise<R>,
): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (of.signal.reason !== CLOSING) await parts.store.update({ ...of.meta, approved: null });
    throw error;
  }
}

function startApply(parts: PlanDeskParts, meta: PlanMeta, held: readonly string[]): Job {
  const by = meta.approved?.by ?? meta.by;
  const run = (context: JobContext) =>
    orOpenAgain(parts, { meta, signal: context.signal }, () =>
      actAs(parts.live, { by, context }, (acting) => carryOut(parts, { meta, held, context }, acting)),
    );
  return parts.jobs.start({ kind: 'apply', subject: `plan ${meta.hash.slice(0, 12)}`, by, waits: true, run });
}

async function approve(parts: PlanDeskParts, order: ApplyOrder): Promise<Job> {
  const { live, store, clock } = parts;
  const meta = await metaNamed(parts, order.planId);
  if (meta.hash !== order.hash)
    throw refusal(
      'conflict',
      'The plan has another hash than the one that was approved.',
      'Look at the plan again.',
    );
  if (meta.approved !== null) {
    const what = meta.outcome === null ? 'is being carried out' : 'was carried out';
    throw refusal('conflict', `This plan ${what} already.`, 'Make a new plan for what is left.');
  }
  // Whoever approves needs a platform: without one nothing is remembered of it.
  const platform = live.now();
  const approved = { ...meta, approved: { by: order.by, at: clock.now() } };
  await store.update(approved);
  const after = { hash: meta.hash, steps: meta.mailboxes.reduce((sum, { rows }) => sum + rows, 0) };
  await platform
    .as(order.by)
    .administration.record({ act: 'plan.approved', subject: meta.id, laneId: null, before: null, after });
  return startApply(parts, approved, order.approveHeld);
}

/** Plans: made by a job, looked at, approved by their hash, carried out by a job. */
export function createPlanDesk(parts: PlanDeskParts): PlanDesk {
  const { live, jobs, store } = parts;
  return {
    make({ by, mailboxes }) {
      const subject = mailboxes === undefined ? 'all mailboxes' : mailboxes.join(', ');
      const run = (context: JobContext) =>
        actAs(live, { by, context }, (acting) => makePlan(parts, { by, mailboxes, context }, acting));
      return jobs.start({ kind: 'plan', subject, by, waits: true, run });
    },
    apply: (order) => approve(parts, order),
    list: () => store.list(),
    meta: (id) => metaNamed(parts, id),
    async rows(id) {
      const meta = await metaNamed(parts, id);
      return { meta, lanes: await store.rows(meta) };
    },
    async remove(id) {
      const meta = await metaNamed(parts, id);
      if (meta.approved !== null && meta.outcome === null)
        throw refusal('conflict', 'This plan is being carried out.', 'Cancel its job first.');
      await store.remove(id);
    },
    async resume() {
      const open = (await store.list()).filter(
        ({ approved, outcome }) => approved !== null && outcome === null,
      );
      return open.map((meta) => startApply(parts, meta, []));
    },
  };
}
