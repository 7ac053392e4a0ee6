import type { Clock, SyncState } from '@tidelock/core';
import { MAX_DONE } from './execute.ts';
import type { PassReport } from './pass-report.ts';
import { CALL_POLICY } from './policy.ts';
import { createResting } from './resting.ts';

export interface SyncReport {
  readonly lanes: readonly PassReport[];
  readonly rounds: number;
  /** Nothing was left to do when it ended. */
  readonly settled: boolean;
}

export interface SyncOptions {
  /** One round over all lanes but those named. */
  readonly round: (without: ReadonlySet<string>) => Promise<readonly PassReport[]>;
  /** Ends what stands still in the middle of a pass. */
  readonly finish?: (() => Promise<readonly PassReport[]>) | undefined;
  readonly clock: Clock;
  readonly maxRounds: number;
  readonly onRound?: ((reports: readonly PassReport[]) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const MAX_WAIT_MS = 300_000;
/** Rounds in a row in which lanes were only told to come back later. */
const MAX_REFUSED = 3;

const wrote = ({ counts, more }: PassReport): boolean =>
  more || counts.created + counts.updated + counts.deleted + counts.linked > 0;

/** Its store named a time to come back; asking earlier would be refused again and hold up the other lanes. */
const isDeferred = ({ status, error, waitMs }: PassReport): boolean =>
  status === 'failed' && waitMs > 0 && error !== null && CALL_POLICY[error.kind].stop === 'retry-soon';

/** Sums of several passes of one lane, with the present state of the last one. */
function combine(before: PassReport | undefined, last: PassReport): PassReport {
  if (before === undefined) return last;
  const sum = { ...last.counts };
  for (const key of Object.keys(sum) as (keyof typeof sum)[]) {
    if (key !== 'held') sum[key] = before.counts[key] + last.counts[key];
  }
  return {
    ...last,
    counts: sum,
    done: [...before.done, ...last.done].slice(0, MAX_DONE),
    degraded: before.degraded || last.degraded,
  };
}

/** Writes named one by one by all lanes together: with a hundred mailboxes, five of each would be enough to look at. */
const MOST_NAMED = 2 * MAX_DONE;

function addTo(sums: Map<string, PassReport>, reports: readonly PassReport[]): void {
  let named = 0;
  for (const { done } of sums.values()) named += done.length;
  for (const item of reports) {
    const room = Math.max(0, MOST_NAMED - named);
    const last = item.done.length > room ? { ...item, done: item.done.slice(0, room) } : item;
    const before = sums.get(item.laneId);
    const sum = combine(before, last);
    named += sum.done.length - (before?.done.length ?? 0);
    sums.set(item.laneId, sum);
  }
}

/** A round in which a long pass only had its turn is a part of one: such passes end by themselves. */
const isWhole = (reports: readonly PassReport[]): boolean => !reports.some((item) => item.cut);

/** The longest wait that a lane which could work was asked for. */
function askedWait(reports: readonly PassReport[]): number {
  const asked = reports.filter((item) => item.status === 'done').map((item) => item.waitMs);
  return Math.min(Math.max(0, ...asked), MAX_WAIT_MS);
}

/** Which lanes wait for their store, and until when. */
function createDeferrals(clock: Clock) {
  const until = new Map<string, number>();
  return {
    waiting: (): ReadonlySet<string> => {
      const now = clock.mono();
      return new Set([...until].flatMap(([laneId, at]) => (at > now ? [laneId] : [])));
    },
    note(reports: readonly PassReport[]): void {
      for (const item of reports) {
        if (isDeferred(item)) until.set(item.laneId, clock.mono() + Math.min(item.waitMs, MAX_WAIT_MS));
        else until.delete(item.laneId);
      }
    },
    /** Milliseconds until the first may go on; null when none waits. */
    waitMs: (): number | null =>
      until.size === 0 ? null : Math.max(0, Math.min(...until.values()) - clock.mono()),
  };
}

const isAtWork = (report: PassReport): boolean => report.status === 'done' && wrote(report);

/**
 * Rounds until every lane was asked since the last one had something to do. A lane that its store turned away sits out until the time it
 * was told, while the others go on; one that has nothing to do is not asked in each round.
 */
export async function syncRounds(of: SyncOptions): Promise<SyncReport> {
  const { clock, signal, finish = async () => [] } = of;
  const sums = new Map<string, PassReport>();
  const isQuiet = ({ status, openOutcomes }: PassReport): boolean =>
    status === 'paused' || (status === 'done' && openOutcomes === 0);
  const deferrals = createDeferrals(clock);
  const resting = createResting(clock);
  let refused = 0;
  let rounds = 0;
  let settled = false;
  while (rounds < of.maxRounds) {
    const reports = await of.round(resting.leftOut().union(deferrals.waiting()));
    rounds += Number(isWhole(reports));
    addTo(sums, reports);
    deferrals.note(reports);
    resting.note(reports, isAtWork);
    of.onRound?.(reports);
    if (signal?.aborted === true) break;
    const anyAtWork = reports.some(isAtWork);
    const active = anyAtWork || resting.isToAsk(deferrals.waiting());
    const later = deferrals.waitMs();
    refused = active ? 0 : refused + 1;
    if (!active && (later === null || refused > MAX_REFUSED)) {
      settled = [...sums.values()].every(isQuiet);
      break;
    }
    // Who was not asked yet is asked at once: only those at work have asked for a wait.
    const waitMs = active ? Number(anyAtWork) * askedWait(reports) : later;
    if (waitMs) await clock.sleep(waitMs, signal);
  }
  addTo(sums, await finish());
  return { lanes: [...sums.values()], rounds, settled };
}

const DAY_MS = 86_400_000;

/** Days for which history keeps the values of changes, and the changes themselves. */
export interface HistoryKeep {
  readonly valueDays: number;
  readonly rowDays: number;
}
export const HISTORY_KEEP: HistoryKeep = { valueDays: 30, rowDays: 90 };

/** What is kept: settled intents, claims and runs that changed nothing a day, tombstones longer than recycle bins and feeds, history by policy. */
export async function pruneState(
  state: SyncState,
  now: number,
  keep: HistoryKeep = HISTORY_KEEP,
): Promise<void> {
  await state.prune({
    intents: now - DAY_MS,
    claims: now - DAY_MS,
    tombstones: now - 90 * DAY_MS,
    values: now - keep.valueDays * DAY_MS,
    history: now - keep.rowDays * DAY_MS,
    runs: now - DAY_MS,
  });
}
