import { type ActingPlatform, hashOfUndo, UNDO_MODE, type UndoScope, whenFree } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { JobSchema, refusals, toJob } from '../answers.ts';
import { toResult } from '../job-results.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { deskOf, nameOf, platformNow } from '../request-platform.ts';
import { toUndone, Undone } from '../undo-answer.ts';

const Asked = z.strictObject({
  what: z
    .string()
    .trim()
    .min(2)
    .max(320)
    .optional()
    .meta({ description: 'Id of a run or its beginning, e-mail address, part of a name, or an id.' }),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: "Everything since then; of the run's or the item's where one is named." }),
  mode: z.enum(['hold', 'revert-source', 'detach']).default('hold').meta({
    description: 'What becomes of the side that a value came from.',
  }),
  approve: z.string().max(128).optional().meta({
    description: 'Hash of deletes beyond the brake, as the preview names it.',
  }),
});

const Preview = Undone.extend({
  kind: z.enum(['run', 'item', 'period']),
  title: z.string(),
  mode: z.string().meta({ description: 'What becomes of the other side, for people.' }),
  preview: z.string().meta({ description: 'Carrying it out means approving this.' }),
}).meta({ id: 'UndoPreview' });

async function scopeOf(platform: ActingPlatform, asked: z.output<typeof Asked>): Promise<UndoScope> {
  const since = asked.since === undefined ? undefined : Date.parse(asked.since);
  if (asked.what === undefined && since === undefined)
    throw new Refusal(422, 'This says neither what nor since when.', {
      code: 'nothing-named',
      remedy: 'Name a run or an item, or an instant.',
    });
  const found = await platform.findUndo({ what: asked.what, since });
  if (found.state === 'found') return found.scope;
  if (found.state === 'nothing')
    throw new Refusal(404, 'No run starts like this, and no item matches it.', {
      code: 'not-found',
      remedy: 'List the runs; for a contact, write its e-mail address or its name.',
    });
  throw new Refusal(409, `${found.choices.length} items match.`, {
    code: 'several',
    remedy: 'Name one by its id.',
    problems: found.choices.map(({ linkId, title, mailbox }) => ({
      ...{ path: linkId, reason: `${title}, ${mailbox}`, remedy: `Name it by ${linkId}.` },
    })),
  });
}

const PATIENCE_MS = 10_000;

/** Taking back what was written: looked at first, then carried out exactly as it was looked at. */
export function undoRoutes(app: FastifyInstance, { live, work }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const atDesk = deskOf(live);
  const tags = ['undo'];
  routes.post(
    `${API}/undo/preview`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags, summary: 'What an undo would do. Changes nothing.' },
        ...{ body: Asked, response: { 200: Preview, ...refusals(404, 409, 422) } },
      },
    },
    (request) =>
      atDesk(request, async (platform) => {
        const { mode, approve: approved } = request.body;
        const scope = await scopeOf(platform, request.body);
        const how = { mode, preview: true, approved };
        const patience = { clock: platform.clock, patienceMs: PATIENCE_MS };
        const reports = await whenFree(() => platform.undo(scope, how), patience);
        const { kind, title } = scope;
        return { ...toUndone(reports), kind, title, mode: UNDO_MODE[mode], preview: hashOfUndo(reports) };
      }),
  );
  routes.post(
    `${API}/undo`,
    {
      config: { role: 'operator' },
      schema: {
        tags,
        summary:
          'Starts a job that takes back what the preview says; its result is an Undone. The mailboxes are paused.',
        body: Asked.extend({
          preview: z.string().regex(/^[0-9a-f]{64}$/, 'not what a preview answers'),
        }),
        response: { 202: JobSchema, ...refusals(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const scope = await scopeOf(platformNow(live), request.body);
      const { mode, preview, approve: approved } = request.body;
      const job = work.undo({ by: nameOf(request), scope, mode, preview, approved });
      return reply.code(202).send(toJob(job, toResult));
    },
  );
}
