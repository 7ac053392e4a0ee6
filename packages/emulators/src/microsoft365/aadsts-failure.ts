import { aadstsErrors } from './aadsts.ts';
import type { World } from './world.ts';

/** A refusal of the token endpoint. `detail` follows the code's own text, `[Reason - ...]` for instance. */
export class EntraFailure extends Error {
  override readonly name = 'EntraFailure';
  readonly code: number;
  readonly detail: string;

  constructor(code: number, detail = '') {
    super(`AADSTS${code}`);
    this.code = code;
    this.detail = detail;
  }
}

export interface EntraAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Text: an HTML page. */
  body?: Record<string, unknown> | string;
}

interface Told {
  status: number;
  error: string;
  description: string;
  timestamp: string;
  traceId: string;
  correlationId: string;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isGuid = (text: string): boolean => uuidForm.test(text);

/** A failure in the service's words, for the token endpoint, a page or the way back from a page. */
export function tellFailure(world: World, failure: EntraFailure, correlationId: string | null): Told {
  const known = aadstsErrors[failure.code] ?? {
    status: 400,
    error: 'invalid_request',
    text: 'The request failed.',
  };
  const traceId = world.random.uuid();
  const correlation = correlationId !== null && isGuid(correlationId) ? correlationId : world.random.uuid();
  const timestamp = `${new Date(world.clock.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const text = failure.detail === '' ? known.text : `${known.text} ${failure.detail}`;
  return {
    status: known.status,
    error: known.error,
    description:
      `AADSTS${failure.code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlation} ` +
      `Timestamp: ${timestamp}`,
    timestamp,
    traceId,
    correlationId: correlation,
  };
}

export function toEntraAnswer(
  world: World,
  failure: EntraFailure,
  correlationId: string | null,
): EntraAnswer {
  const told = tellFailure(world, failure, correlationId);
  return {
    status: told.status,
    body: {
      error: told.error,
      error_description: told.description,
      error_codes: [failure.code],
      timestamp: told.timestamp,
      trace_id: told.traceId,
      correlation_id: told.correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${failure.code}`,
    },
  };
}
