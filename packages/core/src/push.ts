import type { PushRequest } from './crm.ts';
import type { CallOptions } from './record-store.ts';

/** What a subscription is about: every record of this kind in one mailbox. */
export type PushKind = 'contact' | 'event';

/** That the service tells about changes in a mailbox, for a while. */
export interface Subscription {
  /** The service's own id. */
  readonly id: string;
  /** `Mailbox.id`, as the service names it. */
  readonly mailbox: string;
  readonly kind: PushKind;
  /** Where its notifications go. */
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface SubscriptionRequest {
  readonly mailbox: string;
  readonly kind: PushKind;
  /** The service calls both while the request is under way: a handshake that has to be answered. */
  readonly url: string;
  readonly lifecycleUrl: string;
  /** Comes back with every notification, and proves it. 32 to 128 characters, for this one subscription only. */
  readonly secret: string;
  /** Milliseconds since the epoch; the service may give less than was asked for, or more. */
  readonly expiresAt: number;
}

/** What whoever asks for a judgement knows about a subscription. */
export interface KnownSubscription {
  readonly mailbox: string;
  readonly kind: PushKind;
  /** SHA-256 of its secret, lower-case hex. */
  readonly secretHash: string;
}

/**
 * One notification of a request, judged by itself: a request can mix subscriptions and senders. Of what it says nothing is
 * used but which subscription it is about. `missed`: some were not delivered. `removed`: there is no such subscription any more.
 * `expiring`: the service delivers nothing until the subscription is renewed.
 */
export type PushedItem =
  | {
      readonly accepted: true;
      readonly subscription: string;
      readonly event: 'changed' | 'missed' | 'removed' | 'expiring';
    }
  | {
      readonly accepted: false;
      /** `unknown`: no such subscription. `forged`: another secret, or none. `foreign`: of another tenant, or about another mailbox. */
      readonly reason: 'malformed' | 'unknown' | 'forged' | 'foreign';
    };

export type PushJudgement =
  /** The service asks whether anybody is there: `answer` is what it wants to read. Somebody else's text: never HTML. */
  | { readonly kind: 'handshake'; readonly answer: string }
  | { readonly kind: 'items'; readonly items: readonly PushedItem[] }
  | { readonly kind: 'malformed' };

/** Optional part of `mailbox@1`: the service tells about changes. What it tells is a hint and nothing more. */
export interface MailboxPush {
  /** The longest life that the service gives (milliseconds). */
  readonly maxLifeMs: number;
  /**
   * Throws `conflict` while the service has one for the same mailbox and kind, `invalid` where it could not reach the
   * addresses, `forbidden` and `not_found` as for reading the mailbox. After any other error it may exist.
   */
  subscribe(request: SubscriptionRequest, options?: CallOptions): Promise<Subscription>;
  /** Extends it, and lets it go on where the service waited for that. Throws `not_found` for one that is gone. */
  renew(id: string, expiresAt: number, options?: CallOptions): Promise<Subscription>;
  /** Safe to repeat: one that is gone is fine. */
  unsubscribe(id: string, options?: CallOptions): Promise<void>;
  /** Every one that this app has at the service about contacts or events of a mailbox, other installations' too. */
  subscriptions(options?: CallOptions): Promise<readonly Subscription[]>;
  /** Judges a request. Never throws and makes no request. */
  judge(request: PushRequest, known: (subscription: string) => KnownSubscription | null): PushJudgement;
}
