import type { Clock, LaneRow, SyncState } from '@tidelock/core';
import type { Lane } from './lane.ts';
import { cutReport, type PassReport } from './pass-report.ts';
import { type Breathe, createPausable, type Pausable } from './pausable.ts';
import { holdsFor } from './pause.ts';
import { inTurn, type Quantum, quantumOf, turnOf } from './turns.ts';

export type Work = (breathe: Breathe) => Promise<PassReport>;

/** Who has its turn when, and what stands still meanwhile. */
export interface Rotation {
  /** The lanes of one round in their order, each with the length of its turn; null = no end. `others`: lanes that wait for one's turn to end. */
  order<T extends { readonly lane: Lane }>(
    prepared: readonly T[],
    of: { readonly backlog: ReadonlyMap<string, unknown>; readonly others: number },
  ): Promise<readonly { readonly item: T; readonly quantum: Quantum | null }[]>;
  /** One turn: the lane's pass goes on where it stood, or begins. */
  take(laneId: string, of: { readonly start: Work; readonly quantum: Quantum | null }): Promise<PassReport>;
  /**
   * What stands still goes on to its end, which is the next safe point for a process that is asked to stop. Default: all
   * lanes.
   */
  finish(laneIds?: readonly string[]): Promise<readonly PassReport[]>;
}

export function createRotation(of: { readonly clock: Clock; readonly state: SyncState }): Rotation {
  const cut = new Map<string, Pausable<PassReport>>();
  return {
    async order(prepared, { backlog, others }) {
      const ids = prepared.map(({ lane }) => lane.spec.id);
      const rows = new Map((await of.state.lanes(ids)).map((row) => [row.id, row]));
      const known = new Map(prepared.map((item) => [item.lane.spec.id, item]));
      const turn = (id: string) => turnOf(rows.get(id), cut.has(id) || backlog.has(id));
      const lanes = prepared.map(({ lane: { spec } }) => ({ ...spec, laneId: spec.id, turn: turn(spec.id) }));
      return inTurn(lanes).flatMap((id) => {
        const item = known.get(id);
        return item === undefined ? [] : [{ item, quantum: quantumOf(turn(id), others) }];
      });
    },
    async take(laneId, { start, quantum }) {
      const going = cut.get(laneId) ?? createPausable(of.clock, start);
      cut.delete(laneId);
      const turn = await going.take(quantum);
      if (turn !== 'paused') return turn.ended;
      cut.set(laneId, going);
      return cutReport(laneId);
    },
    async finish(laneIds) {
      const reports: PassReport[] = [];
      for (const [laneId, going] of [...cut]) {
        if (laneIds?.includes(laneId) === false) continue;
        cut.delete(laneId);
        const turn = await going.take(null);
        if (turn !== 'paused') reports.push(turn.ended);
      }
      return reports;
    },
  };
}

/** Somebody stopped them. A shared feed still tells them everything; their own feeds stay where they are. */
export function pausedLanes(
  of: readonly LaneRow[],
  lanes: readonly { readonly lane: Lane }[],
): ReadonlySet<string> {
  const rows = new Map(of.map((row) => [row.id, row.paused]));
  const rests = lanes.filter(({ lane }) => holdsFor(lane, rows.get(lane.spec.id) ?? null));
  return new Set(rests.map(({ lane }) => lane.spec.id));
}
