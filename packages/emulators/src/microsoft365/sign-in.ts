import { type EntraAnswer, EntraFailure, isGuid, tellFailure } from './aadsts-failure.ts';
import { mayConsent } from './directory-roles.ts';
import { errorPage, signInPage } from './sign-in-page.ts';
import type { AppRegistration, Tenant, User, World } from './world.ts';
import { findTenant, findUser } from './world.ts';

export interface PageCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** Tenant segment of the path, in lower case. */
  readonly key: string;
}

/** Where an answer goes back to. */
export interface Way {
  readonly app: AppRegistration;
  readonly redirectUri: string;
  readonly state: string | null;
}

const COOKIE = 'ESTSAUTH';
const SHARED = new Set(['common', 'organizations']);
const CODE_LIFETIME_MS = 600_000;

const html = (status: number, text: string, headers: Record<string, string> = {}): EntraAnswer => ({
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
  body: text,
});

export const showPage = (text: string, headers: Record<string, string> = {}): EntraAnswer =>
  html(200, text, headers);

/** Codes that a person reads on the page: no answer goes back to the app. */
const SHOWN = new Set([50011, 900971, 50034, 50020, 700016, 90002, 900021, 900023, 50194, 50126, 50057]);

/** Back to the app with `parameters`, and with the state exactly as it was sent. */
export function sendBack({ redirectUri, state }: Way, parameters: Record<string, string>): EntraAnswer {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.append(name, value);
  if (state !== null) target.searchParams.append('state', state);
  return { status: 302, headers: { Location: target.href }, body: '' };
}

/** A refusal where it belongs: on the page, or back at the app (with `more` around it). */
export function refusePage(
  world: World,
  failure: EntraFailure,
  at: { readonly way: Way | undefined; readonly more?: Record<string, string> },
): EntraAnswer {
  const told = tellFailure(world, failure, null);
  if (at.way === undefined || SHOWN.has(failure.code)) return html(400, errorPage(told.description));
  const cancelled: Record<string, string> = failure.code === 65004 ? { error_subcode: 'cancel' } : {};
  return sendBack(at.way, {
    ...at.more,
    error: told.error,
    error_description: told.description,
    ...cancelled,
  });
}

/** Loopback addresses match whatever their port is (RFC 8252, 7.3). */
const withoutPort = (address: string): string => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.protocol !== 'http:' || url.hostname !== 'localhost') return address;
  url.port = '';
  return url.href;
};

/** Who asks and where the answer may go. Throws what is shown on the page. */
export function readWay(world: World, url: URL): Way {
  const query = url.searchParams;
  const clientId = query.get('client_id') ?? '';
  const app = world.apps.get(clientId.toLowerCase());
  if (app === undefined) throw new EntraFailure(700016, `Application '${clientId}'.`);
  if (app.redirectUris.size === 0) throw new EntraFailure(900971);
  const redirectUri = query.get('redirect_uri') ?? '';
  const known = [...app.redirectUris].map(withoutPort);
  if (!known.includes(withoutPort(redirectUri))) throw new EntraFailure(50011);
  return { app, redirectUri, state: query.get('state') };
}

/** The tenant that the path names; undefined for the shared endpoints. */
export function readTenant(world: World, key: string, app: AppRegistration): Tenant | undefined {
  if (SHARED.has(key)) {
    if (app.audience === 'single') throw new EntraFailure(50194);
    return undefined;
  }
  const tenant = findTenant(world, key);
  if (tenant === undefined) throw new EntraFailure(isGuid(key) ? 90002 : 900023, `Tenant '${key}'.`);
  return tenant;
}

const cookieOf = (headers: Headers): string | undefined =>
  new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]+)`).exec(headers.get('cookie') ?? '')?.[1];

/** Whoever is signed in with this browser. */
export function userOf(world: World, headers: Headers): User | undefined {
  const cookie = cookieOf(headers);
  const id = cookie === undefined ? undefined : world.browsers.get(cookie);
  return id === undefined ? undefined : world.users.get(id);
}

const tenantOf = (world: World, user: User): Tenant => {
  const tenant = world.tenants.get(user.tenantId);
  if (tenant === undefined) throw new EntraFailure(90002);
  return tenant;
};

function findAccount(world: World, login: string): User {
  for (const tenant of world.tenants.values()) {
    const user = findUser(tenant, login);
    if (user !== undefined) return user;
  }
  throw new EntraFailure(50034, `Account '${login}'.`);
}

/** What the tenant of a person says about it. Throws. */
export function requireAdmission(
  world: World,
  user: User,
  wanted: { readonly app: AppRegistration; readonly tenant: Tenant | undefined },
): Tenant {
  const tenant = tenantOf(world, user);
  const scripted = tenant.pages.failures.shift();
  if (scripted !== undefined) throw new EntraFailure(scripted);
  if (!user.accountEnabled) throw new EntraFailure(50057);
  if (wanted.tenant !== undefined && wanted.tenant !== tenant) throw new EntraFailure(50020);
  if (wanted.app.audience === 'single' && wanted.app.tenantId !== tenant.id) throw new EntraFailure(50020);
  if (tenant.pages.assignmentRequired) throw new EntraFailure(50105);
  const isNew = !tenant.principals.has(wanted.app.clientId);
  if (isNew && !tenant.pages.userConsent && !mayConsent(user.roles)) throw new EntraFailure(90094);
  return tenant;
}

/** Signs in with what the form says. Throws; else the cookie of the browser. */
export function signIn(world: World, form: URLSearchParams): { user: User; cookie: string } {
  const user = findAccount(world, form.get('login') ?? '');
  if (user.password !== undefined && form.get('password') !== user.password) throw new EntraFailure(50126);
  const cookie = world.random.hex(32);
  world.browsers.set(cookie, user.id);
  return { user, cookie: `${COOKIE}=${cookie}; Path=/; HttpOnly; SameSite=None; Secure` };
}

const requireParameters = (query: URLSearchParams): void => {
  if (query.get('response_type') !== 'code') throw new EntraFailure(900144, "'response_type' must be code.");
  if (!(query.get('scope') ?? '').split(/\s+/).includes('openid'))
    throw new EntraFailure(900144, "The parameter 'scope' must contain openid.");
  const method = query.get('code_challenge_method');
  if (query.has('code_challenge') && method !== 'S256') throw new EntraFailure(9002313, 'Use S256.');
};

function grantCode(world: World, call: PageCall, of: { way: Way; user: User }): EntraAnswer {
  const { way, user } = of;
  const query = call.url.searchParams;
  const code = `1.${world.random.hex(64)}`;
  world.codes.set(code, {
    userId: user.id,
    clientId: way.app.clientId,
    redirectUri: way.redirectUri,
    scope: query.get('scope') ?? '',
    nonce: query.get('nonce') ?? undefined,
    challenge: query.get('code_challenge') ?? undefined,
    expiresAt: world.clock.now() + CODE_LIFETIME_MS,
    redeemed: false,
  });
  return sendBack(way, { code, session_state: world.random.uuid() });
}

/** `/{tenant}/oauth2/v2.0/authorize`: the sign-in page, and what it answers. */
export function answerAuthorize(world: World, call: PageCall): EntraAnswer {
  let way: Way | undefined;
  try {
    way = readWay(world, call.url);
    const tenant = readTenant(world, call.key, way.app);
    requireParameters(call.url.searchParams);
    const query = call.url.searchParams;
    const present = query.has('prompt') ? undefined : userOf(world, call.headers);
    if (call.method !== 'POST' && present === undefined)
      return showPage(signInPage(way.app, query.get('login_hint') ?? ''));
    const signed =
      call.method === 'POST'
        ? signIn(world, new URLSearchParams(call.body))
        : { user: present, cookie: undefined };
    if (signed.user === undefined) return showPage(signInPage(way.app, ''));
    requireAdmission(world, signed.user, { app: way.app, tenant });
    const answer = grantCode(world, call, { way, user: signed.user });
    if (signed.cookie === undefined) return answer;
    return { ...answer, headers: { ...answer.headers, 'Set-Cookie': signed.cookie } };
  } catch (error) {
    if (!(error instanceof EntraFailure)) throw error;
    return refusePage(world, error, { way });
  }
}
