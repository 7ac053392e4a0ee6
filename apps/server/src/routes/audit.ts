import { Readable } from 'node:stream';
import type { AuditEntry } from '@tidelock/core';
import { TENANT } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Instant, Since, toInstant } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';

const Entry = z
  .object({
    seq: z.int(),
    id: z.string(),
    at: Instant,
    who: z.string(),
    act: z.string(),
    subject: z.string(),
    laneId: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'AuditEntry' });

function toEntry({
  seq,
  id,
  at,
  who,
  act,
  subject,
  laneId,
  before,
  after,
}: AuditEntry): z.infer<typeof Entry> {
  return { seq, id, at: toInstant(at), who, act, subject, laneId, before, after };
}

const PAGE = 500;

type Filter = { readonly act?: string | undefined; readonly who?: string | undefined };
const wanted = (entry: AuditEntry, { act, who }: Filter): boolean =>
  (act === undefined || entry.act === act || entry.act.startsWith(`${act}.`)) &&
  (who === undefined || entry.who === who);

type Trail = ServerParts['live']['foundation']['state']['tenants'];

/** Newest first, page by page: the trail may be long. */
async function* entries(
  trail: Trail,
  of: Filter & { readonly since?: number | undefined; readonly before?: number | undefined },
): AsyncGenerator<AuditEntry> {
  let { before } = of;
  for (;;) {
    const page = await trail.audit(TENANT, {
      limit: PAGE,
      ...(of.since === undefined ? {} : { since: of.since }),
      ...(before === undefined ? {} : { before }),
    });
    for (const entry of page) if (wanted(entry, of)) yield entry;
    before = page.at(-1)?.seq;
    if (page.length < PAGE) return;
  }
}

async function* lines(found: AsyncGenerator<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of found) yield `${JSON.stringify(toEntry(entry))}\n`;
}

const FilterQuery = {
  since: Since.optional(),
  act: z.string().max(100).optional().meta({ description: 'An act, or its first word: keys, mailbox.' }),
  who: z.string().max(320).optional(),
};

/** Who did what and when. The trail only grows: nothing here changes it. */
export function auditRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const trail = (): Trail => live.foundation.state.tenants;
  const tags = ['audit'];
  routes.get(
    `${API}/audit`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'Every administrative act, newest first.' },
        querystring: z.strictObject({
          ...FilterQuery,
          limit: z.coerce.number().int().min(1).max(500).default(50),
          cursor: z.coerce.number().int().min(1).optional().meta({ description: 'next of the page before.' }),
        }),
        response: { 200: z.object({ items: z.array(Entry), next: z.string().nullable() }) },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const items: AuditEntry[] = [];
      for await (const entry of entries(trail(), { ...filter, before: cursor })) {
        items.push(entry);
        if (items.length > limit) break;
      }
      const page = items.slice(0, limit);
      const last = page.at(-1);
      return { items: page.map(toEntry), next: items.length > limit && last ? String(last.seq) : null };
    },
  );
  routes.get(
    `${API}/audit.ndjson`,
    {
      config: { role: 'setup' },
      schema: {
        ...{ tags, summary: 'The whole trail for an archive: one AuditEntry a line, newest first.' },
        ...{ querystring: z.strictObject(FilterQuery), produces: ['application/x-ndjson'] },
      },
    },
    async ({ query }, reply) =>
      reply
        .type('application/x-ndjson; charset=utf-8')
        .header('content-disposition', 'attachment; filename="tidelock-audit.ndjson"')
        .send(Readable.from(lines(entries(trail(), query)))),
  );
}
