import type { AdapterError, Finding } from '@tidelock/core';
import { type EngineOptions, isInOrder } from './engine-options.ts';
import type { Lane } from './lane.ts';
import { failedPreparing, unprepared } from './prepare-failure.ts';
import { type LaneConfig, prepareLane } from './prepare-lane.ts';
import { isUnlisted } from './scan.ts';
import { sideBySide } from './side-by-side.ts';

export interface LaneFindings {
  readonly laneId: string;
  readonly findings: readonly Finding[];
}

export interface Prepared {
  readonly lane: Lane;
  readonly config: LaneConfig;
  /** Scope hash of each feed, by feed id. */
  readonly scopes: ReadonlyMap<string, string>;
}

/** What became of the lanes when others were named. */
export interface Replaced {
  /** They take no part any more. */
  readonly removed: readonly string[];
  /** New, or under another configuration: to be prepared. */
  readonly changed: readonly string[];
}

/** The lanes that take part, and what is known of each. */
export interface LaneSet {
  /** In the order of their configurations. */
  prepared(): readonly Prepared[];
  isPrepared(laneId: string): boolean;
  /** All of them, one after the other. Throws when not one lane's stores can be used. */
  prepareAll(): Promise<readonly LaneFindings[]>;
  /** Those of these that take part. */
  prepareOnly(laneIds: readonly string[]): Promise<readonly LaneFindings[]>;
  replace(lanes: readonly LaneConfig[]): Replaced;
  /** Lanes that a feed which they share has not told everything yet: half a picture. */
  untold(of: readonly Prepared[]): Promise<ReadonlySet<string>>;
}

type Noting = (config: LaneConfig, error: Pick<AdapterError, 'kind' | 'retryAfterMs'>) => Promise<void>;

/** Lanes whose services are asked side by side what they can do. */
const AT_ONCE = 8;

interface Holding {
  readonly options: EngineOptions;
  readonly note: Noting;
  configs: readonly LaneConfig[];
  readonly prepared: Map<string, Prepared>;
  /** They were told everything once, and are told all that comes. */
  readonly told: Set<string>;
}

function sharedOf({ configs, options }: Holding, of: LaneConfig): Lane['shared'] {
  const count = (key: 'storeA' | 'storeB'): number =>
    configs.filter((lane) => lane.spec[key] === of.spec[key]).length;
  return { a: count('storeA') > 1, b: options.hub === true || count('storeB') > 1 };
}

/** The lane as it is from now on, or why it takes no part. */
async function prepareOne(
  on: Holding,
  config: LaneConfig,
  shared: Lane['shared'],
): Promise<LaneFindings & { readonly failure?: AdapterError }> {
  const laneId = config.spec.id;
  const ready = await prepareLane(config, on.options, shared).catch(failedPreparing);
  on.told.delete(laneId);
  if (ready instanceof Error) {
    // Where it is prepared under the same configuration, that goes on being good.
    if (on.prepared.get(laneId)?.config !== config) on.prepared.delete(laneId);
    await on.note(config, ready);
    return { laneId, findings: unprepared(ready), failure: ready };
  }
  const { lane, findings, scopes } = ready;
  const blocked = findings.some((finding) => finding.severity === 'block');
  if (blocked || !on.configs.includes(config)) on.prepared.delete(laneId);
  else on.prepared.set(laneId, { lane, config, scopes });
  return { laneId, findings };
}

async function prepareAll(on: Holding): Promise<readonly LaneFindings[]> {
  const { options, configs } = on;
  await options.state.saveLanes(
    configs.map((lane) => lane.spec),
    options.clock.now(),
  );
  const all: LaneFindings[] = [];
  const failures: AdapterError[] = [];
  for (const config of configs) {
    const { failure, ...found } = await prepareOne(on, config, sharedOf(on, config));
    if (failure !== undefined) failures.push(failure);
    all.push(found);
  }
  const [first] = failures;
  if (first !== undefined && failures.length === configs.length) throw first;
  return all;
}

async function prepareOnly(on: Holding, laneIds: readonly string[]): Promise<readonly LaneFindings[]> {
  const { options } = on;
  const named = new Set(laneIds);
  const items = on.configs.filter(({ spec }) => named.has(spec.id));
  await options.state.saveLanes(
    items.map(({ spec }) => spec),
    options.clock.now(),
  );
  const work = async (config: LaneConfig): Promise<LaneFindings> => {
    const { failure: _, ...found } = await prepareOne(on, config, sharedOf(on, config));
    return found;
  };
  return sideBySide(items, { atOnce: isInOrder(options) ? 1 : AT_ONCE, work, signal: options.signal });
}

/** Two openings of a lane with the same revision do the same: what is prepared, and what was learned, goes on. */
const isSame = (one: LaneConfig, other: LaneConfig): boolean =>
  one.revision !== undefined && one.revision === other.revision;

function replace(on: Holding, lanes: readonly LaneConfig[]): Replaced {
  const before = new Map(on.configs.map((config) => [config.spec.id, config]));
  on.configs = lanes.map((config) => {
    const old = before.get(config.spec.id);
    return old !== undefined && isSame(old, config) ? old : config;
  });
  const present = new Set(on.configs.map(({ spec }) => spec.id));
  const removed = [...before.keys()].filter((id) => !present.has(id));
  const changed = on.configs.filter((config) => {
    const ready = on.prepared.get(config.spec.id);
    if (ready?.config !== config) return true;
    const { a, b } = sharedOf(on, config);
    return ready.lane.shared.a !== a || ready.lane.shared.b !== b;
  });
  for (const id of [...removed, ...changed.map(({ spec }) => spec.id)]) on.prepared.delete(id);
  return { removed, changed: changed.map(({ spec }) => spec.id) };
}

async function untold(on: Holding, of: readonly Prepared[]): Promise<ReadonlySet<string>> {
  const open = of.filter(({ lane }) => lane.shared.b && !on.told.has(lane.spec.id));
  const waiting = new Set<string>();
  for (const [store, members] of Map.groupBy(open, ({ lane }) => lane.spec.storeB)) {
    const feeds = await on.options.state.feeds(store);
    for (const { lane, scopes } of members) {
      const own = feeds.filter(({ id }) => lane.feeds.b.includes(id));
      const isTold = own.every((feed) => feed.gen > 0 && !isUnlisted(feed, scopes.get(feed.id) ?? ''));
      if (isTold) on.told.add(lane.spec.id);
      else waiting.add(lane.spec.id);
    }
  }
  return waiting;
}

/** `note`: the stores of a lane cannot be used. */
export function createLaneSet(options: EngineOptions, note: Noting): LaneSet {
  const on: Holding = { options, note, configs: options.lanes, prepared: new Map(), told: new Set() };
  return {
    prepared: () => on.configs.flatMap(({ spec }) => on.prepared.get(spec.id) ?? []),
    isPrepared: (laneId) => on.prepared.has(laneId),
    prepareAll: () => prepareAll(on),
    prepareOnly: (laneIds) => prepareOnly(on, laneIds),
    replace: (lanes) => replace(on, lanes),
    untold: (of) => untold(on, of),
  };
}
