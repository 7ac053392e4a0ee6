import { createHash } from 'node:crypto';
import { type EntraAnswer, EntraFailure } from './aadsts-failure.ts';
import { issueIdToken } from './id-token.ts';
import type { AppRegistration, SignInCode, World } from './world.ts';

export interface CodeGrant {
  readonly app: AppRegistration;
  readonly form: URLSearchParams;
  /** Tenant segment of the path. */
  readonly key: string;
  readonly url: URL;
}

/** The code that the form names, whoever it belongs to. */
export function findCode(world: World, form: URLSearchParams): SignInCode | undefined {
  return world.codes.get(form.get('code') ?? '');
}

function requireVerifier(code: SignInCode, form: URLSearchParams): void {
  if (code.challenge === undefined) return;
  const verifier = form.get('code_verifier') ?? '';
  const digest = createHash('sha256').update(verifier).digest('base64url');
  if (digest !== code.challenge) throw new EntraFailure(501481);
}

/** The authorization code grant, once the client has proved itself. */
export function redeemCode(world: World, { app, form, key, url }: CodeGrant): EntraAnswer {
  const code = findCode(world, form);
  if (code === undefined || code.clientId !== app.clientId)
    throw new EntraFailure(9002313, 'The code is malformed.');
  const user = world.users.get(code.userId);
  const tenant = user === undefined ? undefined : world.tenants.get(user.tenantId);
  if (user === undefined || tenant === undefined) throw new EntraFailure(50034);
  const isShared = key === 'organizations' || key === 'common';
  if (!isShared && key !== tenant.id && key !== tenant.domain) throw new EntraFailure(700005);
  if (code.redeemed) throw new EntraFailure(54005);
  if (world.clock.now() >= code.expiresAt) throw new EntraFailure(70008);
  if (form.get('redirect_uri') !== code.redirectUri) throw new EntraFailure(50011);
  requireVerifier(code, form);
  code.redeemed = true;
  const { origin, pathname } = url;
  const scopes = code.scope.split(/\s+/);
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      scope: code.scope,
      expires_in: 3599,
      access_token: `EwA${world.random.hex(120)}`,
      ...(scopes.includes('offline_access') ? { refresh_token: `1.${world.random.hex(120)}` } : {}),
      id_token: issueIdToken(world, { app, user, nonce: code.nonce, origin, path: pathname }),
    },
  };
}
