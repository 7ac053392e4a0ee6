import type { FastifyInstance } from 'fastify';
import type { ServerParts } from '../parts.ts';
import { auditRoutes } from './audit.ts';
import { connectRoutes } from './connect.ts';
import { connectionRoutes } from './connections.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { hookRoutes } from './hooks.ts';
import { itemRoutes } from './items.ts';
import { jobRoutes } from './jobs.ts';
import { keyRoutes } from './keys.ts';
import { mailboxRoutes } from './mailboxes.ts';
import { mappingRoutes } from './mapping.ts';
import { membershipRoutes } from './membership.ts';
import { numberRoutes } from './numbers.ts';
import { pageRoutes } from './page.ts';
import { planRoutes } from './plans.ts';
import { profileRoutes } from './profiles.ts';
import { reviewRoutes } from './reviews.ts';
import { settingRoutes } from './settings.ts';
import { statusRoutes } from './status.ts';
import { undoRoutes } from './undo.ts';
import { workRoutes } from './work.ts';

/** What administrators do, area by area. */
const AREAS = [
  statusRoutes,
  mailboxRoutes,
  membershipRoutes,
  profileRoutes,
  mappingRoutes,
  planRoutes,
  workRoutes,
  jobRoutes,
  historyRoutes,
  itemRoutes,
  undoRoutes,
  reviewRoutes,
  auditRoutes,
  keyRoutes,
  settingRoutes,
  connectionRoutes,
] as const;

/** Every route of the server, area by area. */
export async function addRoutes(app: FastifyInstance, parts: ServerParts): Promise<void> {
  healthRoutes(app, parts);
  numberRoutes(app, parts);
  if (parts.surface === 'operations') return;
  eventRoutes(app, parts);
  parts.access.routes(app);
  for (const area of AREAS) area(app, parts);
  await connectRoutes(app, parts);
  await hookRoutes(app, parts);
  await pageRoutes(app, parts);
}
