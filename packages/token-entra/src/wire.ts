import { z } from 'zod';

/** What the token endpoint answers; lenient, because Microsoft adds fields. */
const GrantSchema = z.looseObject({
  access_token: z.string().min(1),
  /** Seconds. Some proxies and older endpoints send it as text. */
  expires_in: z.coerce.number().positive(),
  refresh_in: z.coerce.number().positive().optional().catch(undefined),
});

const RefusalSchema = z.looseObject({
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
  /** A number at run time, text in some typings. */
  error_codes: z.array(z.coerce.number().int()).optional().catch(undefined),
  correlation_id: z.guid().optional().catch(undefined),
  trace_id: z.guid().optional().catch(undefined),
});

export interface Grant {
  readonly token: string;
  /** Milliseconds. */
  readonly lifetimeMs: number;
  /** Milliseconds after which the service would like the token renewed. */
  readonly refreshMs: number | undefined;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly number: number | undefined;
  readonly word: string | undefined;
  /** For classification only; it can echo what was sent. */
  readonly description: string;
  readonly requestId: string | undefined;
}

export function toJsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    return null;
  }
  return null;
}

/** `null` when the answer lacks a token or its lifetime: then there is nothing that could be used. */
export function toGrant(body: unknown): Grant | null {
  const parsed = GrantSchema.safeParse(body);
  if (!parsed.success) return null;
  const { access_token, expires_in, refresh_in } = parsed.data;
  return {
    token: access_token,
    lifetimeMs: expires_in * 1000,
    refreshMs: refresh_in === undefined ? undefined : refresh_in * 1000,
  };
}

export function toRefusal(answer: {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> | null;
}): Refusal {
  const { status, headers } = answer;
  const body = RefusalSchema.parse(answer.body ?? {});
  const description = body.error_description ?? '';
  const named = /^AADSTS(\d{4,8})\b/.exec(description)?.[1];
  return {
    status,
    headers,
    number: body.error_codes?.[0] ?? (named === undefined ? undefined : Number(named)),
    word: body.error !== undefined && /^[a-z_]{1,40}$/.test(body.error) ? body.error : undefined,
    description,
    requestId: body.correlation_id ?? body.trace_id,
  };
}
