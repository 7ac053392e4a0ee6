import { hash, timingSafeEqual } from 'node:crypto';
import type { KnownSubscription, PushedItem, PushJudgement, PushKind, PushRequest } from '@tidelock/core';
import { toNotification, toNotifications, type WireNotification } from './wire-subscription.ts';

const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** `Users/{id}/Events/{id}`, in either case, and with `@{tenant}` behind the user. */
const RESOURCE = /^\/?users\/([^/@]+)(?:@[^/]+)?\/(contacts|contactFolders|events)(?:\/|$)/i;

export const kindOfResource = (
  resource: string,
): { readonly mailbox: string; readonly kind: PushKind } | undefined => {
  const [, mailbox, name] = RESOURCE.exec(resource) ?? [];
  if (mailbox === undefined || name === undefined) return undefined;
  return { mailbox: mailbox.toLowerCase(), kind: name.toLowerCase() === 'events' ? 'event' : 'contact' };
};

type Event = Extract<PushedItem, { accepted: true }>['event'];

const LIFECYCLE: Readonly<Record<string, Event>> = {
  missed: 'missed',
  subscriptionRemoved: 'removed',
  reauthorizationRequired: 'expiring',
};

const refuse = (reason: Extract<PushedItem, { accepted: false }>['reason']): PushedItem => ({
  accepted: false,
  reason,
});

/** In constant time, whatever was sent. */
function isProved(given: string | undefined, secretHash: string): boolean {
  const own = Buffer.from(secretHash, 'hex');
  const digest = hash('sha256', given ?? '', 'buffer');
  return own.length === digest.length && timingSafeEqual(own, digest) && given !== undefined;
}

/** A mailbox that is known by its address alone cannot be compared with the id that the service writes. */
function isAbout(resource: string, { mailbox, kind }: KnownSubscription): boolean {
  const about = kindOfResource(resource);
  if (about === undefined || about.kind !== kind) return false;
  return !GUID.test(mailbox) || about.mailbox === mailbox.toLowerCase();
}

function eventOf(item: WireNotification, known: KnownSubscription): PushedItem {
  const { subscriptionId: subscription, lifecycleEvent, resource } = item;
  if (lifecycleEvent !== undefined) {
    const event = LIFECYCLE[lifecycleEvent];
    return event === undefined ? refuse('malformed') : { accepted: true, subscription, event };
  }
  if (resource === undefined) return refuse('malformed');
  return isAbout(resource, known) ? { accepted: true, subscription, event: 'changed' } : refuse('foreign');
}

/** Notifications have no query, and most requests are that. */
const handshakeOf = (url: string): string | null =>
  url.includes('?') && URL.canParse(url) ? new URL(url).searchParams.get('validationToken') : null;

/**
 * Judges what comes to the addresses of subscriptions. `tenant`: the directory's id, or a domain of it. Of a domain the id is not known:
 * the first notification that proves itself by its secret names it, and any other is foreign from then on.
 */
export function createJudge(
  tenant: string,
): (request: PushRequest, known: (subscription: string) => KnownSubscription | null) => PushJudgement {
  let tenantId = GUID.test(tenant) ? tenant.toLowerCase() : null;
  const isOurs = (given: string | undefined): boolean => {
    if (given === undefined || !GUID.test(given)) return false;
    tenantId ??= given.toLowerCase();
    return given.toLowerCase() === tenantId;
  };
  const judgeItem = (raw: unknown, known: (subscription: string) => KnownSubscription | null): PushedItem => {
    const item = toNotification(raw);
    if (item === undefined) return refuse('malformed');
    const subscription = known(item.subscriptionId);
    if (subscription === null) return refuse('unknown');
    if (!isProved(item.clientState, subscription.secretHash)) return refuse('forged');
    return isOurs(item.tenantId) ? eventOf(item, subscription) : refuse('foreign');
  };
  return (request, known) => {
    if (request.method !== 'POST') return { kind: 'malformed' };
    const token = handshakeOf(request.url);
    if (token !== null) return { kind: 'handshake', answer: token };
    const items = toNotifications(request.body);
    if (items === undefined) return { kind: 'malformed' };
    return { kind: 'items', items: items.map((item) => judgeItem(item, known)) };
  };
}
