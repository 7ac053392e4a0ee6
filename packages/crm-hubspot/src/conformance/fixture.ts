import type { CrmFixture, RecordFaults, RecordOracle, RecordStoreFixture } from '@tidelock/conformance';
import type { Address, Fields, FieldValue } from '@tidelock/core';
import type { Fault, HubSpot } from '@tidelock/emulators';
import { createTestAccount, type TestAccount } from './account.ts';

const PARTS: Readonly<Record<string, string>> = {
  street: 'address',
  city: 'city',
  state: 'state',
  postalCode: 'zip',
  country: 'country',
};
const FOR_GOOD = 1_000_000;
const WRITES = /batch\/(create|update|upsert|archive)/;
const READS = /batch\/read|\/search|\?/;

/** Written apart from the adapter's own converters: this is the oracle. */
function toTruth(properties: Readonly<Record<string, string>>): Fields {
  const fields: Record<string, FieldValue> = { ...properties };
  const address = Object.entries(PARTS).flatMap(([part, name]) => {
    const value = properties[name];
    return value === undefined ? [] : [[part, value]];
  });
  fields.postalAddress = address.length === 0 ? null : (Object.fromEntries(address) as Address);
  return fields;
}

function toProperties(fields: Fields): Record<string, string | null> {
  const properties: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'postalAddress') {
      const address = (value ?? {}) as Readonly<Record<string, string | undefined>>;
      for (const [part, property] of Object.entries(PARTS)) properties[property] = address[part] ?? null;
    } else if (value === null || typeof value === 'string') properties[name] = value;
    else if (Array.isArray(value)) properties[name] = value.join(';');
  }
  return properties;
}

function createOracle({ oracle, admin }: HubSpot): RecordOracle {
  return {
    all: async () =>
      oracle.contacts().map(({ id, properties }) => ({
        id,
        fields: toTruth(properties),
        stamp: properties.tidelock_key ?? null,
      })),
    userCreate: async (fields) => admin.createContact(toProperties(fields)),
    userUpdate: async (id, patch) => admin.updateContact(id, toProperties(patch)),
    userDelete: async (id) => admin.archiveContact(id),
    userMerge: async (winner, loser) => admin.mergeContacts(winner, loser),
  };
}

const refusal = (status: number, body: Readonly<Record<string, string>>): Fault => ({
  kind: 'status',
  status,
  body: { status: 'error', correlationId: '0a4f7e3c-2a71-4f0b-9d2e-6f1f6a2b3c4d', ...body },
});

/** As this vendor says it: a 429 names its policy and no wait. */
const FAULTS: Readonly<Record<string, Fault>> = {
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
  timeout: { kind: 'lost', applied: false },
};

async function rewrite(response: Response, change: (body: never) => unknown): Promise<Response> {
  const body = (await response.json()) as never;
  return new Response(JSON.stringify(change(body)), { status: response.status, headers: response.headers });
}

function createFaults(account: TestAccount): RecordFaults {
  const { faults } = account.hubspot;
  return {
    next(kind, operation) {
      const fault = FAULTS[kind];
      if (!fault) throw new Error(`no fault ${kind}`);
      const path = operation === 'write' ? WRITES : operation === 'read' ? READS : /./;
      faults.inject({ match: { path }, times: FOR_GOOD, fault });
    },
    loseAnswer: (applied) =>
      void faults.inject({ match: { path: WRITES }, fault: { kind: 'lost', applied } }),
    expireCursor: () => account.clock.advance(90 * 86_400_000),
    endlessPages() {
      let first: Promise<string> | null = null;
      account.intercept = async (request, forward) => {
        const response = await forward();
        if (request.method !== 'GET' || !request.url.includes('/objects/contacts?')) return response;
        first ??= response.text();
        const page = JSON.parse(await first);
        return new Response(JSON.stringify({ ...page, paging: { next: { after: '1' } } }), {
          status: 200,
          headers: response.headers,
        });
      };
    },
    dropBatchItem() {
      account.intercept = async (request, forward) => {
        const response = await forward();
        if (!WRITES.test(request.url) || response.status >= 300 || response.status === 204) return response;
        return rewrite(response, (body: { results: unknown[] }) => ({
          ...body,
          results: body.results.slice(1),
        }));
      };
    },
    dropReadItem() {
      account.intercept = async (request, forward) => {
        const response = await forward();
        if (!request.url.includes('/batch/read')) return response;
        return rewrite(response, (body: { results: unknown[] }) => ({
          ...body,
          results: body.results.slice(1),
        }));
      };
    },
    clear() {
      faults.clear();
      account.intercept = null;
    },
  };
}

/** The adapter on an emulated account, opened on every property that the account offers. */
export async function createFixture(): Promise<RecordStoreFixture> {
  const account = createTestAccount({ adapter: { rateShare: 1 } });
  const { catalogue } = await account.open().probe();
  return {
    store: account.open(Object.keys(catalogue)),
    oracle: createOracle(account.hubspot),
    faults: createFaults(account),
    clock: { advance: (ms) => account.clock.advance(ms) },
    sample: {
      name: 'lastname',
      email: 'email',
      phone: 'phone',
      text: 'jobtitle',
      refused: { lastname: 'Lee', email: 'nobody' },
    },
    requests: () => account.requests.length,
    leaks: { secrets: [account.token], logged: () => account.logged.join('\n') },
    dispose: () => account.port.close(),
  };
}

/** The port on an emulated account with owners, two of whom share an address. */
export async function createCrmFixture(): Promise<CrmFixture> {
  const account = createTestAccount({ adapter: { rateShare: 1 } });
  const { admin } = account.hubspot;
  const emails = ['ann@example.com', 'ben@example.com', 'carla@example.com'];
  const ids = emails.map((email) => admin.addOwner({ email }));
  admin.archiveOwner(ids[2] ?? '');
  for (const firstName of ['One', 'Two']) admin.addOwner({ email: 'shared@example.com', firstName });
  const faults = createFaults(account);
  return {
    port: account.port,
    scope: { kind: 'contact' },
    users: emails.map((email, index) => ({ id: ids[index] ?? '', email, active: index < 2 })),
    shared: 'shared@example.com',
    faults: { next: faults.next, clear: faults.clear },
    requests: () => account.requests.length,
    dispose: () => account.port.close(),
  };
}
