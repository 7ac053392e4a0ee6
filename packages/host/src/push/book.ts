import type { Clock, KnownSubscription, PushKind, PushState, SubscriptionRow } from '@tidelock/core';
import { TENANT } from '../lanes.ts';

/** A lane that takes part, by the mailbox that its changes come from. */
export interface PushedLane {
  readonly laneId: string;
  readonly mailboxId: string;
  readonly kind: PushKind;
  /** Key of the CRM store that it shares with others. */
  readonly store: string;
}

/** What the state knows about subscriptions, in memory, so that judging a notification asks nobody. */
export interface Book {
  known(subscription: string): KnownSubscription | null;
  rowOf(subscription: string): SubscriptionRow | null;
  readonly rows: readonly SubscriptionRow[];
  rowFor(of: { readonly mailboxId: string; readonly kind: PushKind }): SubscriptionRow | null;
  lanesOf(of: { readonly mailboxId: string; readonly kind: PushKind }): readonly string[];
  /** Lanes with this CRM store. */
  byStore(store: string): readonly string[];
  /** Reads anew. Calls at the same time share one reading. */
  refresh(): Promise<void>;
  /** Reads anew what was changed since the last reading. One small question where that is nothing. */
  catchUp(): Promise<void>;
  /** What is stored now, read at most a few times a second for everybody who asks. */
  refreshSoon(): Promise<void>;
  /** Reads anew unless that was done within `ms`. */
  refreshAfter(ms: number): Promise<void>;
}

const keyOf = ({ mailboxId, kind }: { readonly mailboxId: string; readonly kind: PushKind }): string =>
  `${kind} ${mailboxId}`;

function gathered(lanes: readonly PushedLane[], key: (lane: PushedLane) => string): Map<string, string[]> {
  const grouped = Map.groupBy(lanes, key);
  return new Map([...grouped].map(([name, members]) => [name, members.map(({ laneId }) => laneId)]));
}

/** Lanes that change while no subscription does, as those of mailboxes that go on with another CRM, are known after this long. */
const LANES_MS = 300_000;

/** Milliseconds between two readings for whoever cannot wait for the next. */
const SOON_MS = 200;

export function createBook(of: {
  readonly push: PushState;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  lanes(): Promise<readonly PushedLane[]>;
}): Book {
  const { push, clock } = of;
  let rows: readonly SubscriptionRow[] = [];
  let bySubscription = new Map<
    string,
    { readonly row: SubscriptionRow; readonly known: KnownSubscription }
  >();
  let byPlace = new Map<string, SubscriptionRow>();
  let lanes = new Map<string, string[]>();
  let stores = new Map<string, string[]>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let stamp: string | null = null;

  const read = async (): Promise<void> => {
    readAt = clock.mono();
    // Before the rows: what is changed meanwhile is read once more.
    stamp = null;
    const before = await push.subscriptionsStamp(TENANT);
    const [found, taking] = [await push.subscriptions(TENANT), await of.lanes()];
    rows = found;
    byPlace = new Map(found.map((row) => [keyOf(row), row]));
    bySubscription = new Map(
      found.flatMap((row) => {
        const { subscriptionId, mailboxId: mailbox, kind, secretHash } = row;
        return subscriptionId === null
          ? []
          : [[subscriptionId, { row, known: { mailbox, kind, secretHash } }] as const];
      }),
    );
    lanes = gathered(taking, keyOf);
    stores = gathered(taking, ({ store }) => store);
    stamp = before;
  };
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
  let next: Promise<void> | null = null;
  const refreshSoon = (): Promise<void> => {
    const waitMs = readAt + SOON_MS - clock.mono();
    next ??= (waitMs > 0 ? clock.sleep(waitMs, of.signal).catch(() => undefined) : Promise.resolve())
      // One that began before cannot know what was stored since.
      .then(() => reading?.catch(() => undefined))
      .then(() => {
        next = null;
        return refresh();
      });
    return next;
  };
  return {
    refreshSoon,
    known: (subscription) => bySubscription.get(subscription)?.known ?? null,
    rowOf: (subscription) => bySubscription.get(subscription)?.row ?? null,
    get rows() {
      return rows;
    },
    byStore: (store) => stores.get(store) ?? [],
    rowFor: (place) => byPlace.get(keyOf(place)) ?? null,
    lanesOf: (place) => lanes.get(keyOf(place)) ?? [],
    refresh,
    catchUp: async () => {
      const isOld = clock.mono() - readAt >= LANES_MS;
      if (isOld || stamp === null || (await push.subscriptionsStamp(TENANT)) !== stamp) await refresh();
    },
    refreshAfter: async (ms) => {
      if (clock.mono() - readAt >= ms) await refresh();
    },
  };
}
