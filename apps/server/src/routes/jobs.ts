import type { Job } from '@tidelock/host';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { JobSchema, listOf, Paging, pageOf, refusals, toJob } from '../answers.ts';
import { toResult } from '../job-results.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { nameOf } from '../request-platform.ts';

const KINDS = ['plan', 'apply', 'sync', 'undo', 'reach', 'doctor'] as const;

const noJob = (): Refusal =>
  new Refusal(404, 'There is no job of this id.', {
    code: 'not-found',
    remedy: 'Jobs are forgotten when the server starts again: what they did stands in plans, runs and audit.',
  });

/** Who stopped what: in the trail. */
async function recordCancelled({ live }: ServerParts, request: FastifyRequest, job: Job): Promise<void> {
  if (live.trouble !== null) return;
  const { kind, subject, id, by } = job;
  const after = { kind, subject, startedBy: by };
  const { administration } = live.now().as(nameOf(request));
  await administration.record({ act: 'job.cancelled', subject: id, laneId: null, before: null, after });
}

/** Long work: what is under way, how far it is, what came of it. */
export function jobRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { work } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['jobs'];
  const params = z.strictObject({ id: z.string().max(64) });
  routes.get(
    `${API}/jobs`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'Work that is under way or was, newest first.' },
        querystring: z.strictObject({ ...Paging, kind: z.enum(KINDS).optional() }),
        response: { 200: listOf(JobSchema) },
      },
    },
    async ({ query }) => {
      const { kind } = query;
      const jobs = work.jobs.list().filter((job) => kind === undefined || job.kind === kind);
      return pageOf(jobs, query, (job) => toJob(job, toResult));
    },
  );
  routes.get(
    `${API}/jobs/:id`,
    {
      config: { role: 'viewer' },
      schema: { tags, summary: 'One job.', params, response: { 200: JobSchema, ...refusals(404) } },
    },
    async ({ params: { id } }) => {
      const job = work.jobs.find(id);
      if (job === null) throw noJob();
      return toJob(job, toResult);
    },
  );
  routes.post(
    `${API}/jobs/:id/cancel`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags, summary: 'Ends a job at its next safe point; nothing is lost.' },
        ...{ params, body: z.strictObject({}).nullish(), response: { 200: JobSchema, ...refusals(404) } },
      },
    },
    async (request) => {
      const job = work.jobs.cancel(request.params.id);
      if (job === null) throw noJob();
      if (job.state === 'stopping') await recordCancelled(parts, request, job);
      return toJob(job, toResult);
    },
  );
}
