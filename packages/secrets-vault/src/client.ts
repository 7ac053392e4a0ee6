import type { AdapterContext, AdapterError } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import { createHttp, type HttpResponse, type RetryPolicy, retryWait } from '@tidelock/kit';
import { codeOf, createFailure, toFailure } from './errors.ts';

export interface VaultCall {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After `/v1/`, not encoded; a slash at the end asks for a folder. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** A token of its own; `null` = none (logins). Absent = that of the session. */
  readonly token?: string | null | undefined;
}

export interface VaultAnswer {
  readonly status: number;
  /** `null` = the service has nothing under that name, and said so. A deleted version has a body. */
  readonly body: unknown;
}

export interface VaultClient {
  call(call: VaultCall): Promise<VaultAnswer>;
}

/** Where the token comes from. */
export interface Session {
  token(): Promise<string>;
  /** The service refused this token: whether there can be another one. */
  refused(token: string): boolean;
}

export interface ClientOptions {
  readonly addresses: readonly string[];
  readonly namespace?: string | undefined;
  readonly timeoutMs: number;
}

type ClientContext = Pick<AdapterContext, 'fetch' | 'clock' | 'random'>;

const POLICY: RetryPolicy = {
  attempts: 6,
  baseMs: 250,
  maxMs: 30_000,
  kinds: ['rate_limited', 'unavailable'],
};
/** Wrapped keys and secrets are small; whatever is larger is no answer of this service. */
const MAX_BYTES = 4 * 1024 * 1024;

function encodePath(path: string, operation: string): string {
  const folder = path.endsWith('/');
  const segments = (folder ? path.slice(0, -1) : path).split('/');
  const encoded = segments.map((segment) => {
    if (segment === '' || segment === '.' || segment === '..')
      throw createFailure('BAD_REQUEST', { operation, text: 'a name has an empty segment or one of dots' });
    return encodeURIComponent(segment);
  });
  return encoded.join('/') + (folder ? '/' : '');
}

/** The answer's JSON; `undefined` = it is none. */
function toJson({ status, text }: HttpResponse): unknown {
  if (status === 204 || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorsOf(body: unknown): readonly string[] {
  const errors = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : [];
  return Array.isArray(errors) ? errors.map(String) : [];
}

const holdsData = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'data' in body && body.data !== null;

/** Whether the same call may go out again: what changes something only where it was certainly not done. */
function mayRepeat(error: AdapterError, method: VaultCall['method']): boolean {
  if (error.code === 'redirect' || error.code === 'unreached') return true;
  if (!POLICY.kinds.includes(error.kind) || error.code === 'aborted') return false;
  if (method === 'GET') return true;
  return error.status === 429 || error.status === 412 || error.status === 503;
}

/** Whether another node of the cluster may do better. */
const isAboutNode = (error: AdapterError): boolean =>
  error.kind === 'unavailable' || error.code === 'redirect';

function headersOf(
  call: VaultCall,
  token: string | null,
  namespace: string | undefined,
): Record<string, string> {
  return {
    'x-vault-request': 'true',
    accept: 'application/json',
    ...(namespace === undefined ? {} : { 'x-vault-namespace': `${namespace}/` }),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function toAnswer(response: HttpResponse, operation: string, now: number): VaultAnswer {
  const { status } = response;
  const json = toJson(response);
  if (json === undefined)
    throw createFailure(status >= 500 ? 'SERVER' : 'PROTOCOL', {
      ...{ operation, status, text: `the answer (${status}) is not JSON` },
      remedy: 'Check that the address is that of the secret store itself, and what stands in between.',
    });
  if (status === 200 || status === 204) return { status, body: json };
  if (status === 404 && holdsData(json)) return { status, body: json };
  const refusal = { status, headers: response.headers, errors: errorsOf(json) };
  if (codeOf(refusal) === 'NOT_FOUND') return { status, body: null };
  throw toFailure(refusal, operation, now);
}

function toEnd(error: AdapterError): AdapterError {
  if (error.code !== 'redirect') return error;
  return createFailure('UNAVAILABLE', {
    ...{ operation: error.operation, status: error.status, text: 'the node sends to another one' },
    remedy: 'Name all nodes of the cluster under "address", or let standbys forward requests.',
  });
}

/** Nodes of a cluster; the one that answered last is asked first. */
interface Nodes {
  readonly count: number;
  url(call: VaultCall): string;
  next(): void;
}

function createNodes(addresses: readonly string[]): Nodes {
  let node = 0;
  return {
    count: addresses.length,
    url(call) {
      const base = addresses[node % addresses.length];
      const url = new URL(`/v1/${encodePath(call.path, call.operation)}`, base);
      for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
      return url.href;
    },
    next() {
      node += 1;
    },
  };
}

interface Repeating {
  readonly method: VaultCall['method'];
  readonly nodes: Nodes;
  readonly context: ClientContext;
}

/** Goes to another node, waits, or throws: what follows the failure of the `attempt`-th try. */
async function afterFailure(error: unknown, attempt: number, of: Repeating): Promise<void> {
  const { nodes, context } = of;
  if (!isAdapterError(error) || !mayRepeat(error, of.method)) throw error;
  const another = isAboutNode(error);
  if (another) nodes.next();
  const most = error.code === 'redirect' ? nodes.count : POLICY.attempts;
  const wait = retryWait(POLICY, context.random, { attempt, retryAfterMs: error.retryAfterMs });
  if (attempt >= most || wait === undefined) throw toEnd(error);
  // A node that has not been asked yet is asked at once.
  if (!another || attempt >= nodes.count) await context.clock.sleep(wait);
}

/**
 * HTTP as the service speaks it (OpenBao 2.6): tokens as `Authorization: Bearer`, which no redirect can carry off; 307 is
 * never followed, another configured node is asked instead.
 */
export function createVaultClient(
  options: ClientOptions,
  context: ClientContext,
  session: () => Session,
): VaultClient {
  const { namespace, timeoutMs } = options;
  const { clock } = context;
  const http = createHttp({ fetch: context.fetch, clock, timeoutMs, maxBytes: MAX_BYTES });
  const nodes = createNodes(options.addresses);

  async function once(call: VaultCall, token: string | null): Promise<VaultAnswer> {
    const { operation, method } = call;
    const headers = headersOf(call, token, namespace);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const response = await http.send({ operation, method, url: nodes.url(call), headers, body });
    return toAnswer(response, operation, clock.now());
  }

  async function persist(call: VaultCall, token: string | null): Promise<VaultAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(call, token);
      } catch (error) {
        await afterFailure(error, attempt, { method: call.method, nodes, context });
      }
    }
  }

  return {
    async call(call) {
      if (call.token !== undefined) return persist(call, call.token);
      const token = await session().token();
      try {
        return await persist(call, token);
      } catch (error) {
        // The same status stands for a missing right and for a token that ended: one more try tells which.
        if (!isAdapterError(error) || error.status !== 403 || !session().refused(token)) throw error;
        return persist(call, await session().token());
      }
    },
  };
}
