import { type Clock, isAdapterError } from '@tidelock/core';
import { countdownOf, type KeyStage } from '../keys/countdown.ts';
import { lastAct } from '../last-act.ts';
import type { Machine } from './machine.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Something that is done again and again: answers milliseconds until the next time. */
export interface Job {
  readonly name: string;
  /** Milliseconds until the first time. */
  readonly firstMs: number;
  work(): Promise<number>;
}

/** Who is late. */
export interface Lag {
  /** Lanes that should be in step and have not been for longer than the configuration allows. */
  readonly late: number;
  /** The longest time since a lane that takes part was in step; milliseconds. */
  readonly worstMs: number;
  readonly failing: number;
  readonly paused: number;
  /** Never in step yet. */
  readonly fresh: number;
  readonly held: number;
}

export const NO_LAG: Lag = { late: 0, worstMs: 0, failing: 0, paused: 0, fresh: 0, held: 0 };

async function lagOf(on: Machine): Promise<Lag> {
  const at = on.attached;
  if (at === null) return NO_LAG;
  const alarmMs = at.platform.config.alarm.lagMinutes * MINUTE_MS;
  const now = on.clock.now();
  const ids = [...at.lanes.keys()];
  const { late, failing, paused, fresh, held, oldestOkAt } = await on.state.sumLanes({
    ids,
    before: now - alarmMs,
  });
  const worstMs = oldestOkAt === null ? 0 : Math.max(0, now - oldestOkAt);
  return { late, worstMs, failing, paused, fresh, held };
}

/** Tells when the number of late mailboxes is another one. */
function lagJob(on: Machine, found: (lag: Lag) => void): Job {
  let told = 0;
  return {
    name: 'lag',
    firstMs: 5_000,
    async work() {
      const lag = await lagOf(on);
      found(lag);
      if (lag.late !== told) on.feed.publish({ type: 'lag', late: lag.late, worstMs: lag.worstMs });
      told = lag.late;
      return MINUTE_MS;
    },
  };
}

/** Tells of each certificate when it comes to its next stage, and once a day from its last week on. */
function keyJob(on: Machine): Job {
  const told = new Map<string, string>();
  const isQuiet = (stage: KeyStage): boolean => stage === 'ok' || stage === 'early';
  return {
    name: 'keys',
    firstMs: 0,
    async work() {
      for (const { keyName, notAfter } of on.attached?.platform.keys ?? []) {
        const { days, stage } = countdownOf({ notBefore: 0, notAfter }, on.clock.now());
        const text = stage === 'urgent' || stage === 'expired' ? `${stage} ${days}` : stage;
        if (told.get(keyName) === text || isQuiet(stage)) continue;
        told.set(keyName, text);
        on.feed.publish({ type: 'key', keyName, days, stage });
      }
      return HOUR_MS;
    },
  };
}

/** Milliseconds until the reach is to be proved next: what the trail says counts, whichever process or person did it. */
async function reachDueIn(on: Machine): Promise<number | null> {
  const hours = on.attached?.platform.config.schedule.reachHours ?? 0;
  if (on.attached === null || hours === 0) return null;
  const now = on.clock.now();
  const since = now - hours * HOUR_MS;
  const last = await lastAct(on.attached.platform.state.tenants, ['reach.proved'], { all: true, since });
  return last === null ? 0 : Math.max(0, last.at + hours * HOUR_MS - now);
}

/** Proves the reach as often as the configuration says, and says so aloud where it is not what is meant. */
export function reachJob(on: Machine): Job {
  return {
    name: 'reach',
    firstMs: 10 * MINUTE_MS * on.random.next(),
    async work() {
      const dueInMs = await reachDueIn(on);
      if (dueInMs === null || dueInMs > 0) return Math.min(HOUR_MS, dueInMs ?? HOUR_MS);
      try {
        const { asIntended, counts } = await on.source.use((platform) => platform.as('tidelock').reach());
        if (!asIntended) on.log.error('reach.not-as-intended', { ...counts });
      } catch (error) {
        if (!isAdapterError(error)) throw error;
        on.log.warn('reach.not-proved', { kind: error.kind, operation: error.operation });
      }
      return HOUR_MS;
    },
  };
}

export function jobsOf(on: Machine, found: (lag: Lag) => void): readonly Job[] {
  return [
    lagJob(on, found),
    keyJob(on),
    reachJob(on),
    {
      name: 'prune',
      firstMs: HOUR_MS * on.random.next(),
      async work() {
        await on.attached?.scheduled.prune();
        return HOUR_MS * (0.8 + 0.4 * on.random.next());
      },
    },
  ];
}

/** Does a job again and again until the signal. What it throws is told, and it is tried again a minute later. */
export async function repeat(
  job: Job,
  of: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly failed: (name: string, error: unknown) => void;
  },
): Promise<void> {
  const { clock, signal, failed } = of;
  let wait = job.firstMs;
  for (;;) {
    await clock.sleep(wait, signal).catch(() => undefined);
    if (signal.aborted) return;
    wait = await job.work().catch((error: unknown) => {
      failed(job.name, error);
      return MINUTE_MS;
    });
  }
}
