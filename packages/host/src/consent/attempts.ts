import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessStore } from '@tidelock/core';
import type { FieldPlace, FieldSealer } from '../sealing/field-seal.ts';

interface AttemptBase {
  /** SHA-256 of the session that started it. */
  readonly session: string;
  readonly account: string;
  readonly who: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a state stands for. `keep` and `tenant` come back to nobody but the flow. */
export type Attempt =
  | (AttemptBase & { readonly purpose: 'sign-in'; readonly keep: string })
  | (AttemptBase & { readonly purpose: 'consent'; readonly tenant: string; readonly subject: string });

/** Attempts by the SHA-256 of their state.  */
export interface Attempts {
  put(stateHash: string, attempt: Attempt): Promise<void>;
  /** Hands the attempt out and forgets it, in one step: of two who ask at once, one gets it. */
  take(stateHash: string): Promise<Attempt | null>;
  /** Those that are under way at that time: of one session, and of all. */
  count(session: string, now: number): Promise<{ readonly own: number; readonly all: number }>;
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Both are hashes of the same length, or they differ. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const KIND = 'consent';

/** An attempt names an organisation: it is sealed, and opens under its own state only. */
const placeOf = (stateHash: string): FieldPlace => ({ table: 'ticket', column: 'value', row: stateHash });

export interface AttemptsParts {
  readonly store: Pick<AccessStore, 'putTicket' | 'takeTicket' | 'countTickets'>;
  sealer(): Promise<FieldSealer>;
}

/** In the database, so that processes share them: a state that one gave away is used up everywhere. */
export function createAttempts({ store, sealer }: AttemptsParts): Attempts {
  return {
    async put(stateHash, attempt) {
      const sealed = (await sealer()).seal(placeOf(stateHash), attempt);
      const value = new TextEncoder().encode(sealed);
      await store.putTicket({
        ...{ kind: KIND, hash: stateHash, bound: attempt.session, value, endsAt: attempt.expiresAt },
      });
    },
    async take(stateHash) {
      const ticket = await store.takeTicket(KIND, stateHash);
      if (ticket === null) return null;
      const sealed = new TextDecoder().decode(ticket.value);
      return (await sealer()).open(placeOf(stateHash), sealed) as Attempt;
    },
    count: (session, now) => store.countTickets(KIND, { bound: session, now }),
  };
}
