import type { Fields } from '@tidelock/core';
import {
  type ActingPlatform,
  ANSWER_EFFECT,
  answerQuestion,
  isUnreadable,
  type OpenQuestion,
  openQuestions,
  QUESTION_HEADING,
  QUESTION_TEXT,
  type QuestionKind,
  requireAnswer,
  whenFree,
  withNames,
} from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Instant, Paging, refusals, Side, toInstantOrNull, toSide, toValue, Value } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { actingFor, deskOf } from '../request-platform.ts';

const KINDS = Object.keys(QUESTION_HEADING) as [QuestionKind, ...QuestionKind[]];
const Kind = z.enum(KINDS);

const Answer = z.object({ answer: z.string(), effect: z.string() });
const Named = z.object({ side: Side, id: z.string(), title: z.string().nullable() });

const Review = z
  .object({
    id: z.string(),
    kind: Kind,
    heading: z.string(),
    question: z.string(),
    laneId: z.string(),
    mailbox: z.string(),
    reasons: z.array(z.string()),
    score: z.number().nullable(),
    answers: z.array(Answer),
    askedAt: Instant.nullable(),
    linkIds: z.array(z.string()),
    records: z.array(Named),
  })
  .meta({ id: 'Review' });

const Whole = Review.extend({
  shown: z.array(Named.extend({ fields: z.record(z.string(), Value).nullable() })),
  unread: z.string().nullable(),
}).meta({ id: 'WholeReview' });

function toReview(question: OpenQuestion): z.infer<typeof Review> {
  const { id, kind, laneId, mailbox, reasons, score, decisions, askedAt, linkIds, records } = question;
  return {
    ...{ id, kind, heading: QUESTION_HEADING[kind], question: QUESTION_TEXT[kind], laneId, mailbox, score },
    ...{ reasons: [...reasons], askedAt: toInstantOrNull(askedAt), linkIds: [...linkIds] },
    answers: decisions.map((answer) => ({ answer, effect: ANSWER_EFFECT[kind][answer] ?? '' })),
    records: records.map(({ side, ...record }) => ({ side: toSide(side), ...record })),
  };
}

const noReview = (): Refusal =>
  new Refusal(404, 'No open question has this id.', {
    code: 'not-found',
    remedy: 'It may have been answered meanwhile, or answered itself. List the open ones.',
  });

async function questionCalled(platform: ActingPlatform, id: string): Promise<OpenQuestion> {
  const found = (await openQuestions(platform)).find((question) => question.id === id);
  if (found === undefined) throw noReview();
  return found;
}

type Shown = z.infer<typeof Whole>['shown'];

/** The records side by side, as they are now; of held deletes only their names. */
async function shownOf(
  platform: ActingPlatform,
  question: OpenQuestion,
): Promise<{ readonly shown: Shown; readonly unread: string | null }> {
  if (question.kind === 'held-deletes' || question.kind === 'mailbox') return { shown: [], unread: null };
  const shown: Shown = [];
  try {
    for (const side of ['a', 'b'] as const) {
      const records = question.records.filter((record) => record.side === side);
      const ids = records.map(({ id }) => id);
      const read: ReadonlyMap<string, Fields> = await platform.records(question.laneId, side, ids);
      for (const { id, title } of records) {
        const fields = read.get(id);
        const values =
          fields && Object.entries(fields).map(([name, value]) => [name, toValue(value)] as const);
        shown.push({ side: toSide(side), id, title, fields: values ? Object.fromEntries(values) : null });
      }
    }
    return { shown, unread: null };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { shown, unread: error.message };
  }
}

const tags = ['reviews'];
const params = z.strictObject({ id: z.string().min(1).max(200) });

function readRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'viewer' } as const;
  const List = z.object({
    items: z.array(Review),
    total: z.int(),
    next: z.string().nullable(),
    counts: z
      .record(z.string(), z.int())
      .meta({ description: 'Open questions by kind, whatever was asked for.' }),
    unread: z.string().nullable().meta({ description: 'Why some names are missing.' }),
  });
  routes.get(
    `${API}/reviews`,
    {
      config,
      schema: {
        ...{ tags, summary: 'What only a person can decide.' },
        querystring: z.strictObject({
          ...Paging,
          kind: Kind.optional(),
          mailbox: z.string().max(320).optional(),
        }),
        response: { 200: List, ...refusals(409) },
      },
    },
    (request) =>
      actingFor(live, request, async (platform) => {
        const { kind, mailbox, limit, cursor } = request.query;
        const open = await openQuestions(platform);
        const all = open.filter(
          (one) =>
            (kind ?? one.kind) === one.kind &&
            (mailbox === undefined || one.mailbox.toLowerCase() === mailbox.toLowerCase()),
        );
        const from = cursor === undefined ? 0 : Number(cursor);
        const { questions, unread } = await withNames(platform, all.slice(from, from + limit));
        const counts = Object.fromEntries(
          KINDS.map((one) => [one, open.filter((question) => question.kind === one).length]),
        );
        const next = from + limit < all.length ? String(from + limit) : null;
        return { items: questions.map(toReview), total: all.length, next, counts, unread };
      }),
  );
  routes.get(
    `${API}/reviews/:id`,
    {
      config,
      schema: {
        ...{ tags, summary: 'One question, with the records side by side as they are now.', params },
        response: { 200: Whole, ...refusals(404, 409) },
      },
    },
    (request) =>
      actingFor(live, request, async (platform) => {
        const found = await questionCalled(platform, request.params.id);
        const { questions } = await withNames(platform, [found]);
        const question = questions[0] ?? found;
        return { ...toReview(question), ...(await shownOf(platform, question)) };
      }),
  );
}

const PATIENCE_MS = 15_000;

/** Recorded once nobody works on that mailbox. */
const answered = (platform: ActingPlatform, question: OpenQuestion, answer: string): Promise<void> =>
  whenFree(() => answerQuestion(platform, question, answer), {
    clock: platform.clock,
    patienceMs: PATIENCE_MS,
  });

const Text = z.string().min(1).max(320);
const Done = z.object({ answered: z.array(z.string()), effect: z.string() });

function decideRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const atDesk = deskOf(live);
  const config = { role: 'operator' } as const;
  routes.post(
    `${API}/reviews/:id/decide`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Records an answer; the next sync acts on it.', params },
        body: z.strictObject({ answer: Text }),
        response: { 200: Done, ...refusals(404, 409, 422) },
      },
    },
    async (request) => {
      const { answer } = request.body;
      const question = await atDesk(request, async (platform) => {
        const found = await questionCalled(platform, request.params.id);
        await answered(platform, found, answer);
        return found;
      });
      if (question.kind === 'mailbox') await live.reload();
      return { answered: [question.id], effect: ANSWER_EFFECT[question.kind][answer] ?? '' };
    },
  );
  routes.post(
    `${API}/reviews/decide`,
    {
      config,
      schema: {
        ...{ tags, summary: 'The same answer to every open question of a kind.' },
        body: z.strictObject({
          kind: Kind,
          answer: Text,
          mailbox: z.string().max(320).optional(),
          count: z
            .int()
            .min(1)
            .meta({ description: 'How many you mean to answer: another number is refused.' }),
        }),
        response: { 200: Done, ...refusals(409, 422) },
      },
    },
    (request) =>
      atDesk(request, async (platform) => {
        const { kind, answer, mailbox, count } = request.body;
        requireAnswer(kind, answer);
        const wanted = (await openQuestions(platform)).filter(
          (one) => one.kind === kind && (mailbox === undefined || one.mailbox === mailbox),
        );
        if (wanted.length !== count)
          throw new Refusal(409, `${wanted.length} questions would be answered, not ${count}.`, {
            code: 'count',
            remedy: 'Look at them again.',
          });
        for (const question of wanted) await answered(platform, question, answer);
        return { answered: wanted.map(({ id }) => id), effect: ANSWER_EFFECT[kind][answer] ?? '' };
      }),
  );
}

/** What only a person can decide. */
export function reviewRoutes(app: FastifyInstance, parts: ServerParts): void {
  readRoutes(app, parts);
  decideRoutes(app, parts);
}
