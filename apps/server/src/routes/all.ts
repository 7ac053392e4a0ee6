import type { FastifyInstance } from 'fastify';
import type { ServerParts } from '../parts.ts';
import { healthRoutes } from './health.ts';
import { pageRoutes } from './page.ts';

/** Every route of the server, area by area. */
export async function addRoutes(app: FastifyInstance, parts: ServerParts): Promise<void> {
  healthRoutes(app, parts);
  parts.access.routes(app);
  await pageRoutes(app, parts);
}
