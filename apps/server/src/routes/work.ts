import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { JobSchema, refusals, toJob } from '../answers.ts';
import { toResult } from '../job-results.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { nameOf, platformNow } from '../request-platform.ts';

const Addresses = z.array(z.email().max(320)).min(1).max(1_000);
const started = { 202: JobSchema, ...refusals(409) };

/** Syncing now, proving the reach, and looking at everything that can be wrong: each a job. */
export function workRoutes(app: FastifyInstance, { live, work }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    `${API}/sync`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags: ['work'], summary: 'Starts a job that brings mailboxes and CRM in step now.' },
        body: z.strictObject({
          mailboxes: Addresses.optional(),
          audit: z
            .boolean()
            .default(false)
            .meta({ description: 'Reads everything again, and finds what drifted apart.' }),
        }),
        response: started,
      },
    },
    async (request, reply) => {
      platformNow(live);
      const { mailboxes, audit } = request.body;
      const job = work.sync({ by: nameOf(request), mailboxes, audit });
      return reply.code(202).send(toJob(job, toResult));
    },
  );
  routes.post(
    `${API}/reach`,
    {
      config: { role: 'operator' },
      schema: {
        tags: ['work'],
        summary:
          'Starts a job that opens mailboxes inside and outside of the rules; its result is a Reach. Reads only.',
        body: z.strictObject({
          outside: z
            .array(z.email().max(320))
            .max(1_000)
            .default([])
            .meta({ description: 'Addresses that must stay closed, beside those that the directory lists.' }),
        }),
        response: started,
      },
    },
    async (request, reply) => {
      platformNow(live);
      const job = work.reach({ by: nameOf(request), outside: request.body.outside });
      return reply.code(202).send(toJob(job, toResult));
    },
  );
  routes.post(
    `${API}/doctor`,
    {
      config: { role: 'operator' },
      schema: {
        tags: ['work'],
        summary:
          'Starts a job that looks at everything that can be wrong; its result is a list of checks. Reads only.',
        body: z.strictObject({}),
        response: started,
      },
    },
    async (request, reply) => {
      platformNow(live);
      return reply.code(202).send(toJob(work.doctor({ by: nameOf(request) }), toResult));
    },
  );
}
