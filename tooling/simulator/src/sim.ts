import type { Side, Write } from '@tidelock/core';
import type { Lane } from '@tidelock/engine';
import type { StateDesk } from './ask.ts';
import type { VirtualClock } from './clock.ts';
import type { Fates } from './fate.ts';
import type { Ledger } from './ledger.ts';
import type { MemoryState } from './memory-state.ts';
import type { ModelStore, Row } from './model-store.ts';
import type { Rates, Settings, WorldOptions } from './options.ts';
import type { Post } from './post-book.ts';
import type { Tape } from './tape.ts';
import type { View } from './view.ts';

/** A check of the specification that did not hold: the schedule ends here. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  readonly check: string;

  constructor(check: string, detail: string) {
    super(detail);
    this.check = check;
  }
}

/** A request on its way, that its sender knows nothing of any more. */
export interface Zombie {
  readonly at: number;
  readonly lane: number;
  readonly store: ModelStore;
  readonly write: Write;
  /** Somebody has edited what it carries since, so that it is old news when it lands. */
  outdated?: boolean;
  readonly land: () => void;
}

/** By the state's clock, in truth, and how far that clock had jumped forward by then. */
export interface Moment {
  readonly wall: number;
  readonly at: number;
  readonly leapt: number;
}

/** One simulated world. */
export interface Sim extends StateDesk {
  readonly tape: Tape;
  readonly settings: Settings;
  readonly options: WorldOptions;
  readonly clock: VirtualClock;
  /** What is committed, for checks to look at: over a repository, what it has to hold. */
  readonly state: MemoryState;
  readonly a: readonly ModelStore[];
  readonly b: ModelStore;
  /** Those of side A, then the one of side B. */
  readonly stores: readonly ModelStore[];
  readonly ledger: Ledger;
  /** Writes that may still land, by true time. */
  readonly zombies: Zombie[];
  /** All zero once the faults are off. */
  rates: Rates;
  /** What can become of one effect, at these rates. */
  fates: Fates;
  feedMissed: boolean;
  /** Version of the mapping that everybody is configured with. */
  mapped: number;
  /** Dates that everybody is configured to look at, and those that whoever calls a mailbox at present was started with. */
  view: View;
  looking: View;
  /** A meeting is in several mailboxes: its organizer's event, and copies that only follow it. */
  readonly meetings: Map<Row, { readonly store: ModelStore; readonly row: Row }[]>;
  /** Records in step that a narrower filter, or another window, left out since. */
  readonly leftOut: Set<string>;
  /** Whose write reaches a store now; `late`: it was paused in front of the send, where no check of its own can see it. */
  sender: { readonly lane: number; readonly late: boolean };
  /** Enumerations in a row that met nothing at all, by feed. */
  readonly emptyScans: Map<string, number>;
  /** Deletes that were confirmed, the healer's not counted. */
  readonly deletesMade: { readonly lane: number; readonly side: Side; readonly at: number }[];
  /** The process that was given each lane and feed last, by the watch that looks at it. */
  readonly holders: Map<string, object>;
  /** By lane, side and record: when a read first said that it is gone. */
  readonly goneSince: Map<string, Moment>;
  /** By intent: when it was journaled, and whether the outcome of its request got lost. */
  readonly journaled: Map<string, Moment & { readonly lost: boolean }>;
  /** Until then workers sleep briefly: something is about that their next passes should meet. */
  hurryUntil: number;
  /** Calls of `write` and items written since the counter was last reset. */
  writes: number;
  /** People that the mailboxes have sent mail to because of our writes. */
  readonly post: Post;
  storeCalls: number;
  transactions: number;
  effects: number;
  /** A fresh lane for one process: with nothing cached. */
  openLane(index: number): Lane;
  count(cell: string): void;
  /** Somebody reads the trace. What is called for every effect asks first. */
  readonly traced: boolean;
  note(line: () => string): void;
}

export const storeOf = (sim: Sim, lane: number, side: 'a' | 'b'): ModelStore =>
  side === 'b' ? sim.b : (sim.a[lane] ?? sim.b);

export const allStores = (sim: Sim): readonly ModelStore[] => sim.stores;
