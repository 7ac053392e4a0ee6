import { requireUser } from '../directory-admin.ts';
import type { World } from '../world.ts';
import { challenge } from './changes.ts';
import { sendLifecycle, untilIdle } from './delivery.ts';
import { type Delivery, dropSubscription, type PushSettings, type Subscription } from './push-world.ts';

/** A live subscription, without its secret. */
export interface OracleSubscription {
  readonly id: string;
  readonly userId: string;
  readonly kind: 'contact' | 'event';
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly expiresAt: number;
  readonly isChallenged: boolean;
}

const requireSubscription = ({ push }: World, id: string): Subscription => {
  const found = push.subscriptions.get(id);
  if (found === undefined) throw new Error(`the emulator has no subscription ${id}`);
  return found;
};

export type PushChange = Partial<PushSettings>;

/** What the service does with subscriptions by itself. */
export const createPushAdmin = (world: World) => ({
  /** Ends a subscription, as the service now and then does, and says so. */
  removeSubscription(id: string, how: { readonly silently?: boolean } = {}): void {
    const subscription = requireSubscription(world, id);
    if (how.silently !== true) sendLifecycle(world, id, 'subscriptionRemoved');
    dropSubscription(world.push, subscription);
  },
  /** Says that notifications were missed. */
  missNotifications: (id: string): void => sendLifecycle(world, requireSubscription(world, id).id, 'missed'),
  /** Asks for a new authorisation: until it is given, changes are lost. */
  challengeSubscription: (id: string): void => challenge(world, requireSubscription(world, id)),
  /** Resolves when nothing is under way and nothing is due at this moment. */
  pushIdle: (): Promise<void> => untilIdle(world),
  /** Delivers nothing any more; what waits is lost. */
  stopPush: (): void => world.push.life.abort(),
  configurePush(changes: PushChange): void {
    Object.assign(world.push.settings, changes);
  },
});

export const createPushOracle = (world: World) => ({
  /** Those that have not ended, of one user or of all. */
  subscriptions(of?: string): readonly OracleSubscription[] {
    const wanted = of === undefined ? undefined : requireUser(world, of).id;
    return [...world.push.subscriptions.values()]
      .filter(({ userId, expiresAt }) => (wanted ?? userId) === userId && expiresAt > world.clock.now())
      .map(({ id, userId, kind, notificationUrl, lifecycleNotificationUrl, expiresAt, isChallenged }) =>
        Object.freeze({
          id,
          userId,
          kind,
          notificationUrl,
          lifecycleNotificationUrl,
          expiresAt,
          isChallenged,
        }),
      );
  },
  /** Requests that were sent to apps, the oldest first; the last twenty thousand. */
  deliveries: (): readonly Delivery[] => Object.freeze([...world.push.deliveries]),
  /** Notifications that reached nobody and never will. */
  lostNotifications: (): number => world.push.lost,
  /** Notifications that were sent twice. */
  doubledNotifications: (): number => world.push.doubled,
  /** Notifications that were held back, so that others overtook them. */
  lateNotifications: (): number => world.push.late,
});
