import type { Runner } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { createMetrics } from '../metrics.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';

const Whole = z.int().min(0);
const Counts = z.array(z.strictObject({ labels: z.array(z.string()), count: Whole }));

const Health = z
  .strictObject({
    role: z.enum(['all', 'api']).meta({ description: 'api: this process works on no mailbox itself.' }),
    state: z.enum(['starting', 'running', 'stopping', 'idle']),
    lanes: z.strictObject({ total: Whole, ready: Whole, blocked: Whole, untold: Whole }),
    lag: z.strictObject({
      late: Whole.meta({ description: 'Not in step for longer than alarm.lagMinutes.' }),
      worstMs: z.number().min(0),
      failing: Whole,
      paused: Whole,
      fresh: Whole.meta({ description: 'Never in step yet.' }),
      held: Whole.meta({ description: 'The brake holds deletes.' }),
    }),
    queue: z.strictObject({ waiting: Whole, working: Whole, loading: Whole }),
    reading: z.boolean().meta({ description: 'A feed that mailboxes share is read now.' }),
    circuitOpenUntil: z
      .number()
      .nullable()
      .meta({ description: 'A service is taken to be down until then.' }),
    keys: z.array(
      z.strictObject({
        keyName: z.string(),
        days: z.int(),
        stage: z.enum(['ok', 'notice', 'soon', 'urgent', 'expired', 'early']),
      }),
    ),
    counts: z
      .strictObject({
        ...{ passes: Counts, writes: Counts, errors: Counts, readings: Counts },
        ...{ reviews: Counts, held: Counts, conflicts: Counts, refreshes: Counts },
      })
      .meta({ description: 'Since this process began, with the labels that docs/operations.md lists.' }),
    lastEvent: Whole.meta({ description: 'Id of the last event: listen to what comes after it.' }),
  })
  .meta({ id: 'Health' });
type HealthAnswer = z.infer<typeof Health>;

const NOTHING: Omit<HealthAnswer, 'role' | 'lastEvent'> = {
  state: 'idle',
  lanes: { total: 0, ready: 0, blocked: 0, untold: 0 },
  lag: { late: 0, worstMs: 0, failing: 0, paused: 0, fresh: 0, held: 0 },
  queue: { waiting: 0, working: 0, loading: 0 },
  reading: false,
  circuitOpenUntil: null,
  keys: [],
  counts: {
    ...{ passes: [], writes: [], errors: [], readings: [] },
    ...{ reviews: [], held: [], conflicts: [], refreshes: [] },
  },
};

function toAnswer(runner: Runner | undefined): Omit<HealthAnswer, 'role' | 'lastEvent'> {
  if (runner === undefined) return NOTHING;
  const health = runner.health();
  const counts = Object.entries(health.counts).map(([name, rows]) => [
    name,
    rows.map(({ labels, count }) => ({ labels: [...labels], count })),
  ]);
  return { ...health, keys: [...health.keys], counts: Object.fromEntries(counts) as HealthAnswer['counts'] };
}

/** How the work goes, in numbers: for the page, and for Prometheus. */
export function numberRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { runner, push } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['operations'];
  const metrics = createMetrics({ runner, push, traffic: parts.live.foundation?.context.traffic });
  routes.get(
    `${API}/health`,
    {
      config: { role: 'viewer' },
      schema: { tags, summary: 'How the work goes, in numbers.', response: { 200: Health } },
    },
    async () => ({
      ...toAnswer(runner),
      role: runner === undefined ? ('api' as const) : ('all' as const),
      lastEvent: runner?.events.last ?? 0,
    }),
  );
  routes.get(
    '/metrics',
    {
      config: { role: 'public' },
      schema: {
        ...{ tags, summary: 'The same for Prometheus. No mailbox, address or tenant is named.' },
        response: { 200: z.string().meta({ description: metrics.contentType }) },
      },
    },
    async (_request, reply) => {
      const text = await metrics.metrics();
      return reply.type(metrics.contentType).serializer(String).send(text);
    },
  );
}
