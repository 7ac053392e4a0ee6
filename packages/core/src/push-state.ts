import type { PushKind } from './push.ts';

/**
 * What is known about the subscription of one mailbox and kind; there is one row of each. `creating`: a request for it
 * is under way, and its handshake is answered, until `dueAt`. `live`: it delivers, as far as is known. `waiting`: there is none,
 * and the next attempt is made at `dueAt`.
 */
export interface SubscriptionRow {
  readonly tenantId: string;
  /** Directory object id. */
  readonly mailboxId: string;
  readonly kind: PushKind;
  /** 1 when first stored, and one more with every change. */
  readonly rev: number;
  readonly state: 'creating' | 'live' | 'waiting';
  /** The service's id; null while it has none that is known. */
  readonly subscriptionId: string | null;
  /** SHA-256 of the secret, lower-case hex. The secret itself is with the service only. */
  readonly secretHash: string;
  /** Unguessable part of the address that it was made for. */
  readonly path: string;
  /** Public address of the installation that it was made for. */
  readonly origin: string;
  /** Milliseconds since the epoch; null = none. */
  readonly expiresAt: number | null;
  /** When it is looked at next: to renew it, or to try again. */
  readonly dueAt: number;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** Kind of the last error; null = the last attempt went well. */
  readonly problem: string | null;
}

export type SubscriptionKey = Pick<SubscriptionRow, 'tenantId' | 'mailboxId' | 'kind'>;

/** Optional part of `state@1`. All instants come from the caller's clock. */
export interface PushState {
  /** In the order of mailboxes, contacts before events. */
  subscriptions(tenantId: string): Promise<readonly SubscriptionRow[]>;
  /** Another text after each change of these rows. Asked often, so that they are read only when there is something new. */
  subscriptionsStamp(tenantId: string): Promise<string>;
  /** Stores a row that is one `rev` after the stored one, or the first. False, and nothing changed: somebody else was first. */
  putSubscription(row: SubscriptionRow): Promise<boolean>;
  /** False: it was changed meanwhile, or is gone. */
  removeSubscription(key: SubscriptionKey & { readonly rev: number }): Promise<boolean>;
  /** Makes `owner` the one process that keeps the subscriptions of a tenant, or extends that. False: another one does. */
  leaseKeeper(of: {
    readonly tenantId: string;
    readonly owner: string;
    readonly now: number;
    readonly ttlMs: number;
  }): Promise<boolean>;
  /** Ends the lease of this owner, if it is its. */
  releaseKeeper(of: { readonly tenantId: string; readonly owner: string }): Promise<void>;
  /** As `hintLane`, for many in one transaction; lanes that there are not are passed over. */
  hintLanes(laneIds: readonly string[], now: number): Promise<void>;
}
