import { z } from 'zod';

export const WireSubscription = z.object({
  id: z.string().min(1),
  resource: z.string().min(1),
  notificationUrl: z.string().min(1),
  expirationDateTime: z.iso.datetime({ offset: true }),
});
export type WireSubscription = z.output<typeof WireSubscription>;

type Maybe = string | undefined;

/** What is looked at of one notification; everything else in it is ignored. */
export interface WireNotification {
  readonly subscriptionId: string;
  readonly clientState: Maybe;
  readonly tenantId: Maybe;
  readonly resource: Maybe;
  readonly lifecycleEvent: Maybe;
}

const textOf = (value: unknown): Maybe => (typeof value === 'string' ? value : undefined);

/** By hand: a schema costs more than the judgement, and thousands a second pass here. Undefined: it is none. */
export function toNotification(item: unknown): WireNotification | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { subscriptionId, clientState, tenantId, resource, lifecycleEvent } = item as Record<string, unknown>;
  if (typeof subscriptionId !== 'string' || subscriptionId === '') return undefined;
  return {
    subscriptionId,
    clientState: textOf(clientState),
    tenantId: textOf(tenantId),
    resource: textOf(resource),
    lifecycleEvent: textOf(lifecycleEvent),
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for a body that is no collection of notifications. */
export function toNotifications(body: Uint8Array): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(body));
    const items: unknown =
      typeof value === 'object' && value !== null && 'value' in value ? value.value : null;
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a refusal: of some, the reason stands nowhere else. */
export const WireRefusal = z.object({ error: z.object({ message: z.string() }) });
