import {
  AdapterError,
  type Clock,
  InputError,
  isAdapterError,
  type Logger,
  type Problem,
  type Random,
} from '@tidelock/core';
import type { Progress } from '@tidelock/engine';

export type JobState = 'waiting' | 'running' | 'stopping' | 'done' | 'failed' | 'cancelled';

export interface JobProgress {
  /** The mailbox that is worked on, or null. */
  readonly mailbox: string | null;
  readonly phase: Progress['phase'] | null;
  readonly side: Progress['side'] | null;
  readonly done: number;
  /** null = not known. */
  readonly total: number | null;
}

export interface JobFailure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly problems: readonly Problem[];
}

/** Work that takes longer than somebody waits for an answer. It goes on when whoever asked for it has left. */
export interface Job {
  readonly id: string;
  /** `plan`, `apply`, `sync`, `reach`, `undo`, `doctor`. */
  readonly kind: string;
  /** What it is about, for people. */
  readonly subject: string;
  /** Who asked for it. */
  readonly by: string;
  readonly state: JobState;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly progress: JobProgress | null;
  /** What came of it; null while it is not done. */
  readonly result: unknown;
  readonly failure: JobFailure | null;
}

export interface JobContext {
  readonly jobId: string;
  /** Aborted when somebody cancels it: it ends at its next safe point, and nothing is lost. */
  readonly signal: AbortSignal;
  report(progress: JobProgress): void;
}

export interface JobOrder {
  readonly kind: string;
  readonly subject: string;
  readonly by: string;
  /** Jobs that work on mailboxes come one after the other; those that only look do not wait. */
  readonly waits: boolean;
  run(context: JobContext): Promise<unknown>;
}

/** Jobs of one process. Their effects (plans, runs, the audit trail) outlive it, they themselves do not. */
export interface Jobs {
  /** Throws `conflict` where too many wait already. */
  start(order: JobOrder): Job;
  /** Newest first. */
  list(): readonly Job[];
  find(id: string): Job | null;
  /** Ends it at its next safe point. Nothing happens to one that has ended; null = there is none of this id. */
  cancel(id: string): Job | null;
  /** Told at each change, a few times a second at most while only its progress changes. Answers how to stop listening. */
  onChange(listener: (job: Job) => void): () => void;
  /** Cancels all of them and waits until they have ended. */
  close(): Promise<void>;
}

interface Running {
  job: Job;
  readonly abort: AbortController;
  ended: Promise<void>;
  toldAt: number;
}

interface Room {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** In the order in which they were asked for. */
  readonly all: Map<string, Running>;
  readonly listeners: Set<(job: Job) => void>;
  turn: Promise<void>;
}

/** Why a signal is aborted: somebody wanted that, or the process ends and what is resumable goes on with the next one. */
export const CANCELLED = new Error('cancelled');
export const CLOSING = new Error('closing');

/** Those that ended longest ago are forgotten beyond so many. */
const KEPT = 200;
const PROGRESS_EVERY_MS = 200;
/** Jobs that wait or run at a time. */
const MOST_OPEN = 50;

function requireRoom({ all }: Room): void {
  const open = [...all.values()].filter(({ job }) => !hasEnded(job));
  if (open.length < MOST_OPEN) return;
  throw new AdapterError('conflict', `${open.length} jobs wait or run already; there is room for no more.`, {
    operation: 'jobs.start',
    code: 'too-many-jobs',
    remedy: 'Wait until some of them have ended, or cancel them.',
  });
}

const hasEnded = ({ state }: Job): boolean => state === 'done' || state === 'failed' || state === 'cancelled';

function tell(room: Room, running: Running): void {
  running.toldAt = room.clock.mono();
  for (const listener of room.listeners) listener(running.job);
}

function change(room: Room, running: Running, of: Partial<Job>): void {
  running.job = { ...running.job, ...of };
  tell(room, running);
}

function failureOf(room: Room, error: unknown, { kind, id }: Job): JobFailure {
  if (error instanceof InputError)
    return { code: 'input', message: error.message, remedy: null, problems: error.problems };
  if (isAdapterError(error)) {
    const { kind: code, message, remedy = null } = error;
    return { code, message, remedy, problems: [] };
  }
  const failure = error instanceof Error ? (error.stack ?? error.name) : typeof error;
  room.log.error('job.failed', { kind, id, failure });
  const remedy = "The server's log has it under job.failed, with the id of this job.";
  return { code: 'unexpected', message: 'Something unexpected went wrong.', remedy, problems: [] };
}

function forget({ all }: Room): void {
  const ended = [...all.values()].filter(({ job }) => hasEnded(job));
  for (const { job } of ended.slice(0, Math.max(0, ended.length - KEPT))) all.delete(job.id);
}

async function carryOut(room: Room, running: Running, order: JobOrder): Promise<void> {
  const { abort, job } = running;
  const end = (of: Partial<Job>): void => change(room, running, { ...of, endedAt: room.clock.now() });
  if (abort.signal.aborted) return end({ state: 'cancelled' });
  change(room, running, { state: 'running', startedAt: room.clock.now() });
  const report = (progress: JobProgress): void => {
    running.job = { ...running.job, progress };
    if (room.clock.mono() - running.toldAt >= PROGRESS_EVERY_MS) tell(room, running);
  };
  try {
    const result = await order.run({ jobId: job.id, signal: abort.signal, report });
    end({ state: abort.signal.aborted ? 'cancelled' : 'done', result: result ?? null });
  } catch (error) {
    if (abort.signal.aborted) end({ state: 'cancelled' });
    else end({ state: 'failed', failure: failureOf(room, error, job) });
  }
}

function start(room: Room, order: JobOrder): Job {
  requireRoom(room);
  const { kind, subject, by, waits } = order;
  const running: Running = {
    job: {
      ...{ id: room.random.uuid(), kind, subject, by, state: 'waiting', createdAt: room.clock.now() },
      ...{ startedAt: null, endedAt: null, progress: null, result: null, failure: null },
    },
    abort: new AbortController(),
    ended: Promise.resolve(),
    toldAt: 0,
  };
  room.all.set(running.job.id, running);
  tell(room, running);
  const before = waits ? room.turn : Promise.resolve();
  running.ended = before.then(() => carryOut(room, running, order)).then(() => forget(room));
  if (waits) room.turn = running.ended;
  return running.job;
}

export function createJobs(of: Pick<Room, 'clock' | 'random' | 'log'>): Jobs {
  const room: Room = { ...of, all: new Map(), listeners: new Set(), turn: Promise.resolve() };
  const stop = (id: string, reason: Error): Job | null => {
    const running = room.all.get(id);
    if (running === undefined) return null;
    if (!hasEnded(running.job) && !running.abort.signal.aborted) {
      running.abort.abort(reason);
      change(room, running, { state: 'stopping' });
    }
    return running.job;
  };
  return {
    start: (order) => start(room, order),
    list: () => [...room.all.values()].map(({ job }) => job).reverse(),
    find: (id) => room.all.get(id)?.job ?? null,
    cancel: (id) => stop(id, CANCELLED),
    onChange(listener) {
      room.listeners.add(listener);
      return () => room.listeners.delete(listener);
    },
    async close() {
      const open = [...room.all.values()];
      for (const { job } of open) stop(job.id, CLOSING);
      await Promise.all(open.map(({ ended }) => ended));
    },
  };
}
