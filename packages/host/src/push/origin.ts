const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An origin without a path; http on this machine only. */
export function isReachableOrigin(text: string): boolean {
  const url = new URL(text);
  const isOrigin = url.origin === text.replace(/\/$/, '') && url.username === '';
  return isOrigin && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)));
}
