import { randomBytes } from 'node:crypto';
import { hashOf } from './attempts.ts';
import type { Visitor } from './flow.ts';

const TICKET_MS = 10 * 60_000;
const newSecret = (): string => randomBytes(32).toString('base64url');

export interface DoorParts {
  readonly origin: string;
  readonly base: string;
  readonly account: string;
  readonly who: string;
  now(): number;
}

/** Lets in whoever holds a link that was printed at the terminal: once, and for ten minutes. */
export interface Door {
  readonly link: string;
  /** The answer to the link itself; null for other requests. */
  enter(request: Request): Response | null;
  visitor(request: Request): Promise<Visitor | null>;
  /** Resolves once somebody came in. */
  readonly entered: Promise<Visitor>;
}

/** Lax: the directory's pages send the browser back from another site. */
function cookieOf(origin: string): { readonly name: string; readonly attributes: string } {
  const isHttps = origin.startsWith('https:');
  const secure = isHttps ? '; Secure' : '';
  return {
    name: isHttps ? '__Host-tidelock-connect' : 'tidelock-connect',
    attributes: `; Path=/; HttpOnly; SameSite=Lax${secure}`,
  };
}

export function createDoor({ origin, base, account, who, now }: DoorParts): Door {
  const ticket = newSecret();
  const until = now() + TICKET_MS;
  const { name, attributes } = cookieOf(origin);
  let isUsed = false;
  let guest: (Visitor & { readonly hash: string }) | undefined;
  const { promise: entered, resolve: admit } = Promise.withResolvers<Visitor>();
  return {
    link: `${origin}${base}?ticket=${ticket}`,
    entered,
    enter(request) {
      const given = new URL(request.url).searchParams.get('ticket');
      if (request.method !== 'GET' || given === null) return null;
      const isGood = !isUsed && now() < until && hashOf(given) === hashOf(ticket);
      if (!isGood) return null;
      isUsed = true;
      const session = newSecret();
      guest = { session, account, who, hash: hashOf(session) };
      admit(guest);
      return new Response(null, {
        status: 303,
        headers: {
          location: base,
          'set-cookie': `${name}=${session}${attributes}`,
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        },
      });
    },
    async visitor(request) {
      const cookies = request.headers.get('cookie') ?? '';
      const given = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{43})(?:;|$)`).exec(cookies)?.[1];
      if (given === undefined || guest === undefined || hashOf(given) !== guest.hash) return null;
      return guest;
    },
  };
}
