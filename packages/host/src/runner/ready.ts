import type { TurnClass } from '@tidelock/engine';

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

const CLASSES: readonly TurnClass[] = ['interactive', 'regular', 'loading'];
const RANK: Readonly<Record<TurnClass, number>> = { interactive: 0, regular: 1, loading: 2 };

/** The lanes of one class: the tenant whose turn it is stands first, and behind all others when it had it. */
type Tenants = Map<string, Map<string, ReadyLane>>;

function putIn(tenants: Tenants, lane: ReadyLane): void {
  const lanes = tenants.get(lane.tenantId) ?? new Map<string, ReadyLane>();
  tenants.set(lane.tenantId, lanes.set(lane.laneId, lane));
}

function takeOut(tenants: Tenants, { tenantId, laneId }: ReadyLane): void {
  const lanes = tenants.get(tenantId);
  lanes?.delete(laneId);
  if (lanes?.size === 0) tenants.delete(tenantId);
}

function first(tenants: Tenants): ReadyLane | null {
  for (const [tenantId, lanes] of tenants)
    for (const lane of lanes.values()) {
      tenants.delete(tenantId);
      tenants.set(tenantId, lanes);
      return lane;
    }
  return null;
}

/** What people did first, then what is due, then loads; one lane of each tenant in turn. Costs the same however many wait. */
export function createReadyLanes(): ReadyLanes {
  const waiting = new Map<string, ReadyLane>();
  const queues: Readonly<Record<TurnClass, Tenants>> = {
    interactive: new Map(),
    regular: new Map(),
    loading: new Map(),
  };
  const drop = (laneId: string): void => {
    const lane = waiting.get(laneId);
    if (lane === undefined) return;
    waiting.delete(laneId);
    takeOut(queues[lane.turn], lane);
  };
  return {
    add(lane) {
      const known = waiting.get(lane.laneId);
      if (known !== undefined && RANK[known.turn] <= RANK[lane.turn]) return;
      drop(lane.laneId);
      waiting.set(lane.laneId, lane);
      putIn(queues[lane.turn], lane);
    },
    next({ loads }) {
      for (const turn of CLASSES) {
        const lane = turn === 'loading' && !loads ? null : first(queues[turn]);
        if (lane === null) continue;
        drop(lane.laneId);
        return lane;
      }
      return null;
    },
    has: (laneId) => waiting.has(laneId),
    drop,
    get size() {
      return waiting.size;
    },
  };
}
