import { createEngine, type Engine, type EngineOptions } from '@tidelock/engine';
import type { LaneInfo, Lanes } from '../lanes.ts';

/** Who takes part after directory and CRM were asked once more. */
export interface Refreshed {
  readonly lanes: readonly LaneInfo[];
  readonly removed: readonly string[];
  /** New, or under other rules: to be prepared. */
  readonly changed: readonly string[];
}

/** An engine for whoever decides himself which mailbox has its turn when. */
export interface ScheduledEngine {
  readonly engine: Engine;
  /** Name in leases. */
  readonly owner: string;
  /**
   * Asks directory and CRM who takes part, notes the differences in the audit trail, and makes these the engine's lanes. What did
   * not change stays as it is. Throws what directory and CRM throw, and then everything is as before.
   */
  refresh(): Promise<Refreshed>;
  /** Forgets what is older than the configuration keeps it. */
  prune(): Promise<void>;
}

/** `previous`: goes on under these rules; its lanes come with the first `refresh`, as those of a new one. */
export function createScheduledEngine(of: {
  readonly options: Omit<EngineOptions, 'lanes'>;
  readonly lanes: Lanes;
  readonly previous: Engine | null;
  notice(): Promise<void>;
}): ScheduledEngine {
  const { options, lanes, notice } = of;
  const engine = of.previous ?? createEngine({ ...options, hub: true, lanes: [] });
  return {
    engine,
    owner: options.owner,
    async refresh() {
      await lanes.refresh();
      const resolved = await lanes.resolve();
      await notice();
      const replaced = await engine.replace(resolved.map(({ config }) => config));
      return { lanes: resolved.map(({ info }) => info), ...replaced };
    },
    prune: () => engine.prune(options.keep),
  };
}
