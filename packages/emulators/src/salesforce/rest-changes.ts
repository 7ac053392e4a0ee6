import { badRequest } from './api-error.ts';
import { fromIsoDatetime, toWireDatetime } from './datetime.ts';
import { BIN_DAYS, DAY_MS, type Org, readable, requireTable } from './org.ts';
import { type ApiCall, json } from './reply.ts';
import type { Resource } from './rest-context.ts';

const MINUTE_MS = 60_000;
const UPDATED_DAYS = 30;

interface Range {
  readonly start: number;
  readonly end: number;
}

function requireMoment(call: ApiCall, name: string): number {
  const text = call.query.get(name);
  const ms = text === null ? undefined : fromIsoDatetime(text);
  if (ms === undefined)
    throw badRequest('INVALID_REPLICATION_DATE', `${name} must be an ISO 8601 date and time`);
  // Seconds of the range do not count.
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function requireRange(org: Org, call: ApiCall, days: number): Range {
  const start = requireMoment(call, 'start');
  const end = requireMoment(call, 'end');
  if (start >= end) throw badRequest('INVALID_REPLICATION_DATE', 'startDate before endDate');
  if (start < org.clock.now() - days * DAY_MS) {
    throw badRequest('INVALID_REPLICATION_DATE', `startDate cannot be more than ${days} days ago`);
  }
  return { start, end };
}

/** Up to where the answer is complete: not past the oldest transaction that is still open. */
function latestDateCovered(org: Org, objectName: string, end: number): string {
  const oldestOpen = requireTable(org, objectName).oldestOpen() ?? Number.POSITIVE_INFINITY;
  const covered = Math.min(end, oldestOpen, org.clock.now());
  return toWireDatetime(Math.floor(covered / MINUTE_MS) * MINUTE_MS);
}

export const readUpdated: Resource = (context, call, segments) => {
  const table = requireTable(context.org, segments[1] ?? '');
  const { start, end } = requireRange(context.org, call, UPDATED_DAYS);
  const ids: string[] = [];
  for (const row of table.byStamp(start, end - 1)) if (readable(table, row, false)) ids.push(row.id);
  return json(200, { ids, latestDateCovered: latestDateCovered(context.org, table.object.name, end) });
};

export const readDeleted: Resource = (context, call, segments) => {
  const { org } = context;
  const table = requireTable(org, segments[1] ?? '');
  const { start, end } = requireRange(org, call, BIN_DAYS);
  const deletedRecords = org.deletions
    .filter(
      (entry) =>
        entry.object === table.object.name && !table.hidden.has(entry.id) && !table.isLocked(entry.id),
    )
    .filter((entry) => entry.at >= start && entry.at < end)
    .map((entry) => ({ id: entry.id, deletedDate: toWireDatetime(entry.at) }));
  return json(200, {
    deletedRecords,
    earliestDateAvailable: toWireDatetime(org.clock.now() - BIN_DAYS * DAY_MS),
    latestDateCovered: latestDateCovered(org, table.object.name, end),
  });
};
