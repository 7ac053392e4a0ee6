import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { requirePrincipal } from '../law.ts';
import { API } from '../paths.ts';
import { asked, type Entrance } from './request.ts';

/** The only place where the id of the tenant leaves this installation. A POST, because each look is written down. */
export function tenantRoute(app: FastifyInstance, { access }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const summary = 'The id of the connected tenant. Stands in the audit trail.';
  routes.post(
    `${API}/tenant/reveal`,
    {
      config: { role: 'setup' },
      schema: { tags: ['connections'], summary, response: { 200: z.strictObject({ tenant: z.string() }) } },
    },
    async (request) => {
      const { name } = requirePrincipal(request);
      return { tenant: await asked(() => access.revealTenant(name)) };
    },
  );
}
