import {
  type Clock,
  isAdapterError,
  type Logger,
  type MailboxPush,
  type Secrets,
  type StatePort,
  type TokenProvider,
} from '@tidelock/core';
import { TENANT } from '../lanes.ts';
import { type EraseReport, eraseTenant } from '../sealing/erase.ts';
import type { SealerSource } from '../sealing/sealer-source.ts';
import type { Bindings } from './bindings.ts';
import type { TenantPlace } from './tenant-place.ts';

export interface DisconnectOptions {
  /** In the audit trail. */
  readonly who?: string | undefined;
  /**
   * Data keys and everything that was remembered stay, so that the same organisation can be connected again and goes on where it
   * was. Without it nothing that was sealed can be read again by anybody.
   */
  readonly keep?: boolean | undefined;
}

export interface DisconnectReport {
  /** False: nothing was connected. What an earlier `keep` left is destroyed all the same. */
  readonly disconnected: boolean;
  /** Subscriptions for notifications: taken back, and those that could not be. These end by themselves within days. */
  readonly subscriptions: { readonly ended: number; readonly left: number };
  /** What was destroyed; null = it was kept. */
  readonly erased: EraseReport | null;
}

export interface DisconnectParts {
  readonly bindings: Bindings;
  readonly secrets: Secrets;
  readonly state: StatePort;
  readonly token: TokenProvider;
  readonly place: TenantPlace;
  readonly sealer: SealerSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** With the mailbox side as that tenant. */
  withMailbox<R>(tenant: string, use: (push: MailboxPush | undefined) => Promise<R>): Promise<R>;
  record(
    act: string,
    of: { subject: string; after: Readonly<Record<string, unknown>> | null },
  ): Promise<void>;
  /** The tenant cannot be found here any more: whoever still works for it is sent away. */
  onReleased?(): Promise<void>;
}

type Ended = DisconnectReport['subscriptions'];

/** As far as the service lets us: an administrator may have taken the consent back before. */
async function endSubscriptions(parts: DisconnectParts, tenant: string): Promise<Ended> {
  const { state, signal, log } = parts;
  const rows = (await state.push?.subscriptions(TENANT)) ?? [];
  const open = rows.flatMap(({ subscriptionId }) => subscriptionId ?? []);
  let ended = 0;
  try {
    if (open.length > 0)
      await parts.withMailbox(tenant, async (push) => {
        for (const id of push === undefined ? [] : open) {
          await push?.unsubscribe(id, { signal });
          ended += 1;
        }
      });
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    log.warn('push.not-ended', { kind: error.kind, operation: error.operation, left: open.length - ended });
  }
  for (const row of rows) await state.push?.removeSubscription(row);
  return { ended, left: open.length - ended };
}

async function erase(parts: DisconnectParts): Promise<EraseReport> {
  const { state, sealer, bindings, clock } = parts;
  const report = await eraseTenant(state, { tenant: TENANT, now: clock.now() });
  sealer.forget();
  // What is left of it says that somebody let it go.
  await bindings.release(TENANT);
  return report;
}

/**
 * Lets go of the organisation: its id and its token are forgotten, its subscriptions taken back, and what was remembered destroyed.
 * Records on both sides are not touched. Safe to repeat, also where it broke off.
 */
export async function disconnectTenant(
  parts: DisconnectParts,
  { keep = false }: Pick<DisconnectOptions, 'keep'>,
): Promise<DisconnectReport> {
  const { bindings, secrets, place, token, state } = parts;
  const bound = await bindings.tenantOf(TENANT);
  const stored = place.kind === 'secret' ? await secrets.store.get(place.name) : null;
  const tenant = bound ?? (stored === null ? null : new TextDecoder().decode(stored.value));
  const isLeft = !keep && (await state.tenants.dataKeys(TENANT)).length > 0;
  if (tenant === null && !isLeft)
    return { disconnected: false, subscriptions: { ended: 0, left: 0 }, erased: null };
  // First what makes whoever works here stop, last what cannot be taken back.
  if (place.kind === 'secret') await secrets.store.remove(place.name);
  await bindings.release(TENANT);
  await parts.onReleased?.();
  const subscriptions = tenant === null ? { ended: 0, left: 0 } : await endSubscriptions(parts, tenant);
  if (tenant !== null) token.forget(tenant);
  const erased = keep ? null : await erase(parts);
  const subject = tenant === null ? TENANT : bindings.fingerprint(tenant);
  const act = tenant === null ? 'tenant.erased' : 'tenant.disconnected';
  await parts.record(act, { subject, after: { subscriptions, erased } });
  return { disconnected: tenant !== null, subscriptions, erased };
}
