import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createHubSpotCheck, hasHubSpotSlices, SHARED } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { signatureV3 } from '../src/hubspot/webhooks.ts';
import { createMismatch } from './example-shape.ts';
import { createTestAccount, type Json, type TestAccount } from './hubspot-account.ts';

const FOLDER = `${SHARED}reference/crm/examples/hubspot/`;
const present = existsSync(FOLDER);

/** Older signatures and bodies of webhooks are the adapter's matter; other objects and sign-in by OAuth are not modelled here. */
const OUT_OF_SCOPE = /^(?:signature|webhook|oauth|assoc|error-validation-400)/;

const names = (present ? readdirSync(FOLDER) : [])
  .filter((name) => name.endsWith('.json') && !OUT_OF_SCOPE.test(name))
  .map((name) => name.replace('.json', ''))
  .sort();

interface Example {
  readonly request: { readonly method: string; readonly path: string; readonly body?: Json };
  readonly response?: { readonly status: number; readonly body?: Json };
}
const readExample = (name: string): Example => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));

/** Values that carry meaning; everything else is compared by type. */
const EXACT = new Set(['category', 'errorType', 'policyName', 'archived', 'new', 'type']);
const mismatch = createMismatch(EXACT);

type Replacements = readonly (readonly [RegExp | string, string])[];
type Prepare = (account: TestAccount) => Replacements | Promise<Replacements>;

const person = (account: TestAccount, email: string): string =>
  account.hubspot.admin.createContact({ firstname: 'Lorelai', lastname: 'Gilmore', email });

/** What must be there before an example is sent, and which of its ids stand for which of ours. */
const PREPARE: Readonly<Record<string, Prepare>> = {
  'contact-create-409': (account) => {
    person(account, 'example@hubspot.com');
    return [];
  },
  'contact-patch-by-email': (account) => {
    account.hubspot.admin.addProperty('contacts', { name: 'favorite_food' });
    person(account, 'jane@example.com');
    return [];
  },
  'contacts-archived-list': (account) => {
    account.hubspot.admin.archiveContact(person(account, 'gone@example.com'));
    return [];
  },
  'contacts-batch-read-by-id': (account) => [
    ['1234567', person(account, 'one@example.com')],
    ['987456', person(account, 'two@example.com')],
  ],
  'contacts-batch-read-partial-207': (account) => [['33451', person(account, 'lorelai@thedragonfly.com')]],
  'contacts-batch-upsert-email': (account) => {
    person(account, 'example@hubspot.com');
    return [];
  },
  'contacts-list-page': (account) => {
    person(account, 'lorelai@thedragonfly.com');
    person(account, 'rory@thedragonfly.com');
    return [];
  },
  'error-423-locked': (account) => {
    account.hubspot.faults.inject({ fault: { kind: 'named', name: 'locked' } });
    const inputs = '"inputs":[{"id":"a@b.example","idProperty":"email","properties":{"phone":"1"}}]';
    return [
      ['companies', 'contacts'],
      ['"inputs":[]', inputs],
    ];
  },
  'error-429-ten-secondly': (account) => {
    account.hubspot.admin.settings.requestsPerTenSeconds = 0;
    return [];
  },
  'meeting-associate-v3-put': (account) => [
    ['17612479134', account.hubspot.admin.createMeeting({ hs_timestamp: '2026-09-01T14:00:00.000Z' })],
    ['104901', person(account, 'a@example.com')],
  ],
  'meeting-delete': async (account) => {
    const properties = { hs_timestamp: '2026-09-01T14:00:00.000Z' };
    const { body } = await account.post('/crm/v3/objects/meetings', { properties });
    return [['17612479134', body.id]];
  },
  'meetings-batch-create-201': (account) => {
    account.hubspot.admin.addProperty('meetings', { name: 'exchange_id', hasUniqueValue: true });
    return [[/"to":\{"id":"\d+"\}/g, `"to":{"id":"${person(account, 'a@example.com')}"}`]];
  },
  'meeting-create': (account) => [
    [/"to":\{"id":"?\d+"?\}/g, `"to":{"id":"${person(account, 'a@example.com')}"}`],
  ],
  'owners-list': (account) => {
    account.hubspot.admin.addOwner({ email: 'email@hubspot.com', firstName: 'HubSpot', lastName: 'Test' });
    return [];
  },
  'search-contacts-incremental': (account) => {
    person(account, 'rory@thedragonfly.com');
    account.indexed();
    return [[/1788265200000/g, '0']];
  },
  'search-contacts-token': (account) => {
    person(account, 'testperson@hubspot.com');
    person(account, 'other@example.com');
    account.indexed();
    return [];
  },
};

/** Put together by hand: who asks for the address only gets no name; teams of owners are not modelled. */
const UNASKED: Readonly<Record<string, readonly string[]>> = {
  'contacts-batch-read-partial-207': ['firstname', 'lastname'],
  'owners-list': ['teams'],
};
const withoutUnasked = (name: string, body: Json): Json =>
  JSON.parse(JSON.stringify(body, (key, value) => (UNASKED[name]?.includes(key) ? undefined : value)));

/** Results come in an order of the service's own: by address they are the example's. */
function inOrderOf(shown: Json, body: Json): Json {
  const emailOf = (one: Json): unknown => one?.properties?.email;
  const wanted = (shown.results ?? []).map(emailOf);
  if (wanted.some((email: unknown) => email === undefined) || !Array.isArray(body.results)) return body;
  const rank = (one: Json): number => wanted.indexOf(emailOf(one));
  return { ...body, results: [...body.results].sort((x, y) => rank(x) - rank(y)) };
}

async function replay(name: string) {
  const account = createTestAccount();
  const replacements = (await PREPARE[name]?.(account)) ?? [];
  const text = JSON.stringify(readExample(name).request);
  const request = JSON.parse(
    replacements.reduce((so, [from, to]) => so.replaceAll(from, to), text),
  ) as Example['request'];
  const { method, path, body } = request;
  const answer = await account.send(method, path, body === undefined ? {} : { body });
  return { account, answer };
}

describe.skipIf(!present)('the shared examples of HubSpot [skipped: ../shared is absent]', () => {
  it('are many', () => expect(names.length).toBeGreaterThanOrEqual(17));

  it.each(names)('%s is answered as shown', async (name) => {
    const { response } = readExample(name);
    const { answer } = await replay(name);
    expect(answer.status, JSON.stringify(answer.body)).toBe(response?.status ?? 200);
    if (response?.body === undefined) return;
    const shown = withoutUnasked(name, response.body);
    expect(mismatch(shown, inOrderOf(shown, answer.body), { path: name, extras: true })).toEqual([]);
  });

  it('search-contacts-token and search-contacts-incremental find whom they mean', async () => {
    const token = await replay('search-contacts-token');
    expect(token.answer.body.results.map(({ properties }: Json) => properties.email)).toEqual([
      'testperson@hubspot.com',
    ]);
    const { body } = (await replay('search-contacts-incremental')).answer;
    expect(body.results).toHaveLength(1);
  });
});

describe.skipIf(!present)('webhooks of the emulator [skipped: ../shared is absent]', () => {
  it('are signed as signature-v3-post is', () => {
    const { request, notes } = readExample('signature-v3-post') as Json;
    const timestamp = request.headers['X-HubSpot-Request-Timestamp'];
    const [, secret = ''] = /^secret (.*)$/.exec(notes[0]) ?? [];
    const signed = { method: request.method, url: request.path, body: request.bodyText, timestamp };
    expect(signatureV3(secret, signed)).toBe(request.headers['X-HubSpot-Signature-v3']);
    expect(signatureV3(secret, { ...signed, method: 'PUT' })).not.toBe(
      request.headers['X-HubSpot-Signature-v3'],
    );
  });
});

describe.skipIf(!hasHubSpotSlices)('the emulator [skipped: ../shared is absent]', () => {
  // Of a 423 the status is documented, and no body.
  it.each(names.filter((name) => name !== 'error-423-locked'))(
    'answers %s as the published schemas say',
    async (name) => {
      const check = hasHubSpotSlices ? createHubSpotCheck('answers') : () => [];
      const { account } = await replay(name);
      expect(account.hubspot.log.entries.flatMap(check)).toEqual([]);
    },
  );
});
