import { readable } from './org.ts';
import { json } from './reply.ts';
import type { Resource } from './rest-context.ts';

const full = (max: number): { Max: number; Remaining: number } => ({ Max: max, Remaining: max });

export const readLimits: Resource = (context) => {
  const max = context.org.settings.dailyApiRequests;
  const remaining = Math.max(0, max - context.usage.used(context.org.clock.now()));
  return json(200, {
    DailyApiRequests: { Max: max, Remaining: remaining },
    DailyAsyncApexExecutions: full(250_000),
    DailyBulkApiBatches: full(15_000),
    DailyBulkV2QueryFileStorageMB: full(976_562),
    DailyBulkV2QueryJobs: full(10_000),
    DailyDeliveredPlatformEvents: full(10_000),
    DailyDurableStreamingApiEvents: full(10_000),
    DataStorageMB: full(5),
    DurableStreamingApiConcurrentClients: full(20),
    HourlyPublishedPlatformEvents: full(50_000),
  });
};

/** GET limits/recordCount?sObjects=A,B: live rows; unknown objects are left out. */
export const readRecordCounts: Resource = (context, call) => {
  const asked = call.query
    .get('sObjects')
    ?.split(',')
    .map((name) => name.trim());
  const tables =
    asked === undefined ? context.org.tables : asked.flatMap((name) => context.org.table(name) ?? []);
  const sObjects = tables.map((table) => {
    let count = 0;
    for (const row of table.byId('')) if (readable(table, row, false)) count += 1;
    return { count, name: table.object.name };
  });
  return json(200, { sObjects });
};
