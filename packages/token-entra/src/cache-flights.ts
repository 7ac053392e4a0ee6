import { AdapterError, type ContextOf } from '@tidelock/core';
import type { Entry, Held } from './cache.ts';
import { aborted, type Renewer } from './provider-renewal.ts';
import type { Wanted } from './provider-request.ts';

const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 300_000;
/** What only a tenant's administrator can mend is looked at once an hour in the end, and heals by itself. */
const LONGEST_PROBE_MS = 3_600_000;

export interface Flights {
  /** Begins a renewal now, whatever is under way; its outcome goes into the entry. */
  start(entry: Entry, wanted: Wanted, claims?: string): Promise<Held>;
  /** The outcome of the renewal that is under way, or of a new one; while backing off, the last error. */
  join(entry: Entry, wanted: Wanted): Promise<Held>;
  /** Like `start`, for a caller that waits; while backing off, the last error. */
  startFor(entry: Entry, wanted: Wanted, claims: string): Promise<Held>;
  isBackingOff(entry: Entry): boolean;
}

/** Waits for what others may be waiting for too: an abort ends the wait, not the work. */
async function follow<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let stop = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(aborted());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The same error for a later caller, with the wait that is left. */
function repeated(error: AdapterError, waitMs: number): AdapterError {
  const { kind, message, operation, status, code, requestId, remedy, party } = error;
  const retryAfterMs = Math.ceil(waitMs);
  const details = { operation, status, code, requestId, remedy, party, retryAfterMs };
  return new AdapterError(kind, message, details);
}

export function createFlights(context: ContextOf['token'], renewer: Renewer): Flights {
  const { clock, random, log } = context;

  const noteFailure = (entry: Entry, error: AdapterError): void => {
    if (error.code === 'aborted') return;
    const longest = error.party === 'tenant' ? LONGEST_PROBE_MS : LONGEST_BACKOFF_MS;
    const grown = Math.min(longest, FIRST_BACKOFF_MS * 2 ** entry.fails);
    const wait = Math.max(error.retryAfterMs ?? 0, grown * (0.5 + random.next() / 2));
    entry.fails += 1;
    entry.error = error;
    entry.nextTryMono = clock.mono() + wait;
    const { kind, code, status, requestId } = error;
    const data = { kind, code, status, requestId, fails: entry.fails, waitMs: Math.round(wait) };
    log.warn('token.renewal-failed', data);
  };

  const start = (entry: Entry, wanted: Wanted, claims?: string): Promise<Held> => {
    const land = (): void => {
      if (entry.flight === flight) entry.flight = null;
    };
    const flight: Promise<Held> = renewer.renew(wanted, claims).then(
      (held) => {
        land();
        Object.assign(entry, { held, fails: 0, error: null, nextTryMono: Number.NEGATIVE_INFINITY });
        return held;
      },
      (error: AdapterError) => {
        land();
        noteFailure(entry, error);
        throw error;
      },
    );
    entry.flight = flight;
    return flight;
  };

  const requireTurn = (entry: Entry): void => {
    const wait = entry.nextTryMono - clock.mono();
    if (entry.error && wait > 0) throw repeated(entry.error, wait);
  };

  return {
    start,
    async join(entry, wanted) {
      if (entry.flight) return follow(entry.flight, wanted.signal);
      requireTurn(entry);
      return follow(start(entry, wanted), wanted.signal);
    },
    async startFor(entry, wanted, claims) {
      requireTurn(entry);
      return follow(start(entry, wanted, claims), wanted.signal);
    },
    isBackingOff: (entry) => entry.nextTryMono > clock.mono(),
  };
}
