import { badRequest } from './api-error.ts';
import type { Page } from './query-cursors.ts';
import { type ApiCall, json, type Reply } from './reply.ts';
import type { Resource, RestContext } from './rest-context.ts';
import { toQueryRecord } from './soql-fields.ts';
import { runSoql } from './soql-query.ts';

const SMALLEST_BATCH = 200;
const LARGEST_BATCH = 2000;

function batchSizeOf(call: ApiCall): number {
  const hint = /batchSize\s*=\s*(\d+)/i.exec(call.headers['sforce-query-options'] ?? '')?.[1];
  return hint === undefined ? LARGEST_BATCH : Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Number(hint)));
}

function toPageReply(context: RestContext, call: ApiCall, page: Page): Reply {
  const { version } = context.caller;
  const { result } = page;
  const select = result.select ?? [];
  const records = result.rows
    .slice(page.from, page.to)
    .map((row) => toQueryRecord(result.table, row, { select, version }));
  const repeat = context.org.faults.takeNamed('endless-pages', call.url) !== undefined;
  const next = repeat ? (call.path.split('/query/')[1] ?? page.nextLocator) : page.nextLocator;
  if (next === undefined) return json(200, { totalSize: result.totalSize, done: true, records });
  // The locator of a queryAll is followed under /query/ too.
  const nextRecordsUrl = `/services/data/${version}/query/${next}`;
  return json(200, { totalSize: result.totalSize, done: false, nextRecordsUrl, records });
}

/** GET query?q= and queryAll?q=. */
export function createQueryResource(includeDeleted: boolean): Resource {
  return (context, call) => {
    const soql = call.query.get('q');
    if (soql === null || soql.trim() === '')
      throw badRequest('MALFORMED_QUERY', 'A query string has to be specified');
    const found = runSoql(context.org, soql, includeDeleted);
    const emptied = context.org.faults.takeNamed('empty-query', call.url) !== undefined;
    const result = emptied ? { ...found, totalSize: 0, rows: [] } : found;
    return toPageReply(
      context,
      call,
      context.cursors.first(context.caller.session.userId, result, batchSizeOf(call)),
    );
  };
}

/** GET query/{locator}. */
export const readQueryPage: Resource = (context, call, segments) => {
  const locator = segments[segments.length - 1] ?? '';
  if (context.org.faults.takeNamed('expired-locator', call.url) !== undefined) {
    throw badRequest('INVALID_QUERY_LOCATOR', 'invalid query locator');
  }
  return toPageReply(context, call, context.cursors.resume(context.caller.session.userId, locator));
};
