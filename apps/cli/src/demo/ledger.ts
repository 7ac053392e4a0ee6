import type { Platform } from '@tidelock/host';
import type { PassReport } from '../reports.ts';
import { DEMO_USERS } from './population.ts';
import { addTally, type Tally, tallyOf } from './tally.ts';

type Engine = Awaited<ReturnType<Platform['engine']>>;

/** One sync as its reports tell it. */
export interface Synced {
  readonly tally: Tally;
  readonly reports: readonly PassReport[];
  readonly rounds: number;
  readonly settled: boolean;
  readonly ms: number;
}

/** Runs syncs and adds up what they say they did. */
export interface Ledger {
  sync(): Promise<Synced>;
  total(): Tally;
  /** By mailbox, in the order of the demo's users: contacts created less contacts deleted in it. */
  grown(): readonly number[];
}

export function createLedger(engine: Engine, mailboxOf: ReadonlyMap<string, string>): Ledger {
  let total = tallyOf([]);
  const grown = DEMO_USERS.map(() => 0);
  return {
    total: () => total,
    grown: () => [...grown],
    async sync() {
      const start = performance.now();
      const { lanes, rounds, settled } = await engine.sync();
      const failed = lanes.find((report) => report.error !== null);
      if (failed?.error) {
        const { kind, message, remedy } = failed.error;
        throw new Error(`a sync of the demo failed (${kind}): ${message} ${remedy ?? ''}`.trim());
      }
      const tally = tallyOf(lanes);
      total = addTally(total, tally);
      for (const { laneId, done } of lanes) {
        const index = DEMO_USERS.findIndex((user) => user.address === mailboxOf.get(laneId));
        const created = done.filter(({ side, op }) => side === 'a' && op === 'create').length;
        const deleted = done.filter(({ side, op }) => side === 'a' && op === 'delete').length;
        grown[index] = (grown[index] ?? 0) + created - deleted;
      }
      return { tally, reports: lanes, rounds, settled, ms: performance.now() - start };
    },
  };
}
