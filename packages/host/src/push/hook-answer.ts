/** What a hook answers; nothing of a request is ever shown but the text of a handshake. */
export interface HookAnswer {
  readonly status: 200 | 202 | 400 | 404 | 413 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Bytes of a pushed request. */
export const MAX_BODY = 256 * 1024;

const SAFE = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

const plain = (status: HookAnswer['status'], body: string, more: object = {}): HookAnswer => ({
  status,
  headers: { ...SAFE, 'content-type': 'text/plain; charset=utf-8', ...more },
  body,
});

export const accepted: HookAnswer = { status: 202, headers: SAFE, body: '' };
export const notHere: HookAnswer = plain(404, 'not found');
export const notUnderstood: HookAnswer = plain(400, 'not understood');
export const tooLarge: HookAnswer = plain(413, 'too large');
/** Whoever pushes repeats what was not taken. */
export const busy: HookAnswer = plain(503, 'busy', { 'retry-after': '10' });
/** The text of somebody else: never HTML, and no browser takes it for that. */
export const echo = (text: string): HookAnswer =>
  plain(200, text, { 'content-security-policy': "default-src 'none'; sandbox" });
