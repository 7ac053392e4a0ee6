import type { AdapterError, Finding } from '@tidelock/core';
import { type Contents, createContents } from './cache.ts';
import { type Compiling, createCompiling } from './compiling.ts';
import { type EngineOptions, isInOrder } from './engine-options.ts';
import type { Lane } from './lane.ts';
import { failedPreparing, unprepared } from './prepare-failure.ts';
import { type LaneConfig, prepareLane } from './prepare-lane.ts';
import { isUnlisted } from './scan.ts';
import { sideBySide } from './side-by-side.ts';
import { createStoreLooks, type StoreLooks } from './store-look.ts';

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

/** A store of side B that lanes share, with those that are prepared. */
export interface SharedStore {
  readonly key: string;
  readonly members: readonly Prepared[];
  /** Ids of feeds that any of them reads. */
  readonly feeds: ReadonlySet<string>;
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
  /** In the order of their configurations. `only`: those of these; what is named costs, not what lanes there are. */
  prepared(only?: readonly string[]): readonly Prepared[];
  /** Ids of all of those. */
  ids(): readonly string[];
  /** Worked out once, and again when a lane comes or goes: it is asked for every second. */
  shared(): readonly SharedStore[];
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

/** The lanes by what they are asked for by. */
interface Register {
  readonly configs: readonly LaneConfig[];
  readonly places: ReadonlyMap<string, number>;
  /** How many lanes have the store. */
  readonly users: Readonly<Record<'storeA' | 'storeB', ReadonlyMap<string, number>>>;
}

interface Holding {
  readonly options: EngineOptions;
  readonly note: Noting;
  readonly looks: StoreLooks;
  readonly compiling: Compiling;
  readonly contents: Contents;
  lanes: Register;
  readonly prepared: Map<string, Prepared>;
  /** What follows from those; null = to be worked out. */
  all: readonly Prepared[] | null;
  ids: readonly string[] | null;
  shared: readonly SharedStore[] | null;
  /** They were told everything once, and are told all that comes. */
  readonly told: Set<string>;
}

function countBy(configs: readonly LaneConfig[], key: 'storeA' | 'storeB'): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { spec } of configs) counts.set(spec[key], (counts.get(spec[key]) ?? 0) + 1);
  return counts;
}

const registerOf = (configs: readonly LaneConfig[]): Register => ({
  configs,
  places: new Map(configs.map(({ spec }, place) => [spec.id, place])),
  users: { storeA: countBy(configs, 'storeA'), storeB: countBy(configs, 'storeB') },
});

function configOf({ lanes }: Holding, laneId: string): LaneConfig | undefined {
  const place = lanes.places.get(laneId);
  return place === undefined ? undefined : lanes.configs[place];
}

function sharedOf({ lanes, options }: Holding, { spec }: LaneConfig): Lane['shared'] {
  const isShared = (key: 'storeA' | 'storeB'): boolean => (lanes.users[key].get(spec[key]) ?? 0) > 1;
  return { a: isShared('storeA'), b: options.hub === true || isShared('storeB') };
}

function forget(on: Holding): void {
  on.all = null;
  on.ids = null;
  on.shared = null;
}

/** The lane is prepared like this from now on; null = it is not. What it was given to keep is for nobody any more. */
function put(on: Holding, laneId: string, prepared: Prepared | null): void {
  on.prepared.get(laneId)?.lane.cache.close();
  if (prepared === null) on.prepared.delete(laneId);
  else on.prepared.set(laneId, prepared);
  forget(on);
}

function preparedOf(on: Holding, only: readonly string[] | undefined): readonly Prepared[] {
  if (only === undefined) {
    on.all ??= on.lanes.configs.flatMap(({ spec }) => on.prepared.get(spec.id) ?? []);
    return on.all;
  }
  const { places } = on.lanes;
  const named = [...new Set(only)].filter((id) => places.has(id));
  return named
    .sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0))
    .flatMap((id) => on.prepared.get(id) ?? []);
}

function storesOf(on: Holding): readonly SharedStore[] {
  const sharing = preparedOf(on, undefined).filter(({ lane }) => lane.shared.b);
  const stores = Map.groupBy(sharing, ({ lane }) => lane.spec.storeB);
  on.shared = [...stores].map(([key, members]) => ({
    ...{ key, members },
    feeds: new Set(members.flatMap(({ lane }) => lane.feeds.b)),
  }));
  return on.shared;
}

/** The lane as it is from now on, or why it takes no part. */
async function prepareOne(
  on: Holding,
  config: LaneConfig,
  shared: Lane['shared'],
): Promise<LaneFindings & { readonly failure?: AdapterError }> {
  const laneId = config.spec.id;
  const how = { ...on.options, looks: on.looks, compiling: on.compiling, contents: on.contents };
  const ready = await prepareLane(config, how, shared).catch(failedPreparing);
  on.told.delete(laneId);
  if (ready instanceof Error) {
    // Where it is prepared under the same configuration, that goes on being good.
    if (on.prepared.get(laneId)?.config !== config) put(on, laneId, null);
    await on.note(config, ready);
    return { laneId, findings: unprepared(ready), failure: ready };
  }
  const { lane, findings, scopes } = ready;
  const blocked = findings.some((finding) => finding.severity === 'block');
  const takesPart = !blocked && configOf(on, laneId) === config;
  put(on, laneId, takesPart ? { lane, config, scopes } : null);
  return { laneId, findings };
}

async function prepareAll(on: Holding): Promise<readonly LaneFindings[]> {
  const { options, lanes } = on;
  const { configs } = lanes;
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
  const items = [...new Set(laneIds)].flatMap((id) => configOf(on, id) ?? []);
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
  const before = on.lanes.configs.map(({ spec }) => spec.id);
  const configs = lanes.map((config) => {
    const old = configOf(on, config.spec.id);
    return old !== undefined && isSame(old, config) ? old : config;
  });
  on.lanes = registerOf(configs);
  const removed = before.filter((id) => !on.lanes.places.has(id));
  const changed = configs.flatMap((config) => {
    const { id } = config.spec;
    const ready = on.prepared.get(id);
    const { a, b } = sharedOf(on, config);
    const isKept = ready?.config === config && ready.lane.shared.a === a && ready.lane.shared.b === b;
    return isKept ? [] : [id];
  });
  for (const id of [...removed, ...changed]) put(on, id, null);
  forget(on);
  return { removed, changed };
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

/** Characters of contents that stay in memory, of all lanes: with an overflow they are only on their way there. */
const NEAR_CHARS = { alone: 48_000_000, overflowing: 1_000_000 };

const contentsOf = ({ overflow }: EngineOptions): Contents =>
  createContents({ maxChars: overflow ? NEAR_CHARS.overflowing : NEAR_CHARS.alone, overflow });

/** `note`: the stores of a lane cannot be used. */
export function createLaneSet(options: EngineOptions, note: Noting): LaneSet {
  const on: Holding = {
    ...{
      options,
      note,
      looks: createStoreLooks(options.clock),
      compiling: createCompiling(),
      contents: contentsOf(options),
      lanes: registerOf(options.lanes),
    },
    ...{ prepared: new Map(), told: new Set(), all: null, ids: null, shared: null },
  };
  return {
    prepared: (only) => preparedOf(on, only),
    ids: () => {
      on.ids ??= preparedOf(on, undefined).map(({ lane }) => lane.spec.id);
      return on.ids;
    },
    shared: () => on.shared ?? storesOf(on),
    isPrepared: (laneId) => on.prepared.has(laneId),
    prepareAll: () => prepareAll(on),
    prepareOnly: (laneIds) => prepareOnly(on, laneIds),
    replace: (lanes) => replace(on, lanes),
    untold: (of) => untold(on, of),
  };
}
