import {
  type LaneStatus,
  sayKeyLeft,
  sayNextTry,
  sayNotes,
  saySince,
  sayState,
  wantsKey,
  wantsPerson,
} from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Instant, Said, Side, toInstant, toInstantOrNull, toSide } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';

const Note = Said.extend({ code: z.string(), command: z.string().nullable() });

const Lane = z
  .object({
    laneId: z.string(),
    label: z.string().meta({ description: 'The mailbox, or its calendar.' }),
    profile: z.string().nullable(),
    rule: z.string().nullable(),
    state: Said,
    nextTry: z.string(),
    nextTryAt: Instant.nullable(),
    notes: z.array(Note),
    pairs: z.int().meta({ description: 'Pairs that are kept in step.' }),
    frozen: z.int(),
    backlog: z.int(),
    reviews: z.int(),
    parked: z.int(),
    openOutcomes: z.int(),
    hints: z.int(),
    lastOkAt: Instant.nullable(),
    lagSeconds: z.number().nullable(),
    errorKind: z.string().nullable(),
    errorCount: z.int(),
    held: z.object({ hash: z.string(), count: z.int(), side: Side, reason: z.string() }).nullable(),
    paused: z.object({ by: z.string(), at: Instant, reason: z.string() }).nullable(),
    removedAt: Instant.nullable(),
    blocked: z.string().nullable(),
    working: z.boolean(),
    late: z.boolean(),
    wantsPerson: z.boolean(),
  })
  .meta({ id: 'LaneStatus' });

const KeyLeft = z.object({
  keyName: z.string(),
  days: z.int(),
  stage: z.enum(['ok', 'notice', 'soon', 'urgent', 'expired', 'early']),
  text: z.string(),
});

const Status = z
  .object({
    at: Instant,
    connected: z
      .boolean()
      .meta({ description: 'Mailboxes and CRM are connected, so that there is something to do.' }),
    lanes: z.array(Lane),
    keys: z.array(KeyLeft),
    refused: z
      .object({ since: Instant, for: z.string(), text: z.string(), remedy: z.string().nullable() })
      .nullable()
      .meta({ description: 'The directory refused the last token that was asked for.' }),
    wantsPerson: z.boolean(),
  })
  .meta({ id: 'Status' });

const heldOf = ({ held }: LaneStatus) =>
  held && { hash: held.hash, count: held.count, side: toSide(held.side), reason: held.reason };

const pausedOf = ({ paused }: LaneStatus) =>
  paused && { by: paused.by, at: toInstant(paused.at), reason: paused.reason };

function toLane(row: LaneStatus, now: number): z.infer<typeof Lane> {
  const { counts, lagMs } = row;
  return {
    ...{ laneId: row.laneId, label: row.label, profile: row.profile, rule: row.rule },
    ...{
      state: sayState(row, now),
      nextTry: sayNextTry(row, now),
      nextTryAt: toInstantOrNull(row.nextTryAt),
    },
    notes: [...sayNotes(row, now)],
    ...{ pairs: counts.live, frozen: counts.out, backlog: row.backlog, reviews: row.reviews },
    ...{ parked: row.parked, openOutcomes: row.openOutcomes, hints: row.hints },
    ...{ lastOkAt: toInstantOrNull(row.lastOkAt), lagSeconds: lagMs === null ? null : lagMs / 1000 },
    ...{ errorKind: row.errorKind, errorCount: row.errorCount, held: heldOf(row), paused: pausedOf(row) },
    ...{ removedAt: toInstantOrNull(row.removedAt), blocked: row.blocked },
    ...{ working: row.working, late: row.alarm, wantsPerson: wantsPerson(row) },
  };
}

async function statusOf({ live, clock }: ServerParts): Promise<z.infer<typeof Status>> {
  const now = clock.now();
  if (live.trouble !== null)
    return { at: toInstant(now), connected: false, lanes: [], keys: [], refused: null, wantsPerson: true };
  const platform = live.now();
  const [rows, trouble] = [await platform.status(), await platform.trouble()];
  const lanes = rows.map((row) => toLane(row, now)).sort((a, b) => a.label.localeCompare(b.label, 'en'));
  const { keys } = platform;
  return {
    at: toInstant(now),
    connected: true,
    lanes,
    keys: keys.map(({ keyName, days, stage }) => ({
      keyName,
      days,
      stage,
      text: sayKeyLeft({ days, stage }),
    })),
    refused: trouble && {
      ...{ since: toInstant(trouble.since), for: saySince(trouble.since, now) },
      ...{ text: trouble.text, remedy: trouble.remedy },
    },
    wantsPerson: lanes.some((lane) => lane.wantsPerson) || keys.some(wantsKey) || trouble !== null,
  };
}

/** What is in step, waiting, paused, late or failing. */
export function statusRoutes(app: FastifyInstance, parts: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    `${API}/status`,
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['status'],
        summary: 'What is in step, waiting, paused, late or failing, by mailbox. Asks nobody.',
        response: { 200: Status },
      },
    },
    () => statusOf(parts),
  );
}
