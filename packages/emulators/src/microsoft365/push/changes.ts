import type { MailboxChange } from '../change-log.ts';
import { settleMailbox } from '../mailbox.ts';
import type { User, World } from '../world.ts';
import { sendItem, sendLifecycle } from './delivery.ts';
import { activeOf, type ChangeType, type Subscription } from './push-world.ts';

const NAMES = { contact: { path: 'Contacts', type: 'Contact' }, event: { path: 'Events', type: 'Event' } };

/** Near its end a subscription has to be authorised again; what happens until then is lost. */
export function challengeIfDue(world: World, subscription: Subscription): void {
  const { challengeBeforeMs } = world.push.settings;
  if (challengeBeforeMs === null || subscription.isChallenged) return;
  if (subscription.expiresAt - world.clock.now() <= challengeBeforeMs) challenge(world, subscription);
}

export function challenge(world: World, subscription: Subscription): void {
  subscription.isChallenged = true;
  sendLifecycle(world, subscription.id, 'reauthorizationRequired');
}

/** The challenge of a subscription that lies still, when its time comes. */
export function watchExpiry(world: World, subscription: Subscription): void {
  const { push, clock } = world;
  const { challengeBeforeMs } = push.settings;
  if (challengeBeforeMs === null) return;
  const { expiresAt } = subscription;
  const waitMs = Math.max(0, expiresAt - challengeBeforeMs - clock.now());
  clock.sleep(waitMs, push.life.signal).then(
    () => {
      if (subscription.expiresAt === expiresAt && push.subscriptions.has(subscription.id))
        challengeIfDue(world, subscription);
    },
    () => undefined,
  );
}

function itemOf(
  world: World,
  subscription: Subscription,
  of: { readonly change: MailboxChange; readonly changeType: ChangeType },
): Record<string, unknown> {
  const { push } = world;
  const { change, changeType } = of;
  const { path, type } = NAMES[subscription.kind];
  const id = subscription.immutableIds ? change.immutableId : change.id;
  const place = (users: string): string => `${users}/${subscription.userId}/${path}/${id}`;
  return {
    id: push.random.hex(24),
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: new Date(subscription.expiresAt).toISOString().replace('Z', '0000Z'),
    changeType,
    // The service spells it either way.
    resource: place(push.random.int(2) === 0 ? 'Users' : 'users'),
    resourceData: {
      '@odata.type': `#Microsoft.Graph.${type}`,
      '@odata.id': place('Users'),
      '@odata.etag': `W/"${change.changeKey}"`,
      id,
    },
    clientState: subscription.clientState,
    tenantId: subscription.tenantId,
  };
}

function tell(world: World, user: User, change: MailboxChange): void {
  const { push, clock } = world;
  const changeType: ChangeType = change.removed ? 'deleted' : change.isFirst ? 'created' : 'updated';
  for (const subscription of activeOf(push, user.id, clock.now())) {
    const { kind, folderId } = subscription;
    if (kind !== change.kind || (folderId !== null && folderId !== change.containerId)) continue;
    challengeIfDue(world, subscription);
    if (subscription.isChallenged) continue;
    const isEchoed = changeType === 'created' && push.random.next() < push.settings.echo;
    const told: ChangeType[] = isEchoed ? ['created', 'updated'] : [changeType];
    for (const one of told.filter((type) => subscription.changeTypes.has(type))) {
      const item = itemOf(world, subscription, { change, changeType: one });
      sendItem(world, subscription.notificationUrl, {
        subscriptionId: subscription.id,
        item,
        isLifecycle: false,
      });
    }
  }
}

/** From now on changes of this mailbox are told to whoever subscribed to them. */
export function watchMailbox(world: World, user: User): void {
  const { mailbox } = user;
  mailbox.tell = (change) => tell(world, user, change);
  mailbox.calendar.tell = mailbox.tell;
  settleMailbox(mailbox, world.clock.now());
}
