import type { Clock, Logger, Random, RecordStore, Side, SyncState } from '@tidelock/core';
import type { Core, Effect, Progress } from './effect.ts';

export interface World {
  readonly stores: Readonly<Record<Side, RecordStore>>;
  readonly state: SyncState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Aborting ends the pass at its next safe point; nothing half-done is left that recovery does not settle. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited at safe points, with the writes made since the last one and the links that wait. Answers how many writes may follow; default: any number. */
  readonly breathe?: ((writes: number, planned: number) => Promise<number>) | undefined;
  /** Nothing overlaps: parts are carried out one after the other. */
  readonly inOrder?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called around every effect that touches a store or the state, numbered from 1: crash tests die in here. */
  readonly onEffect?: ((effect: Effect, when: 'before' | 'after') => void) | undefined;
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

async function touch(effect: Extract<Effect, { kind: 'store' | 'state' }>, world: World): Promise<unknown> {
  world.onEffect?.(effect, 'before');
  const target = effect.kind === 'store' ? world.stores[effect.side] : world.state;
  const method = (target as unknown as Record<string, Call>)[effect.method] as Call;
  const result = await method.apply(target, [...effect.args]);
  world.onEffect?.(effect, 'after');
  return result;
}

function perform(effect: Effect, world: World): unknown {
  switch (effect.kind) {
    case 'store':
    case 'state':
      return touch(effect, world);
    case 'now':
      return world.clock.now();
    case 'mono':
      return world.clock.mono();
    case 'uuid':
      return world.random.uuid();
    case 'stopped':
      return world.signal?.aborted === true;
    case 'breathe':
      return world.breathe?.(effect.writes, effect.planned) ?? Number.POSITIVE_INFINITY;
    case 'fork':
      return driveAll(effect.parts, world);
    case 'progress':
      return world.onProgress?.(effect.progress);
    case 'log':
      return world.log[effect.level](effect.event, effect.data);
  }
}

async function driveAll(parts: readonly Core<void>[], world: World): Promise<void> {
  const failures: unknown[] = [];
  const one = (part: Core<void>): Promise<void> =>
    drive(part, world).catch((error: unknown) => {
      failures.push(error);
    });
  if (world.inOrder === true) for (const part of parts) await one(part);
  else await Promise.all(parts.map(one));
  if (failures.length > 0) throw failures[0];
}

/** The production interpreter. Errors of an effect are thrown into the core at the place that asked for it. */
export async function drive<R>(core: Core<R>, world: World): Promise<R> {
  let step = core.next();
  while (!step.done) {
    let answer: unknown;
    try {
      answer = await perform(step.value, world);
    } catch (error) {
      step = core.throw(error);
      continue;
    }
    step = core.next(answer);
  }
  return step.value;
}
