import { notFound } from './api-error.ts';
import type { ApiCall, Reply } from './reply.ts';
import { readDeleted, readUpdated } from './rest-changes.ts';
import {
  createCollection,
  deleteCollection,
  readCollection,
  readCollectionByPost,
  updateCollection,
  upsertCollection,
} from './rest-collections.ts';
import { runBatch, runComposite } from './rest-composite.ts';
import { byMethod, type Resource, type RestContext } from './rest-context.ts';
import {
  describeObject,
  listObjects,
  listResources,
  NEWEST_VERSION,
  OLDEST_VERSION,
  readObject,
} from './rest-describe.ts';
import { readLimits, readRecordCounts } from './rest-limits.ts';
import { createQueryResource, readQueryPage } from './rest-query.ts';
import {
  createRow,
  deleteEventsFromHere,
  deleteRowById,
  deleteRowByKey,
  readRowById,
  readRowByKey,
  updateRowById,
  upsertRowByKey,
} from './rest-rows.ts';

/** Pattern segments: a name is itself, `*` is any one segment. The first match wins. */
const ROUTES: readonly (readonly [string, Resource])[] = [
  ['', byMethod({ GET: listResources })],
  ['sobjects', byMethod({ GET: listObjects })],
  ['sobjects/*', byMethod({ GET: readObject, POST: createRow })],
  ['sobjects/*/describe', byMethod({ GET: describeObject })],
  ['sobjects/*/updated', byMethod({ GET: readUpdated })],
  ['sobjects/*/deleted', byMethod({ GET: readDeleted })],
  ['sobjects/*/Id', byMethod({ POST: createRow })],
  ['sobjects/*/*', byMethod({ GET: readRowById, PATCH: updateRowById, DELETE: deleteRowById })],
  ['sobjects/Event/*/fromThisEventOnwards', byMethod({ DELETE: deleteEventsFromHere })],
  ['sobjects/*/*/*', byMethod({ GET: readRowByKey, PATCH: upsertRowByKey, DELETE: deleteRowByKey })],
  ['query', byMethod({ GET: createQueryResource(false) })],
  ['queryAll', byMethod({ GET: createQueryResource(true) })],
  ['query/*', byMethod({ GET: readQueryPage })],
  ['queryAll/*', byMethod({ GET: readQueryPage })],
  ['limits', byMethod({ GET: readLimits })],
  ['limits/recordCount', byMethod({ GET: readRecordCounts })],
  ['composite', byMethod({ POST: runComposite })],
  ['composite/batch', byMethod({ POST: runBatch })],
  [
    'composite/sobjects',
    byMethod({ POST: createCollection, PATCH: updateCollection, DELETE: deleteCollection }),
  ],
  ['composite/sobjects/*', byMethod({ GET: readCollection, POST: readCollectionByPost })],
  ['composite/sobjects/*/*', byMethod({ PATCH: upsertCollection })],
];

const PATTERNS = ROUTES.map(([pattern, resource]) => ({
  pattern: pattern.split('/').filter((part) => part !== ''),
  resource,
}));

/** `v66.0` and the decoded segments behind it; undefined for paths outside the data API or with a version unknown here. */
export function splitDataPath(path: string): { version: string; segments: string[] } | undefined {
  const match = /^\/services\/data\/v(\d+)\.0(?:\/(.*))?$/.exec(path);
  const number = Number(match?.[1]);
  if (match === null || number < OLDEST_VERSION || number > NEWEST_VERSION) return undefined;
  try {
    const segments = (match[2] ?? '')
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    return { version: `v${number}.0`, segments };
  } catch {
    return undefined;
  }
}

/** Finds the resource of a call and runs it. Throws ApiError; rows that are due are made visible first. */
export async function runResource(context: RestContext, call: ApiCall): Promise<Reply> {
  const segments = splitDataPath(call.path)?.segments;
  if (segments === undefined) throw notFound();
  const found = PATTERNS.find(
    ({ pattern }) =>
      pattern.length === segments.length &&
      pattern.every((part, index) => part === '*' || part === segments[index]),
  );
  if (found === undefined) throw notFound();
  context.org.settle();
  return await found.resource(context, call, segments);
}
