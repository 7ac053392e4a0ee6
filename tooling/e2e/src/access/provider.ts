import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the next ID token is made of, where it is not what it should be. */
export interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signature?: 'foreign' | 'none' | 'broken' | 'absent';
  /** Seconds that the token's own times lie in the past. */
  readonly age?: number;
}

/** What the browser is sent back with, where it is not what it should be. */
export interface ForgedReturn {
  readonly iss?: string;
  readonly error?: string;
  readonly state?: string | null;
}

export interface SignInProvider {
  readonly origin: string;
  /** As its description says; `{tenantid}` in it makes it one of many tenants. */
  readonly issuer: string;
  /** Requests to the token endpoint. */
  readonly redeemed: number;
  /** Somebody signs in at the page that this address names; answers with the address that the browser is sent to. */
  signIn(authorize: string, person: Readonly<Record<string, unknown>>, forged?: ForgedReturn): string;
  forge(forgery: Forgery): void;
  /** Answers nothing any more. */
  break(): void;
  close(): Promise<void>;
}

interface Grant {
  readonly person: Readonly<Record<string, unknown>>;
  readonly nonce: string;
  readonly challenge: string;
  readonly redirect: string;
}

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1000);

const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const own = newKey();
const foreign = newKey();

function toJwt(claims: object, how: Forgery['signature']): string {
  const header = { alg: how === 'none' ? 'none' : 'RS256', typ: 'JWT', kid: 'k1' };
  const body = `${b64(header)}.${b64(claims)}`;
  if (how === 'none') return `${body}.`;
  const key = createPrivateKey((how === 'foreign' ? foreign : own).export({ format: 'pem', type: 'pkcs8' }));
  const signature = sign('sha256', Buffer.from(body), key).toString('base64url');
  return `${body}.${how === 'broken' ? `${signature.slice(0, -4)}AAAA` : signature}`;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
  return new URLSearchParams(Buffer.concat(parts).toString());
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

export interface ProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Default: its own address. */
  readonly issuer?: string;
  /** Address under which its endpoints are described. Default: its own. */
  readonly shownAs?: string;
}

/** An OpenID Connect provider on a loopback socket: code flow with PKCE, RS256, client secret. */
export async function startProvider(options: ProviderOptions): Promise<SignInProvider> {
  const grants = new Map<string, Grant>();
  let forgery: Forgery = {};
  let redeemed = 0;
  let isBroken = false;
  const server = createServer((request, response) => {
    if (isBroken) return void response.socket?.destroy();
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shown = options.shownAs ?? origin;
  const issuer = options.issuer ?? origin;

  const idToken = ({ person, nonce }: Grant): string => {
    const issued = now() - (forgery.age ?? 0);
    const claims = {
      ...{ iss: issuer.replace('{tenantid}', String(person.tid)), aud: options.clientId, nonce, iat: issued },
      ...{ exp: issued + 300, auth_time: issued, ...person, ...forgery.claims },
    };
    return toJwt(claims, forgery.signature);
  };

  const redeem = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    redeemed += 1;
    const form = await readForm(request);
    const grant = grants.get(form.get('code') ?? '');
    grants.delete(form.get('code') ?? '');
    // Both parts are form-encoded inside (RFC 6749, 2.3.1).
    const given = (request.headers.authorization ?? '').replace('Basic ', '');
    const basic = decodeURIComponent(Buffer.from(given, 'base64').toString());
    if (basic !== `${options.clientId}:${options.clientSecret}`)
      return json(response, 401, { error: 'invalid_client' });
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant === undefined || grant.challenge !== challenge || grant.redirect !== form.get('redirect_uri'))
      return json(response, 400, { error: 'invalid_grant' });
    const token = forgery.signature === 'absent' ? {} : { id_token: idToken(grant) };
    json(response, 200, { access_token: 'a', token_type: 'Bearer', expires_in: 60, ...token });
  };

  const describe = (response: ServerResponse): void =>
    json(response, 200, {
      ...{ issuer, authorization_endpoint: `${shown}/authorize`, token_endpoint: `${shown}/token` },
      ...{
        jwks_uri: `${shown}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
      },
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: !issuer.includes('{'),
    });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', origin);
    if (pathname.endsWith('/.well-known/openid-configuration')) return describe(response);
    if (pathname === '/token') return redeem(request, response);
    if (pathname !== '/keys') return json(response, 404, {});
    const { n, e } = own.export({ format: 'jwk' });
    json(response, 200, { keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig', kid: 'k1', n, e }] });
  };

  return {
    origin,
    issuer,
    get redeemed() {
      return redeemed;
    },
    signIn(authorize, person, forged = {}) {
      const { searchParams } = new URL(authorize);
      const of = (name: string): string => searchParams.get(name) ?? '';
      if (of('code_challenge_method') !== 'S256' || of('response_type') !== 'code')
        throw new Error('the request to the provider is not a code flow with PKCE');
      const code = randomBytes(16).toString('hex');
      const redirect = of('redirect_uri');
      grants.set(code, { person, nonce: of('nonce'), challenge: of('code_challenge'), redirect });
      const back = new URL(redirect);
      if (forged.error === undefined) back.searchParams.set('code', code);
      else back.searchParams.set('error', forged.error);
      if (forged.state !== null) back.searchParams.set('state', forged.state ?? of('state'));
      if (!issuer.includes('{')) back.searchParams.set('iss', forged.iss ?? issuer);
      return back.href;
    },
    forge(next) {
      forgery = next;
    },
    break() {
      isBroken = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
