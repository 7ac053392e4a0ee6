import { CannotProvoke, type RecordOracle, type RecordStoreFixture } from '@tidelock/conformance';
import type { ConformanceAccount, LogData } from '@tidelock/core';
import { createHubSpot, type HubSpotOptions } from '../index.ts';
import { createFaults, type Intercept } from './faults.ts';
import { SAMPLE } from './fixture.ts';
import { toProperties, toTruth } from './truth.ts';

interface Contact {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

interface Page {
  readonly results: readonly Contact[];
  readonly paging?: { readonly next?: { readonly after: string } };
}

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

const PAGE = 100;

/** Requests of its own, one contact at a time, as the documentation has them: none of the adapter's code. */
function createCall({ options, context }: ConformanceAccount): Call {
  const { baseUrl, token } = options as HubSpotOptions;
  return async (method, path, body) => {
    const response = await context.fetch(`${baseUrl}/crm/v3/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path.split('?', 1)[0]} answered ${response.status}`);
    return text === '' ? null : JSON.parse(text);
  };
}

const given = (properties: Contact['properties']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties).filter(
      (entry): entry is [string, string] => entry[1] !== null && entry[1] !== '',
    ),
  );

function createOracle(call: Call, of: { readonly stampProperty: string }): RecordOracle {
  let names: Promise<string> | null = null;
  const propertyNames = (): Promise<string> => {
    names ??= call('GET', 'properties/contacts').then((answer) =>
      (answer as { results: readonly { readonly name: string }[] }).results.map(({ name }) => name).join(),
    );
    return names;
  };
  return {
    async all() {
      const found: Contact[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const query = new URLSearchParams({
          limit: String(PAGE),
          properties: await propertyNames(),
          ...(after === '' ? {} : { after }),
        });
        const page = (await call('GET', `objects/contacts?${query}`)) as Page;
        found.push(...page.results);
        after = page.paging?.next?.after;
      }
      return found.map(({ id, properties }) => {
        const values = given(properties);
        return { id, fields: toTruth(values), stamp: values[of.stampProperty] ?? null };
      });
    },
    async userCreate(fields) {
      const body = { properties: toProperties(fields), associations: [] };
      return ((await call('POST', 'objects/contacts', body)) as Contact).id;
    },
    async userUpdate(id, patch) {
      const properties = toProperties(patch);
      for (const [name, value] of Object.entries(properties)) properties[name] = value ?? '';
      await call('PATCH', `objects/contacts/${id}`, { properties });
    },
    userDelete: async (id) => void (await call('DELETE', `objects/contacts/${id}`)),
    async userMerge(winner, loser) {
      const body = { primaryObjectId: winner, objectIdToMerge: loser };
      const { id } = (await call('POST', 'objects/contacts/merge', body)) as Contact;
      return id === winner ? null : id;
    },
  };
}

const TRIES = 6;
const AGAIN_MS = 10_000;

/** Nobody's contacts are deleted by a slip in a configuration file: what was there before us is never touched. */
function createGuard(account: ConformanceAccount, { all }: RecordOracle) {
  let ours = false;
  return async (): Promise<void> => {
    for (let tries = ours ? TRIES : 1; ; tries -= 1) {
      const held = (await all()).length;
      if (held === 0) break;
      if (tries <= 1)
        throw new Error(
          `the account holds ${held} contacts: empty it first, or name one that was made for tests`,
        );
      await account.wait(AGAIN_MS);
    }
    ours = true;
  };
}

function createLine(account: ConformanceAccount) {
  const logged: string[] = [];
  const log = (event: string, data?: LogData): void => void logged.push(JSON.stringify({ event, ...data }));
  const line = { intercept: null as Intercept | null, requests: 0 };
  const fetch = (input: string | URL, init?: RequestInit): Promise<Response> => {
    line.requests += 1;
    const forward = (): Promise<Response> => account.context.fetch(input, init);
    return line.intercept === null ? forward() : line.intercept(new Request(input, init), forward);
  };
  const logger = { debug: log, info: log, warn: log, error: log };
  return { line, logged, context: { ...account.context, fetch, log: logger } };
}

/** The adapter on a real account, anew for every case; what a case leaves there is deleted after it. */
export function createLiveFixtures(account: ConformanceAccount): () => Promise<RecordStoreFixture> {
  const options = account.options as HubSpotOptions;
  const oracle = createOracle(createCall(account), options);
  const requireEmpty = createGuard(account, oracle);
  return async () => {
    await requireEmpty();
    return createLiveFixture(account, { options, oracle });
  };
}

async function createLiveFixture(
  account: ConformanceAccount,
  { options, oracle }: { readonly options: HubSpotOptions; readonly oracle: RecordOracle },
): Promise<RecordStoreFixture> {
  const { line, logged, context } = createLine(account);
  const port = createHubSpot(options, context as ConformanceAccount<'crm'>['context']);
  const { catalogue } = await port.open({ kind: 'contact' }).probe();
  const faults = createFaults(line, () => {
    throw new CannotProvoke('the feed of a real account cannot be made ninety days old');
  });
  return {
    store: port.open({ kind: 'contact', properties: Object.keys(catalogue) }),
    oracle,
    faults,
    clock: { advance: (ms) => account.wait(ms) },
    sample: SAMPLE,
    requests: () => line.requests,
    leaks: { secrets: [options.token], logged: () => logged.join('\n') },
    async dispose() {
      for (const { id } of await oracle.all()) await oracle.userDelete(id);
      await port.close();
    },
  };
}
