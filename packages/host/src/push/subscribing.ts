import { createHash, randomBytes } from 'node:crypto';
import {
  type AdapterError,
  type Clock,
  isAdapterError,
  type Logger,
  type MailboxPush,
  type PushKind,
  type PushState,
  type Random,
  type Subscription,
  type SubscriptionRow,
} from '@tidelock/core';
import { TENANT } from '../lanes.ts';
import { MAILBOX_HOOK, mailboxHook } from './hook-paths.ts';
import { renewAt, waitAfter } from './renewal.ts';

/** How long the handshake of a creation is answered. */
const CREATION_MS = 60_000;

export interface Place {
  readonly mailboxId: string;
  readonly kind: PushKind;
}

export interface SubscribingParts {
  readonly push: MailboxPush;
  readonly state: PushState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Where this installation is reached. */
  readonly origin: string;
  readonly path: string;
  /** A creation begins; answers how to say that it has ended. */
  creating(): () => void;
}

/** What became of an attempt. `lost`: another process was faster with this row. */
export type Attempt =
  | { readonly done: 'live'; readonly row: SubscriptionRow }
  | { readonly done: 'failed'; readonly error: AdapterError }
  | { readonly done: 'lost' };

const blank = (
  { mailboxId, kind }: Place,
  of: { origin: string; path: string; now: number },
): SubscriptionRow => ({
  ...{ tenantId: TENANT, mailboxId, kind, rev: 0, state: 'waiting', subscriptionId: null, secretHash: '' },
  ...{ path: of.path, origin: of.origin, expiresAt: null, dueAt: of.now, failures: 0, problem: null },
});

/** Stores the next revision of a row; null: somebody else was faster. */
async function put(
  { state }: Pick<SubscribingParts, 'state'>,
  row: SubscriptionRow,
  change: Partial<SubscriptionRow>,
): Promise<SubscriptionRow | null> {
  const next = { ...row, ...change, rev: row.rev + 1 };
  return (await state.putSubscription(next)) ? next : null;
}

async function failed(parts: SubscribingParts, row: SubscriptionRow, error: unknown): Promise<Attempt> {
  if (!isAdapterError(error)) throw error;
  const { clock, random, log } = parts;
  const { mailboxId: _, kind } = row;
  const failures = row.failures + 1;
  const waitMs = waitAfter(failures, {
    kind: error.kind,
    retryAfterMs: error.retryAfterMs,
    random: random.next(),
  });
  const dead = row.state === 'creating' || error.kind === 'not_found';
  const change = dead ? ({ state: 'waiting', subscriptionId: null, expiresAt: null } as const) : {};
  log.warn('push.not-subscribed', {
    of: kind,
    kind: error.kind,
    operation: error.operation,
    failures,
    waitMs,
  });
  await put(parts, row, { ...change, dueAt: clock.now() + waitMs, failures, problem: error.kind });
  return { done: 'failed', error };
}

const isOurs = ({ origin }: SubscribingParts, { url }: Subscription): boolean =>
  url.startsWith(`${origin}${MAILBOX_HOOK}/`);

/** One of ours whose secret nobody knows any more is in the way. Another installation's is left alone. */
async function clearTheWay(parts: SubscribingParts, { mailboxId, kind }: Place): Promise<boolean> {
  const { push, signal } = parts;
  const twins = (await push.subscriptions({ signal })).filter(
    (one) => one.kind === kind && one.mailbox.toLowerCase() === mailboxId.toLowerCase() && isOurs(parts, one),
  );
  for (const { id } of twins) await push.unsubscribe(id, { signal });
  return twins.length > 0;
}

async function ask(parts: SubscribingParts, place: Place, secret: string): Promise<Subscription> {
  const { push, clock, signal, origin, path } = parts;
  const { mailboxId: mailbox, kind } = place;
  const request = { mailbox, kind, secret, ...mailboxHook(origin, path) };
  const once = () => push.subscribe({ ...request, expiresAt: clock.now() + push.maxLifeMs }, { signal });
  try {
    return await once();
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'conflict' || !(await clearTheWay(parts, place)))
      throw error;
    return once();
  }
}

/** Makes a subscription, in place of the one that the row knows. */
export async function subscribe(
  parts: SubscribingParts,
  place: Place,
  known: SubscriptionRow | null,
): Promise<Attempt> {
  const { push, clock, random, signal, origin, path } = parts;
  const now = clock.now();
  const secret = randomBytes(32).toString('base64url');
  const secretHash = createHash('sha256').update(secret).digest('hex');
  const before = known ?? blank(place, { origin, path, now });
  if (before.subscriptionId !== null)
    await push.unsubscribe(before.subscriptionId, { signal }).catch((error: unknown) => {
      if (!isAdapterError(error)) throw error;
    });
  const creation = {
    state: 'creating',
    subscriptionId: null,
    secretHash,
    path,
    origin,
    expiresAt: null,
  } as const;
  const row = await put(parts, before, { ...creation, dueAt: now + CREATION_MS });
  if (row === null) return { done: 'lost' };
  const ended = parts.creating();
  try {
    const { id, expiresAt } = await ask(parts, place, secret);
    const dueAt = renewAt(clock.now(), expiresAt, random.next());
    const fresh = {
      state: 'live',
      subscriptionId: id,
      expiresAt,
      dueAt,
      failures: 0,
      problem: null,
    } as const;
    const live = await put(parts, row, fresh);
    return live === null ? { done: 'lost' } : { done: 'live', row: live };
  } catch (error) {
    return await failed(parts, row, error);
  } finally {
    ended();
  }
}

/** Renews a live subscription. `gone`: the service has it no more. */
export async function renew(
  parts: SubscribingParts,
  row: SubscriptionRow,
): Promise<Attempt | { readonly done: 'gone' }> {
  const { push, clock, random, signal } = parts;
  if (row.subscriptionId === null) return { done: 'gone' };
  try {
    const { expiresAt } = await push.renew(row.subscriptionId, clock.now() + push.maxLifeMs, { signal });
    const dueAt = renewAt(clock.now(), expiresAt, random.next());
    const live = await put(parts, row, { expiresAt, dueAt, failures: 0, problem: null });
    return live === null ? { done: 'lost' } : { done: 'live', row: live };
  } catch (error) {
    if (isAdapterError(error) && error.kind === 'not_found') return { done: 'gone' };
    return await failed(parts, row, error);
  }
}

/** Takes a subscription back, and forgets it. */
export async function unsubscribe(
  { push, state, signal }: Pick<SubscribingParts, 'push' | 'state' | 'signal'>,
  row: SubscriptionRow,
): Promise<void> {
  if (row.subscriptionId !== null) await push.unsubscribe(row.subscriptionId, { signal });
  await state.removeSubscription(row);
}
