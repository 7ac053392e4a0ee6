import type { CrmFixture, RecordFaults, RecordOracle, RecordStoreFixture } from '@tidelock/conformance';
import type { Address, Fields, FieldValue } from '@tidelock/core';
import type { Fault, Salesforce } from '@tidelock/emulators';
import { createTestOrg, SECRET, type TestOrg } from './org.ts';

const PARTS = {
  street: 'Street',
  city: 'City',
  state: 'State',
  postalCode: 'PostalCode',
  country: 'Country',
};
const WRITES = ['POST', 'PATCH', 'DELETE'];
const FOR_GOOD = 1_000_000;

/** Written apart from the adapter's own converters: this is the oracle. */
function toTruth(sf: Salesforce, row: Readonly<Record<string, unknown>>): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(row)) if (typeof value === 'string') fields[name] = value;
  for (const prefix of ['Mailing', 'Other']) {
    const address = Object.entries(PARTS).flatMap(([part, suffix]) => {
      const value = row[`${prefix}${suffix}`];
      return typeof value === 'string' ? [[part, value]] : [];
    });
    fields[`${prefix}Address`] = address.length === 0 ? null : (Object.fromEntries(address) as Address);
  }
  const account = sf.oracle.accounts().find((each) => each.Id === row.AccountId);
  fields['Account.Name'] = typeof account?.Name === 'string' ? account.Name : null;
  return fields;
}

function createOracle(sf: Salesforce): RecordOracle {
  return {
    all: async () =>
      sf.oracle
        .contacts()
        .filter((row) => row.IsDeleted === false)
        .map((row) => ({
          id: String(row.Id),
          fields: toTruth(sf, row),
          stamp: typeof row.TidelockKey__c === 'string' ? row.TidelockKey__c : null,
        })),
    userCreate: async (fields) => sf.admin.createContact({ ...fields }),
    userUpdate: async (id, patch) => sf.admin.updateContact(id, { ...patch }),
    userDelete: async (id) => sf.admin.deleteContact(id),
    async userMerge(winner, loser) {
      sf.admin.merge(winner, [loser]);
      return null;
    },
  };
}

const refusal = (status: number, errorCode: string, message: string): Fault => ({
  kind: 'status',
  status,
  body: [{ errorCode, message }],
});

/** As this vendor says it: there is no 429, and a limit names no wait. */
const FAULTS: Readonly<Record<string, Fault>> = {
  '401': refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
  '403': refusal(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id'),
  '429': refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
  '500': refusal(500, 'UNKNOWN_EXCEPTION', 'An unexpected error occurred.'),
  timeout: { kind: 'lost', applied: false },
};

function requireFault(kind: string): Fault {
  const fault = FAULTS[kind];
  if (!fault) throw new Error(`no fault ${kind}`);
  return fault;
}

type Json = Record<string, unknown>;

async function rewrite(response: Response, change: (body: unknown) => unknown): Promise<Response> {
  const body: unknown = await response.json();
  return new Response(JSON.stringify(change(body)), { status: response.status, headers: response.headers });
}

export function createFaults(org: TestOrg): RecordFaults {
  const { faults } = org.sf;
  const inject = (method: string | null, fault: Fault, times: number): void => {
    faults.inject({ match: { path: /\/services\/data/, ...(method ? { method } : {}) }, times, fault });
  };
  return {
    next(kind, operation) {
      const methods = operation === 'write' ? WRITES : [operation === 'read' ? 'GET' : null];
      for (const method of methods) inject(method, requireFault(kind), FOR_GOOD);
    },
    loseAnswer(applied) {
      for (const method of WRITES) inject(method, { kind: 'lost', applied }, 1);
    },
    expireCursor: () => org.emulatorClock.advance(16 * 86_400_000),
    endlessPages() {
      let first: Promise<string> | null = null;
      org.intercept = async (request, forward) => {
        const response = await forward();
        if (!request.url.includes('/query') || request.url.includes('DESC')) return response;
        first ??= response.text();
        const page = JSON.parse(await first) as Json;
        return new Response(JSON.stringify({ ...page, done: false }), { status: 200 });
      };
    },
    dropBatchItem() {
      org.intercept = async (request, forward) => {
        const response = await forward();
        if (request.method !== 'POST' || !request.url.endsWith('/composite/sobjects')) return response;
        return rewrite(response, (body) => (body as unknown[]).slice(1));
      };
    },
    clear() {
      faults.clear();
      org.intercept = null;
    },
  };
}

/** The adapter on an emulated org, opened on every property that the org offers. */
export async function createFixture(): Promise<RecordStoreFixture> {
  const org = createTestOrg({ adapter: { dailyShare: 1 } });
  const { catalogue } = await org.open().probe();
  return {
    store: org.open(Object.keys(catalogue)),
    oracle: createOracle(org.sf),
    faults: createFaults(org),
    clock: { advance: (ms) => org.emulatorClock.advance(ms) },
    sample: {
      name: 'LastName',
      email: 'Email',
      phone: 'Phone',
      text: 'Title',
      refused: { LastName: 'x'.repeat(81) },
    },
    requests: () => org.requests.length,
    leaks: { secrets: [SECRET], logged: () => org.logged.join('\n') },
    dispose: () => org.port.close(),
  };
}

/** The port on an emulated org with users, two of whom share an address. */
export async function createCrmFixture(): Promise<CrmFixture> {
  const org = createTestOrg({ adapter: { dailyShare: 1 } });
  const { admin } = org.sf;
  const emails = ['ann@example.com', 'ben@example.com', 'carla@example.com'];
  const ids = emails.map((email) => admin.addUser({ username: email }));
  admin.setUserActive(ids[2] ?? '', false);
  for (const username of ['one@example.com', 'two@example.com'])
    admin.addUser({ username, email: 'shared@example.com' });
  const faults = createFaults(org);
  return {
    port: org.port,
    scope: { kind: 'contact' },
    users: emails.map((email, index) => ({ id: ids[index] ?? '', email, active: index < 2 })),
    shared: 'shared@example.com',
    faults: { next: faults.next, clear: faults.clear },
    requests: () => org.requests.length,
    dispose: () => org.port.close(),
  };
}
