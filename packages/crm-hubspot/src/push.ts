import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PushedRecord, PushRequest, PushVerdict } from '@tidelock/core';
import { LAG_SECONDS } from './store.ts';
import { type Pushed, PushedSchema } from './wire.ts';

/** How far the time of a signature may be from ours, by the service's own rule. */
const WINDOW_MS = 300_000;

/** The encodings that a signature leaves out of an address, and no others. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

const toSigned = (url: string): string =>
  url.replace(/%[0-9A-Fa-f]{2}/g, (code) => LEFT_OUT[code.toUpperCase()] ?? code);

const refuse = (reason: Extract<PushVerdict, { accepted: false }>['reason']): PushVerdict => ({
  accepted: false,
  reason,
});

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

/** Searches are that far behind what is pushed. */
const LAG_MS = LAG_SECONDS * 1_000;

type Kind = 'contact' | 'event';

/** Object types by their number; the names stand before the dot of what happened: `contact.creation`, `object.deletion`. */
const KINDS: Readonly<Record<string, Kind>> = { '0-1': 'contact', '0-47': 'event', contact: 'contact' };

function kindOf({ subscriptionType, eventType, objectTypeId }: Pushed): Kind | undefined {
  return KINDS[objectTypeId ?? ''] ?? KINDS[(subscriptionType ?? eventType ?? '').split('.')[0] ?? ''];
}

/** Records that were changed, once each. A read tells what became of them, and does not lag as searches do. */
function recordsOf(events: readonly Pushed[]): readonly PushedRecord[] {
  const records = new Map<string, PushedRecord>();
  for (const event of events) {
    const { objectId: id } = event;
    const kind = kindOf(event);
    if (kind !== undefined && id !== undefined) records.set(`${kind} ${id}`, { kind, id });
  }
  return [...records.values()];
}

function take(events: readonly Pushed[]): PushVerdict {
  const kinds = new Set<Kind>();
  const told = {
    accepted: true,
    hints: events.length,
    settlesMs: LAG_MS,
    records: recordsOf(events),
  } as const;
  for (const event of events) {
    const kind = kindOf(event);
    // One that does not tell what it is about: anything may have changed.
    if (kind === undefined) return told;
    kinds.add(kind);
  }
  return { ...told, kinds: [...kinds] };
}

/**
 * Version 3 of the signatures: HMAC-SHA256 over method, address, raw body and time. Versions 1 and 2 know no time, so they
 * could be repeated for ever: they are not accepted. Compared in constant time; the body is looked at afterwards.
 */
export function verifyPush(
  request: PushRequest,
  of: { readonly secret: string | undefined; readonly now: number },
): PushVerdict {
  const { secret, now } = of;
  if (secret === undefined) return refuse('unconfigured');
  const signature = request.headers['x-hubspot-signature-v3'];
  const time = request.headers['x-hubspot-request-timestamp'];
  if (signature === undefined || time === undefined || !/^\d{1,15}$/.test(time)) return refuse('unsigned');
  if (Math.abs(now - Number(time)) > WINDOW_MS) return refuse('stale');
  const wanted = createHmac('sha256', secret)
    .update(request.method.toUpperCase() + toSigned(request.url))
    .update(request.body)
    .update(time)
    .digest('base64');
  // As texts: decoding would pass over what stands behind the padding.
  const [given, own] = [Buffer.from(signature), Buffer.from(wanted)];
  if (given.length !== own.length || !timingSafeEqual(given, own)) return refuse('forged');
  const pushed = PushedSchema.safeParse(parse(request.body));
  return pushed.success ? take(pushed.data) : refuse('malformed');
}
