import {
  type CallOptions,
  type Exception,
  type Fields,
  formatWall,
  isAllDay,
  OCCURRENCE_FIELDS,
  type Occurrences,
  type StoreRecord,
} from '@tidelock/core';
import { z } from 'zod';
import { startWalk, walkOn } from './cursor.ts';
import { toMillis } from './dates.ts';
import { ruleTime } from './event-map.ts';
import type { EventSession } from './event-read.ts';
import { WireEvent } from './event-wire.ts';
import { asRule, asTime, extraOf, toEventBody } from './event-write-map.ts';
import { eventPath, toQuery } from './paths.ts';
import { readPage } from './session.ts';

const INSTANCES = 'events.instances';
const DAY_MS = 86_400_000;
const PAGE = '500';

/** What has to be done to one occurrence of a series. */
export interface ChildStep {
  readonly key: string;
  /** Undefined: the occurrence is cancelled. */
  readonly body: Record<string, unknown> | undefined;
}

const childrenOf = (fields: Fields): Occurrences['byStart'] => {
  const { occurrences } = fields;
  return typeof occurrences === 'object' && occurrences !== null && 'byStart' in occurrences
    ? occurrences.byStart
    : {};
};

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

interface Pair {
  readonly key: string;
  readonly wanted: Exception;
  readonly present: Exception;
}

/** Of an occurrence everything that is to be otherwise than it is; what it shares with its series is the series' value. */
function patchOf(record: StoreRecord, { key, wanted, present }: Pair): Exception {
  const time = asTime(record.fields.time);
  const recurrence = asRule(record.fields.recurrence);
  const ofRule = time === undefined || recurrence === undefined ? null : ruleTime({ time, recurrence }, key);
  const inherited: Fields = { ...record.fields, time: ofRule };
  const changed = OCCURRENCE_FIELDS.filter((name) => {
    const [is, was] = [wanted[name] ?? inherited[name], present[name] ?? inherited[name]];
    return (name in wanted || name in present) && !same(is, was);
  });
  return Object.fromEntries(
    changed.map((name) => [name, wanted[name] ?? inherited[name] ?? null]),
  ) as Exception;
}

/** The request that makes an occurrence what it is to be; undefined where it is that already. Throws `ProtectedBody`. */
function stepOf(record: StoreRecord, pair: Pair): ChildStep | undefined {
  const patch = patchOf(record, pair);
  if (Object.keys(patch).length === 0) return undefined;
  const { wire, exceptionIds } = extraOf(record);
  const own = (wire.exceptionOccurrences ?? [])
    .map((item) => WireEvent.safeParse(item).data)
    .find((item) => item?.id === exceptionIds[pair.key]);
  return { key: pair.key, body: toEventBody(patch, own ?? wire) };
}

/**
 * Steps from the occurrences that a series has to those it is to have. `lost`: keys that cannot be brought about, because a
 * cancelled occurrence does not come back. Throws `ProtectedBody`.
 */
export function planChildren(
  record: StoreRecord,
  wanted: Occurrences | null,
): { readonly steps: readonly ChildStep[]; readonly lost: readonly string[] } {
  const present = childrenOf(record.fields);
  const target = wanted?.byStart ?? {};
  const keys = [...new Set([...Object.keys(target), ...Object.keys(present)])].sort();
  const open = keys.filter((key) => !same(target[key] ?? {}, present[key] ?? {}));
  const lost = open.filter((key) => present[key] === 'cancelled');
  const cancels = open.filter((key) => target[key] === 'cancelled' && present[key] !== 'cancelled');
  const changes = open.flatMap((key) => {
    const [is, was] = [target[key] ?? {}, present[key] ?? {}];
    if (is === 'cancelled' || was === 'cancelled') return [];
    return stepOf(record, { key, wanted: is, present: was }) ?? [];
  });
  // Cancelled ones first: they no longer stand in the way of those that move.
  return { steps: [...cancels.map((key) => ({ key, body: undefined })), ...changes], lost };
}

const Instance = z.object({
  id: z.string().min(1),
  '@odata.etag': z.string().optional().catch(undefined),
  originalStart: z.string().nullable().optional().catch(undefined),
});

export interface Instances {
  /** Ids of occurrences by key. */
  readonly ids: ReadonlyMap<string, string>;
  /** The version that all of them share, where the answer told it. */
  readonly version: string | undefined;
}

/** Ids of the occurrences with these keys, wherever they were moved to. Throws what the service answers. */
export async function findInstances(
  session: EventSession,
  given: { readonly record: StoreRecord; readonly keys: readonly string[] },
  options: CallOptions,
): Promise<Instances> {
  const { record, keys } = given;
  const { exceptionIds } = extraOf(record);
  const ids = new Map(Object.entries(exceptionIds).filter(([key]) => keys.includes(key)));
  const open = keys
    .filter((key) => !ids.has(key))
    .map((key) => Date.parse(key.length === 10 ? `${key}T00:00:00Z` : key));
  if (open.length === 0) return { ids, version: record.version };
  const allDay = isAllDay(asTime(record.fields.time) ?? { kind: 'time', start: '', end: '', zone: null });
  const query = toQuery({
    startDateTime: new Date(Math.min(...open) - DAY_MS).toISOString(),
    endDateTime: new Date(Math.max(...open) + 2 * DAY_MS).toISOString(),
    $select: 'id,originalStart,type',
    $top: PAGE,
  });
  let version: string | undefined;
  let walk = { ...startWalk(), link: `${eventPath(session.mailbox, record.id)}/instances${query}` };
  for (;;) {
    const call = { operation: INSTANCES, url: walk.link, lane: session.lane, signal: options.signal };
    const page = readPage((await session.graph.send(call)).body, INSTANCES);
    for (const item of page.value) {
      const { data } = Instance.safeParse(item);
      const at = toMillis(data?.originalStart);
      if (data === undefined || at === undefined) continue;
      version ??= data['@odata.etag'];
      const utc = formatWall(at);
      ids.set(allDay ? utc.slice(0, 10) : `${utc}Z`, data.id);
    }
    const link = page['@odata.nextLink'];
    if (link === undefined) return { ids, version };
    walk = walkOn(walk, { link, items: page.value }, INSTANCES);
  }
}
