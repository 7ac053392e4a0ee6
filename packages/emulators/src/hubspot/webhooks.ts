import { createHmac } from 'node:crypto';
import type { Portal } from './portal.ts';
import { requireTable } from './portal.ts';
import type { PrivateApps } from './private-apps.ts';
import type { WebhookEvent } from './webhook-event.ts';

export interface Subscription {
  readonly id: number;
  readonly appId: number;
  /** Public address of the receiver, as the service calls it. */
  readonly targetUrl: string;
  /** `contact.creation`, `contact.deletion`, `contact.merge`, `contact.restore`, `contact.privacyDeletion`, `contact.propertyChange`. */
  readonly eventType: string;
  /** For `propertyChange`: which property. */
  readonly propertyName?: string;
}

export interface DeliveryReport {
  readonly requests: number;
  readonly events: number;
  /** Events that wait for their next attempt. */
  readonly waiting: number;
}

export interface Webhooks {
  subscribe(subscription: Omit<Subscription, 'id'>): number;
  /** Sends what is due: up to 100 events a request, in no order, now and then one twice. */
  deliver(): Promise<DeliveryReport>;
  /** Events not delivered yet. */
  waiting(): number;
}

const MOST_EVENTS = 100;
const MOST_ATTEMPTS = 10;
const RETRY_MS = 60_000;

interface Waiting {
  readonly subscription: Subscription;
  readonly body: Record<string, unknown>;
  attempt: number;
  dueAt: number;
}

/** How the service signs: method, address, body and time, with the app's secret. */
export function signatureV3(
  secret: string,
  of: { readonly method: string; readonly url: string; readonly body: string; readonly timestamp: string },
): string {
  const source = `${of.method}${of.url}${of.body}${of.timestamp}`;
  return createHmac('sha256', secret).update(source, 'utf8').digest('base64');
}

function detailsOf(event: WebhookEvent): Record<string, unknown> {
  switch (event.kind) {
    case 'propertyChange':
      return { propertyName: event.property, propertyValue: event.value };
    case 'merge':
      return {
        primaryObjectId: Number(event.primaryId),
        mergedObjectIds: event.mergedIds.map(Number),
        newObjectId: Number(event.newId),
        numberOfPropertiesMoved: 0,
      };
    default:
      return { changeFlag: event.kind === 'creation' ? 'CREATED' : 'DELETED' };
  }
}

function matches(portal: Portal, subscription: Subscription, event: WebhookEvent): boolean {
  const { singular } = requireTable(portal, event.objectType).type;
  if (subscription.eventType !== `${singular}.${event.kind}`) return false;
  return event.kind !== 'propertyChange' || subscription.propertyName === event.property;
}

function toWaiting(portal: Portal, subscription: Subscription, event: WebhookEvent): Waiting {
  const body = {
    objectId: Number(event.id),
    ...detailsOf(event),
    changeSource: event.source,
    eventId: portal.random.int(2_000_000_000),
    subscriptionId: subscription.id,
    portalId: portal.id,
    appId: subscription.appId,
    occurredAt: event.at,
    subscriptionType: subscription.eventType,
  };
  return { subscription, body, attempt: 0, dueAt: portal.clock.now() };
}

/** No order is promised, and duplicates are. */
function shuffled(portal: Portal, batch: readonly Waiting[]): Waiting[] {
  const order = [...batch];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = portal.random.int(at + 1);
    const [left, right] = [order[at], order[other]];
    if (left === undefined || right === undefined) continue;
    order[at] = right;
    order[other] = left;
  }
  const [first] = order;
  return first !== undefined && order.length < MOST_EVENTS && portal.random.int(8) === 0
    ? [...order, first]
    : order;
}

export function createWebhooks(of: {
  readonly portal: Portal;
  readonly apps: PrivateApps;
  /** Carries a request to the receiver. */
  readonly send: (request: Request) => Promise<Response>;
}): Webhooks {
  const { portal, apps, send } = of;
  const subscriptions: Subscription[] = [];
  let queue: Waiting[] = [];
  portal.onEvent.add((event) => {
    for (const subscription of subscriptions)
      if (matches(portal, subscription, event)) queue.push(toWaiting(portal, subscription, event));
  });

  const post = async (batch: readonly Waiting[]): Promise<boolean> => {
    const [first] = batch;
    const app = first && apps.get(first.subscription.appId);
    if (first === undefined || app === undefined) return true;
    const url = first.subscription.targetUrl;
    const body = JSON.stringify(batch.map((one) => ({ ...one.body, attemptNumber: one.attempt })));
    const timestamp = String(portal.clock.now());
    const headers = {
      'content-type': 'application/json',
      'x-hubspot-request-timestamp': timestamp,
      'x-hubspot-signature-v3': signatureV3(app.clientSecret, { method: 'POST', url, body, timestamp }),
    };
    try {
      return (await send(new Request(url, { method: 'POST', headers, body }))).ok;
    } catch {
      return false;
    }
  };

  /** A receiver that does not answer 2xx gets the same again, ten times at the most. */
  const postGroup = async (group: readonly Waiting[], now: number): Promise<number> => {
    let requests = 0;
    for (let start = 0; start < group.length; start += MOST_EVENTS) {
      const batch = group.slice(start, start + MOST_EVENTS);
      requests += 1;
      if (await post(shuffled(portal, batch))) continue;
      for (const one of batch) {
        one.attempt += 1;
        one.dueAt = now + RETRY_MS * one.attempt;
        if (one.attempt < MOST_ATTEMPTS) queue.push(one);
      }
    }
    return requests;
  };

  return {
    subscribe(subscription) {
      const id = subscriptions.length + 1;
      subscriptions.push({ ...subscription, id });
      return id;
    },
    async deliver() {
      const now = portal.clock.now();
      const due = queue.filter((one) => one.dueAt <= now);
      queue = queue.filter((one) => one.dueAt > now);
      const targets = Map.groupBy(due, (one) => `${one.subscription.appId} ${one.subscription.targetUrl}`);
      let requests = 0;
      for (const group of targets.values()) requests += await postGroup(group, now);
      return { requests, events: due.length, waiting: queue.length };
    },
    waiting: () => queue.length,
  };
}
