import { type AdapterError, isAdapterError } from '@tidelock/core';
import { type ApplyOptions, type ApplyReport, applyRounds } from './apply.ts';
import type { Approval } from './approval.ts';
import { startAudit } from './audit.ts';
import type { Poll } from './cadence.ts';
import { drive } from './drive.ts';
import { type EngineOptions, isInOrder, worldOf } from './engine-options.ts';
import { decideHeld, keepHeld } from './held.ts';
import { createLaneSet, type LaneFindings, type LaneSet, type Prepared, type Replaced } from './lane-set.ts';
import { createMailLedger, type MailLedger } from './mail-spent.ts';
import { noteFailure } from './note-failure.ts';
import { pass } from './pass.ts';
import { failedReport, type PassReport, pausedReport, untoldReport } from './pass-report.ts';
import type { PlanItem, PlannedClaims } from './plan-item.ts';
import { plannedOnce } from './plan-once.ts';
import type { LaneConfig } from './prepare-lane.ts';
import { createRotation, type Rotation, type Work } from './rotation.ts';
import {
  type Named,
  readDue,
  readNamed,
  readShared,
  type SharedQuery,
  type SharedReading,
} from './shared-feeds.ts';
import { sideBySide } from './side-by-side.ts';
import { COMMIT_CHANGES } from './stretch.ts';
import { type HistoryKeep, pruneState, type SyncReport, syncRounds } from './sync.ts';
import type { Quantum } from './turns.ts';
import { restingLanes } from './unfinished-undo.ts';

/** `only` and what comes after it are for whoever decides himself when which lane has its turn. */
export interface RoundOptions {
  readonly preview?: boolean;
  /** Lanes that take part; rounds over other lanes may be under way meanwhile. */
  readonly only?: readonly string[];
  /** False: feeds that lanes share are left to `readShared`; lanes that were not told everything yet do nothing. */
  readonly shared?: boolean;
  /** Lanes that wait for the end of these turns, beside one another. */
  readonly others?: number;
  readonly poll?: Poll;
}

export interface Engine {
  /**
   * Probes the stores and compiles the mappings; lanes with a blocking finding take no part. Reads only. Throws when
   * not one lane's stores can be used. `only`: some of them; what fails then is that lane's alone, and is among its findings.
   */
  prepare(options?: { readonly only?: readonly string[] }): Promise<readonly LaneFindings[]>;
  /** Lanes that are prepared and take part. */
  ready(): readonly string[];
  isReady(laneId: string): boolean;
  /**
   * These are the lanes from now on. Those with another configuration are to be prepared anew; what a lane that goes had under
   * way is brought to its end.
   */
  replace(lanes: readonly LaneConfig[]): Promise<Replaced>;
  /** One round: shared feeds once, then one pass per lane. */
  round(options?: RoundOptions): Promise<readonly PassReport[]>;
  /**
   * Reads feeds that lanes share, those that are due or all of them, for all lanes that are prepared. Lanes that something is
   * told are due then. To be called by one at a time.
   */
  readShared(query?: SharedQuery): Promise<readonly SharedReading[]>;
  /**
   * Reads records of those stores that somebody has named, by their ids, and notes for all lanes what they show now. A hint that makes
   * nothing else superfluous: feeds are where they were. Lanes that something is told are due then. Never together with `readShared`.
   */
  readNamed(named: Named): Promise<readonly SharedReading[]>;
  /** Ends what stands still in the middle of a pass, of these lanes or of all. */
  finish(laneIds?: readonly string[]): Promise<readonly PassReport[]>;
  /** Forgets what is older than it is kept. */
  prune(keep?: HistoryKeep): Promise<void>;
  /** Rounds until one has nothing to do, or `maxRounds`. Waits where a store asks for it. */
  sync(options?: {
    readonly maxRounds?: number;
    /** Enumerates everything first, and compares the two sides of every pair. Costs reads as a first sync does. */
    readonly audit?: boolean;
    /** Only these; default: all of them. */
    readonly lanes?: readonly string[] | undefined;
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

interface Running {
  readonly options: EngineOptions;
  readonly set: LaneSet;
  /** Lanes with more to do than one pass may, and when their feeds were read (monotonic milliseconds). */
  readonly backlog: Map<string, number>;
  readonly rotation: Rotation;
}

/** While a backlog is worked off the feeds are read this often at least, and once more at its end. */
const GO_ON_MS = 120_000;

interface Round extends RoundOptions {
  readonly without?: ReadonlySet<string>;
  /** Only these lanes take part, each in its approved plan. */
  readonly approvals?: ReadonlyMap<string, Approval>;
  /** In a preview: collects what the rows of all lanes would claim. */
  readonly claimed?: PlannedClaims;
  /** Of the run that the round is one of. Absent = it is a run by itself. */
  readonly spentOf?: MailLedger;
}

interface Turn {
  readonly item: Prepared;
  readonly quantum: Quantum | null;
}

/** While one lane waits for a service, another one works. More of them would fill the memory and wait for each other. */
const LANES_AT_ONCE = 2;
/** Each of them reads and stores half of what a lane by itself does at a time, and has a chunk less under way. */
const ALONE = { commitChanges: undefined, chunksAtOnce: undefined, ahead: undefined };
const BESIDE_ANOTHER = {
  commitChanges: COMMIT_CHANGES / LANES_AT_ONCE,
  chunksAtOnce: 2,
  ahead: { changes: COMMIT_CHANGES / LANES_AT_ONCE, list: 250 },
};

const goesOnWith = (report: PassReport): boolean => report.backlog || report.cut;

function takingPart(on: Running, { without, approvals, only }: Round): readonly Prepared[] {
  return on.set.prepared(only).filter(({ lane: { spec } }) => {
    return without?.has(spec.id) !== true && approvals?.has(spec.id) !== false;
  });
}

async function runRound(on: Running, of: Round): Promise<readonly PassReport[]> {
  const { options } = on;
  const { preview = false, approvals, claimed, shared = true, poll, spentOf = createMailLedger() } = of;
  const prepared = takingPart(on, of);
  const at = options.clock.mono();
  const readAt = new Map(preview ? [] : [...on.backlog].filter(([, read]) => at - read < GO_ON_MS));
  const goesOn = prepared.every(({ lane }) => readAt.has(lane.spec.id));
  const failed = await sharedFailure(on, goesOn || !shared);
  if (failed !== null) return failAll(on, prepared, failed);
  const paused = preview ? new Set<string>() : await restsOf(on, prepared);
  const untold = shared ? new Set<string>() : await on.set.untold(prepared);
  const others = (of.others ?? 0) + prepared.length - 1;
  const { ahead, ...most } = others === 0 ? ALONE : BESIDE_ANOTHER;
  const oneTurn = async ({ item, quantum }: Turn): Promise<PassReport> => {
    const { lane, config, scopes } = item;
    const { id } = lane.spec;
    if (paused.has(id)) return pausedReport(id);
    if (untold.has(id)) return untoldReport(id);
    const approval = approvals?.get(id);
    const how = {
      preview,
      approval,
      claimed,
      scopes,
      goOn: readAt.has(id),
      poll,
      ...most,
      mailSpent: spentOf(config),
    };
    const core = pass({ lane, owner: options.owner, ...how });
    const start: Work = (breathe) => drive(core, { ...worldOf(on.options, config, ahead), breathe });
    const report = await on.rotation.take(id, { start, quantum: preview ? null : quantum });
    if (!preview && goesOnWith(report)) on.backlog.set(id, readAt.get(id) ?? at);
    else on.backlog.delete(id);
    return report;
  };
  const turns = await on.rotation.order(prepared, { backlog: on.backlog, others });
  const atOnce = preview || isInOrder(options) ? 1 : LANES_AT_ONCE;
  return sideBySide(turns, { atOnce, work: oneTurn, signal: options.signal });
}

const restsOf = (on: Running, items: readonly Prepared[]): Promise<ReadonlySet<string>> =>
  restingLanes({ ...on.options, items, run: ({ config }, core) => drive(core, worldOf(on.options, config)) });

/** Trouble with a shared feed is trouble of every lane on it; nothing is planned on half a picture. */
async function sharedFailure(on: Running, goesOn: boolean): Promise<PassReport | null> {
  if (goesOn) return null;
  try {
    await readShared(on.options, on.set.shared());
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
  { options }: Pick<Running, 'options'>,
  config: LaneConfig,
  error: Pick<AdapterError, 'kind' | 'retryAfterMs'>,
): Promise<void> => {
  const failure = { laneId: config.spec.id, kind: error.kind, waitMs: error.retryAfterMs ?? 0 };
  return drive(noteFailure({ ...failure, owner: options.owner }), worldOf(options, config));
};

async function replaceLanes(on: Running, lanes: readonly LaneConfig[]): Promise<Replaced> {
  const replaced = on.set.replace(lanes);
  await on.rotation.finish(replaced.removed);
  return replaced;
}

async function planAll(on: Running, lanes: readonly string[] | undefined): Promise<readonly PassReport[]> {
  const claimed: PlannedClaims = new Map();
  const reports = await runRound(on, { preview: true, claimed, ...(lanes && { only: lanes }) });
  const labels = new Map(on.set.prepared().map(({ lane: { spec } }) => [spec.id, spec.label]));
  return plannedOnce(reports, claimed, (laneId) => labels.get(laneId) ?? laneId);
}

/** The production engine: lanes over real stores, driven effect by effect. */
export function createEngine(options: EngineOptions): Engine {
  const set = createLaneSet(options, (config, error) => noteOn({ options }, config, error));
  const on: Running = { options, set, backlog: new Map(), rotation: createRotation(options) };
  const { clock, signal, state } = options;
  const prune = (keep = options.keep): Promise<void> => pruneState(state, clock.now(), keep);
  const { finish } = on.rotation;
  return {
    prepare: ({ only } = {}) => (only === undefined ? set.prepareAll() : set.prepareOnly(only)),
    ready: () => set.ids(),
    isReady: (laneId) => set.isPrepared(laneId),
    replace: (lanes) => replaceLanes(on, lanes),
    round: (how = {}) => runRound(on, how),
    readShared: (query = {}) => readDue(options, set.shared(), query),
    readNamed: (named) => readNamed(options, set.shared(), named),
    finish,
    prune,
    async sync({ maxRounds = 30, audit = false, lanes, onRound } = {}) {
      const only = lanes && { only: lanes };
      if (audit) await startAudit(state, takingPart(on, { ...only }));
      const spentOf = createMailLedger();
      const round = (without: ReadonlySet<string>) => runRound(on, { without, spentOf, ...only });
      const report = await syncRounds({ round, finish, clock, signal, maxRounds, onRound });
      await prune();
      return report;
    },
    plan: ({ lanes } = {}) => planAll(on, lanes),
    async apply(rows, { maxRounds = 30, onRound } = {}) {
      const spentOf = createMailLedger();
      const round: ApplyOptions['round'] = (without, approvals) =>
        runRound(on, { without, approvals, spentOf });
      const report = await applyRounds({ rows, round, finish, clock, signal, maxRounds, onRound });
      await prune();
      return report;
    },
    decideHeld: (laneId, hash, decision) => {
      const [found] = set.prepared([laneId]);
      return decideHeld({ laneId, hash, decision, state, now: clock.now() }, async (held) => {
        if (found === undefined) return;
        const core = keepHeld({ lane: found.lane, held, owner: options.owner });
        await drive(core, worldOf(options, found.config));
      });
    },
  };
}
