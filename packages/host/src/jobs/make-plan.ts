import { type Clock, InputError } from '@tidelock/core';
import type { PassReport } from '@tidelock/engine';
import { hashOfPlan, type PlannedLane } from '../plan-format.ts';
import type { PlatformFinding } from '../platform-finding.ts';
import { type PreparedEngine, prepareEngine } from '../prepared-engine.ts';
import { type PassTrouble, sayTroubles } from '../words/say-report.ts';
import type { Acting } from './acting.ts';
import type { JobContext } from './jobs.ts';
import type { PlanMeta, PlanStore } from './plan-store.ts';

export interface MailboxTrouble extends PassTrouble {
  readonly mailbox: string;
}

/** What a plan job answers. */
export interface PlanMade {
  /** null: no mailbox could be planned; troubles and findings say why. */
  readonly planId: string | null;
  readonly hash: string | null;
  readonly steps: number;
  readonly troubles: readonly MailboxTrouble[];
  readonly findings: readonly PlatformFinding[];
}

export interface PlanOrder {
  readonly by: string;
  /** Addresses; absent = all. */
  readonly mailboxes?: readonly string[] | undefined;
}

export interface PlanMaking {
  readonly clock: Clock;
  readonly store: PlanStore;
}

/** How long a job waits for mailboxes that another worker has, and how often it looks. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 1_000;
export const isBusy = ({ status }: PassReport): boolean => status === 'busy';

/** Repeats for those that another worker has; `again` is told their lanes. */
export async function untilFree<T>(
  of: { readonly clock: Clock; readonly signal: AbortSignal },
  first: T,
  step: { busy(result: T): readonly string[]; again(lanes: readonly string[], before: T): Promise<T> },
): Promise<T> {
  const until = of.clock.mono() + PATIENCE_MS;
  let result = first;
  for (;;) {
    const lanes = step.busy(result);
    if (lanes.length === 0 || of.signal.aborted || of.clock.mono() >= until) return result;
    await of.clock.sleep(LOOK_MS, of.signal).catch(() => undefined);
    result = await step.again(lanes, result);
  }
}

/** Lanes of the mailboxes named, or all. Throws `InputError` for one that takes no part. */
export function lanesNamed(
  { lanes }: Pick<PreparedEngine, 'lanes'>,
  mailboxes: readonly string[] | undefined,
): readonly string[] | undefined {
  if (mailboxes === undefined) return undefined;
  const problems = mailboxes.flatMap((address) =>
    lanes.some(({ mailbox }) => mailbox.toLowerCase() === address.toLowerCase())
      ? []
      : [{ path: address, reason: 'takes no part', remedy: 'The list of mailboxes says what keeps it off.' }],
  );
  if (problems.length > 0) throw new InputError('Some of these mailboxes take no part.', problems);
  const wanted = new Set(mailboxes.map((address) => address.toLowerCase()));
  return lanes.filter(({ mailbox }) => wanted.has(mailbox.toLowerCase())).map(({ id }) => id);
}

export const troublesOf = (
  reports: readonly PassReport[],
  names: ReadonlyMap<string, string>,
): readonly MailboxTrouble[] =>
  reports.flatMap((report) => {
    const mailbox = names.get(report.laneId) ?? report.laneId;
    return sayTroubles(report, mailbox).map((trouble) => ({ mailbox, ...trouble }));
  });

export const counted = (words: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};

function metaOf(of: { id: string; by: string; now: number; lanes: readonly PlannedLane[] }): PlanMeta {
  const rows = of.lanes.flatMap((lane) => lane.rows);
  const sum = (count: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  return {
    ...{ version: 1, id: of.id, createdAt: of.now, by: of.by, hash: hashOfPlan(of.lanes) },
    emails: sum(({ emails }) => emails),
    withheld: sum(({ withheld }) => withheld),
    mailboxes: of.lanes.map((lane) => ({ ...lane, rows: lane.rows.length })),
    actions: counted(rows.map(({ action, side }) => (side === null ? action : `${action} ${side}`))),
    ...{ approved: null, outcome: null },
  };
}

async function planOf(
  { engine, lanes, open }: PreparedEngine,
  of: {
    readonly mailboxes: readonly string[] | undefined;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<readonly PassReport[]> {
  const wanted = lanesNamed({ lanes }, of.mailboxes);
  if (open === 0) return [];
  const first = await engine.plan(wanted === undefined ? {} : { lanes: wanted });
  return untilFree(of, first, {
    busy: (reports) => reports.filter(isBusy).map(({ laneId }) => laneId),
    again: async (ids, before) => {
      const anew = await engine.plan({ lanes: ids });
      return [...before.filter(({ laneId }) => !ids.includes(laneId)), ...anew];
    },
  });
}

/** Plans, keeps the plan, and says what of it needs a look. */
export async function makePlan(
  parts: PlanMaking,
  of: PlanOrder & { readonly context: JobContext },
  { platform, name }: Acting,
): Promise<PlanMade> {
  const { clock, store } = parts;
  const { by, mailboxes, context } = of;
  const prepared = await prepareEngine(platform, name);
  const { names, findings } = prepared;
  const reports = await planOf(prepared, { mailboxes, clock, signal: context.signal });
  const troubles = troublesOf(reports, names);
  const lanes = reports
    .filter(({ status }) => status === 'done')
    .map(({ laneId, plan }) => ({ laneId, mailbox: names.get(laneId) ?? laneId, rows: plan }));
  const nothing = lanes.length === 0 || context.signal.aborted;
  if (nothing) return { planId: null, hash: null, steps: 0, troubles, findings };
  const meta = metaOf({ id: context.jobId, by, now: clock.now(), lanes });
  await store.add(meta, lanes);
  const steps = lanes.reduce((sum, lane) => sum + lane.rows.length, 0);
  return { planId: meta.id, hash: meta.hash, steps, troubles, findings };
}
