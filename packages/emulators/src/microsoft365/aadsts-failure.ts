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
  body: Record<string, unknown>;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isGuid = (text: string): boolean => uuidForm.test(text);

export function toEntraAnswer(
  world: World,
  failure: EntraFailure,
  correlationId: string | null,
): EntraAnswer {
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
    body: {
      error: known.error,
      error_description:
        `AADSTS${failure.code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlation} ` +
        `Timestamp: ${timestamp}`,
      error_codes: [failure.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${failure.code}`,
    },
  };
}
