import { inTurn, type TurnClass } from '@tidelock/engine';

export interface ReadyLane {
  readonly laneId: string;
  readonly tenantId: string;
  readonly turn: TurnClass;
}

/** Lanes whose turn comes. */
export interface ReadyLanes {
  /** A lane that waits already keeps its place, and gets the better class of both. */
  add(lane: ReadyLane): void;
  /** The next one, and takes it out; null = none that may begin. `loads`: how many loads may begin besides. */
  next(of: { readonly loads: boolean }): ReadyLane | null;
  has(laneId: string): boolean;
  drop(laneId: string): void;
  readonly size: number;
}

const RANK: Readonly<Record<TurnClass, number>> = { interactive: 0, regular: 1, loading: 2 };

/** What people did first, then what is due, then loads; one lane of each tenant in turn. */
export function createReadyLanes(): ReadyLanes {
  const waiting = new Map<string, ReadyLane>();
  let order: string[] | null = [];
  return {
    add(lane) {
      const known = waiting.get(lane.laneId);
      if (known !== undefined && RANK[known.turn] <= RANK[lane.turn]) return;
      waiting.set(lane.laneId, lane);
      order = null;
    },
    next({ loads }) {
      order ??= [...inTurn([...waiting.values()])];
      for (const [index, id] of order.entries()) {
        const lane = waiting.get(id);
        if (lane === undefined || (lane.turn === 'loading' && !loads)) continue;
        waiting.delete(id);
        order.splice(0, index + 1, ...order.slice(0, index).filter((other) => waiting.has(other)));
        return lane;
      }
      return null;
    },
    has: (laneId) => waiting.has(laneId),
    drop(laneId) {
      waiting.delete(laneId);
    },
    get size() {
      return waiting.size;
    },
  };
}
