import { createRequire } from 'node:module';
import type { AdapterError, ErrorKind, InputError, Problem } from '@tidelock/core';
import * as z from 'zod';

// Not by an import, for which Node looks at everything that the module has, and loads its own HTTP client for it: 14 MB (0776).
const { STATUS_CODES } = createRequire(import.meta.url)('node:http') as typeof import('node:http');

/** What every refusal looks like (RFC 9457), with what this product says besides: what to do about it. */
export const ProblemSchema = z
  .object({
    type: z.string().meta({ description: 'about:blank, or the kind of failure as a URN.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What went wrong, for people.' }),
    remedy: z.string().optional().meta({ description: 'What to do about it, for people.' }),
    code: z.string().optional().meta({ description: 'Machine-readable reason.' }),
    requestId: z.string().optional().meta({ description: "The other service's name for the request." }),
    problems: z
      .array(z.object({ path: z.string(), reason: z.string(), remedy: z.string() }))
      .optional()
      .meta({ description: 'Everything that is wrong with what was sent, not only the first.' }),
  })
  .meta({ id: 'Problem' });
export type ProblemDocument = z.infer<typeof ProblemSchema>;

export const PROBLEM_TYPE = 'application/problem+json';

/** A refusal that a route decided on. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly remedy: string | undefined;
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;
  readonly problems: readonly Problem[] | undefined;

  constructor(
    status: number,
    detail: string,
    of: {
      readonly code: string;
      readonly remedy?: string;
      readonly retryAfter?: number;
      readonly problems?: readonly Problem[];
    },
  ) {
    super(detail);
    this.status = status;
    this.code = of.code;
    this.remedy = of.remedy;
    this.retryAfter = of.retryAfter;
    this.problems = of.problems;
  }
}

/** A refusal by a service behind this one is never the caller's 401 or 403. */
const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  auth: 502,
  forbidden: 502,
  not_found: 404,
  conflict: 409,
  invalid: 422,
  rate_limited: 503,
  unavailable: 503,
  cursor_expired: 502,
  unsupported: 422,
  protocol: 502,
};

export interface ProblemAnswer {
  readonly document: ProblemDocument;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

const titleOf = (status: number): string => STATUS_CODES[status] ?? 'Failed';
const urn = (kind: string): string => `urn:tidelock:problem:${kind}`;

function ofInput({ message, problems }: InputError): ProblemAnswer {
  const status = 422;
  const document = { type: urn('input'), title: titleOf(status), status, detail: message };
  return { document: { ...document, problems: problems.map((one) => ({ ...one })) } };
}

function ofAdapter(error: AdapterError): ProblemAnswer {
  const { kind, message, remedy, code, requestId, retryAfterMs } = error;
  const status = STATUS_OF[kind];
  const document = { type: urn(kind), title: titleOf(status), status, detail: message };
  return {
    document: { ...document, remedy, code, requestId },
    retryAfter: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000),
  };
}

function ofRefusal(error: Refusal): ProblemAnswer {
  const { status, message: detail, code, remedy, retryAfter, problems } = error;
  const document = { type: urn(code), title: titleOf(status), status, detail, code, remedy };
  const listed = problems === undefined ? {} : { problems: problems.map((one) => ({ ...one })) };
  return { document: { ...document, ...listed }, retryAfter };
}

/** What the framework itself refuses: a body that is no JSON, one that is too large. Its words name no value. */
function ofFramework(error: Error & { readonly statusCode: number }): ProblemAnswer {
  const { statusCode: status, message: detail } = error;
  return { document: { type: 'about:blank', title: titleOf(status), status, detail } };
}

const isFramework = (error: unknown): error is Error & { readonly statusCode: number } =>
  error instanceof Error &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  error.statusCode >= 400 &&
  error.statusCode < 500;

/** The refusal for a failure; null: nobody expected it, so that nothing of it may leave the process. */
export function problemOf(error: unknown): ProblemAnswer | null {
  if (error instanceof Refusal) return ofRefusal(error);
  if (error instanceof Error && error.name === 'InputError') return ofInput(error as InputError);
  if (error instanceof Error && error.name === 'AdapterError') return ofAdapter(error as AdapterError);
  return isFramework(error) ? ofFramework(error) : null;
}

export const unexpected: ProblemAnswer = {
  document: {
    type: 'about:blank',
    title: titleOf(500),
    status: 500,
    detail: 'Something unexpected went wrong.',
    remedy: "The server's log has it under http.failed, with this request's id.",
  },
};
