import type { Clock, Logger, Random, SyncState } from '@tidelock/core';
import { crmStoreOf, type LaneInfo } from '../lanes.ts';
import type { ActingPlatform } from '../platform.ts';
import type { Circuit } from './circuit.ts';
import type { EventFeed, Happening } from './events.ts';
import type { Pace } from './pace.ts';
import type { ReadyLanes } from './ready.ts';
import type { ScheduledEngine } from './scheduled.ts';
import type { SharedPace } from './shared-pace.ts';
import type { Tally } from './tally.ts';

/** The platform of the moment, and work with it. A `LivePlatform` is one. */
export interface PlatformSource {
  now(): ActingPlatform;
  use<R>(work: (platform: ActingPlatform) => Promise<R>): Promise<R>;
  onChange(listener: (platform: ActingPlatform | null) => void): () => void;
  /** Opens the connections anew, or leaves them where that is not possible any more. */
  reconnect?(): Promise<void>;
}

/** Whose changes are pushed at present, so that they need not be asked for often. */
export interface Pushes {
  mailbox(lane: LaneInfo): boolean;
  /** By key of the store. */
  store(store: string): boolean;
}

/** One platform that the runner works with. */
export interface Attached {
  readonly platform: ActingPlatform;
  readonly scheduled: ScheduledEngine;
  readonly pace: Pace;
  lanes: ReadonlyMap<string, LaneInfo>;
  /** The roster was read, and every mailbox was asked once what it can do: feeds that they share can be read for all. */
  complete: boolean;
  /** Until then (monotonic milliseconds) mailboxes have no turns yet, unless every one was asked before. */
  readonly firstTurnAt: number;
  /** Ends what its engine has under way, at the next safe point. */
  readonly stop: AbortController;
  /** Lets go of the services that this platform stands on. */
  readonly letGo: () => void;
}

/** What a runner remembers. Nothing of it is needed after a crash. */
export interface Machine {
  readonly source: PlatformSource;
  readonly feed: EventFeed;
  readonly pushes: Pushes;
  /** Name in leases, beside that of the process's data folder. */
  readonly worker: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly state: SyncState;
  readonly ready: ReadyLanes;
  readonly running: Map<string, Promise<void>>;
  /** Of those: first loads, and passes that were cut. */
  readonly loads: Set<string>;
  /** Hinted at while they ran. */
  readonly again: Set<string>;
  /** Lanes whose last pass was cut, and stands still until their next turn, or left a backlog. */
  readonly cut: Set<string>;
  /** Wait for a shared feed to tell them everything. */
  readonly untold: Set<string>;
  /** Keeps lanes that failed from their next try (milliseconds since the epoch). */
  readonly notBefore: Map<string, number>;
  /** Turns in a row that had more to do and did nothing. */
  readonly spins: Map<string, number>;
  /** Lanes whose first sync was begun, or was made to wait for a person. */
  readonly known: Set<string>;
  holdsFirst(): boolean;
  /** What keeps lanes off, as it was told the last time. */
  readonly blocked: Map<string, string>;
  readonly circuit: Circuit;
  readonly sharedPace: SharedPace;
  readonly tally: Tally;
  attached: Attached | null;
  /** A reading of shared feeds, or of records that were named, is under way. */
  reading: boolean;
  /** Somebody asked for feeds that are due since the last reading of them began. */
  dueAsked: boolean;
  /** Records that somebody named since the last reading, by key of their store. */
  readonly named: Map<string, Set<string>>;
  /** When the last of them began (monotonic milliseconds). */
  readAt: number;
  stopping: boolean;
  /** The lane has its turn as soon as there is room, unless it failed and waits. */
  wake(laneId: string): void;
  /** Tells what a long turn is at, now and then. */
  progress(laneId: string, of: Happening & { readonly type: 'run.progress' }): void;
}

/** Key of the store in the CRM that a lane shares with others; null = it takes no part any more. */
export function storeOf({ attached }: Machine, laneId: string): string | null {
  const info = attached?.lanes.get(laneId);
  return info === undefined ? null : crmStoreOf(info.crm, info.kind);
}

export const labelOf = ({ attached }: Machine, laneId: string): string =>
  attached?.lanes.get(laneId)?.label ?? laneId;
