import type { FastifyInstance } from 'fastify';

const YEAR = 31_536_000;

/** Pages load nothing from elsewhere, run nothing inline, and are shown in nobody's frame. Security requirements, 2.4. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
].join('; ');

/** What every answer carries. An answer that set one of them itself keeps it. */
export function sendSafeHeaders(app: FastifyInstance, origin: string): void {
  const common: Record<string, string> = {
    'content-security-policy': PAGE_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
  if (origin.startsWith('https:')) common['strict-transport-security'] = `max-age=${YEAR}; includeSubDomains`;
  const all = Object.entries(common);
  app.addHook('onSend', async (request, reply) => {
    for (const [name, value] of all) if (!reply.hasHeader(name)) reply.header(name, value);
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control'))
      reply.header('cache-control', 'no-store');
  });
}
