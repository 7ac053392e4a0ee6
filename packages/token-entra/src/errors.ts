import { AdapterError, isAdapterError } from '@tidelock/core';
import { parseHttpDate, parseRetryAfter } from '@tidelock/kit';
import { KeyFault } from './assertion.ts';
import { adviceForNumber, adviceForWord } from './errors-aadsts.ts';
import { ADVICE, type Advice, type AdviceId } from './errors-remedies.ts';
import type { Refusal } from './wire.ts';

export const OPERATION = 'token.acquire';

/** An error together with what to do about it, so that the caller can decide about another key. */
export interface Failure {
  readonly id: AdviceId;
  readonly error: AdapterError;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Before which asking again is of no use, or not wanted, where the answer names no time. */
const WAITS: Partial<Record<AdviceId, number>> = {
  slow: MINUTE_MS,
  loop: 5 * MINUTE_MS,
  'conditional-access': 15 * MINUTE_MS,
  'directory-failure': HOUR_MS,
  'tenant-not-found': 24 * HOUR_MS,
  'tenant-inactive': 24 * HOUR_MS,
};

/** Kept apart from other failures of the service: they ask for a person in the end. */
const LASTING: ReadonlySet<AdviceId> = new Set(['support', 'directory-failure']);

interface Details {
  readonly code: string;
  readonly message: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly remedy?: string | undefined;
}

export function createFailure(id: AdviceId, details: Details): Failure {
  const { message, ...rest } = details;
  const { kind, party } = ADVICE[id];
  const remedy = rest.remedy ?? ADVICE[id].remedy;
  const retryAfterMs = rest.retryAfterMs ?? WAITS[id];
  return {
    id,
    error: new AdapterError(kind, message, { ...rest, operation: OPERATION, remedy, retryAfterMs, party }),
  };
}

/** The bracketed reason of 700027 says which of its causes it is. Only this word of the description is looked at. */
function refineCertificate(id: AdviceId, description: string): AdviceId {
  if (id !== 'certificate-unregistered') return id;
  if (/key used is expired/i.test(description)) return 'certificate-expired';
  return /signature value/i.test(description) ? 'certificate-refused' : id;
}

function adviceFor(refusal: Refusal): AdviceId {
  const { status, number, word, description } = refusal;
  const known = number === undefined ? undefined : adviceForNumber(number);
  if (status === 429) return known === 'loop' ? 'loop' : 'slow';
  if (status >= 500) return known !== undefined && LASTING.has(known) ? known : 'wait';
  return refineCertificate(known ?? adviceForWord(word ?? '') ?? 'wait', description);
}

/** How far this machine's clock is off, from the service's own `Date` header. */
function clockRemedy(headers: Headers, now: number): string | undefined {
  const sent = parseHttpDate(headers.get('date') ?? 'absent');
  const minutes = sent === undefined ? 0 : Math.round((now - sent) / MINUTE_MS);
  if (minutes === 0) return undefined;
  const where = minutes > 0 ? 'ahead of' : 'behind';
  return `This machine's clock is ${Math.abs(minutes)} min ${where} the sign-in service: correct it (time synchronisation).`;
}

/** The token endpoint refused. Neither its description nor anything that was sent gets into the error. */
export function failureFromRefusal(refusal: Refusal, now: number): Failure {
  const id = adviceFor(refusal);
  const code = refusal.number === undefined ? (refusal.word ?? 'http') : `AADSTS${refusal.number}`;
  return createFailure(id, {
    code,
    message: `the token endpoint refused: ${code}, HTTP ${refusal.status}`,
    status: refusal.status,
    requestId: refusal.requestId,
    retryAfterMs: parseRetryAfter(refusal.headers.get('retry-after'), now),
    remedy: id === 'clock' ? clockRemedy(refusal.headers, now) : undefined,
  });
}

/** The answer was no JSON object: something other than the sign-in service answered, or it is in trouble. */
export function failureFromGarbage(status: number): Failure {
  const id = status === 429 ? 'slow' : status >= 500 ? 'wait' : 'garbled';
  const message = `the token endpoint answered something else than JSON, HTTP ${status}`;
  return createFailure(id, { code: 'not-json', message, status });
}

/** The key store or the signer failed; nothing was sent. */
export function failureFromSigner(error: unknown): Failure {
  if (error instanceof KeyFault)
    return createFailure(error.advice, { code: error.advice, message: error.message });
  if (!isAdapterError(error)) {
    return createFailure('key-store-down', { code: 'key-store', message: 'the signer failed' });
  }
  const { kind, retryAfterMs, remedy } = error;
  if (kind === 'not_found') {
    return createFailure('key-missing', { code: 'key-missing', message: 'the key store has no such key' });
  }
  const down = kind === 'unavailable' || kind === 'rate_limited';
  const message = `the key store failed: ${kind}`;
  return createFailure(down ? 'key-store-down' : 'key-store', {
    code: 'key-store',
    message,
    retryAfterMs,
    remedy,
  });
}

/** Anything else that ended an attempt: the network, or MSAL's own checks. */
export function failureFromUnknown(error: unknown): Failure {
  if (!isAdapterError(error)) {
    const name = error instanceof Error ? error.name : typeof error;
    return createFailure('defect', { code: 'local', message: `no token request could be built (${name})` });
  }
  const { code = error.kind, message, status } = error;
  const ids: Partial<Record<string, AdviceId>> = {
    aborted: 'wait',
    redirect: 'garbled',
    'too-large': 'garbled',
  };
  return createFailure(ids[code] ?? 'network', { code, message, status });
}

export interface EntraErrorAdvice extends Advice {
  readonly code: string;
}

/** What an `AADSTS...` code means here, for screens and reports; `null` for a number that is not in the table. */
export function explainEntraError(code: string): EntraErrorAdvice | null {
  const [, number] = /^(?:AADSTS)?(\d{4,8})$/.exec(code) ?? [];
  const id = number === undefined ? undefined : adviceForNumber(Number(number));
  return id === undefined ? null : { code: `AADSTS${number}`, ...ADVICE[id] };
}
