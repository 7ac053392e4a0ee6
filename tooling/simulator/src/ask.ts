import type { SyncState } from '@tidelock/core';
import type { MemoryState } from './memory-state.ts';

/**
 * The only thing in a schedule that may have to be waited for: a call of the state, or the death of a process that had
 * it open (`restart`).
 */
export interface Ask {
  readonly method: keyof SyncState | 'restart';
  readonly args: readonly unknown[];
}

/**
 * A part of a schedule. Over the state in memory it runs to its end without a pause; over a repository it yields each
 * call of the state and is resumed with what the repository answered. Both are the same code, so the same tape takes
 * the same decisions.
 */
export type Scheduled<R> = Generator<Ask, R, unknown>;

/** Where calls of the state go. */
export interface StateDesk {
  readonly state: MemoryState;
  /** Somebody else answers: calls are yielded. Otherwise the state in memory answers at once. */
  readonly asks: boolean;
}

/** Calls the state. Errors of the call are thrown here, as its caller would see them. */
export function* ask<M extends keyof SyncState>(
  sim: StateDesk,
  method: M,
  ...args: Parameters<SyncState[M]>
): Scheduled<Awaited<ReturnType<SyncState[M]>>> {
  return (yield* call(sim, method, args)) as Awaited<ReturnType<SyncState[M]>>;
}

/** The same for a call that is data already. */
export function* call(
  { state, asks }: StateDesk,
  method: keyof SyncState,
  args: readonly unknown[],
): Scheduled<unknown> {
  return asks ? yield { method, args } : state.callSync(method, args);
}

/** A process died: whatever it held of the state is gone with it. */
export function* restart({ asks }: StateDesk): Scheduled<void> {
  if (asks) yield { method: 'restart', args: [] };
}

/** Runs a part of a schedule that asks nobody else. */
export function runNow<R>(work: Scheduled<R>): R {
  const step = work.next();
  if (step.done) return step.value;
  throw new Error(`the state in memory was to answer ${step.value.method} at once`);
}
