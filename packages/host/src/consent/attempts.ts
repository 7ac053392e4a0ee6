import { createHash, timingSafeEqual } from 'node:crypto';

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

/** Attempts by the SHA-256 of their state. Several processes share them by sharing an implementation of this. */
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

/** In this process's memory. What has ended is dropped when something is added. */
export function createAttempts(): Attempts {
  const kept = new Map<string, Attempt>();
  const prune = (now: number): void => {
    for (const [state, { expiresAt }] of kept) if (expiresAt <= now) kept.delete(state);
  };
  return {
    async put(stateHash, attempt) {
      kept.set(stateHash, attempt);
    },
    async take(stateHash) {
      const attempt = kept.get(stateHash) ?? null;
      kept.delete(stateHash);
      return attempt;
    },
    async count(session, now) {
      prune(now);
      const own = [...kept.values()].filter((attempt) => attempt.session === session).length;
      return { own, all: kept.size };
    },
  };
}
