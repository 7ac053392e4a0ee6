import { AdapterError, type Fields, type Review, type Side } from '@tidelock/core';
import { answerConflict, type ConflictAnswer, retryParked } from './answers.ts';
import { createRecordCache } from './cache.ts';
import { createCanon } from './canonical.ts';
import { drive } from './drive.ts';
import type { Core, Progress } from './effect.ts';
import type { EngineOptions } from './engine-options.ts';
import { type Lane, notifying } from './lane.ts';
import { type CompiledMapping, compileMapping, getFields } from './lens.ts';
import type { LaneConfig } from './prepare-lane.ts';
import { type UndoReport, type UndoRequest, undo } from './undo.ts';

/** What people answer to reviews that are more than a remark, and what explaining needs of the stores. */
export interface Desk {
  /** Records the answer and, for held fields and parked records, lets the next pass act on it. */
  answer(review: Review, decision: string): Promise<void>;
  /** The mapping as the lane's two stores can hold it now. Asks both; throws what they throw. */
  mappingOf(laneId: string): Promise<CompiledMapping | null>;
  /** Mapped values that a record shows at this moment; null = cannot be read now. Throws what the store throws. */
  shows(laneId: string, side: Side, id: string): Promise<Fields | null>;
  /** Takes back what was written, or (`preview`) says what that would do. Throws as `undo` does. */
  undo(laneId: string, request: Omit<UndoRequest, 'lane' | 'owner'>): Promise<UndoReport>;
  /** The same of many, by id, in one go; those that cannot be read now are left out. Throws what the store throws. */
  showAll(laneId: string, side: Side, ids: readonly string[]): Promise<ReadonlyMap<string, Fields>>;
}

/** Do several lanes work on this one's store? */
const sharedIn = (lanes: readonly LaneConfig[], of: LaneConfig): Lane['shared'] => {
  const count = (key: 'storeA' | 'storeB'): number =>
    lanes.filter((lane) => lane.spec[key] === of.spec[key]).length;
  return { a: count('storeA') > 1, b: count('storeB') > 1 };
};

async function openLane(config: LaneConfig, options: EngineOptions): Promise<Lane> {
  const { signal } = options;
  const [a, b] = await Promise.all([config.stores.a.probe({ signal }), config.stores.b.probe({ signal })]);
  const canon = createCanon({ region: config.policy.region });
  const caps = { a: a.capabilities, b: b.capabilities };
  return {
    spec: config.spec,
    mapping: compileMapping(config.mapping, { a: a.catalogue, b: b.catalogue }, canon),
    canon,
    caps,
    ...notifying(config.stores, caps),
    policy: config.policy,
    feeds: { a: [], b: [] },
    shared: sharedIn(options.lanes, config),
    cache: createRecordCache(),
    lookedUp: new Set(),
  };
}

const notOpen = (operation = 'review.answer'): AdapterError =>
  new AdapterError('not_found', 'This mailbox takes no part at present.', {
    operation,
    remedy: 'tidelock doctor says what keeps it off.',
  });

const isConflictAnswer = (decision: string): decision is ConflictAnswer =>
  decision === 'mailbox' || decision === 'crm' || decision === 'keep';

/** The engine's side of the review queue, over the same lanes as `createEngine`. */
export function createDesk(options: EngineOptions): Desk {
  const { state, clock, random, log, signal, owner } = options;
  const configOf = (laneId: string): LaneConfig | undefined =>
    options.lanes.find((lane) => lane.spec.id === laneId);
  const opened = new Map<string, Promise<Lane>>();
  const laneOf = (config: LaneConfig): Promise<Lane> => {
    const lane = opened.get(config.spec.id) ?? openLane(config, options);
    opened.set(config.spec.id, lane);
    return lane;
  };
  const coreOf = (review: Review, decision: string): ((lane: Lane) => Core<void>) | null => {
    if (review.kind === 'conflict' && isConflictAnswer(decision))
      return (lane) => answerConflict({ lane, review, owner }, decision);
    if (review.kind !== 'parked' || decision !== 'retry') return null;
    return (lane) => retryParked({ lane, review, owner });
  };
  const showAll: Desk['showAll'] = async (laneId, side, ids) => {
    const config = configOf(laneId);
    if (config === undefined || ids.length === 0) return new Map();
    const { mapping } = await laneOf(config);
    const reads = await config.stores[side].read(ids, { signal });
    return new Map(
      reads.flatMap((read) =>
        read.state === 'found' ? [[read.id, getFields(mapping, side, read.record)] as const] : [],
      ),
    );
  };
  return {
    async answer(review, decision) {
      const config = configOf(review.laneId);
      const core = coreOf(review, decision);
      if (core !== null) {
        if (config === undefined) throw notOpen();
        const lane = await laneOf(config);
        return drive(core(lane), { stores: config.stores, state, clock, random, log, signal });
      }
      await state.decide(review.id, decision, clock.now());
      await state.hintLane(review.laneId, clock.now());
    },
    async undo(laneId, request) {
      const config = configOf(laneId);
      if (config === undefined) throw notOpen('undo');
      const lane = await laneOf(config);
      const onProgress = (of: Progress): void => options.onProgress?.(laneId, of);
      const world = { stores: config.stores, state, clock, random, log, signal, onProgress };
      return drive(undo({ ...request, lane, owner }), { ...world, onEffect: options.onEffect });
    },
    async mappingOf(laneId) {
      const config = configOf(laneId);
      return config === undefined ? null : (await laneOf(config)).mapping;
    },
    shows: async (laneId, side, id) => (await showAll(laneId, side, [id])).get(id) ?? null,
    showAll,
  };
}
