import type { TokenRequest } from '@tidelock/core';
import { createFailure } from './errors.ts';

const TENANT =
  /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?:[a-z0-9](?:[a-z0-9-]{0,62})\.)+[a-z]{2,63})$/;
const SCOPE = /^[a-z][a-z0-9+.-]*:\/\/[^\s?#]+\/\.default$|^[0-9a-f-]{36}\/\.default$/i;

export interface Wanted {
  readonly tenant: string;
  readonly scope: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Throws `auth` for what could never be a tenant or an app-only scope: `common` and the like name no tenant, and the
 * tenant becomes part of a URL. Tenants are compared in lower case, as MSAL does with authorities.
 */
export function toWanted({ tenant, scope, signal }: TokenRequest): Wanted {
  const lower = tenant.toLowerCase();
  if (!TENANT.test(lower)) {
    throw createFailure('tenant-id', { code: 'tenant', message: 'not a tenant id' }).error;
  }
  if (!SCOPE.test(scope))
    throw createFailure('scope', { code: 'scope', message: 'not a resource scope' }).error;
  return { tenant: lower, scope, signal };
}
