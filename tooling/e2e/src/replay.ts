import { existsSync, readFileSync } from 'node:fs';
import type { ContextOf, Fetch, Logger } from '@tidelock/core';
import { createSalesforce, SalesforceOptionsSchema } from '@tidelock/crm-salesforce';
import { createManualClock, createSalesforce as createOrg } from '@tidelock/emulators';
import { createSystemRandom } from '@tidelock/host';
import { createExchangeMailboxes, ExchangeOptionsSchema } from '@tidelock/mailbox-exchange';
import { SHARED } from '@tidelock-tooling/openapi';

export const GRAPH_EXAMPLES = `${SHARED}reference/graph/examples/`;
export const CRM_EXAMPLES = `${SHARED}reference/crm/examples/salesforce/`;
export const hasExamples = existsSync(GRAPH_EXAMPLES) && existsSync(CRM_EXAMPLES);

export interface Given {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function exampleOf(folder: string, id: string): Given {
  return JSON.parse(readFileSync(`${folder}${id}.json`, 'utf8')).response as Given;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const START = Date.parse('2026-11-23T09:00:00Z');

function createContext(fetch: Fetch) {
  const clock = createManualClock(START);
  return {
    fetch,
    random: createSystemRandom(),
    log: silent,
    dataDir: '/nowhere',
    secrets: {} as ContextOf['crm']['secrets'],
    clock: {
      now: () => clock.now(),
      mono: () => clock.now() - START,
      // Waits for another try pass at once; deadlines never come.
      async sleep(ms: number, signal?: AbortSignal) {
        if (ms > 9_000) return clock.sleep(ms, signal);
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        clock.advance(ms);
      },
    },
    token: {
      getToken: async () => ({ token: 'a.b.c', expiresAt: START + 3_600_000 }),
      renewToken: async () => ({ token: 'a.b.c', expiresAt: START + 3_600_000 }),
      forget() {},
      async close() {},
    },
  };
}

function toResponse({ status, headers = {}, body }: Given): Response {
  const text = body === undefined || body === null ? null : JSON.stringify(body);
  return new Response(status === 204 ? null : text, {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/**
 * The mailbox adapter in front of a service that answers everything with this, inside a batch too. `reads`: what reads
 * are answered with, where only writes are meant.
 */
export function mailboxOn(
  given: Given,
  more: { readonly reads?: Given; readonly options?: Readonly<Record<string, unknown>> } = {},
) {
  const { reads = given, options = {} } = more;
  const answerTo = (method = 'GET'): Given => (method === 'GET' ? reads : given);
  const fetch: Fetch = async (input, init) => {
    const { pathname } = new URL(input);
    if (!pathname.endsWith('/$batch')) return toResponse(answerTo(init?.method));
    const { requests } = JSON.parse(String(init?.body)) as { requests: { id: string; method: string }[] };
    const responses = requests.map(({ id, method }) => ({ id, ...answerTo(method) }));
    return toResponse({ status: 200, body: { responses } });
  };
  const parsed = ExchangeOptionsSchema.parse({ tenant: 'contoso.example', ...options });
  const port = createExchangeMailboxes(parsed, createContext(fetch));
  return { port, store: port.open({ mailbox: 'ann@contoso.example', kind: 'contact' }) };
}

/** The CRM adapter on an emulated org, in which one kind of request gets this answer. */
export async function crmOn(match: RegExp, given: Given) {
  const org = createOrg({ clock: createManualClock(START), seed: 3 });
  const userId = org.admin.addUser({ username: 'tidelock@crm.example', lastName: 'Tidelock' });
  org.admin.registerApp({ consumerKey: 'key', secret: 'the-secret', runAs: userId });
  org.admin.addField('Contact', {
    name: 'TidelockKey__c',
    type: 'string',
    length: 64,
    unique: true,
    externalId: true,
  });
  let hits = 0;
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!match.test(`${request.method} ${request.url}`)) return org.fetch(request);
    hits += 1;
    return toResponse(given);
  };
  const options = SalesforceOptionsSchema.parse({
    auth: {
      flow: 'client-credentials',
      clientId: 'key',
      clientSecret: 'the-secret',
      myDomainUrl: 'https://emulated.my.salesforce.com',
    },
  });
  const port = createSalesforce(options, createContext(fetch));
  return { org, port, store: port.open({ kind: 'contact' }), hits: () => hits };
}
