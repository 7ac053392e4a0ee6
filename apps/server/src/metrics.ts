import type { CountName, Push, Runner, RunnerHealth, Traffic } from '@tidelock/host';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { addPushMetrics } from './push-metrics.ts';

const PREFIX = 'tidelock_';

interface Count {
  readonly name: CountName;
  readonly metric: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** Labels are closed lists: no mailbox, no address, no tenant. */
const COUNTERS: readonly Count[] = [
  {
    name: 'passes',
    metric: 'passes_total',
    help: 'Turns of mailboxes, by outcome.',
    labelNames: ['outcome'],
  },
  {
    name: 'writes',
    metric: 'writes_total',
    help: 'Writes that took effect.',
    labelNames: ['side', 'effect'],
  },
  { name: 'errors', metric: 'errors_total', help: 'Failures, by kind.', labelNames: ['kind'] },
  {
    ...{ name: 'readings', metric: 'shared_feed_readings_total' },
    ...{ help: 'Readings of feeds that mailboxes share.', labelNames: ['outcome'] },
  },
  {
    name: 'reviews',
    metric: 'reviews_opened_total',
    help: 'Questions for people that came up.',
    labelNames: [],
  },
  { name: 'held', metric: 'held_total', help: 'Writes that were held, each time they were.', labelNames: [] },
  { name: 'conflicts', metric: 'conflicts_total', help: 'Conflicts that were decided.', labelNames: [] },
  {
    ...{ name: 'refreshes', metric: 'roster_readings_total' },
    ...{ help: 'Readings of who takes part, by outcome.', labelNames: ['outcome'] },
  },
];

interface Level {
  readonly metric: string;
  readonly help: string;
  readonly of: (health: RunnerHealth) => number;
}

const LEVELS: readonly Level[] = [
  { metric: 'lanes', help: 'Mailboxes and calendars that take part.', of: ({ lanes }) => lanes.total },
  { metric: 'lanes_ready', help: 'Those that can be worked on.', of: ({ lanes }) => lanes.ready },
  { metric: 'lanes_blocked', help: 'Those that something keeps off.', of: ({ lanes }) => lanes.blocked },
  { metric: 'lanes_late', help: 'Not in step for longer than alarm.lagMinutes.', of: ({ lag }) => lag.late },
  { metric: 'lanes_failing', help: 'The last turn failed.', of: ({ lag }) => lag.failing },
  { metric: 'lanes_paused', help: 'Paused by somebody.', of: ({ lag }) => lag.paused },
  { metric: 'lanes_never_synced', help: 'Never in step yet.', of: ({ lag }) => lag.fresh },
  { metric: 'lanes_holding', help: 'The brake holds deletes.', of: ({ lag }) => lag.held },
  {
    ...{ metric: 'lag_seconds', help: 'The longest time since a mailbox was in step.' },
    of: ({ lag }) => lag.worstMs / 1_000,
  },
  { metric: 'queue_waiting', help: 'Mailboxes whose turn comes.', of: ({ queue }) => queue.waiting },
  { metric: 'queue_working', help: 'Mailboxes that have their turn.', of: ({ queue }) => queue.working },
  {
    metric: 'queue_loading',
    help: 'Of those, first loads and enumerations.',
    of: ({ queue }) => queue.loading,
  },
  {
    ...{ metric: 'circuit_open', help: '1 while a service is taken to be down.' },
    of: ({ circuitOpenUntil }) => Number(circuitOpenUntil !== null),
  },
  {
    metric: 'running',
    help: '1 once every mailbox was asked.',
    of: ({ state }) => Number(state === 'running'),
  },
];

const labelsOf = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));

function countRequests(registry: Registry, traffic: Traffic): void {
  new Counter({
    name: `${PREFIX}requests_total`,
    help: 'HTTP requests by connection, and how they ended; throttled: the service asked to wait.',
    labelNames: ['connection', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { count, ...labels } of traffic.read()) this.inc(labels, count);
    },
  });
}

/** Numbers for Prometheus, read when they are asked for. */
export function createMetrics(of: {
  readonly runner?: Runner | undefined;
  readonly push?: Push | undefined;
  readonly traffic?: Traffic | undefined;
}): Registry {
  const { runner, push, traffic } = of;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  if (traffic !== undefined) countRequests(registry, traffic);
  for (const { name, metric, help, labelNames } of COUNTERS) {
    new Counter({
      ...{ name: `${PREFIX}${metric}`, help, labelNames: [...labelNames], registers },
      collect() {
        this.reset();
        for (const { labels, count } of runner?.tally.read(name) ?? [])
          this.inc(labelsOf(labelNames, labels), count);
      },
    });
  }
  for (const { metric, help, of } of LEVELS) {
    new Gauge({
      ...{ name: `${PREFIX}${metric}`, help, registers },
      collect() {
        const health = runner?.health();
        this.set(health === undefined ? 0 : of(health));
      },
    });
  }
  new Gauge({
    ...{ name: `${PREFIX}certificate_days`, help: 'Days until the certificate ends first.', registers },
    collect() {
      const days = runner?.health().keys.map((key) => key.days) ?? [];
      if (days.length > 0) this.set(Math.min(...days));
    },
  });
  addPushMetrics(registry, push, PREFIX);
  return registry;
}
