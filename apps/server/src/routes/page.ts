import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ServerParts } from '../parts.ts';

/** The page's own addresses are its own business: whatever is no file is its first page. */
const OURS = ['/api', '/hooks', '/connect', '/auth', '/metrics'];

const isOurs = (path: string): boolean =>
  OURS.some((place) => path === place || path.startsWith(`${place}/`));

/** The built page. Files with a hash in their name may be kept for a year; the first page never. */
export async function pageRoutes(app: FastifyInstance, { page }: ServerParts): Promise<void> {
  if (page === null) return;
  const config = { role: 'public' } as const;
  const first = readFileSync(join(page, 'index.html'));
  await app.register(async (files) => {
    files.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...config };
      route.schema = { ...route.schema, hide: true };
    });
    await files.register(serveFiles, {
      root: join(page, 'assets'),
      prefix: '/assets/',
      decorateReply: false,
      immutable: true,
      maxAge: '365d',
    });
    files.get('/*', async (request, reply) => {
      const path = request.url.split('?')[0] ?? '/';
      if (isOurs(path)) return reply.callNotFound();
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(first);
    });
  });
}
