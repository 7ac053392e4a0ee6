import type { LaneInfo, Platform } from '@tidelock/host';
import type { PassReport } from '../reports.ts';
import { DEMO_USERS } from './population.ts';
import { addTally, type Tally, tallyOf } from './tally.ts';

type Engine = Awaited<ReturnType<Platform['engine']>>;

/** Sums of contacts and of events. */
export interface Tallies {
  readonly contacts: Tally;
  readonly events: Tally;
}

type Split = Readonly<Record<keyof Tallies, readonly PassReport[]>>;

/** One sync as its reports tell it. */
export interface Synced {
  readonly tally: Tallies;
  readonly reports: readonly PassReport[];
  readonly rounds: number;
  readonly settled: boolean;
  readonly ms: number;
}

/** Runs syncs and adds up what they say they did. */
export interface Ledger {
  sync(): Promise<Synced>;
  total(): Tallies;
  /** E-mails that left because of the syncs. */
  notified(): number;
  /** Reports by what their lanes keep in step. */
  split(reports: readonly PassReport[]): Split;
  /** Is it a lane of contacts? */
  isContacts(laneId: string): boolean;
  /** By mailbox, in the order of the demo's users: contacts created less contacts deleted in it. */
  grown(): readonly number[];
}

const sumOf = ({ contacts, events }: Split): Tallies => ({
  contacts: tallyOf(contacts),
  events: tallyOf(events),
});

export function createLedger(engine: Engine, lanes: readonly LaneInfo[]): Ledger {
  const contacts = new Map(
    lanes.filter(({ kind }) => kind === 'contact').map(({ id, mailbox }) => [id, mailbox]),
  );
  const isContacts = (laneId: string): boolean => contacts.has(laneId);
  const split = (reports: readonly PassReport[]): Split => ({
    contacts: reports.filter(({ laneId }) => isContacts(laneId)),
    events: reports.filter(({ laneId }) => !isContacts(laneId)),
  });
  let total = sumOf({ contacts: [], events: [] });
  let notified = 0;
  const grown = DEMO_USERS.map(() => 0);
  return {
    total: () => total,
    notified: () => notified,
    grown: () => [...grown],
    split,
    isContacts,
    async sync() {
      const start = performance.now();
      const { lanes: reports, rounds, settled } = await engine.sync();
      const failed = reports.find((report) => report.error !== null);
      if (failed?.error) {
        const { kind, message, remedy } = failed.error;
        throw new Error(`a sync of the demo failed (${kind}): ${message} ${remedy ?? ''}`.trim());
      }
      const parts = split(reports);
      const tally = sumOf(parts);
      total = {
        contacts: addTally(total.contacts, tally.contacts),
        events: addTally(total.events, tally.events),
      };
      notified += reports.reduce((sum, { counts }) => sum + counts.notified, 0);
      for (const { laneId, done } of parts.contacts) {
        const index = DEMO_USERS.findIndex((user) => user.address === contacts.get(laneId));
        const created = done.filter(({ side, op }) => side === 'a' && op === 'create').length;
        const deleted = done.filter(({ side, op }) => side === 'a' && op === 'delete').length;
        grown[index] = (grown[index] ?? 0) + created - deleted;
      }
      return { tally, reports, rounds, settled, ms: performance.now() - start };
    },
  };
}
