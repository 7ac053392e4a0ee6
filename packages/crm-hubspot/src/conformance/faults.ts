import type { FaultKind, RecordFaults } from '@tidelock/conformance';

/** Stands between the adapter and the service: answers in its place, or changes its answer. */
export type Intercept = (request: Request, forward: () => Promise<Response>) => Promise<Response>;

const WRITES = /batch\/(create|update|upsert|archive)/;
const READS = /batch\/read|\/search|\?/;

const refusal = (status: number, body: Readonly<Record<string, string>>) => (): Response =>
  new Response(
    JSON.stringify({ status: 'error', correlationId: '0a4f7e3c-2a71-4f0b-9d2e-6f1f6a2b3c4d', ...body }),
    { status, headers: { 'content-type': 'application/json' } },
  );

const lost = (): never => {
  throw new TypeError('fetch failed');
};

/** As this vendor says it: a 429 names its policy and no wait. */
const FAULTS: Readonly<Record<FaultKind, () => Response>> = {
  '401': refusal(401, {
    message: 'Authentication credentials not found.',
    category: 'INVALID_AUTHENTICATION',
  }),
  '403': refusal(403, { message: 'Not granted all required scopes.', category: 'MISSING_SCOPES' }),
  '429': refusal(429, {
    message: 'You have reached your daily limit.',
    errorType: 'RATE_LIMIT',
    policyName: 'DAILY',
  }),
  '500': refusal(500, { message: 'internal error' }),
  timeout: lost,
};

async function rewrite(response: Response, change: (body: never) => unknown): Promise<Response> {
  const body = (await response.json()) as never;
  return new Response(JSON.stringify(change(body)), { status: response.status, headers: response.headers });
}

const withoutFirst = (body: { results: unknown[] }) => ({ ...body, results: body.results.slice(1) });

/** The same for the emulated service and for a real account: nothing of it needs the service's help. */
export function createFaults(
  line: { intercept: Intercept | null },
  expireCursor: RecordFaults['expireCursor'],
): RecordFaults {
  const editAnswers = (of: RegExp, change: (body: never) => unknown): void => {
    line.intercept = async (request, forward) => {
      const response = await forward();
      if (!of.test(request.url) || response.status >= 300 || response.status === 204) return response;
      return rewrite(response, change);
    };
  };
  return {
    next(kind, operation) {
      const path = operation === 'write' ? WRITES : operation === 'read' ? READS : /./;
      line.intercept = async (request, forward) => (path.test(request.url) ? FAULTS[kind]() : forward());
    },
    loseAnswer(applied) {
      line.intercept = async (request, forward) => {
        if (!WRITES.test(request.url)) return forward();
        line.intercept = null;
        if (applied) await forward();
        return lost();
      };
    },
    expireCursor,
    endlessPages() {
      let first: Promise<string> | null = null;
      line.intercept = async (request, forward) => {
        const response = await forward();
        if (request.method !== 'GET' || !/\/objects\/(contacts|meetings)\?/.test(request.url))
          return response;
        first ??= response.text();
        const page = JSON.parse(await first);
        return new Response(JSON.stringify({ ...page, paging: { next: { after: '1' } } }), {
          status: 200,
          headers: response.headers,
        });
      };
    },
    dropBatchItem: () => editAnswers(WRITES, withoutFirst),
    dropReadItem: () => editAnswers(/objects\/.*batch\/read/, withoutFirst),
    clear() {
      line.intercept = null;
    },
  };
}
