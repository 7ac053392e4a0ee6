import { createHmac, randomBytes } from 'node:crypto';
import { type ConsentPort, isAdapterError } from '@tidelock/core';
import { isSame } from './attempts.ts';
import type { ConsentFlow, Visitor } from './flow.ts';
import { errorPage, STYLE, setupPage } from './pages.ts';
import { ConsentRefusal, toRefusal } from './refusal.ts';

/** Mountable wherever there are requests: nothing of it knows a framework. Null: the path is not one of its own. */
export type HttpHandler = (request: Request) => Promise<Response | null>;

export interface ConnectHandlerParts {
  readonly flow: ConsentFlow;
  readonly consent: Pick<ConsentPort, 'consentUrl'>;
  /** Address of this installation as browsers know it, without a path. Never taken from a request. */
  readonly origin: string;
  /** Path under which everything stands: `/connect`. */
  readonly base: string;
  /** Place of the page that led here, on the same origin. Absent: a person came by a link, and has nothing to go back to. */
  readonly home?: string | undefined;
  /** Who asks; null for somebody who may not set up anything. */
  visitor(request: Request): Promise<Visitor | null>;
  /** The page is about to show somebody the id of the tenant. */
  revealed(visitor: Visitor): Promise<void>;
}

export const RETURN_PATH = '/return';

function headersFor(signInOrigin: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    `form-action 'self' ${signInOrigin}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** A form of another site cannot be told by its cookie alone. */
function requireOwnForm(request: Request, origin: string): void {
  const site = request.headers.get('sec-fetch-site');
  const isOwn = site === null ? request.headers.get('origin') === origin : site === 'same-origin';
  if (!isOwn) throw new ConsentRefusal('foreign-request', 'the request came from another site');
}

const STATUS: Partial<Record<ConsentRefusal['code'], number>> = {
  'no-session': 401,
  'foreign-request': 403,
  'too-many': 429,
};

const tooMany: Readonly<Record<string, string>> = { 'retry-after': '600' };

interface Pages {
  setup(visitor: Visitor): Response;
  style(): Response;
  to(location: string): Response;
  refused(refusal: ConsentRefusal): Response;
  isOwnToken(visitor: Visitor, token: string): boolean;
}

function createPages({ flow, consent, base, origin, home }: ConnectHandlerParts): Pages {
  const signIn = consent.consentUrl({ tenant: 'organizations', redirectUri: origin, state: '' });
  const common = headersFor(new URL(signIn).origin);
  const secret = randomBytes(32);
  const tokenOf = ({ session }: Visitor): string =>
    createHmac('sha256', secret).update(session).digest('base64url');
  const answer = (of: { status: number; text: string | null; type?: string; more?: object }): Response =>
    new Response(of.text, {
      status: of.status,
      headers: { ...common, 'content-type': of.type ?? 'text/html; charset=utf-8', ...of.more },
    });
  return {
    setup: (visitor) =>
      answer({
        status: 200,
        text: setupPage({ base, home: home ?? null, formToken: tokenOf(visitor) }, flow.stage(visitor)),
      }),
    style: () => answer({ status: 200, text: STYLE, type: 'text/css; charset=utf-8' }),
    to: (location) => answer({ status: 303, text: null, more: { location } }),
    refused: ({ code, message, remedy }) =>
      answer({
        status: STATUS[code] ?? 400,
        text: errorPage(base, { text: message, remedy }),
        more: code === 'too-many' ? tooMany : {},
      }),
    isOwnToken: (visitor, token) => isSame(tokenOf(visitor), token),
  };
}

/** The setup page, its button, and the address that the directory sends browsers back to. */
export function createConnectHandler(parts: ConnectHandlerParts): HttpHandler {
  const { flow, origin, base } = parts;
  const pages = createPages(parts);

  const requireVisitor = async (request: Request): Promise<Visitor> => {
    const visitor = await parts.visitor(request);
    if (visitor === null) throw new ConsentRefusal('no-session', 'nobody is signed in here');
    return visitor;
  };

  const start = async (request: Request): Promise<Response> => {
    requireOwnForm(request, origin);
    const visitor = await requireVisitor(request);
    const form = new URLSearchParams(await request.text());
    if (!pages.isOwnToken(visitor, form.get('token') ?? ''))
      throw new ConsentRefusal('foreign-request', 'the form is not one of this session');
    return pages.to(await flow.start(visitor));
  };

  /** The directory knows the address that is configured, whatever the request calls it. */
  const comeBack = async (request: Request): Promise<Response> => {
    const visitor = await requireVisitor(request);
    const { search } = new URL(request.url);
    const next = await flow.reply(visitor, new URL(`${origin}${base}${RETURN_PATH}${search}`));
    return pages.to(next ?? base);
  };

  const routes: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    [`GET ${base}`]: async (request) => {
      const visitor = await requireVisitor(request);
      // Written down before it is shown: this is the page on which the id of the tenant stands.
      if (flow.stage(visitor).at === 'connected') await parts.revealed(visitor);
      return pages.setup(visitor);
    },
    [`GET ${base}/style.css`]: async () => pages.style(),
    [`POST ${base}/start`]: start,
    [`GET ${base}${RETURN_PATH}`]: comeBack,
  };

  return async (request) => {
    const route = routes[`${request.method} ${new URL(request.url).pathname}`];
    if (route === undefined) return null;
    try {
      return await route(request);
    } catch (error) {
      if (error instanceof ConsentRefusal || isAdapterError(error)) return pages.refused(toRefusal(error));
      throw error;
    }
  };
}
