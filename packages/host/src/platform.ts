import type {
  Clock,
  CrmPort,
  Fetch,
  Fields,
  Logger,
  MailboxPort,
  Random,
  Review,
  Secrets,
  Side,
  StatePort,
  TokenProvider,
} from '@tidelock/core';
import type { Engine, EngineOptions, UndoMode } from '@tidelock/engine';
import type { AdapterInfo } from './adapters.ts';
import type { Administration } from './administration.ts';
import type { CheckResult } from './check-result.ts';
import type { Config, Slot } from './config.ts';
import type { ConnectionTrouble, Standing } from './connection-trouble.ts';
import type { CrmService } from './crm-service.ts';
import type { ExplainQuery, Explanation } from './explain.ts';
import type { KeyLeft } from './keys/countdown.ts';
import type { LaneInfo } from './lanes.ts';
import type { PlatformFinding } from './platform-finding.ts';
import type { Profile } from './profiles/effective.ts';
import type { ReachReport } from './reach/proof.ts';
import type { ScheduledEngine } from './runner/scheduled.ts';
import type { RewrapReport } from './sealing/rewrap.ts';
import type { LaneStatus } from './status.ts';
import type { LaneUndo, UndoFound, UndoQuery, UndoScope } from './take-back.ts';
import type { RunsQuery, Trail, TrailQuery, TrailRun } from './trail.ts';

export interface PlatformOverrides {
  readonly fetch?: Fetch | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly log?: Logger | undefined;
  /** Called around every effect of the engine on a store or the state. */
  readonly onEffect?: EngineOptions['onEffect'];
  /** Nothing overlaps, so that effects have the same numbers each time. Default: with `onEffect`. */
  readonly inOrder?: boolean | undefined;
}

export interface PlatformOptions {
  readonly configPath: string;
  /** File or URL of the program: adapters that are not installed beside the configuration are looked for here. */
  readonly resolveFrom?: string | undefined;
  readonly overrides?: PlatformOverrides | undefined;
  /** Who acts, in the audit trail. Default: the user that this process runs as. */
  readonly actor?: string | undefined;
  /** Ends a sync at its next safe point. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: EngineOptions['onProgress'];
  /** Its place among processes that work over this data folder at once: in leases each has a name of its own. Default: 1. */
  readonly seat?: number | undefined;
  /** Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface ActingOptions {
  /**
   * Name in leases, of whoever works beside the process itself: two workers never have the same mailbox, one after the
   * other does. One piece of work at a time under each name. A worker asks directory and CRM anew who takes part.
   */
  readonly worker?: string | undefined;
  /** Ends its work at the next safe point. Default: the platform's own. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: EngineOptions['onProgress'];
}

/** A running platform in somebody's hands: it opened nothing that it would have to close. */
export interface ActingPlatform {
  readonly config: Config;
  readonly adapters: Readonly<Record<Slot, AdapterInfo>>;
  /** By name of the CRM connection. */
  readonly crmAdapters: ReadonlyMap<string, AdapterInfo>;
  readonly secrets: Secrets;
  readonly state: StatePort;
  readonly token: TokenProvider;
  readonly mailbox: MailboxPort;
  /** The connection under "crm". */
  readonly crm: CrmPort;
  /** Every CRM connection by name, that one too. */
  readonly crms: ReadonlyMap<string, CrmPort>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the certificates of the key store last, as of its opening; soonest first. */
  readonly keys: readonly KeyLeft[];
  /** What became known about mailboxes and owners; filled by `lanes` and `engine`. */
  readonly findings: readonly PlatformFinding[];
  /** What administrators do; every act is recorded. */
  readonly administration: Administration;
  /** Set-up of the CRMs, and what they push. */
  readonly crmService: CrmService;
  /** The profiles of the configuration with everything filled in. Makes no request. Throws `InputError` for one that cannot work. */
  profiles(): readonly Profile[];
  /** The mailboxes that take part, resolved against directory and CRM: one call each, once. */
  lanes(): Promise<readonly LaneInfo[]>;
  /** The engine over these lanes, not prepared. The same one on every call. */
  engine(): Promise<Engine>;
  /**
   * An engine of its own for whoever decides which mailbox has its turn when. `previous`: one over the same services, which goes
   * on under the rules of this platform.
   */
  scheduled(previous: Engine | null): ScheduledEngine;
  /** Looks at everything that can be wrong, and goes on after each failure. Reads only. */
  doctor(): Promise<readonly CheckResult[]>;
  /**
   * Opens mailboxes inside and outside of what the rules name and compares. Reads only; stands in the audit trail. `outside`:
   * addresses that must stay closed, beside those that the directory lists.
   */
  reach(outside?: readonly string[]): Promise<ReachReport>;
  /** Whether the directory refused the last token that was asked for; null = it did not. Makes no request. */
  trouble(): Promise<ConnectionTrouble | null>;
  /** How the connection to the organisation stands, as it is remembered. Makes no request. */
  standing(): Promise<Standing>;
  /** What the state store remembers of each mailbox, also of those that no rule names any more. Makes no request. */
  status(): Promise<readonly LaneStatus[]>;
  /**
   * What became of an item and why, also why nothing happened. Reads what is remembered; asks the stores what their
   * fields can hold only where that tells more.
   */
  explain(query: ExplainQuery): Promise<Explanation>;
  /** What was changed, newest first. Makes no request to either side. */
  history(query: TrailQuery): Promise<Trail>;
  /** The runs that changed something, newest first. Makes no request to either side. */
  runs(query: RunsQuery): Promise<readonly TrailRun[]>;
  /** What an undo would be about. Makes no request to either side. */
  findUndo(query: UndoQuery): Promise<UndoFound>;
  /**
   * Takes back what the scope says, as runs of its own, or (`preview`) says what that would do. The mailboxes concerned
   * are paused, until their configuration changes or a person resumes them. Throws `conflict` while another process works
   * on one of them.
   */
  undo(
    scope: UndoScope,
    how: { readonly mode: UndoMode; readonly preview: boolean; readonly approved?: string | undefined },
  ): Promise<readonly LaneUndo[]>;
  /** Mapped values that records show at this moment, by id; those that cannot be read are left out. Asks that side. */
  records(laneId: string, side: Side, ids: readonly string[]): Promise<ReadonlyMap<string, Fields>>;
  /**
   * Wraps every data key anew, with a new wrapping key where `rotate` says so. Syncs may run meanwhile, here and elsewhere.
   */
  rewrapKeys(how: { readonly rotate: boolean }): Promise<RewrapReport>;
  /** Records a person's answer to a review and lets the next sync act on it. Makes requests for held fields only. */
  answer(review: Review, decision: string): Promise<void>;
  /**
   * The same platform in the hands of somebody else: whatever is done through it stands in the audit trail under this
   * name. It has an engine of its own, with the signal and the progress given here.
   */
  as(actor: string, how?: ActingOptions): ActingPlatform;
}

/** A running platform. Everything it opened is closed by `close`, last opened first. */
export interface Platform extends ActingPlatform, AsyncDisposable {
  close(): Promise<void>;
}
