import type { Fields, Intent, Side } from '@tidelock/core';
import { shortHash } from './features.ts';
import type { Lane, Pass } from './lane.ts';

/** What nobody else may have in a store that lanes share: e-mail addresses, and the key of an event. */
export function strongKeys(
  lane: Pick<Lane, 'mapping' | 'caps'>,
  side: Side,
  sent: Fields,
): readonly string[] {
  const emails = lane.mapping.fields
    .filter((field) => field.type === 'email')
    .flatMap((field) => sent[field.name] ?? []);
  const keys = new Set(
    emails.flatMap((email) => (typeof email === 'string' ? [shortHash(email.toLowerCase())] : [])),
  );
  // One event of several mailboxes is created once, whichever of them is read first.
  const { uid } = lane.caps[side].events === undefined ? {} : sent;
  if (typeof uid === 'string') keys.add(shortHash(`event ${uid}`));
  return [...keys];
}

/** Claims on the strong keys of records about to be created in a shared store (5.9). */
export function claimsOf(
  pass: Pass,
  intents: readonly Intent[],
): { intentId: string; store: string; key: string }[] {
  return intents.flatMap(({ id, op, side, store, sent }) => {
    if (op !== 'create' || !pass.lane.shared[side]) return [];
    return strongKeys(pass.lane, side, sent).map((key) => ({ intentId: id, store, key }));
  });
}
