import type { FieldValue } from '@tidelock/core';
import type { Job, Sentence } from '@tidelock/host';
import * as z from 'zod';
import { ProblemSchema } from './problem.ts';

/** What several answers have in common. Names and forms are a promise to whoever writes a client. */

export const Instant = z.iso.datetime().meta({ description: 'Instant in UTC, ISO 8601.' });
export const toInstant = (at: number): string => new Date(at).toISOString();
export const toInstantOrNull = (at: number | null): string | null => (at === null ? null : toInstant(at));

/** Instant as a query or a body gives it. */
export const Since = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .meta({ description: 'Only what happened since this instant.' });

export const Side = z.enum(['mailbox', 'crm']);
export type Side = z.infer<typeof Side>;
export const toSide = (side: 'a' | 'b'): Side => (side === 'a' ? 'mailbox' : 'crm');
export const fromSide = (side: Side): 'a' | 'b' => (side === 'mailbox' ? 'a' : 'b');

export const Value = z
  .union([z.string(), z.null(), z.array(z.string()), z.record(z.string(), z.unknown())])
  .meta({
    id: 'FieldValue',
    description:
      'Text; null for blank; a list of texts; an address by its parts; what only events have, by its kind.',
  });
export const toValue = (value: FieldValue): z.infer<typeof Value> => value as z.infer<typeof Value>;

export const ProblemItem = z
  .object({ path: z.string(), reason: z.string(), remedy: z.string() })
  .meta({ id: 'ProblemItem' });

export const SentenceSchema = z
  .object({
    code: z.string(),
    tone: z.enum(['fine', 'waits', 'asks', 'rests']),
    text: z.string(),
    field: z.string().nullable(),
    decide: z.string().nullable().meta({ description: 'Review that a person can decide to move this on.' }),
  })
  .meta({ id: 'Sentence' });
export const toSentence = ({ code, tone, text, field, decide }: Sentence) => ({
  ...{ code, tone, text, field, decide },
});

export const Said = z.object({ tone: z.enum(['good', 'warn', 'bad', 'dim']), text: z.string() });

/** Names of what comes of jobs, in the API document. */
const RESULTS = ['PlanMade', 'PlanApplied', 'Synced', 'Undone', 'Reach', 'Checks'] as const;

export const JobSchema = z
  .object({
    id: z.string(),
    kind: z.string().meta({ description: 'plan, apply, sync, undo, reach or doctor.' }),
    subject: z.string(),
    by: z.string(),
    state: z.enum(['waiting', 'running', 'stopping', 'done', 'failed', 'cancelled']),
    createdAt: Instant,
    startedAt: Instant.nullable(),
    endedAt: Instant.nullable(),
    progress: z
      .object({
        mailbox: z.string().nullable(),
        phase: z.enum(['read', 'match', 'plan', 'write', 'recover']).nullable(),
        side: Side.nullable(),
        done: z.int(),
        total: z.int().nullable(),
      })
      .nullable(),
    result: z.unknown().meta({
      description:
        'By kind of job: PlanMade, PlanApplied, Synced, Undone, Reach, Checks; null before it has ended.',
      anyOf: [...RESULTS.map((name) => ({ $ref: `#/components/schemas/${name}` })), { type: 'null' }],
    }),
    failure: z
      .object({
        code: z.string(),
        message: z.string(),
        remedy: z.string().nullable(),
        problems: z.array(ProblemItem),
      })
      .nullable(),
  })
  .meta({ id: 'Job' });

/** `result` as the routes that start such a job promise it. */
export function toJob(
  job: Job,
  result: (value: unknown, kind: string) => unknown,
): z.infer<typeof JobSchema> {
  const { progress, failure } = job;
  return {
    ...{ id: job.id, kind: job.kind, subject: job.subject, by: job.by, state: job.state },
    createdAt: toInstant(job.createdAt),
    startedAt: toInstantOrNull(job.startedAt),
    endedAt: toInstantOrNull(job.endedAt),
    progress: progress && { ...progress, side: progress.side ? toSide(progress.side) : null },
    result: job.result === null ? null : result(job.result, job.kind),
    failure: failure && { ...failure, problems: failure.problems.map((one) => ({ ...one })) },
  };
}

/** Refusals that a route can answer with besides those that every route has. */
export const refusals = <S extends number>(...statuses: readonly S[]): Record<S, typeof ProblemSchema> =>
  Object.fromEntries(statuses.map((status) => [status, ProblemSchema])) as Record<S, typeof ProblemSchema>;

const DEEPEST = 16;

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1));
}

/** A block of the configuration: what may stand in it is the configuration's business, how deep it goes is ours. */
export const Block = z
  .record(z.string().max(128), z.unknown())
  .refine((value) => isShallow(value, DEEPEST), `goes deeper than ${DEEPEST} levels`);

const MOST = 500;

/** Which part of a list is wanted. */
export const Paging = {
  limit: z.coerce.number().int().min(1).max(MOST).default(50).meta({ description: 'Entries of a page.' }),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, 'not a cursor of this list')
    .optional()
    .meta({ description: 'Where to go on: next of the page before.' }),
};

export interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A list in pages. `next`: cursor of the page behind this one; null = it is the last. */
export const listOf = <T extends z.ZodType>(entry: T) =>
  z.object({
    items: z.array(entry),
    total: z.int().meta({ description: 'Entries of all pages.' }),
    next: z.string().nullable().meta({ description: 'Cursor of the page behind this one; null = the last.' }),
  });

/** The part of a list that was asked for. */
export function pageOf<T, R>(
  all: readonly T[],
  { limit, cursor }: Page,
  to: (entry: T) => R,
): { items: R[]; total: number; next: string | null } {
  const from = cursor === undefined ? 0 : Number(cursor);
  const items = all.slice(from, from + limit).map(to);
  const next = from + limit < all.length ? String(from + limit) : null;
  return { items, total: all.length, next };
}
