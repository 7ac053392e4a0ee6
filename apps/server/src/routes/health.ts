import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { ServerParts } from '../parts.ts';

const Alive = z.strictObject({ status: z.literal('ok') });
const Readiness = z.strictObject({
  ready: z.boolean(),
  waitsFor: z.array(z.string()).meta({ description: 'What keeps it from working, for people.' }),
});

/** For load balancers and supervisors: alive is that the process answers, ready that it can do its work. */
export function healthRoutes(app: FastifyInstance, { readiness }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'public' } as const;
  const tags = ['operations'];
  routes.get(
    '/healthz',
    { config, schema: { tags, summary: 'The process answers.', response: { 200: Alive } } },
    async () => ({ status: 'ok' as const }),
  );
  routes.get(
    '/readyz',
    {
      config,
      schema: { tags, summary: 'It can do its work.', response: { 200: Readiness, 503: Readiness } },
    },
    async (_request, reply) => {
      const waitsFor = [...readiness()];
      const ready = waitsFor.length === 0;
      return reply.code(ready ? 200 : 503).send({ ready, waitsFor });
    },
  );
}
