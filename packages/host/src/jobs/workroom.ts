import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AdapterError } from '@tidelock/core';
import { canonicalJson, type UndoMode } from '@tidelock/engine';
import type { CheckResult } from '../check-result.ts';
import type { LivePlatform } from '../live/live-platform.ts';
import type { PlatformFinding } from '../platform-finding.ts';
import { prepareEngine } from '../prepared-engine.ts';
import type { ReachReport } from '../reach/proof.ts';
import type { LaneUndo, UndoScope } from '../take-back.ts';
import { actAs } from './acting.ts';
import { createJobs, type Job, type JobContext, type Jobs } from './jobs.ts';
import { isBusy, lanesNamed, type MailboxTrouble, troublesOf, untilFree } from './make-plan.ts';
import { whenFree } from './patience.ts';
import { createPlanDesk, type PlanDesk } from './plan-desk.ts';
import { createPlanStore } from './plan-store.ts';

/** What a sync job answers. */
export interface Synced {
  readonly rounds: number;
  readonly settled: boolean;
  readonly lanes: readonly {
    readonly mailbox: string;
    readonly status: string;
    readonly counts: Readonly<Record<string, number>>;
  }[];
  readonly troubles: readonly MailboxTrouble[];
  readonly findings: readonly PlatformFinding[];
}

export interface SyncOrder {
  readonly by: string;
  /** Addresses; absent = all. */
  readonly mailboxes?: readonly string[] | undefined;
  readonly audit: boolean;
}

export interface UndoOrder {
  readonly by: string;
  readonly scope: UndoScope;
  readonly mode: UndoMode;
  /** Hash of the preview that was looked at: nothing happens when it would be another one now. */
  readonly preview: string;
  /** Hash of deletes beyond the brake that may go. */
  readonly approved?: string | undefined;
}

/** Everything that takes long, as jobs, in the hands of whoever asks for it. */
export interface Workroom {
  readonly jobs: Jobs;
  readonly plans: PlanDesk;
  sync(order: SyncOrder): Job;
  undo(order: UndoOrder): Job;
  /** Its result is a `ReachReport`. `outside`: addresses that must stay closed. */
  reach(order: { readonly by: string; readonly outside: readonly string[] }): Job;
  /** Its result is a list of `CheckResult`. */
  doctor(order: { readonly by: string }): Job;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;

/** What an undo would do, as one text: whoever approves it approves this. */
export function hashOfUndo(reports: readonly LaneUndo[]): string {
  const planned = reports.flatMap(({ laneId, items }) =>
    items
      .filter(({ outcome }) => outcome === 'planned' || outcome === 'held')
      .map(({ linkId, side, op, changes }) => [laneId, linkId, side, op, changes]),
  );
  return createHash('sha256').update(canonicalJson(planned)).digest('hex');
}

const subjectOf = (mailboxes: readonly string[] | undefined): string =>
  mailboxes === undefined ? 'all mailboxes' : mailboxes.join(', ');

function syncJob(live: LivePlatform, { by, mailboxes, audit }: SyncOrder) {
  return (context: JobContext): Promise<Synced> =>
    actAs(live, { by, context }, async ({ platform, name }) => {
      const { engine, lanes, names, findings, open } = await prepareEngine(platform, name);
      const wanted = lanesNamed({ lanes }, mailboxes);
      const after = { mailboxes: mailboxes ?? 'all', audit };
      const act = { act: 'sync.started', subject: context.jobId, laneId: null, before: null, after };
      await platform.administration.record(act);
      if (open === 0) return { rounds: 0, settled: false, lanes: [], troubles: [], findings };
      const waiting = { clock: platform.clock, signal: context.signal };
      const report = await untilFree(waiting, await engine.sync({ audit, lanes: wanted }), {
        busy: ({ lanes: passes }) => passes.filter(isBusy).map(({ laneId }) => laneId),
        again: (ids) => engine.sync({ lanes: ids }),
      });
      return {
        ...{ rounds: report.rounds, settled: report.settled, findings },
        troubles: troublesOf(report.lanes, names),
        lanes: report.lanes.map(({ laneId, status, counts }) => ({
          mailbox: names.get(laneId) ?? laneId,
          ...{ status, counts: { ...counts } },
        })),
      };
    });
}

const changedSince = (): AdapterError =>
  new AdapterError('conflict', 'What the undo would do is not what was looked at: something changed since.', {
    operation: 'undo.preview',
    remedy: 'Look at the preview again.',
  });

function undoJob(live: LivePlatform, { by, scope, mode, preview, approved }: UndoOrder) {
  return (context: JobContext): Promise<readonly LaneUndo[]> =>
    actAs(live, { by, context }, async ({ platform, name }) => {
      name(new Map(scope.lanes.map(({ laneId, mailbox }) => [laneId, mailbox])));
      const patience = { clock: platform.clock, patienceMs: MINUTE_MS, signal: context.signal };
      const now = await whenFree(() => platform.undo(scope, { mode, preview: true, approved }), patience);
      if (hashOfUndo(now) !== preview) throw changedSince();
      return whenFree(() => platform.undo(scope, { mode, preview: false, approved }), patience);
    });
}

export function createWorkroom(live: LivePlatform): Workroom {
  const { context, sealer } = live.foundation;
  const { clock, random, log } = context;
  const jobs = createJobs({ clock, random, log });
  const store = createPlanStore({
    folder: join(live.config.dataDir, 'plans'),
    sealer,
    now: () => clock.now(),
  });
  return {
    jobs,
    plans: createPlanDesk({ live, jobs, store, clock }),
    sync: (order) =>
      jobs.start({
        ...{ kind: 'sync', subject: subjectOf(order.mailboxes), by: order.by, waits: true },
        run: syncJob(live, order),
      }),
    undo: (order) =>
      jobs.start({
        ...{ kind: 'undo', subject: order.scope.title || 'a period', by: order.by, waits: true },
        run: undoJob(live, order),
      }),
    reach: ({ by, outside }) =>
      jobs.start({
        ...{ kind: 'reach', subject: 'mailboxes', by, waits: false },
        run: (context): Promise<ReachReport> =>
          actAs(live, { by, context }, ({ platform }) => platform.reach(outside)),
      }),
    doctor: ({ by }) =>
      jobs.start({
        ...{ kind: 'doctor', subject: 'everything', by, waits: false },
        run: (context): Promise<readonly CheckResult[]> =>
          actAs(live, { by, context }, ({ platform }) => platform.doctor()),
      }),
    close: () => jobs.close(),
  };
}
