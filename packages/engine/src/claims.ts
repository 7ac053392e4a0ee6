import type { Intent } from '@tidelock/core';
import { shortHash } from './features.ts';
import type { Pass } from './lane.ts';

/** Claims on the strong keys of records about to be created in a shared store (5.9). */
export function claimsOf(
  pass: Pass,
  intents: readonly Intent[],
): { intentId: string; store: string; key: string }[] {
  return intents.flatMap((intent) => {
    if (intent.op !== 'create' || !pass.lane.shared[intent.side]) return [];
    const emails = pass.lane.mapping.fields
      .filter((field) => field.type === 'email')
      .flatMap((field) => intent.sent[field.name] ?? []);
    const keys = new Set(
      emails.flatMap((email) => (typeof email === 'string' ? [shortHash(email.toLowerCase())] : [])),
    );
    // One event of several mailboxes is created once, whichever of them is read first.
    const { uid } = pass.lane.caps[intent.side].events === undefined ? {} : intent.sent;
    if (typeof uid === 'string') keys.add(shortHash(`event ${uid}`));
    return [...keys].map((key) => ({ intentId: intent.id, store: intent.store, key }));
  });
}
