import type { ActingPlatform, PlanItem, PlanMeta } from '@tidelock/host';
import { headingOf, PLAN_ACTIONS, sayRule } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import {
  Instant,
  JobSchema,
  listOf,
  Paging,
  pageOf,
  refusals,
  Side,
  toInstant,
  toJob,
  toSide,
  toValue,
  Value,
} from '../answers.ts';
import { toResult } from '../job-results.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { nameOf, platformNow } from '../request-platform.ts';

const Action = z.enum(['create', 'update', 'delete', 'link', 'review', 'unlink', 'freeze']);

const Plan = z
  .object({
    id: z.string(),
    createdAt: Instant,
    by: z.string(),
    hash: z.string().meta({ description: 'Approving the plan means approving this.' }),
    steps: z.int(),
    emails: z.int().meta({ description: 'People who would get mail because of it.' }),
    withheld: z.int().meta({ description: 'People who would, were the change not withheld.' }),
    mailboxes: z.array(z.object({ laneId: z.string(), mailbox: z.string(), steps: z.int() })),
    actions: z.array(
      z.object({ action: Action, side: Side.nullable(), heading: z.string(), count: z.int() }),
    ),
    state: z.enum(['open', 'approved', 'carried-out']),
    approved: z.object({ by: z.string(), at: Instant }).nullable(),
    outcome: z
      .object({ at: Instant, settled: z.boolean(), rows: z.record(z.string(), z.int()) })
      .nullable()
      .meta({
        description: 'Steps by what became of them: done, already, drift, held, parked, open, pending.',
      }),
  })
  .meta({ id: 'Plan' });

const Step = z
  .object({
    mailbox: z.string(),
    action: Action,
    side: Side.nullable(),
    heading: z.string(),
    title: z.string(),
    rule: z.string(),
    risk: z.enum(['none', 'fill', 'create', 'link', 'review', 'overwrite', 'blank', 'delete']),
    held: z.string().nullable(),
    emails: z.int(),
    withheld: z.int(),
    mailboxIds: z.array(z.string()),
    crmIds: z.array(z.string()),
    changes: z.array(z.object({ field: z.string(), old: Value, new: Value, rule: z.string() })),
    conflicts: z.array(
      z.object({ field: z.string(), winner: Side, kept: Value, lost: Value, rule: z.string() }),
    ),
    match: z.object({ score: z.number(), reasons: z.array(z.string()) }).nullable(),
    question: z.object({ kind: z.string(), reasons: z.array(z.string()) }).nullable(),
  })
  .meta({ id: 'PlanStep' });

function actionsOf(actions: PlanMeta['actions']): z.infer<typeof Plan>['actions'] {
  const rows = Object.entries(actions).map(([key, count]) => {
    const [word = '', where] = key.split(' ');
    const action = word as PlanItem['action'];
    const side = where === 'a' || where === 'b' ? where : null;
    return { action, side: side === null ? null : toSide(side), heading: headingOf({ action, side }), count };
  });
  return rows.sort((x, y) => PLAN_ACTIONS.indexOf(x.action) - PLAN_ACTIONS.indexOf(y.action));
}

function toPlan(meta: PlanMeta): z.infer<typeof Plan> {
  const { approved, outcome } = meta;
  return {
    ...{ id: meta.id, createdAt: toInstant(meta.createdAt), by: meta.by, hash: meta.hash },
    ...{ emails: meta.emails, withheld: meta.withheld, actions: actionsOf(meta.actions) },
    steps: meta.mailboxes.reduce((sum, { rows }) => sum + rows, 0),
    mailboxes: meta.mailboxes.map(({ laneId, mailbox, rows }) => ({ laneId, mailbox, steps: rows })),
    state: approved === null ? 'open' : outcome === null ? 'approved' : 'carried-out',
    approved: approved && { by: approved.by, at: toInstant(approved.at) },
    outcome: outcome && { ...outcome, at: toInstant(outcome.at) },
  };
}

function toStep(mailbox: string, item: PlanItem): z.infer<typeof Step> {
  const { action, side, title, risk, held, emails, withheld, match, question } = item;
  return {
    ...{ mailbox, action, side: side && toSide(side), heading: headingOf(item), title, risk, held },
    ...{ emails, withheld, rule: sayRule(item.rule) },
    ...{ mailboxIds: item.a.map(({ id }) => id), crmIds: item.b.map(({ id }) => id) },
    changes: item.changes.map(({ field, old, new: now, rule }) => ({
      ...{ field, old: toValue(old), new: toValue(now), rule: sayRule(rule) },
    })),
    conflicts: item.conflicts.map(({ field, winner, kept, lost, rule }) => ({
      ...{ field, winner: toSide(winner), kept: toValue(kept), lost: toValue(lost), rule: sayRule(rule) },
    })),
    match: match && { score: match.score, reasons: [...match.reasons] },
    question: question && { kind: question.kind, reasons: [...question.reasons] },
  };
}

const tags = ['plans'];
const params = z.strictObject({ id: z.string().max(64) });
/** Refused before a job exists: nothing would come of it. */
const connected = (parts: ServerParts): ActingPlatform => platformNow(parts.live);

function makeRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { work } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    `${API}/plans`,
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary:
          'Starts a job that says what a sync would do; its result names the plan. Writes to neither side.',
        body: z.strictObject({ mailboxes: z.array(z.email().max(320)).min(1).max(1_000).optional() }),
        response: { 202: JobSchema, ...refusals(409) },
      },
    },
    async (request, reply) => {
      connected(parts);
      const job = work.plans.make({ by: nameOf(request), mailboxes: request.body.mailboxes });
      return reply.code(202).send(toJob(job, toResult));
    },
  );
  routes.post(
    `${API}/plans/:id/apply`,
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary: 'Approves a plan by its hash and starts a job that carries out exactly that.',
        ...{ params },
        body: z.strictObject({
          hash: z.string().regex(/^[0-9a-f]{64}$/, 'not the hash of a plan'),
          approveHeld: z.array(z.string().max(128)).max(100).default([]).meta({
            description: 'Hashes of held deletes that may go.',
          }),
        }),
        response: { 202: JobSchema, ...refusals(404, 409) },
      },
    },
    async (request, reply) => {
      connected(parts);
      const { hash, approveHeld } = request.body;
      const order = { by: nameOf(request), planId: request.params.id, hash, approveHeld };
      return reply.code(202).send(toJob(await work.plans.apply(order), toResult));
    },
  );
}

const RowsQuery = z.strictObject({
  ...Paging,
  mailbox: z.email().max(320).optional(),
  action: Action.optional(),
  risk: Step.shape.risk.optional(),
});

function readRoutes(app: FastifyInstance, { work }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'viewer' } as const;
  routes.get(
    `${API}/plans`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Plans of the last 30 days, newest first.' },
        ...{ querystring: z.strictObject(Paging), response: { 200: listOf(Plan) } },
      },
    },
    async ({ query }) => pageOf(await work.plans.list(), query, toPlan),
  );
  routes.get(
    `${API}/plans/:id`,
    { config, schema: { tags, summary: 'One plan.', params, response: { 200: Plan, ...refusals(404) } } },
    async ({ params: { id } }) => toPlan(await work.plans.meta(id)),
  );
  routes.get(
    `${API}/plans/:id/steps`,
    {
      config,
      schema: {
        ...{ tags, summary: 'What a plan would do, step by step and field by field.', params },
        ...{ querystring: RowsQuery, response: { 200: listOf(Step), ...refusals(404, 422) } },
      },
    },
    async ({ params: { id }, query }) => {
      const { lanes } = await work.plans.rows(id);
      const { mailbox, action, risk } = query;
      const rows = lanes
        .filter(
          (lane) => mailbox === undefined || lane.mailbox.toLowerCase().startsWith(mailbox.toLowerCase()),
        )
        .flatMap((lane) => lane.rows.map((item) => ({ mailbox: lane.mailbox, item })))
        .filter(({ item }) => (action ?? item.action) === item.action && (risk ?? item.risk) === item.risk);
      return pageOf(rows, query, (row) => toStep(row.mailbox, row.item));
    },
  );
}

/** Plans: made by a job, looked at, approved by their hash, carried out by a job. */
export function planRoutes(app: FastifyInstance, parts: ServerParts): void {
  makeRoutes(app, parts);
  readRoutes(app, parts);
  app.withTypeProvider<ZodTypeProvider>().delete(
    `${API}/plans/:id`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags, summary: 'Forgets a plan.', params },
        response: { 200: z.object({ removed: z.string() }), ...refusals(404, 409) },
      },
    },
    async ({ params: { id } }) => {
      await parts.work.plans.remove(id);
      return { removed: id };
    },
  );
}
