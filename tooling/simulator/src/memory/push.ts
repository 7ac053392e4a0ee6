import type { PushState, SubscriptionRow } from '@tidelock/core';
import { bump } from './lanes.ts';
import { byText, keyOf, type Tables } from './tables.ts';

type PushTwin = {
  readonly [M in keyof PushState]: (...args: Parameters<PushState[M]>) => Awaited<ReturnType<PushState[M]>>;
};

export function createMemoryPush(tables: Tables): PushTwin & { forget(tenantId: string): void } {
  const rows = new Map<string, SubscriptionRow>();
  const keepers = new Map<string, { readonly owner: string; readonly until: number }>();
  const keyed = ({ tenantId, mailboxId, kind }: Pick<SubscriptionRow, 'tenantId' | 'mailboxId' | 'kind'>) =>
    keyOf(keyOf(tenantId, mailboxId), kind);
  return {
    subscriptions: (tenantId) =>
      [...rows]
        .sort(([x], [y]) => byText(x, y))
        .flatMap(([, row]) => (row.tenantId === tenantId ? [row] : [])),
    subscriptionsStamp: (tenantId) =>
      [...rows.values()]
        .flatMap((row) => (row.tenantId === tenantId ? [`${keyed(row)} ${row.rev} ${row.dueAt}`] : []))
        .sort()
        .join(),
    putSubscription(row) {
      if ((rows.get(keyed(row))?.rev ?? 0) !== row.rev - 1) return false;
      rows.set(keyed(row), row);
      return true;
    },
    removeSubscription: (key) => rows.get(keyed(key))?.rev === key.rev && rows.delete(keyed(key)),
    leaseKeeper({ tenantId, owner, now, ttlMs }) {
      const held = keepers.get(tenantId);
      if (held !== undefined && held.owner !== owner && held.until > now) return false;
      keepers.set(tenantId, { owner, until: now + ttlMs });
      return true;
    },
    releaseKeeper({ tenantId, owner }) {
      if (keepers.get(tenantId)?.owner === owner) keepers.delete(tenantId);
    },
    forget(tenantId) {
      for (const [key, row] of rows) if (row.tenantId === tenantId) rows.delete(key);
    },
    hintLanes(laneIds, now) {
      for (const id of laneIds) {
        const lane = tables.lanes.get(id);
        if (lane !== undefined) lane.row = bump(lane.row, now);
      }
    },
  };
}
