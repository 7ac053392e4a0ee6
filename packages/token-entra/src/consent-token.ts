import type { TokenLook } from '@tidelock/core';

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Claims of a token that is a JWT; an app-only token need not be one. Never a reason to permit anything. */
export function lookAt(token: string): TokenLook {
  const [, payload] = token.split('.');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'));
    const { tid, oid, roles = [] } = claims as Readonly<Record<string, unknown>>;
    const names = Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
    return { tenant: text(tid)?.toLowerCase() ?? null, principal: text(oid), roles: names.sort() };
  } catch {
    return { tenant: null, principal: null, roles: null };
  }
}
