import type { Fields } from '@tidelock/core';
import { type ActingPlatform, answerCommand, type ExplainedItem, isUnreadable } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refusals, SentenceSchema, toSentence, toValue, Value } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { actingFor } from '../request-platform.ts';
import { ChangeSchema, toChange } from './history.ts';

const Item = z
  .object({
    id: z.string().meta({ description: 'Of the pair; of a record without one, its id in the store.' }),
    kind: z.enum(['pair', 'record']),
    laneId: z.string(),
    mailbox: z.string(),
    title: z.string(),
    status: z.string(),
    mailboxId: z.string().nullable(),
    crmId: z.string().nullable(),
    sentences: z.array(SentenceSchema),
  })
  .meta({ id: 'Item' });

const Row = z.object({
  field: z.string(),
  mailbox: z
    .object({ value: Value })
    .nullable()
    .meta({ description: 'null = not read, or it has no such field.' }),
  crm: z.object({ value: Value }).nullable(),
  differs: z.boolean(),
  sentences: z.array(SentenceSchema),
});

const Whole = Item.extend({
  fields: z.array(Row),
  history: z.array(ChangeSchema),
  unread: z.string().nullable().meta({ description: 'Why the records cannot be shown at this moment.' }),
  commands: z.array(z.string()).meta({ description: 'The same decisions on the command line.' }),
}).meta({ id: 'WholeItem' });

const HISTORY = 200;

const toItem = (item: ExplainedItem): z.infer<typeof Item> => ({
  id: item.linkId ?? item.mailboxId ?? item.crmId ?? '',
  ...{ kind: item.kind, laneId: item.laneId, mailbox: item.mailbox, title: item.title, status: item.status },
  ...{ mailboxId: item.mailboxId, crmId: item.crmId, sentences: item.sentences.map(toSentence) },
});

interface Shown {
  readonly a: Fields | null;
  readonly b: Fields | null;
  readonly unread: string | null;
}

/** Both records as they are at this moment. */
async function recordsOf(platform: ActingPlatform, item: ExplainedItem): Promise<Shown> {
  const read = async (side: 'a' | 'b', id: string | null): Promise<Fields | null> =>
    id === null ? null : ((await platform.records(item.laneId, side, [id])).get(id) ?? null);
  try {
    return { a: await read('a', item.mailboxId), b: await read('b', item.crmId), unread: null };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { a: null, b: null, unread: error.message };
  }
}

function rowsOf(item: ExplainedItem, { a, b }: Shown): z.infer<typeof Row>[] {
  const told = new Map(item.fields.map(({ field, sentences }) => [field, sentences]));
  const names = new Set([...told.keys(), ...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  return [...names].map((field) => {
    const [left, right] = [a?.[field], b?.[field]];
    return {
      field,
      mailbox: left === undefined ? null : { value: toValue(left) },
      crm: right === undefined ? null : { value: toValue(right) },
      differs: left !== undefined && right !== undefined && JSON.stringify(left) !== JSON.stringify(right),
      sentences: (told.get(field) ?? []).map(toSentence),
    };
  });
}

async function whole(platform: ActingPlatform, item: ExplainedItem): Promise<z.infer<typeof Whole>> {
  const shown = await recordsOf(platform, item);
  const trail = item.linkId === null ? null : await platform.history({ query: item.linkId, limit: HISTORY });
  return {
    ...toItem(item),
    fields: rowsOf(item, shown),
    history: (trail?.rows ?? []).filter(({ linkId }) => linkId === item.linkId).map(toChange),
    unread: shown.unread,
    commands: [...new Set(item.sentences.flatMap((sentence) => answerCommand(sentence) ?? []))],
  };
}

const tags = ['items'];

/** One contact or event: both records side by side, its history, and why it is as it is. */
export function itemRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'viewer' } as const;
  routes.get(
    `${API}/items`,
    {
      config,
      schema: {
        ...{ tags, summary: 'What became of a contact, and why; also why nothing happens.' },
        querystring: z.strictObject({
          query: z.string().trim().min(2).max(320).meta({
            description: 'E-mail address, part of a name, or an id (pair, either store, question).',
          }),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: {
          200: z.object({
            items: z.array(Item),
            more: z.boolean(),
            unasked: z.string().nullable().meta({ description: 'Why a reason may be missing.' }),
          }),
          ...refusals(409),
        },
      },
    },
    (request) =>
      actingFor(live, request, async (platform) => {
        const { items, more, unasked } = await platform.explain(request.query);
        return { items: items.map(toItem), more, unasked };
      }),
  );
  routes.get(
    `${API}/items/:id`,
    {
      config,
      schema: {
        ...{ tags, summary: 'One contact or event with both records, history and reasons. Asks both sides.' },
        params: z.strictObject({ id: z.string().min(6).max(500) }),
        querystring: z.strictObject({ mailbox: z.string().max(320).optional() }),
        response: { 200: Whole, ...refusals(404, 409) },
      },
    },
    (request) =>
      actingFor(live, request, async (platform) => {
        const { id } = request.params;
        const { mailbox } = request.query;
        const { items } = await platform.explain({ query: id, limit: 20 });
        const found = items.find(
          (item) =>
            [item.linkId, item.mailboxId, item.crmId].includes(id) &&
            (mailbox === undefined || item.mailbox === mailbox),
        );
        if (found === undefined)
          throw new Refusal(404, 'Nothing that is synchronised here has this id.', {
            code: 'not-found',
            remedy: 'Look for it by e-mail address or name: GET /items?query=',
          });
        return whole(platform, found);
      }),
  );
}
