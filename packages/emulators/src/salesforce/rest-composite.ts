import { badRequest } from './api-error.ts';
import { isObject } from './record-input.ts';
import type { Journal } from './record-table.ts';
import { type ApiCall, json, type Reply, toApiCall } from './reply.ts';
import { type Resource, type RestContext, rollBack } from './rest-context.ts';

const LARGEST_COMPOSITE = 25;

interface InnerRequest {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

function toHeaders(outer: ApiCall, input: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  const duplicateRule = outer.headers['sforce-duplicate-rule-header'];
  if (duplicateRule !== undefined) headers['sforce-duplicate-rule-header'] = duplicateRule;
  if (!isObject(input)) return headers;
  for (const [name, value] of Object.entries(input)) headers[name.toLowerCase()] = String(value);
  return headers;
}

function requireRequests(call: ApiCall, name: string): Record<string, unknown>[] {
  const list = isObject(call.body) ? call.body[name] : undefined;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isObject)) {
    throw badRequest('JSON_PARSER_ERROR', `The request must have a ${name} array of objects`);
  }
  if (list.length > LARGEST_COMPOSITE) {
    throw badRequest('LIMIT_EXCEEDED', `Composite API can process at most ${LARGEST_COMPOSITE} requests`);
  }
  return list;
}

function toInnerRequest(outer: ApiCall, input: Record<string, unknown>): InnerRequest {
  const { method, url, referenceId } = input;
  if (typeof method !== 'string' || typeof url !== 'string' || typeof referenceId !== 'string') {
    throw badRequest('JSON_PARSER_ERROR', 'Each sub-request needs a method, a url and a referenceId');
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9_]*$/.test(referenceId)) {
    throw badRequest(
      'INVALID_REFERENCE_ID',
      `Provided referenceId ('${referenceId}') must start with a letter or a number`,
    );
  }
  return { method, url, referenceId, headers: toHeaders(outer, input.httpHeaders), body: input.body };
}

function stepInto(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? value[step] : undefined;
}

/** Replaces `@{reference.field}` (with `[n]` steps) by values of earlier replies. */
function createResolver(replies: ReadonlyMap<string, Reply>): (text: string) => string {
  return (text) =>
    text.replace(
      /@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}/g,
      (_, reference: string, path: string) => {
        const reply = replies.get(reference);
        const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
        const value =
          reply === undefined || reply.status >= 300 ? undefined : steps.reduce(stepInto, reply.body);
        if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
          return String(value);
        const message = `Invalid reference specified. No value for ${reference}${path} found in ${reference}`;
        throw badRequest('PROCESSING_HALTED', message);
      },
    );
}

function resolveDeep(value: unknown, resolve: (text: string) => string): unknown {
  if (typeof value === 'string') return resolve(value);
  if (Array.isArray(value)) return value.map((item) => resolveDeep(item, resolve));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolveDeep(item, resolve)]));
}

const HEADER_NAMES: Readonly<Record<string, string>> = {
  location: 'Location',
  'last-modified': 'Last-Modified',
  etag: 'ETag',
};

function toInnerReply(referenceId: string, reply: Reply): Record<string, unknown> {
  const httpHeaders: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.headers)) {
    const printed = HEADER_NAMES[name];
    if (printed !== undefined) httpHeaders[printed] = value;
  }
  return { body: reply.body ?? null, httpHeaders, httpStatusCode: reply.status, referenceId };
}

const HALTED = json(400, [
  {
    errorCode: 'PROCESSING_HALTED',
    message: 'The transaction was rolled back since another operation in the same transaction failed.',
  },
]);

interface CompositeRun {
  readonly context: RestContext;
  readonly replies: Map<string, Reply>;
  readonly journal: Journal | undefined;
}

async function runReferenced(run: CompositeRun, inner: InnerRequest): Promise<Reply> {
  const resolve = createResolver(run.replies);
  try {
    const body = resolveDeep(inner.body, resolve);
    const call = toApiCall(inner.method, resolve(inner.url), { headers: inner.headers, body });
    if (/\/composite(?:\/batch)?$/.test(call.path))
      throw badRequest('INVALID_REQUEST', 'Composite requests do not nest');
    return await run.context.runInner(call, run.journal);
  } catch (error) {
    if (error instanceof Error && 'entries' in error) return json(400, error.entries);
    throw error;
  }
}

function toCompositeReply(replies: ReadonlyMap<string, Reply>): Reply {
  return json(200, { compositeResponse: [...replies].map(([id, reply]) => toInnerReply(id, reply)) });
}

/** Stops at the first failure and takes everything back; only the failed request shows its own error. */
async function runAllOrNone(
  context: RestContext,
  requests: readonly InnerRequest[],
): Promise<Map<string, Reply>> {
  const journal: Journal = [];
  const replies = new Map<string, Reply>();
  for (const request of requests) {
    const reply = await runReferenced({ context, replies, journal }, request);
    replies.set(request.referenceId, reply);
    if (reply.status < 400) continue;
    rollBack(journal);
    const own = (id: string): Reply => (id === request.referenceId ? reply : HALTED);
    return new Map(requests.map(({ referenceId }) => [referenceId, own(referenceId)]));
  }
  return replies;
}

/** POST composite: up to 25 requests in order, one API call; a failed one has its own status in an outer 200. */
export const runComposite: Resource = async (context, call) => {
  const inner = requireRequests(call, 'compositeRequest').map((input) => toInnerRequest(call, input));
  if (new Set(inner.map((request) => request.referenceId)).size < inner.length) {
    throw badRequest('DUPLICATE_VALUE', 'Provided referenceId must be unique within a request');
  }
  if (isObject(call.body) && call.body.allOrNone === true)
    return toCompositeReply(await runAllOrNone(context, inner));
  const replies = new Map<string, Reply>();
  for (const request of inner) {
    replies.set(request.referenceId, await runReferenced({ context, replies, journal: undefined }, request));
  }
  return toCompositeReply(replies);
};

/** POST composite/batch: up to 25 independent requests, each charged; urls are relative to /services/data. */
export const runBatch: Resource = async (context, call) => {
  const requests = requireRequests(call, 'batchRequests');
  const halt = isObject(call.body) && call.body.haltOnError === true;
  const results: { statusCode: number; result: unknown }[] = [];
  let hasErrors = false;
  for (const input of requests) {
    if (halt && hasErrors) {
      const halted = [
        { errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request' },
      ];
      results.push({ statusCode: 412, result: halted });
      continue;
    }
    const url = `/services/data/${String(input.url)
      .replace(/^\/+/, '')
      .replace(/^services\/data\//, '')}`;
    const more = { headers: toHeaders(call, undefined), body: input.richInput };
    const reply = await context.runInner(toApiCall(String(input.method), url, more), undefined);
    // The outer request has paid for the first one.
    if (results.length > 0) context.usage.charge(context.org.clock.now(), context.caller.session.app);
    results.push({ statusCode: reply.status, result: reply.body ?? null });
    hasErrors ||= reply.status >= 400;
  }
  return json(200, { hasErrors, results });
};
