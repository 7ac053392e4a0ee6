import { createRandom, type Random } from '../../kit/random.ts';

export type ChangeType = 'created' | 'updated' | 'deleted';

/** A subscription that was accepted. */
export interface Subscription {
  readonly id: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly userId: string;
  readonly kind: 'contact' | 'event';
  /** Null: every folder of the mailbox. */
  readonly folderId: string | null;
  /** As it was written. */
  readonly resource: string;
  readonly changeType: string;
  readonly changeTypes: ReadonlySet<ChangeType>;
  readonly clientState: string | null;
  readonly lifecycleNotificationUrl: string | null;
  readonly creatorId: string;
  /** Notifications name items as the creating request preferred. */
  readonly immutableIds: boolean;
  notificationUrl: string;
  expiresAt: number;
  /** Its app was asked to authorise it again: until it does, nothing is delivered. */
  isChallenged: boolean;
}

/** One item on its way. */
export interface Waiting {
  readonly subscriptionId: string;
  readonly item: Readonly<Record<string, unknown>>;
  readonly isLifecycle: boolean;
  attempt: number;
  dueAt: number;
  /** Of the first attempt. */
  triedAt: number | null;
}

/** Where notifications go, and how it has answered lately. */
export interface Endpoint {
  readonly url: string;
  queue: Waiting[];
  answers: { readonly at: number; readonly ms: number }[];
  /** What comes up before this instant is delivered ten minutes late. */
  slowUntil: number;
  /** What comes up before this instant is lost. */
  dropUntil: number;
  /** Subscriptions whose notifications were dropped since they were last told so. */
  readonly dropped: Set<string>;
  inFlight: number;
  isRunning: boolean;
  /** Ends the wait for what is due next. */
  wake: (() => void) | null;
}

/** Share: 0 to 1. All times in milliseconds of the emulator's clock. */
export interface PushSettings {
  /** From the change to the first attempt. The service: under a minute on average, three at the most. Default 0. */
  latency: { readonly minMs: number; readonly maxMs: number };
  /** Most notifications of one request. Default 50. */
  batch: number;
  /** Share of creates that are told of once more, as an unasked `updated`. Default 0.5. */
  echo: number;
  /** Faults on the way: shares of notifications lost, told twice, told late. Default 0. */
  lose: number;
  duplicate: number;
  late: { readonly share: number; readonly maxMs: number };
  /** Items of a request, and requests, in any order. Default true. */
  reorder: boolean;
  /** An endpoint is judged by its answers of the last ten minutes once it gave so many. Default 100. */
  judgedFrom: number;
  /** First pause before a repeat, doubled each time; after `retryForMs` a notification is given up. Default 5 s, 4 h. */
  retryMs: number;
  retryForMs: number;
  /** Tells `missed` after it gave up or dropped something. Default true. */
  tellMissed: boolean;
  /** Asks for a new authorisation so long before a subscription ends; null = never by itself. Default null. */
  challengeBeforeMs: number | null;
  /** Active ones of a mailbox, over all apps. Default 1,000. */
  mostOfMailbox: number;
}

/** One request that was sent to an app. */
export interface Delivery {
  readonly at: number;
  readonly url: string;
  readonly kind: 'validation' | 'changes' | 'lifecycle';
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Of the oldest item. */
  readonly attempt: number;
  readonly status: number | 'failed';
}

export interface PushWorld {
  readonly random: Random;
  readonly settings: PushSettings;
  readonly subscriptions: Map<string, Subscription>;
  /** By directory id of the user. */
  readonly ofMailbox: Map<string, Set<Subscription>>;
  readonly endpoints: Map<string, Endpoint>;
  /** Carries a request to an app. */
  readonly send: (request: Request) => Promise<Response>;
  /** The last ones. */
  readonly deliveries: Delivery[];
  /** Ends every wait. */
  readonly life: AbortController;
  lost: number;
  doubled: number;
  late: number;
}

const KEPT = 20_000;

export function noteDelivery(push: PushWorld, delivery: Delivery): void {
  push.deliveries.push(delivery);
  if (push.deliveries.length > KEPT) push.deliveries.splice(0, KEPT / 2);
}

/** `seed`: its randomness is its own, so that what is delivered does not change what else happens. */
export function createPushWorld(seed: number, send: PushWorld['send'] | undefined): PushWorld {
  return {
    random: createRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995),
    settings: {
      latency: { minMs: 0, maxMs: 0 },
      batch: 50,
      echo: 0.5,
      lose: 0,
      duplicate: 0,
      late: { share: 0, maxMs: 0 },
      reorder: true,
      judgedFrom: 100,
      retryMs: 5_000,
      retryForMs: 4 * 3_600_000,
      tellMissed: true,
      challengeBeforeMs: null,
      mostOfMailbox: 1_000,
    },
    subscriptions: new Map(),
    ofMailbox: new Map(),
    endpoints: new Map(),
    send: send ?? ((request) => fetch(request)),
    deliveries: [],
    life: new AbortController(),
    lost: 0,
    doubled: 0,
    late: 0,
  };
}

const setOf = (push: PushWorld, userId: string): Set<Subscription> => {
  const known = push.ofMailbox.get(userId) ?? new Set();
  push.ofMailbox.set(userId, known);
  return known;
};

export function addSubscription(push: PushWorld, subscription: Subscription): void {
  push.subscriptions.set(subscription.id, subscription);
  setOf(push, subscription.userId).add(subscription);
}

export function dropSubscription(push: PushWorld, subscription: Subscription): void {
  push.subscriptions.delete(subscription.id);
  push.ofMailbox.get(subscription.userId)?.delete(subscription);
}

/** Those that have not ended; what has ended is forgotten. */
export function activeOf(push: PushWorld, userId: string, now: number): readonly Subscription[] {
  const all = [...(push.ofMailbox.get(userId) ?? [])];
  for (const one of all) if (one.expiresAt <= now) dropSubscription(push, one);
  return all.filter((one) => one.expiresAt > now);
}
