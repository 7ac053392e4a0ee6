import type { AdapterError, ErrorKind, Outcome, RejectCode } from '@tidelock/core';
import { errorFromResponse } from '@tidelock/kit';
import { type ErrorBody, ErrorBodySchema } from './wire.ts';

/** The members of an error body that are read; empty for anything else (HTML of a gateway). */
export function toErrorBody(body: unknown): ErrorBody {
  const parsed = ErrorBodySchema.safeParse(body);
  return parsed.success ? parsed.data : { message: '' };
}

/** Codes are words in capitals; anything else could be data. */
function toCode(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Z][A-Z0-9_]{1,80}$/.test(text) ? text : undefined;
}

const LOCKED_WAIT_MS = 2_000;
const SECOND_MS = 1_000;
const TEN_SECONDS_MS = 10_000;
const HOUR_MS = 3_600_000;

/** No `Retry-After` comes with a 429: the policy that was hit tells how long. A day ends by the account's own clock. */
const POLICY_WAITS: Readonly<Record<string, number>> = {
  SECONDLY: SECOND_MS,
  TEN_SECONDLY_ROLLING: TEN_SECONDS_MS,
  DAILY: HOUR_MS,
};

/** 423: parallel writes met a lock, nothing was written. 477: the account is being moved. */
const KINDS: Readonly<Record<number, ErrorKind>> = { 423: 'rate_limited', 477: 'rate_limited' };

const REMEDIES: Readonly<Record<string, string>> = {
  INVALID_AUTHENTICATION:
    'Check the access token of the private app: Settings > Integrations > Private Apps > the app > Auth.',
  EXPIRED_AUTHENTICATION: 'The token was rotated: put the new one into the secret store.',
  MISSING_SCOPES: 'Give the private app the scopes of the README, and save it.',
};

function waitOf(status: number, body: ErrorBody): number | undefined {
  if (status === 423) return LOCKED_WAIT_MS;
  if (status === 477) return HOUR_MS;
  if (status !== 429) return undefined;
  return POLICY_WAITS[body.policyName ?? ''] ?? TEN_SECONDS_MS;
}

export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What an answer that is no success means for the call as a whole. */
export function toCallError(
  answer: FailedAnswer,
  { operation, now }: { readonly operation: string; readonly now: number },
): AdapterError {
  const body = toErrorBody(answer.body);
  const code = toCode(body.policyName ?? body.category);
  const wait = waitOf(answer.status, body);
  const headers = new Headers(answer.headers);
  if (wait !== undefined && headers.get('retry-after') === null)
    headers.set('retry-after', String(wait / SECOND_MS));
  return errorFromResponse(
    { status: answer.status, headers },
    { operation, code, kind: KINDS[answer.status], remedy: REMEDIES[code ?? ''], now },
  );
}

const REJECTIONS: Readonly<Record<string, RejectCode>> = {
  INVALID_EMAIL: 'invalid',
  INVALID_OPTION: 'invalid',
  INVALID_DATE: 'invalid',
  INVALID_INTEGER: 'invalid',
  INVALID_BOOLEAN: 'invalid',
  PROPERTY_VALUE_TOO_LONG: 'too-long',
  PROPERTY_DOESNT_EXIST: 'unsupported',
  READ_ONLY_VALUE: 'read-only',
};

/** Ids are digits; the rest of the message is not read. */
function holderIn(message: string): string | undefined {
  return /Existing ID: (\d+)/.exec(message)?.[1] ?? /\b(\d+) already has that value/.exec(message)?.[1];
}

/** A value that another record holds: our stamp, or a business key (an e-mail address). */
function toTaken(body: ErrorBody, stampProperty: string): Outcome | null {
  const detail = body.errors?.[0];
  const isConflict = body.category === 'CONFLICT' || detail?.code === 'CONFLICTING_UNIQUE_VALUE';
  if (!isConflict) return null;
  const holder = holderIn(body.message);
  if (body.message.includes(`propertyName=${stampProperty}`))
    return { status: 'duplicate', ...(holder === undefined ? {} : { id: holder }) };
  const property = /propertyName=([a-z0-9_]+)/.exec(body.message)?.[1] ?? 'email';
  return { status: 'rejected', code: 'duplicate-key', property, message: `${property} is taken` };
}

/** `missing`: the target was not found; whether it is gone or merged has to be read. */
export type ItemFailure = Outcome | 'missing';

/** What the error of one record means for it. */
export function toItemFailure(error: unknown, stampProperty: string): ItemFailure {
  const body = toErrorBody(error);
  const taken = toTaken(body, stampProperty);
  if (taken !== null) return taken;
  if (body.category === 'OBJECT_NOT_FOUND') return 'missing';
  if (body.category === 'RATE_LIMITS')
    return { status: 'retry', kind: 'rate_limited', afterMs: TEN_SECONDS_MS };
  const detail = body.errors?.[0];
  const detailCode = toCode(detail?.code) ?? '';
  const property = detail?.context?.propertyName?.[0];
  const named = property !== undefined && /^[a-z][a-z0-9_]*$/.test(property) ? property : undefined;
  const code = named === 'hubspot_owner_id' ? 'owner' : (REJECTIONS[detailCode] ?? 'unknown');
  const words = detailCode === '' ? (toCode(body.category) ?? 'refused') : detailCode;
  return {
    status: 'rejected',
    code,
    message: named === undefined ? words : `${words} on ${named}`,
    ...(named === undefined ? {} : { property: named }),
  };
}
