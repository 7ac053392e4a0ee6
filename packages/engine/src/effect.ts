import type { RecordStore, Side, SyncState } from '@tidelock/core';

/** Calls that the engine makes on a store. Their names are those of `RecordStore`. */
export type StoreMethod =
  | 'changes'
  | 'list'
  | 'read'
  | 'find'
  | 'findShared'
  | 'write'
  | 'feeds'
  | 'strangers';
export type StateMethod = keyof SyncState;

/** What a pass tells about itself while it runs. Numbers only; never people's data. */
export interface Progress {
  readonly phase: 'read' | 'match' | 'plan' | 'write' | 'recover';
  readonly side?: Side;
  readonly done: number;
  readonly total?: number;
}

/**
 * Everything the engine does to the world, as data. The core yields effects and is stepped by whoever interprets
 * them: production, a simulator, a crash test. A crash is: not stepping the generator any further.
 */
export type Effect =
  | {
      readonly kind: 'store';
      readonly side: Side;
      readonly method: StoreMethod;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'state'; readonly method: StateMethod; readonly args: readonly unknown[] }
  | { readonly kind: 'now' }
  | { readonly kind: 'mono' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'stopped' }
  /**
   * A safe point: others may have their turn here. `writes`: made since the last one; `planned`: links that wait in the memory to be
   * dealt with. Answers how many writes may follow.
   */
  | { readonly kind: 'breathe'; readonly writes: number; readonly planned: number }
  /**
   * Parts that may be carried out side by side, effect by effect, in whatever order: while one waits for a service another
   * one works. Answered when all of them have ended; the first error of a part is thrown only then.
   */
  | { readonly kind: 'fork'; readonly parts: readonly Core<void>[] }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn';
      readonly event: string;
      readonly data: Readonly<Record<string, string | number | boolean | null>>;
    };

/** A part of the engine: yields effects, receives their results (or has their errors thrown into it). */
export type Core<R> = Generator<Effect, R, unknown>;

type Result<T> = T extends (...args: never[]) => Promise<infer R> ? R : never;
type Args<T> = T extends (...args: infer A) => unknown ? A : never;

/** The interpreter answers each effect with what the method itself would have resolved to. */
export function* store<M extends StoreMethod>(
  side: Side,
  method: M,
  ...args: Args<RecordStore[M]>
): Core<Result<RecordStore[M]>> {
  return (yield { kind: 'store', side, method, args }) as Result<RecordStore[M]>;
}

export function* state<M extends StateMethod>(
  method: M,
  ...args: Args<SyncState[M]>
): Core<Result<SyncState[M]>> {
  return (yield { kind: 'state', method, args }) as Result<SyncState[M]>;
}

/** Wall clock, milliseconds since the epoch. */
export function* now(): Core<number> {
  return (yield { kind: 'now' }) as number;
}

/** Monotonic clock, milliseconds. */
export function* mono(): Core<number> {
  return (yield { kind: 'mono' }) as number;
}

export function* uuid(): Core<string> {
  return (yield { kind: 'uuid' }) as string;
}

/** Has somebody asked the pass to end at the next safe point? */
export function* stopped(): Core<boolean> {
  return (yield { kind: 'stopped' }) as boolean;
}

/**
 * Lets others have their turn, where the driver knows others. Nothing may be under way. Answers how many writes may be
 * made before the next safe point; infinity where nobody waits.
 */
export function* breathe(of: { readonly writes: number; readonly planned: number }): Core<number> {
  return (yield { kind: 'breathe', ...of }) as number;
}

/** Ends when all parts have ended. Not to be nested. */
export function* fork(parts: readonly Core<void>[]): Core<void> {
  yield { kind: 'fork', parts };
}

export function* progress(of: Progress): Core<void> {
  yield { kind: 'progress', progress: of };
}

export function* log(
  level: 'info' | 'warn',
  event: string,
  data: Readonly<Record<string, string | number | boolean | null>> = {},
): Core<void> {
  yield { kind: 'log', level, event, data };
}
