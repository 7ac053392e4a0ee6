import type { Clock, Logger, Random, SyncState } from '@tidelock/core';
import type { Overflow } from './cache.ts';
import type { World } from './drive.ts';
import type { Progress } from './effect.ts';
import type { LaneConfig } from './prepare-lane.ts';
import { type Room, readAhead } from './read-ahead.ts';
import type { HistoryKeep } from './sync.ts';

export interface EngineOptions {
  readonly state: SyncState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Name of this process in leases. */
  readonly owner: string;
  readonly lanes: readonly LaneConfig[];
  /** Default: values of changes 30 days, the changes 90. */
  readonly keep?: HistoryKeep | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((laneId: string, progress: Progress) => void) | undefined;
  readonly onEffect?: World['onEffect'];
  /**
   * Side B belongs to many, whoever takes part at present: its feeds are read once for all and never with a lane, and creates
   * are claimed. Default: where more than one lane has it.
   */
  readonly hub?: boolean | undefined;
  /** One thing after the other: whoever numbers effects gets the same numbers each time. Default: with `onEffect`. */
  readonly inOrder?: boolean | undefined;
  /** Where contents of a large sync go, of all lanes. Without it they stay in memory, and the oldest are read again. */
  readonly overflow?: Overflow | undefined;
}

/** Nothing overlaps. */
export const isInOrder = ({ inOrder, onEffect }: EngineOptions): boolean => inOrder ?? onEffect !== undefined;

/** What a pass over this lane works with; to be made anew for each. `ahead`: records that may be read before they are wanted. */
export function worldOf(options: EngineOptions, config: LaneConfig, ahead?: Room): World {
  const { onProgress } = options;
  const { a, b } = config.stores;
  return {
    stores: isInOrder(options) ? config.stores : { a: readAhead(a, ahead), b: readAhead(b, ahead) },
    state: options.state,
    clock: options.clock,
    random: options.random,
    log: options.log,
    signal: options.signal,
    onEffect: options.onEffect,
    inOrder: isInOrder(options),
    onProgress: onProgress ? (progress) => onProgress(config.spec.id, progress) : undefined,
  };
}
