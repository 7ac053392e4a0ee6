import type { Push } from '@tidelock/host';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Numbers of what services push; without pushes there are none. */
export function addPushMetrics(registry: Registry, push: Push | undefined, prefix: string): void {
  if (push === undefined) return;
  const registers = [registry];
  new Gauge({
    ...{ name: `${prefix}push_subscriptions`, help: 'Subscriptions to changes in mailboxes, by state.' },
    ...{ labelNames: ['state'], registers },
    collect() {
      for (const [state, count] of Object.entries(push.status().subscriptions)) this.set({ state }, count);
    },
  });
  new Gauge({
    ...{
      name: `${prefix}push_subscription_problems`,
      help: 'Subscriptions whose last attempt failed, by kind.',
    },
    ...{ labelNames: ['kind'], registers },
    collect() {
      this.reset();
      for (const [kind, count] of push.status().problems) this.set({ kind }, count);
    },
  });
  const counters = [
    { metric: 'push_taken_total', help: 'Notifications that were believed, by what they said.', of: 'taken' },
    { metric: 'push_refused_total', help: 'Notifications that were not believed, by reason.', of: 'refused' },
  ] as const;
  for (const { metric, help, of } of counters) {
    new Counter({
      ...{ name: `${prefix}${metric}`, help, labelNames: ['reason'], registers },
      collect() {
        this.reset();
        for (const [reason, count] of push.status()[of]) this.inc({ reason }, count);
      },
    });
  }
}
