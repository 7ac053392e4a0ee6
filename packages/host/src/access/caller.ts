import { isIP } from 'node:net';

/** What a request shows of who makes it. Of frameworks, nothing is known here. */
export interface Caller {
  readonly method: string;
  /** Where it comes from: `clientAddress`. */
  readonly address: string;
  header(name: string): string | undefined;
}

const bare = (text: string): string => {
  const plain = text.trim().replace(/^::ffff:(?=\d+\.)/i, '');
  return /^\[(.+)\](?::\d+)?$/.exec(plain)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(plain)?.[1] ?? plain;
};

/**
 * Address of a client behind so many proxies of our own: each appends whom it was called by, so only that many entries from
 * the end are true. Whatever stands before them was written by the client.
 */
export function clientAddress(
  socket: string | undefined,
  forwarded: string | undefined,
  trustedProxies: number,
): string {
  const own = bare(socket ?? '') || 'unknown';
  const told = (forwarded ?? '').split(',').map(bare).filter(Boolean);
  const found =
    trustedProxies === 0 ? undefined : told.at(-Math.min(trustedProxies, Math.max(told.length, 1)));
  return found !== undefined && isIP(found) !== 0 ? found : own;
}

/** Of an IPv6 address the network that one customer is given: everybody has more addresses than can be counted. */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const all = tail === undefined ? front : [...front, ...zeros, ...back];
  return `${all
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`;
}
