import type { FastifyInstance } from 'fastify';
import type { ServerParts } from '../parts.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { numberRoutes } from './numbers.ts';
import { pageRoutes } from './page.ts';

/** Every route of the server, area by area. */
export async function addRoutes(app: FastifyInstance, parts: ServerParts): Promise<void> {
  healthRoutes(app, parts);
  numberRoutes(app, parts);
  eventRoutes(app, parts);
  parts.access.routes(app);
  await pageRoutes(app, parts);
}
