/** Where browsers keep what is secret between them and this installation. */
export interface Cookies {
  /** Null: there is none, or none that could be ours. */
  read(header: string | undefined, which: CookieName): string | null;
  /** A `set-cookie` line. */
  write(which: CookieName, secret: string): string;
  clear(which: CookieName): string;
}

/** `session`: somebody signed in. `visit`: a sign-in is under way in this browser. */
export type CookieName = 'session' | 'visit';

const NAMES: Readonly<Record<CookieName, string>> = { session: 'sid', visit: 'visit' };
/** A sign-in that takes longer is over. */
const VISIT_SECONDS = 600;

/**
 * Lax, because the way back from a sign-in service is a link from another site. `__Host-`: of this host alone, over TLS alone,
 * for every path. The one exception is a demonstration over plain HTTP on this machine itself (`http://localhost`): there the
 * prefix and `Secure` are left out, and the name says so by lacking them.
 */
export function createCookies(origin: string): Cookies {
  const isTls = origin.startsWith('https:');
  const name = (which: CookieName): string => (isTls ? `__Host-${NAMES[which]}` : `tidelock-${NAMES[which]}`);
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isTls ? '; Secure' : ''}`;
  const life = (which: CookieName): string => (which === 'visit' ? `; Max-Age=${VISIT_SECONDS}` : '');
  return {
    read(header, which) {
      const wanted = `${name(which)}=`;
      const found = (header ?? '').split(/;\s*/).filter((pair) => pair.startsWith(wanted));
      // Two of one name: one of them was planted from elsewhere, and nobody knows which.
      const value = found.length === 1 ? found[0]?.slice(wanted.length) : undefined;
      return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
    },
    write: (which, secret) => `${name(which)}=${secret}${attributes}${life(which)}`,
    clear: (which) => `${name(which)}=${attributes}; Max-Age=0`,
  };
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether browsers may be talked to under this address: over TLS, or without it on this machine only. */
export function isSafeOrigin(origin: string): boolean {
  const { protocol, hostname, origin: own } = new URL(origin);
  return own === origin && (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname)));
}
