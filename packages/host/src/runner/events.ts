import type { ErrorKind, Side } from '@tidelock/core';
import type { KeyStage } from '../keys/countdown.ts';

/** Where something happened. */
interface OnLane {
  readonly laneId: string;
  /** What to call it on a screen. */
  readonly label: string;
}

/** What one turn of a mailbox changed. */
export interface TurnCounts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly linked: number;
  readonly conflicts: number;
}

/** What happens while the platform runs. Names of people stand in `item` only. */
export type Happening =
  /** A mailbox has its turn. */
  | ({ readonly type: 'run.started' } & OnLane)
  | ({
      readonly type: 'run.progress';
      readonly phase: 'read' | 'match' | 'plan' | 'write' | 'recover';
      readonly done: number;
      readonly total: number | null;
    } & OnLane)
  /** `more`: there is more to do, and it goes on with its next turn. */
  | ({
      readonly type: 'run.ended';
      readonly outcome: 'done' | 'failed' | 'paused' | 'busy' | 'waits';
      readonly counts: TurnCounts;
      readonly more: boolean;
      readonly ms: number;
    } & OnLane)
  /** A write that took effect. */
  | ({
      readonly type: 'item';
      readonly linkId: string;
      readonly side: Side;
      readonly op: 'create' | 'update' | 'delete';
      readonly title: string;
      readonly fields: readonly string[];
      readonly rule: string;
      readonly conflicts: number;
    } & OnLane)
  /** Questions for a person came up. */
  | ({ readonly type: 'review.opened'; readonly count: number } & OnLane)
  /** The brake holds deletes, or people would get mail. */
  | ({
      readonly type: 'hold';
      readonly deletes: number;
      readonly hash: string | null;
      readonly withheld: number;
    } & OnLane)
  /** `laneId` null: of a connection, or of the roster. */
  | {
      readonly type: 'error';
      readonly laneId: string | null;
      readonly label: string;
      readonly kind: ErrorKind | 'blocked';
      readonly message: string;
      readonly remedy: string | null;
      /** Milliseconds since the epoch; null = when somebody changes something. */
      readonly retryAt: number | null;
    }
  /** Mailboxes that should be in step and have not been for longer than the configuration allows. */
  | { readonly type: 'lag'; readonly late: number; readonly worstMs: number }
  | { readonly type: 'key'; readonly keyName: string; readonly days: number; readonly stage: KeyStage }
  /** Mailboxes joined or left, or the configuration is another one. */
  | { readonly type: 'roster'; readonly lanes: number; readonly joined: number; readonly left: number }
  /** A job was started, is further, or has ended. */
  | {
      readonly type: 'job';
      readonly jobId: string;
      readonly kind: string;
      readonly state: 'waiting' | 'running' | 'stopping' | 'done' | 'failed' | 'cancelled';
      readonly mailbox: string | null;
      readonly phase: 'read' | 'match' | 'plan' | 'write' | 'recover' | null;
      readonly done: number;
      readonly total: number | null;
    }
  | { readonly type: 'runner'; readonly state: 'starting' | 'running' | 'stopping' | 'stopped' };

export type HappeningType = Happening['type'];

export interface FeedEvent {
  /** Greater than that of every earlier event of this feed. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly of: Happening;
}

export interface EventFeed {
  publish(of: Happening): void;
  /**
   * Everything after the event `id` that is still there, oldest first. `complete` is false where something before the first of
   * them is gone, or was of another process: whoever asks has to read the state anew. Null = only what comes.
   */
  after(id: number | null): { readonly events: readonly FeedEvent[]; readonly complete: boolean };
  /** Called with each event as it happens; answers how to stop. A listener that throws is left out from then on. */
  listen(listener: (event: FeedEvent) => void): () => void;
  /** Id of the last event; 0 = there was none. */
  readonly last: number;
}

/** Events that stay in memory; the oldest go first. */
const KEPT = 2_000;

/**
 * A feed of this process. Ids begin at the start time, so that an id of an earlier process is never taken for one of this.
 * `now`: milliseconds since the epoch.
 */
export function createEventFeed(of: { readonly now: () => number; readonly kept?: number }): EventFeed {
  const kept = of.kept ?? KEPT;
  const ring: FeedEvent[] = [];
  const listeners = new Set<(event: FeedEvent) => void>();
  // Thousands of events in each millisecond would be needed to run into the ids of the next process.
  const first = of.now() * 1_000;
  let last = first;
  return {
    publish(happening) {
      last += 1;
      const event: FeedEvent = { id: last, at: of.now(), of: happening };
      ring.push(event);
      if (ring.length > kept) ring.splice(0, ring.length - kept);
      for (const listener of listeners) {
        try {
          listener(event);
        } catch {
          listeners.delete(listener);
        }
      }
    },
    after(id) {
      if (id === null) return { events: [], complete: true };
      const oldest = ring[0]?.id ?? last + 1;
      return { events: ring.filter((event) => event.id > id), complete: id <= last && id >= oldest - 1 };
    },
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    get last() {
      return last;
    },
  };
}
