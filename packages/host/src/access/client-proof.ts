import { createHash } from 'node:crypto';
import type { Signer } from '@tidelock/core';
import * as oidc from 'openid-client';
import type { ProviderChoice } from './access-config.ts';
import type { AccessDesk } from './parts.ts';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LIFE_SECONDS = 300;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** PS256 under the certificate of that key pair (RFC 7523). The private half stays where it is. */
async function assertionOf(
  signer: Signer,
  { context }: AccessDesk,
  of: { readonly clientId: string; readonly audience: string },
): Promise<string> {
  const { der } = await signer.certificate();
  const now = Math.floor(context.clock.now() / 1000);
  const thumbprint = createHash('sha256').update(der).digest('base64url');
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint };
  const { clientId: iss, audience: aud } = of;
  const times = { iat: now, nbf: now, exp: now + LIFE_SECONDS };
  const text = `${encode(header)}.${encode({ iss, sub: iss, aud, jti: context.random.uuid(), ...times })}`;
  const signature = await signer.sign('PS256', createHash('sha256').update(text).digest());
  return `${text}.${Buffer.from(signature).toString('base64url')}`;
}

function byCertificate(desk: AccessDesk, { clientId }: ProviderChoice, key: string): oidc.ClientAuth {
  return async (server, _client, body) => {
    const signer = await desk.secrets.keys.signer(key);
    body.set('client_id', clientId);
    body.set('client_assertion_type', ASSERTION);
    const audience = String(server.token_endpoint);
    body.set('client_assertion', await assertionOf(signer, desk, { clientId, audience }));
  };
}

/** By which of the two ways a secret is sent, the description says; what it leaves out stands in OpenID Connect itself. */
function bySecret(secret: string): oidc.ClientAuth {
  const [post, basic] = [oidc.ClientSecretPost(secret), oidc.ClientSecretBasic(secret)];
  return (...request) => {
    const ways = request[0].token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (ways.includes('client_secret_basic') ? basic : post)(...request);
  };
}

/** How this installation proves itself to the provider: by a key pair, a secret, or by PKCE alone. */
export async function clientProof(desk: AccessDesk, choice: ProviderChoice): Promise<oidc.ClientAuth> {
  if (choice.clientKey !== undefined) return byCertificate(desk, choice, choice.clientKey);
  if (choice.clientSecret === undefined) return oidc.None();
  const { secret: name } = choice.clientSecret;
  const found = await desk.secrets.store.get(name);
  if (found === null) throw new TypeError(`the secret store has no secret "${name}"`);
  return bySecret(new TextDecoder().decode(found.value).trim());
}
