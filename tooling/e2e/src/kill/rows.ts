import type { FeedCommit, LaneCommit, Write } from '@tidelock/core';
import type { EngineOptions } from '@tidelock/engine';

type Effect = Parameters<NonNullable<EngineOptions['onEffect']>>[0];

/** The crash table of the engine's specification: what the process is about when it dies. */
export const CRASH_ROWS: Readonly<Record<number, string>> = {
  1: 'takes the lease of the lane',
  2: 'reads a page of a feed',
  3: 'stores observations and the cursor',
  4: 'starts an enumeration',
  5: 'ends an enumeration: what it missed becomes suspect',
  6: 'reads a suspect',
  7: 'stores a verdict',
  8: 'reads for planning',
  9: 'stores intents',
  10: 'updates a record',
  11: 'creates a record',
  12: 'deletes a record',
  13: 'stores confirmations',
  14: 'sends a batch of which a part is applied',
  15: 'stores a refusal',
  16: 'gives the lease back',
  17: 'has a request under way that lands later',
  18: 'is paused past its lease',
};

const WRITE_ROW = { update: 10, create: 11, delete: 12 } as const;

/** Which step of the table each effect of a pass is; it remembers what came before. */
export function createRowReader(): (effect: Effect) => readonly number[] {
  const scanning = new Map<string, boolean>();
  let verifying = false;

  const observed = (commit: FeedCommit): number[] => {
    const before = scanning.get(commit.feed) ?? false;
    scanning.set(commit.feed, commit.scanning);
    const missing = commit.lanes.some(({ suspects }) => suspects.some(({ why }) => why === 'missing'));
    const starts = commit.scanning && !before ? [4] : [];
    return missing || (before && !commit.scanning) ? [5, ...starts] : [3, ...starts];
  };
  const stored = (commit: LaneCommit): number[] => {
    const refused = (commit.links ?? []).some(({ link }) => link.quarantine?.class === 'item');
    const voided = (commit.closed ?? []).some((intent) => intent.state === 'void');
    const confirmed = (commit.closed ?? []).some((intent) => intent.state === 'confirmed');
    verifying = false;
    return [...(confirmed ? [13] : []), ...(refused || voided ? [15] : [])].concat(
      confirmed || refused || voided ? [] : [7],
    );
  };
  const written = (batch: readonly Write[]): number[] => {
    const rows = new Set<number>(batch.map((write) => WRITE_ROW[write.op]));
    return [...rows, ...(batch.length > 1 ? [14] : [])];
  };
  const ofStore = (effect: Extract<Effect, { kind: 'store' }>): readonly number[] => {
    if (effect.method === 'write') return written(effect.args[0] as readonly Write[]);
    if (effect.method === 'changes' || effect.method === 'list') return [2];
    return [verifying ? 6 : 8];
  };
  const ofState = (effect: Extract<Effect, { kind: 'state' }>): readonly number[] => {
    switch (effect.method) {
      case 'acquireLane':
        return [1];
      case 'commitObservations':
        return observed(effect.args[0] as FeedCommit);
      case 'suspects': {
        const { why = [] } = effect.args[1] as { why?: readonly string[] };
        verifying = why.includes('removed');
        return [];
      }
      case 'commitLane':
        return stored(effect.args[0] as LaneCommit);
      case 'openIntents':
        return [9];
      case 'releaseLane':
        return [16];
      default:
        return [];
    }
  };
  return (effect) => {
    if (effect.kind === 'store') return ofStore(effect);
    return effect.kind === 'state' ? ofState(effect) : [];
  };
}
