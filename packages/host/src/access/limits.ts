import type { AccessStore, Clock, Logger, TryRule } from '@tidelock/core';
import type { BlindIndex } from '../sealing/blind-index.ts';
import { addressGroup } from './caller.ts';
import { AccessRefusal } from './refusal.ts';

const MINUTES = 60_000;

/** What is tried out, and how often that is borne with. */
const RULES = {
  // Then waits grow, but never so long that the owner of the account is kept out.
  account: { windowMs: 15 * MINUTES, free: 5, wait: { firstMs: 2_000, mostMs: MINUTES } },
  // Sign-ins and links that are tried, from one address.
  address: { windowMs: 15 * MINUTES, free: 30, wait: null },
  // Tokens that are not valid, from one address: a forgotten program must not keep people out who sit beside it.
  token: { windowMs: 15 * MINUTES, free: 30, wait: null },
  // Sign-ins that are begun with a provider, from one address.
  start: { windowMs: 15 * MINUTES, free: 60, wait: null },
} as const satisfies Readonly<Record<string, TryRule>>;
type Kind = keyof typeof RULES | 'requests';

/** A block is taken from the common stock at once, so that not every request writes. */
const BLOCKS = 20;

export interface Limits {
  /** A sign-in by password, before it is judged. Throws `too-many`. */
  signIn(of: { readonly address: string; readonly name: string }): Promise<void>;
  /** It was right: the account's tries are forgotten. */
  forget(name: string): Promise<void>;
  /** Something else that could be guessed, before it is judged. Throws `too-many`. */
  guess(address: string): Promise<void>;
  /** An API token was not valid. Throws `too-many`. */
  badToken(address: string): Promise<void>;
  /** A sign-in with a provider begins. Throws `too-many`. */
  start(address: string): Promise<void>;
  /** Any request to the API. Throws `too-many`. */
  request(by: string): Promise<void>;
}

export interface LimitsParts {
  readonly store: Pick<AccessStore, 'takeTries' | 'forgetTries'>;
  index(): Promise<BlindIndex>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Requests of one principal, or of one address that nobody is signed in at. */
  requestsPerMinute(): number;
}

/** Counted in the shared database, under keys that tell neither names nor addresses. */
export function createLimits({ store, index, clock, log, requestsPerMinute }: LimitsParts): Limits {
  const ruleOf = (kind: Kind): TryRule =>
    kind === 'requests' ? { windowMs: MINUTES, free: requestsPerMinute(), wait: null } : RULES[kind];
  const keyOf = async (kind: string, of: string): Promise<string> => (await index()).of(`${kind}\n${of}`);

  const take = async (kind: Kind, of: string, tries = 1): Promise<void> => {
    const now = clock.now();
    const verdict = await store.takeTries(await keyOf(kind, of), ruleOf(kind), { now, tries });
    if (verdict.granted) return;
    if (verdict.first) log.warn('access.limited', { kind });
    throw new AccessRefusal('too-many', {
      retryAfter: Math.max(1, Math.ceil((verdict.retryAt - now) / 1000)),
    });
  };

  const blocks = createBlocks(clock);
  return {
    async signIn({ address, name }) {
      await take('address', addressGroup(address));
      await take('account', name);
    },
    forget: async (name) => store.forgetTries(await keyOf('account', name)),
    badToken: (address) => take('token', addressGroup(address)),
    start: (address) => take('start', addressGroup(address)),
    guess: (address) => take('address', addressGroup(address)),
    async request(by) {
      if (blocks.spend(by)) return;
      const tries = Math.max(1, Math.floor(requestsPerMinute() / BLOCKS));
      await take('requests', by, tries);
      blocks.put(by, tries - 1);
    },
  };
}

const MOST_BLOCKS = 10_000;

/** What is left of blocks that were taken; a block is good for half a minute. */
function createBlocks(clock: Clock) {
  const blocks = new Map<string, { left: number; readonly until: number }>();
  return {
    spend(by: string): boolean {
      const block = blocks.get(by);
      if (block === undefined || block.left === 0 || block.until <= clock.now()) return false;
      block.left -= 1;
      return true;
    },
    put(by: string, left: number): void {
      if (blocks.size >= MOST_BLOCKS) blocks.clear();
      blocks.set(by, { left, until: clock.now() + MINUTES / 2 });
    },
  };
}
