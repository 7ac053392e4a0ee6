import { sayCause, sayValue, type TrailRow, type TrailRun } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import {
  fromSide,
  Instant,
  refusals,
  Side,
  Since,
  toInstant,
  toInstantOrNull,
  toSide,
  toValue,
  Value,
} from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { platformNow } from '../request-platform.ts';

export const ChangeSchema = z
  .object({
    at: Instant,
    runId: z.string(),
    mailbox: z.string(),
    linkId: z.string(),
    title: z.string(),
    side: Side.meta({ description: 'The side that was written.' }),
    op: z.string(),
    field: z.string().nullable(),
    old: Value,
    new: Value,
    because: z.string(),
    text: z.string().meta({ description: 'The change as a sentence.' }),
  })
  .meta({ id: 'Change' });

const Run = z
  .object({
    id: z.string(),
    kind: z.enum(['sync', 'plan', 'undo']),
    mailbox: z.string(),
    startedAt: Instant,
    endedAt: Instant.nullable(),
    counts: z.record(z.string(), z.int()),
    stopReason: z.string().nullable(),
  })
  .meta({ id: 'Run' });

const OPS: Readonly<Record<string, string>> = {
  create: 'created',
  delete: 'deleted',
  link: 'paired',
  unlink: 'unlinked',
};

function sayChange({ op, field, old, new: now, side }: TrailRow): string {
  const where = side === 'a' ? 'mailbox' : 'CRM';
  if (field !== null) return `${field} in the ${where}: ${sayValue(old)} → ${sayValue(now)}`;
  return `${OPS[op] ?? op} in the ${where}`;
}

export function toChange(row: TrailRow): z.infer<typeof ChangeSchema> {
  const { at, runId, mailbox, linkId, title, side, op, field, old, new: now, rule } = row;
  return {
    ...{ at: toInstant(at), runId, mailbox, linkId, title, side: toSide(side), op, field },
    ...{ old: toValue(old), new: toValue(now), because: sayCause(rule, side), text: sayChange(row) },
  };
}

const toRun = ({
  id,
  kind,
  mailbox,
  startedAt,
  endedAt,
  counts,
  stopReason,
}: TrailRun): z.infer<typeof Run> => ({
  ...{ id, kind, mailbox, startedAt: toInstant(startedAt), endedAt: toInstantOrNull(endedAt) },
  ...{ counts: { ...counts }, stopReason },
});

const Limit = z.coerce.number().int().min(1).max(1_000).default(50);

const Query = z.strictObject({
  query: z
    .string()
    .min(2)
    .max(320)
    .optional()
    .meta({ description: 'E-mail address, part of a name, or an id.' }),
  run: z.string().max(64).optional().meta({ description: 'Id of a run, or its beginning.' }),
  field: z.string().max(64).optional(),
  side: Side.optional(),
  since: Since.optional(),
  limit: Limit,
});

/** What was changed, from what to what, by which run and rule. */
export function historyRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'viewer' } as const;
  routes.get(
    `${API}/history`,
    {
      config,
      schema: {
        tags: ['history'],
        summary: 'What was changed, newest first. Asks neither side.',
        querystring: Query,
        response: {
          200: z.object({
            items: z.array(ChangeSchema),
            more: z.boolean().meta({ description: 'Older ones were left out: ask for more, or since.' }),
            pairs: z.int().nullable().meta({ description: 'Pairs that the query names.' }),
          }),
          ...refusals(409),
        },
      },
    },
    async ({ query: { side, ...query } }) => {
      const where = side === undefined ? undefined : fromSide(side);
      const { rows, more, items } = await platformNow(live).history({ ...query, side: where });
      return { items: rows.map(toChange), more, pairs: items };
    },
  );
  routes.get(
    `${API}/runs`,
    {
      config,
      schema: {
        ...{ tags: ['history'], summary: 'Runs that changed something, newest first; each can be undone.' },
        querystring: z.strictObject({ since: Since.optional(), limit: Limit }),
        response: { 200: z.object({ items: z.array(Run) }), ...refusals(409) },
      },
    },
    async ({ query }) => ({ items: (await platformNow(live).runs(query)).map(toRun) }),
  );
}
