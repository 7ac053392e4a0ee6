import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createMismatch } from './example-shape.ts';
import {
  type Answer,
  CONSUMER_KEY,
  createSigningKey,
  createTestOrg,
  type Json,
  postForm,
  SECRET,
  START,
  type TestOrg,
} from './salesforce-org.ts';

const FOLDER = fileURLToPath(
  new URL('../../../../shared/reference/crm/examples/salesforce/', import.meta.url),
);
const present = existsSync(FOLDER);

/** Not modelled here: other objects, bulk jobs, change events and trees. */
const OUT_OF_SCOPE = /^(?:bulk2|cdc|tree|collections-create-opportunity|query-parent-with-null-subquery)/;

const files = present
  ? readdirSync(FOLDER)
      .filter((name) => name.endsWith('.json'))
      .sort()
  : [];
const inScope = files.map((name) => name.replace('.json', '')).filter((name) => !OUT_OF_SCOPE.test(name));

const readExample = (name: string): Json => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));

/** Values that carry meaning and must be equal; everything else is compared by type. */
const EXACT = new Set([
  'errorCode',
  'statusCode',
  'success',
  'done',
  'httpStatusCode',
  'type',
  'error',
  'error_description',
  'name',
  'created',
]);

const mismatch = createMismatch(EXACT);

type Replacements = [string | RegExp, string][];
type Prepare = (org: TestOrg) => Replacements | Promise<Replacements>;

const someContact = (org: TestOrg, fields = {}): string =>
  org.sf.admin.createContact({ LastName: 'Smith', ...fields });
const someAccount = (org: TestOrg): string => org.sf.admin.createAccount({ Name: 'Sitwell-Bluth' });
const someEvent = (org: TestOrg, fields = {}): string =>
  org.sf.admin.createEvent({ StartDateTime: '2026-09-01T14:00:00Z', DurationInMinutes: 30, ...fields });
const withExchangeId = (org: TestOrg, unique = true): Replacements => {
  org.sf.admin.addField('Contact', { name: 'ExchangeId__c', type: 'string', externalId: true, unique });
  return [];
};
const without = (_: unknown): Replacements => [];
const CONTACT = '003000000000001AAA';
const OWNER = '005000000000001AAA';

/** What must be there before an example is sent, and which of its ids stand for which of ours. */
const PREPARE: Record<string, Prepare> = {
  'collections-allornone-rollback': (org) => withExchangeId(org),
  'collections-create-three-contacts': (org) => [[/0019H00000H1RM\w{4}/g, someAccount(org)]],
  'collections-delete': (org) => [['001000000000001AAA', someAccount(org)]],
  'collections-update-six': (org) =>
    readExample('collections-update-six').request.body.records.map((record: Json) => [
      record.Id,
      someAccount(org),
    ]),
  'collections-upsert-by-id-mixed': (org) => [
    ['0035500001H9dBVAAZ', someContact(org)],
    ['0035500001H9dBXAAZ', someContact(org)],
  ],
  'collections-upsert-one': (org) => [['0012o00003OBzVSAA1', someAccount(org)]],
  'composite-four-queries': (org) => without(someAccount(org)),
  'composite-suberror-400-invalid-type': (org) => without(someAccount(org)),
  'composite-if-modified-since-304': () => [
    ['Thu, 03 Sep 2020 21:35:07 GMT', 'Sat, 01 Aug 2026 06:00:07 GMT'],
  ],
  'collections-create-events': (org) => [
    ['0039H00000BcB5mQAF', someContact(org)],
    ['0019H00000H28uAQAR', someAccount(org)],
  ],
  'delete-204': (org) => [['00U000000000001AAA', someEvent(org)]],
  'event-create-series': (org) => [[OWNER, org.userId]],
  'event-create-timed': (org) => [
    [OWNER, org.userId],
    [CONTACT, someContact(org)],
  ],
  'event-delete-from-this-onwards': (org) => {
    const series = someEvent(org, { Recurrence2PatternText: 'RRULE:FREQ=DAILY;COUNT=3' });
    const occurrence = org.sf.oracle.events().find((row) => row.Id !== series);
    return [['00U000000000004AAA', String(occurrence?.Id)]];
  },
  'event-relation-create': (org) => {
    org.sf.admin.enableSharedActivities();
    return [
      ['00U000000000001AAA', someEvent(org)],
      [CONTACT, someContact(org)],
    ];
  },
  'error-duplicates-400': (org) => {
    org.sf.admin.settings.duplicateRule = 'block';
    someContact(org, { Email: 'jane.smith@example.com' });
    return [];
  },
  'error-entity-is-deleted-404': (org) => {
    const id = someContact(org);
    org.sf.admin.deleteContact(id);
    return [[CONTACT, id]];
  },
  'error-invalid-session-401': (org) => without(org.sf.admin.endSessions()),
  'error-request-limit-403': (org) => {
    org.sf.admin.settings.dailyApiRequests = 0;
    return [];
  },
  'error-unable-to-lock-row-400': (org) => {
    org.sf.faults.inject({ fault: { kind: 'named', name: 'unable-to-lock-row' } });
    return [[CONTACT, someContact(org)]];
  },
  'get-deleted': (org) => {
    const id = someContact(org);
    org.sf.admin.deleteContact(id);
    return [
      ['2013-05-05T00%3A00%3A00', '2026-07-30T00%3A00%3A00'],
      ['2013-05-10T00%3A00%3A00', '2026-08-02T00%3A00%3A00'],
    ];
  },
  'if-unmodified-since-412': (org) => {
    org.clock.advance(4 * 86_400_000);
    org.sf.admin.settings.sessionTimeoutMs *= 100;
    return signInAgain(org, [[CONTACT, someContact(org)]]);
  },
  'query-first-page': (org) => {
    org.sf.admin.seedContacts(450, () => ({ LastName: 'Smith' }));
    return [];
  },
  'query-firstname-trimmed': (org) => without(someContact(org, { FirstName: 'Lindsay' })),
  'query-one': (org) => without(someAccount(org)),
  'queryall-isdeleted': (org) => {
    const [master, loser] = [someContact(org), someContact(org)];
    org.sf.admin.merge(master, [loser]);
    return [];
  },
  'retrieve-organization': (org) => [[/00D0xORGID00000000/g, org.sf.admin.orgId]],
  'update-204': (org) => [[CONTACT, someContact(org)]],
  'upsert-extid-201-created': (org) => withExchangeId(org),
  'upsert-updateonly-404': (org) => withExchangeId(org),
  'upsert-extid-300-multiple': (org) => {
    withExchangeId(org, false);
    someContact(org, { ExchangeId__c: 'dup-1' });
    someContact(org, { ExchangeId__c: 'dup-1' });
    return [];
  },
};

async function signInAgain(org: TestOrg, replacements: Replacements): Promise<Replacements> {
  const form = { grant_type: 'client_credentials', client_id: CONSUMER_KEY, client_secret: SECRET };
  org.token = (await postForm(org.sf, '/services/oauth2/token', { form })).body.access_token;
  return replacements;
}

async function replayToken(org: TestOrg, name: string): Promise<Answer> {
  if (name.includes('client-credentials')) {
    const form = { grant_type: 'client_credentials', client_id: CONSUMER_KEY, client_secret: SECRET };
    return await postForm(org.sf, '/services/oauth2/token', { form });
  }
  const key = await createSigningKey();
  org.sf.admin.registerApp({ consumerKey: 'jwt-app', certPem: key.certPem });
  org.sf.admin.approve(org.userId, 'jwt-app');
  const aud = name.includes('audience') ? 'https://example.com' : 'https://login.salesforce.com';
  const assertion = await key.sign({
    iss: 'jwt-app',
    sub: 'tidelock@example.com',
    aud,
    exp: START / 1000 + 60,
  });
  return await postForm(org.sf, '/services/oauth2/token', {
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion },
  });
}

async function replay(org: TestOrg, name: string, example: Json): Promise<Answer> {
  if (name.startsWith('oauth')) return await replayToken(org, name);
  const replacements = (await PREPARE[name]?.(org)) ?? [];
  let text = JSON.stringify(example.request).replace(/\/v\d\d\.0\//g, '/v66.0/');
  for (const [from, to] of replacements) text = text.replaceAll(from, to);
  const { method, path, headers = {}, body } = JSON.parse(text);
  const { Authorization: _, ...rest } = headers;
  return await org.send(method, path, { body, headers: rest });
}

describe('shared examples', () => {
  it.skipIf(!present)('are there and nearly all in scope are replayed [skipped: ../shared is absent]', () => {
    expect(inScope.length).toBeGreaterThanOrEqual(45);
    expect(Object.keys(PREPARE).filter((name) => !inScope.includes(name))).toEqual([]);
  });

  it.skipIf(!present).each(inScope.length > 0 ? inScope : ['none'])(
    '%s has the recorded shape [skipped: ../shared is absent]',
    async (name) => {
      const org = await createTestOrg();
      const example = readExample(name);
      const answer = await replay(org, name, example);
      expect(answer.status).toBe(example.response.status);
      for (const header of Object.keys(example.response.headers ?? {}))
        expect(answer.headers.get(header)).not.toBeNull();
      if (example.response.body === undefined) {
        expect(answer.body).toBeUndefined();
        return;
      }
      // Bodies the collectors cut to the interesting keys may show more here.
      const extras = /^(?:limits|retrieve-organization)$/.test(name);
      expect(mismatch(example.response.body, answer.body, { path: name, extras })).toEqual([]);
    },
  );
});
