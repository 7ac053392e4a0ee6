import { type AdapterError, type FeedRow, type Finding, isAdapterError } from '@tidelock/core';
import { type ApplyOptions, type ApplyReport, applyRounds } from './apply.ts';
import type { Approval } from './approval.ts';
import { startAudit } from './audit.ts';
import { drive } from './drive.ts';
import { type EngineOptions, isInOrder, worldOf } from './engine-options.ts';
import { decideHeld, keepHeld } from './held.ts';
import { ingestFeed } from './ingest.ts';
import type { Lane } from './lane.ts';
import { noteFailure } from './note-failure.ts';
import { pass } from './pass.ts';
import { failedReport, type PassReport, pausedReport } from './pass-report.ts';
import type { PlanItem } from './plan-item.ts';
import { failedPreparing, unprepared } from './prepare-failure.ts';
import { type LaneConfig, prepareLane } from './prepare-lane.ts';
import { createRotation, type Rotation, type Work } from './rotation.ts';
import { sideBySide } from './side-by-side.ts';
import { pruneState, type SyncReport, syncRounds } from './sync.ts';
import type { Quantum } from './turns.ts';
import { restingLanes } from './unfinished-undo.ts';

export interface LaneFindings {
  readonly laneId: string;
  readonly findings: readonly Finding[];
}

export interface Engine {
  /**
   * Probes the stores and compiles the mappings; lanes with a blocking finding take no part. Reads only. Throws when
   * not one lane's stores can be used.
   */
  prepare(): Promise<readonly LaneFindings[]>;
  /** One round: shared feeds once, then one pass per lane. */
  round(options?: { readonly preview?: boolean }): Promise<readonly PassReport[]>;
  /** Rounds until one has nothing to do, or `maxRounds`. Waits where a store asks for it. */
  sync(options?: {
    readonly maxRounds?: number;
    /** Enumerates everything first, and compares the two sides of every pair. Costs reads as a first sync does. */
    readonly audit?: boolean;
    readonly onRound?: (reports: readonly PassReport[]) => void;
  }): Promise<SyncReport>;
  /**
   * What syncing would do, of all lanes or of those named. Writes nothing to either side, and remembers nothing of what
   * it concluded; only what the brake would hold is noted, so that it can be approved.
   */
  plan(options?: { readonly lanes?: readonly string[] }): Promise<readonly PassReport[]>;
  /**
   * Carries out exactly these rows, by lane, each only while both of its records still show the versions it was planned
   * on. Everything else waits. Repeating it does what is left.
   */
  apply(
    rows: ReadonlyMap<string, readonly PlanItem[]>,
    options?: { readonly maxRounds?: number; readonly onRound?: (reports: readonly PassReport[]) => void },
  ): Promise<ApplyReport>;
  /** Approves (`apply`) or refuses for good (`keep`) the deletes that the brake holds. Throws `conflict` for another hash. */
  decideHeld(laneId: string, hash: string, decision: 'apply' | 'keep'): Promise<void>;
}

interface Prepared {
  readonly lane: Lane;
  readonly config: LaneConfig;
  /** Scope hash of each feed, by feed id. */
  readonly scopes: ReadonlyMap<string, string>;
}

interface Running {
  readonly options: EngineOptions;
  readonly prepared: Prepared[];
  /** Lanes with more to do than one pass may, and when their feeds were read (monotonic milliseconds). */
  readonly backlog: Map<string, number>;
  readonly rotation: Rotation;
}

async function prepare(on: Running): Promise<readonly LaneFindings[]> {
  const { options, prepared } = on;
  prepared.length = 0;
  await options.state.saveLanes(
    options.lanes.map((lane) => lane.spec),
    options.clock.now(),
  );
  const count = (key: 'storeA' | 'storeB', of: LaneConfig): number =>
    options.lanes.filter((lane) => lane.spec[key] === of.spec[key]).length;
  const all: LaneFindings[] = [];
  const failures: AdapterError[] = [];
  for (const config of options.lanes) {
    const shared = { a: count('storeA', config) > 1, b: count('storeB', config) > 1 };
    const ready = await prepareLane(config, options, shared).catch(failedPreparing);
    const laneId = config.spec.id;
    if (ready instanceof Error) {
      failures.push(ready);
      all.push({ laneId, findings: unprepared(ready) });
      await noteOn(on, config, ready);
      continue;
    }
    const { lane, findings, scopes } = ready;
    all.push({ laneId, findings });
    if (!findings.some((finding) => finding.severity === 'block')) prepared.push({ lane, config, scopes });
  }
  const [first] = failures;
  if (first !== undefined && failures.length === options.lanes.length) throw first;
  return all;
}

/** Feeds that several lanes share are read once and fanned out. */
async function readShared(on: Running): Promise<void> {
  const { options, prepared } = on;
  const shared = prepared.filter((item) => item.lane.shared.b);
  for (const storeKey of new Set(shared.map((item) => item.lane.spec.storeB))) {
    const members = shared.filter((item) => item.lane.spec.storeB === storeKey);
    const [first] = members;
    if (first === undefined) continue;
    const rows: readonly FeedRow[] = await options.state.feeds(storeKey);
    for (const feed of rows.filter((row) => first.lane.feeds.b.includes(row.id))) {
      const lanes = members.map((member) => member.lane);
      const hashes = members.map((member) => member.scopes.get(feed.id) ?? '');
      const scopeHash = hashes.sort().join(' ');
      const core = ingestFeed({ feed, side: 'b', lanes, scopeHash, owner: options.owner });
      await drive(core, worldOf(on.options, first.config));
    }
  }
}

/** While a backlog is worked off the feeds are read this often at least, and once more at its end. */
const GO_ON_MS = 120_000;

interface Round {
  readonly preview?: boolean;
  readonly without?: ReadonlySet<string>;
  /** Only these lanes take part, each in its approved plan. */
  readonly approvals?: ReadonlyMap<string, Approval>;
}

interface Turn {
  readonly item: Prepared;
  readonly quantum: Quantum | null;
}

/** While one lane waits for a service, another one works. More of them would fill the memory and wait for each other. */
const LANES_AT_ONCE = 2;

const goesOnWith = (report: PassReport): boolean => report.backlog || report.cut;

async function runRound(on: Running, of: Round): Promise<readonly PassReport[]> {
  const { options } = on;
  const { preview = false, without, approvals } = of;
  const prepared = on.prepared.filter(
    ({ lane }) => without?.has(lane.spec.id) !== true && approvals?.has(lane.spec.id) !== false,
  );
  const at = options.clock.mono();
  const readAt = new Map(preview ? [] : [...on.backlog].filter(([, read]) => at - read < GO_ON_MS));
  const goesOn = prepared.every(({ lane }) => readAt.has(lane.spec.id));
  const failed = await sharedFailure(on, goesOn);
  if (failed !== null) return failAll(on, prepared, failed);
  const paused = preview ? new Set<string>() : await restsOf(on, prepared);
  const oneTurn = async ({ item, quantum }: Turn): Promise<PassReport> => {
    const { lane, config, scopes } = item;
    const { id } = lane.spec;
    if (paused.has(id)) return pausedReport(id);
    const approval = approvals?.get(id);
    const core = pass({ lane, owner: options.owner, preview, approval, scopes, goOn: readAt.has(id) });
    const start: Work = (breathe) => drive(core, { ...worldOf(on.options, config), breathe });
    const report = await on.rotation.take(id, { start, quantum: preview ? null : quantum });
    if (!preview && goesOnWith(report)) on.backlog.set(id, readAt.get(id) ?? at);
    else on.backlog.delete(id);
    return report;
  };
  const turns = await on.rotation.order(prepared, on.backlog);
  const atOnce = preview || isInOrder(options) ? 1 : LANES_AT_ONCE;
  return sideBySide(turns, { atOnce, work: oneTurn, signal: options.signal });
}

const restsOf = (on: Running, items: readonly Prepared[]): Promise<ReadonlySet<string>> =>
  restingLanes({ ...on.options, items, run: ({ config }, core) => drive(core, worldOf(on.options, config)) });

/** Trouble with a shared feed is trouble of every lane on it; nothing is planned on half a picture. */
async function sharedFailure(on: Running, goesOn: boolean): Promise<PassReport | null> {
  if (goesOn) return null;
  try {
    await readShared(on);
    return null;
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return failedReport('', error);
  }
}

/** Nothing is planned on half a picture, and every lane says so. */
async function failAll(
  on: Running,
  prepared: readonly Prepared[],
  failed: PassReport,
): Promise<readonly PassReport[]> {
  const { error, waitMs } = failed;
  for (const { config } of prepared)
    if (error !== null) await noteOn(on, config, { kind: error.kind, retryAfterMs: waitMs });
  return prepared.map(({ lane }) => ({ ...failed, laneId: lane.spec.id }));
}

const noteOn = (
  on: Running,
  config: LaneConfig,
  error: Pick<AdapterError, 'kind' | 'retryAfterMs'>,
): Promise<void> =>
  drive(
    noteFailure({
      laneId: config.spec.id,
      owner: on.options.owner,
      kind: error.kind,
      waitMs: error.retryAfterMs ?? 0,
    }),
    worldOf(on.options, config),
  );

/** The production engine: lanes over real stores, driven effect by effect. */
export function createEngine(options: EngineOptions): Engine {
  const prepared: Prepared[] = [];
  const on: Running = { options, prepared, backlog: new Map(), rotation: createRotation(options) };
  return {
    prepare: () => prepare(on),
    round: ({ preview = false } = {}) => runRound(on, { preview }),
    async sync({ maxRounds = 30, audit = false, onRound } = {}) {
      const { clock, signal } = options;
      if (audit) await startAudit(options.state, prepared);
      const round = (without: ReadonlySet<string>) => runRound(on, { without });
      const report = await syncRounds({
        round,
        finish: on.rotation.finish,
        clock,
        signal,
        maxRounds,
        onRound,
      });
      await pruneState(options.state, clock.now(), options.keep);
      return report;
    },
    plan: ({ lanes } = {}) => {
      const ids = on.prepared.map(({ lane }) => lane.spec.id);
      const without = new Set(ids.filter((id) => lanes?.includes(id) === false));
      return runRound(on, { preview: true, without });
    },
    async apply(rows, { maxRounds = 30, onRound } = {}) {
      const { clock, signal } = options;
      const round: ApplyOptions['round'] = (without, approvals) => runRound(on, { without, approvals });
      const report = await applyRounds({
        rows,
        round,
        finish: on.rotation.finish,
        clock,
        signal,
        maxRounds,
        onRound,
      });
      await pruneState(options.state, clock.now(), options.keep);
      return report;
    },
    decideHeld: (laneId, hash, decision) => {
      const lane = prepared.find((one) => one.lane.spec.id === laneId);
      const world = lane && worldOf(on.options, lane.config);
      return decideHeld(
        { laneId, hash, decision, state: options.state, now: options.clock.now() },
        async (held) => {
          if (lane !== undefined && world !== undefined)
            await drive(keepHeld({ lane: lane.lane, held, owner: options.owner }), world);
        },
      );
    },
  };
}
