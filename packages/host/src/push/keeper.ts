import {
  type Clock,
  isAdapterError,
  type Logger,
  type PushState,
  type Subscription,
  type SubscriptionRow,
} from '@tidelock/core';
import { TENANT } from '../lanes.ts';
import type { Book, PushedLane } from './book.ts';
import type { Hints } from './hints.ts';
import { MAILBOX_HOOK } from './hook-paths.ts';
import { isOfConnection } from './renewal.ts';
import { type Place, renew, type SubscribingParts, subscribe, unsubscribe } from './subscribing.ts';

/** Creations and renewals side by side: each waits for the service, which calls us meanwhile. */
const AT_ONCE = 8;
/** How long the lease runs, and how often it is extended, at least. */
const LEASE_MS = 60_000;
const LOOK_MS = 20_000;
/** How often what the service has is compared with what is remembered. */
const AUDIT_MS = 6 * 3_600_000;
const SOON_MS = 1_000;

/** What a look is made with: it can be another one each time. */
export interface KeeperParts extends SubscribingParts {
  readonly book: Book;
  readonly hints: Hints;
  /** Who takes part. Throws what directory and CRM throw. */
  wanted(): Promise<readonly PushedLane[]>;
}

export interface Keeper {
  /** One look at everything; answers when the next is due (milliseconds from now). null: another process keeps, or nobody can. */
  tick(): Promise<number | null>;
  /** Looks until its signal ends it, and gives the lease back. */
  run(): Promise<void>;
  /** Somebody has something to look at now. */
  wake(): void;
}

const keyOf = ({ mailboxId, kind }: Place): string => `${kind} ${mailboxId}`;

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<void> {
  const waiting = [...items];
  let goesOn = true;
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && goesOn; item = waiting.shift())
      if (!(await work(item))) goesOn = false;
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}

/** What has to be done about one place: `row` null = there never was a subscription. */
interface Task extends Place {
  readonly row: SubscriptionRow | null;
  readonly work: 'subscribe' | 'renew';
}

function taskOf(place: Place, row: SubscriptionRow | null, parts: KeeperParts): Task | null {
  const now = parts.clock.now();
  const { mailboxId, kind } = place;
  const task = (work: Task['work']): Task => ({ mailboxId, kind, row, work });
  if (row === null) return task('subscribe');
  const isElsewhere = row.origin !== parts.origin || row.path !== parts.path;
  if (isElsewhere && row.state !== 'creating') return task('subscribe');
  if (row.state === 'live' && (row.expiresAt ?? 0) <= now) return task('subscribe');
  if (row.dueAt > now) return null;
  return task(row.state === 'live' ? 'renew' : 'subscribe');
}

/** True: the others may go on. Trouble of the connection ends this look. */
async function carryOut(parts: KeeperParts, { row, work, ...place }: Task): Promise<boolean> {
  const { book, hints } = parts;
  let attempt = work === 'renew' && row !== null ? await renew(parts, row) : ({ done: 'gone' } as const);
  const isNew = attempt.done === 'gone';
  if (attempt.done === 'gone') attempt = await subscribe(parts, place, row);
  if (attempt.done === 'failed') return !isOfConnection(attempt.error.kind);
  // What happened before it was there, or while it was not, was told to nobody.
  if (attempt.done === 'live' && isNew) hints.add({ lanes: book.lanesOf(place) });
  return true;
}

/** Subscriptions at our address that no row knows, and rows whose subscription is not there any more. */
async function compare(
  parts: KeeperParts,
  rows: readonly SubscriptionRow[],
): Promise<readonly SubscriptionRow[]> {
  const { push, origin, signal } = parts;
  const there = new Map<string, Subscription>(
    (await push.subscriptions({ signal })).map((one) => [one.id, one]),
  );
  const known = new Set(rows.map(({ subscriptionId }) => subscriptionId));
  const creating = rows.some(({ state }) => state === 'creating');
  for (const { id, url } of creating ? [] : there.values())
    if (!known.has(id) && url.startsWith(`${origin}${MAILBOX_HOOK}/`)) await push.unsubscribe(id, { signal });
  return rows.filter(
    ({ state, subscriptionId }) => state === 'live' && subscriptionId !== null && !there.has(subscriptionId),
  );
}

interface Memory {
  auditedAt: number;
  /** It has looked at everything once since it has the lease. */
  isSettled: boolean;
}

async function removeUnwanted(
  parts: KeeperParts,
  rows: readonly SubscriptionRow[],
  wanted: ReadonlyMap<string, unknown>,
): Promise<void> {
  for (const row of rows.filter((one) => !wanted.has(keyOf(one))))
    await unsubscribe(parts, row).catch((error: unknown) => {
      if (!isAdapterError(error)) throw error;
      parts.log.warn('push.not-removed', { kind: error.kind });
    });
}

async function audit(
  parts: KeeperParts,
  memory: Memory,
  rows: readonly SubscriptionRow[],
): Promise<ReadonlySet<string>> {
  const now = parts.clock.mono();
  if (now - memory.auditedAt < AUDIT_MS) return new Set();
  try {
    const gone = await compare(parts, rows);
    memory.auditedAt = now;
    return new Set(gone.map(keyOf));
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    parts.log.warn('push.not-compared', { kind: error.kind });
    return new Set();
  }
}

async function lookAtAll(parts: KeeperParts, memory: Memory): Promise<number> {
  const { book, hints, clock } = parts;
  const lanes = await parts.wanted();
  const wanted = new Map<string, Place>(lanes.map((lane) => [keyOf(lane), lane]));
  await book.catchUp();
  const { rows } = book;
  await removeUnwanted(parts, rows, wanted);
  const gone = await audit(parts, memory, rows);
  // Whoever had the lease before may have answered notifications that it did not write down any more.
  if (!memory.isSettled) hints.add({ lanes: lanes.map(({ laneId }) => laneId) });
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  const tasks = [...wanted].flatMap(([key, place]) => {
    const row = byKey.get(key) ?? null;
    if (gone.has(key)) return [{ ...place, row, work: 'subscribe' } as const];
    return taskOf(place, row, parts) ?? [];
  });
  await eachOf(tasks, (task) => carryOut(parts, task));
  await book.catchUp();
  memory.isSettled = true;
  const next = Math.min(...book.rows.map(({ dueAt }) => dueAt));
  return Math.min(LOOK_MS, Math.max(SOON_MS, next - clock.now()));
}

/** Makes, renews and takes back subscriptions: one process at a time, whatever the others do. */
export function createKeeper(of: {
  readonly state: PushState;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly book: Book;
  /** Name of this process in the lease. */
  readonly owner: string;
  /** null: there is nothing to do it with at present. */
  parts(): KeeperParts | null;
}): Keeper {
  const { state, clock, log, owner, signal, book } = of;
  const memory: Memory = { auditedAt: Number.NEGATIVE_INFINITY, isSettled: false };
  let rouse: (() => void) | null = null;
  let isAsked = false;
  const lease = () => state.leaseKeeper({ tenantId: TENANT, owner, now: clock.now(), ttlMs: LEASE_MS });

  const tick = async (): Promise<number | null> => {
    const parts = of.parts();
    if (parts === null || !(await lease())) {
      memory.isSettled = false;
      await book.catchUp();
      return null;
    }
    return lookAtAll(parts, memory);
  };

  /** A long look does not lose the lease. */
  const holding = async <R>(work: () => Promise<R>): Promise<R> => {
    const ended = new AbortController();
    const extend = async (): Promise<void> => {
      const until = AbortSignal.any([ended.signal, signal]);
      while (!until.aborted) {
        await clock.sleep(LOOK_MS, until).catch(() => undefined);
        if (!until.aborted) await lease().catch(() => false);
      }
    };
    const extending = extend();
    try {
      return await work();
    } finally {
      ended.abort();
      await extending;
    }
  };

  const nap = async (ms: number): Promise<void> => {
    if (isAsked || signal.aborted) return;
    const woken = new AbortController();
    rouse = () => woken.abort();
    await clock.sleep(ms, AbortSignal.any([woken.signal, signal])).catch(() => undefined);
    rouse = null;
  };

  return {
    tick,
    async run() {
      while (!signal.aborted) {
        isAsked = false;
        const waitMs = await holding(tick).catch((error: unknown) => {
          const kind = isAdapterError(error) ? error.kind : error instanceof Error ? error.name : 'unknown';
          if (!signal.aborted) log.warn('push.not-kept', { kind });
          return LOOK_MS;
        });
        await nap(waitMs ?? LOOK_MS);
      }
      await state.releaseKeeper({ tenantId: TENANT, owner }).catch(() => undefined);
    },
    wake() {
      isAsked = true;
      rouse?.();
    },
  };
}
