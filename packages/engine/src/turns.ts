import type { LaneRow } from '@tidelock/core';

/** What one lane may do before the next one has its turn. A turn ends at whichever comes first. */
export interface Quantum {
  readonly writes: number;
  /** Milliseconds. */
  readonly ms: number;
  /** Planned links that a pass may keep in the memory while it stands still. One that would keep more goes on to its end. */
  readonly links: number;
}

const QUANTUM = { writes: 200, ms: 30_000 } as const;
/** A first load or an enumeration gets half, so that what people do meanwhile gets the other half. */
const LOADING = { writes: 100, ms: 15_000 } as const;
/** Planned links that all passes which stand still may keep together, some five megabytes: how many mailboxes there are does not matter. */
const MOST_KEPT = 5_000;

/** `interactive`: somebody changed something; `regular`: due by the clock; `loading`: a first load, or a pass that was cut. */
export type TurnClass = 'interactive' | 'regular' | 'loading';

const RANK: Readonly<Record<TurnClass, number>> = { interactive: 0, regular: 1, loading: 2 };

export interface Candidate {
  readonly laneId: string;
  readonly tenantId: string;
  readonly turn: TurnClass;
}

export function turnOf(
  row: Pick<LaneRow, 'dirtySeq' | 'doneSeq' | 'lastOkAt'> | undefined,
  cut: boolean,
): TurnClass {
  if (cut || row === undefined || row.lastOkAt === null) return 'loading';
  return row.dirtySeq > row.doneSeq ? 'interactive' : 'regular';
}

/** No bound for a lane that nobody waits behind. */
export function quantumOf(turn: TurnClass, others: number): Quantum | null {
  if (others === 0) return null;
  return { ...(turn === 'loading' ? LOADING : QUANTUM), links: Math.floor(MOST_KEPT / (others + 1)) };
}

/**
 * The order of one round: by class, and within a class one lane of each tenant in turn, so that neither a large lane
 * nor a tenant with many lanes holds up the others. Every lane has exactly one turn a round, which is the deficit round
 * robin of equal quanta: what a turn did not use is not saved up. Pure; keeps the given order where nothing else decides.
 */
export function inTurn(lanes: readonly Candidate[]): readonly string[] {
  const nth = new Map<string, number>();
  const placed = lanes.map((lane, index) => {
    const key = `${lane.turn} ${lane.tenantId}`;
    const place = nth.get(key) ?? 0;
    nth.set(key, place + 1);
    return { lane, index, place };
  });
  return placed
    .toSorted((x, y) => RANK[x.lane.turn] - RANK[y.lane.turn] || x.place - y.place || x.index - y.index)
    .map(({ lane }) => lane.laneId);
}
