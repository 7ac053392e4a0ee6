import type { World } from '../world.ts';
import { ANSWER_MS, endpointOf, firstAttempt, noteAnswer, REPEAT_MS } from './endpoints.ts';
import { type Endpoint, noteDelivery, type Waiting } from './push-world.ts';

const AT_ONCE = 8;
const LONGEST_PAUSE_MS = 30 * 60_000;

const expiry = (ms: number): string => new Date(ms).toISOString().replace('Z', '0000Z');

/** Resolves with the answer's status, or `failed` for no answer within `withinMs` of the emulator's clock. */
export async function postWithin(
  world: World,
  request: Request,
  withinMs: number,
): Promise<Response | 'failed'> {
  const { push, clock } = world;
  const late = new AbortController();
  const deadline = clock.sleep(withinMs, AbortSignal.any([late.signal, push.life.signal])).then(
    () => 'failed' as const,
    () => 'failed' as const,
  );
  try {
    const answered = push.send(request).catch(() => 'failed' as const);
    return await Promise.race([answered, deadline]);
  } finally {
    late.abort();
  }
}

/** Lost for good: the app is told that it missed something once its endpoint takes something again. */
function giveUp(world: World, endpoint: Endpoint, lost: readonly Waiting[]): void {
  const { push } = world;
  push.lost += lost.length;
  for (const { subscriptionId, isLifecycle } of lost) if (!isLifecycle) endpoint.dropped.add(subscriptionId);
}

function tellMissed(world: World, endpoint: Endpoint): void {
  if (!world.push.settings.tellMissed || world.clock.now() < endpoint.dropUntil) return;
  const ids = [...endpoint.dropped];
  endpoint.dropped.clear();
  for (const id of ids) sendLifecycle(world, id, 'missed');
}

async function post(world: World, endpoint: Endpoint, batch: readonly Waiting[]): Promise<void> {
  const { push, clock } = world;
  const at = clock.now();
  const attempt = Math.max(...batch.map((one) => one.attempt));
  const withinMs = attempt === 0 ? ANSWER_MS : REPEAT_MS;
  const items = batch.map(({ item }) => item);
  const request = new Request(endpoint.url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ value: items }),
  });
  const answer = await postWithin(world, request, withinMs);
  const status = answer === 'failed' ? 'failed' : answer.status;
  if (answer !== 'failed') await answer.body?.cancel();
  const now = clock.now();
  const kind = batch.some(({ isLifecycle }) => isLifecycle) ? 'lifecycle' : 'changes';
  noteDelivery(push, { at, url: endpoint.url, kind, items, attempt, status });
  // Whoever did not answer in time would have taken longer than that.
  const ms = now - at + (answer === 'failed' && now - at >= withinMs ? 1 : 0);
  noteAnswer(endpoint, { at: now, ms }, push.settings);
  if (answer !== 'failed' && answer.ok) tellMissed(world, endpoint);
  else again(world, endpoint, { batch, now });
}

function again(
  world: World,
  endpoint: Endpoint,
  { batch, now }: { readonly batch: readonly Waiting[]; readonly now: number },
): void {
  const { retryMs, retryForMs } = world.push.settings;
  const lost: Waiting[] = [];
  for (const one of batch) {
    one.triedAt ??= now;
    one.dueAt = now + Math.min(retryMs * 2 ** one.attempt, LONGEST_PAUSE_MS);
    one.attempt += 1;
    if (one.dueAt - one.triedAt > retryForMs) lost.push(one);
    else endpoint.queue.push(one);
  }
  giveUp(world, endpoint, lost);
}

/** What is due, in any order where the order is left to chance: lifecycle events and changes travel apart. */
function takeBatch(world: World, endpoint: Endpoint, now: number): Waiting[] {
  const { push } = world;
  const { batch, reorder } = push.settings;
  const due = endpoint.queue.filter((one) => one.dueAt <= now);
  const start = reorder ? push.random.int(due.length) : 0;
  const isLifecycle = due[start]?.isLifecycle ?? false;
  const alike = due.filter((one) => one.isLifecycle === isLifecycle);
  const from = reorder && alike.length > batch ? push.random.int(alike.length - batch + 1) : 0;
  const taken = new Set(alike.slice(from, from + batch));
  endpoint.queue = endpoint.queue.filter((one) => !taken.has(one));
  const ordered = [...taken];
  return reorder ? ordered.sort(() => push.random.next() - 0.5) : ordered;
}

async function waitFor(world: World, endpoint: Endpoint, ms: number): Promise<void> {
  const nap = new AbortController();
  endpoint.wake = () => nap.abort();
  const signal = AbortSignal.any([nap.signal, world.push.life.signal]);
  await world.clock.sleep(ms, signal).catch(() => undefined);
  endpoint.wake = null;
}

async function run(world: World, endpoint: Endpoint): Promise<void> {
  const { push, clock } = world;
  const posts = new Set<Promise<void>>();
  while (!push.life.signal.aborted && (endpoint.queue.length > 0 || posts.size > 0)) {
    if (posts.size >= AT_ONCE) await Promise.race(posts);
    const now = clock.now();
    const next = Math.min(...endpoint.queue.map(({ dueAt }) => dueAt));
    if (next <= now) {
      const batch = takeBatch(world, endpoint, now);
      endpoint.inFlight += 1;
      const posted = post(world, endpoint, batch).finally(() => {
        endpoint.inFlight -= 1;
        posts.delete(posted);
      });
      posts.add(posted);
    } else if (posts.size > 0) await Promise.race(posts);
    else await waitFor(world, endpoint, next - now);
  }
}

function start(world: World, endpoint: Endpoint): void {
  endpoint.wake?.();
  if (endpoint.isRunning || world.push.life.signal.aborted) return;
  endpoint.isRunning = true;
  // Whatever comes up in the same moment goes along.
  setImmediate(() => {
    void run(world, endpoint).finally(() => {
      endpoint.isRunning = false;
      if (endpoint.queue.length > 0) start(world, endpoint);
    });
  });
}

/** Sends an item to its endpoint as the service would: late, twice, or never, by the settings. */
export function sendItem(
  world: World,
  url: string,
  of: Pick<Waiting, 'subscriptionId' | 'item' | 'isLifecycle'>,
): void {
  const { push, clock } = world;
  const { latency, lose, duplicate, late } = push.settings;
  const endpoint = endpointOf(push, url);
  const first = firstAttempt(endpoint, clock.now());
  const chance = (share: number): boolean => share > 0 && push.random.next() < share;
  if (first === null) {
    giveUp(world, endpoint, [{ ...of, attempt: 0, dueAt: 0, triedAt: null }]);
    return;
  }
  if (!of.isLifecycle && chance(lose)) {
    push.lost += 1;
    return;
  }
  const isDoubled = chance(duplicate);
  push.doubled += Number(isDoubled);
  for (let copies = isDoubled ? 2 : 1; copies > 0; copies -= 1) {
    const usual = latency.minMs + push.random.int(Math.max(1, latency.maxMs - latency.minMs + 1));
    const extra = chance(late.share) ? push.random.int(Math.max(1, late.maxMs + 1)) : 0;
    push.late += Number(extra > 0);
    endpoint.queue.push({ ...of, attempt: 0, dueAt: first + usual + extra, triedAt: null });
  }
  start(world, endpoint);
}

export type LifecycleEvent = 'missed' | 'subscriptionRemoved' | 'reauthorizationRequired';

/** Goes to the lifecycle address; a subscription that has none is told nothing. */
export function sendLifecycle(world: World, subscriptionId: string, lifecycleEvent: LifecycleEvent): void {
  const subscription = world.push.subscriptions.get(subscriptionId);
  const url = subscription?.lifecycleNotificationUrl ?? null;
  if (subscription === undefined || url === null) return;
  const { tenantId, clientState, expiresAt } = subscription;
  const item = {
    subscriptionId,
    subscriptionExpirationDateTime: expiry(expiresAt),
    tenantId,
    clientState,
    lifecycleEvent,
  };
  sendItem(world, url, { subscriptionId, item, isLifecycle: true });
}

/** Nothing is under way, and nothing is due at this moment. */
export async function untilIdle({ push, clock }: World): Promise<void> {
  const isBusy = ({ queue, inFlight }: Endpoint): boolean =>
    inFlight > 0 || queue.some(({ dueAt }) => dueAt <= clock.now());
  while ([...push.endpoints.values()].some(isBusy)) await new Promise((resume) => setImmediate(resume));
}
