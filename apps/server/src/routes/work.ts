import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { JobSchema, refusals, toJob } from '../answers.ts';
import { toResult } from '../job-results.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { nameOf, platformNow, withPlatform } from '../request-platform.ts';

const Addresses = z.array(z.email().max(320)).min(1).max(1_000);
const started = { 202: JobSchema, ...refusals(409) };

const NarrowingSteps = z.object({
  steps: z.array(z.object({ text: z.string(), commands: z.array(z.string()) })),
});

/** How the reach is narrowed to the members of one group, for people who may do that in the directory. */
function narrowingRoute(app: FastifyInstance, { live }: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    `${API}/reach/narrowing`,
    {
      config: { role: 'setup' },
      schema: {
        tags: ['work'],
        summary: 'The commands by which an administrator lets the app into the mailboxes of one group only.',
        querystring: z.strictObject({
          group: z
            .string()
            .min(1)
            .max(255)
            .meta({ description: 'Name, address or distinguished name of the group.' }),
        }),
        response: { 200: NarrowingSteps, ...refusals(409, 422) },
      },
    },
    async ({ query: { group } }) => {
      const steps = await withPlatform(live, async ({ mailbox, config }) => {
        if (mailbox.narrowing === undefined)
          throw new Refusal(422, 'The mailbox side offers no way to narrow what the app may open.', {
            code: 'unsupported',
            remedy: 'Look for one at the service itself.',
          });
        const probe = config.mailboxes.slice(0, 1).map(({ address }) => address);
        return mailbox.narrowing({ group, probe });
      });
      return { steps: steps.map(({ text, commands }) => ({ text, commands: [...commands] })) };
    },
  );
}

/** Syncing now, proving the reach, and looking at everything that can be wrong: each a job. */
export function workRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { live, work } = parts;
  narrowingRoute(app, parts);
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
