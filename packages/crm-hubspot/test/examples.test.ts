import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Change, PushRequest, Write } from '@tidelock/core';
import { SHARED } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { createTestAccount, START, type TestAccount } from '../src/conformance/account.ts';

const FOLDER = `${SHARED}reference/crm/examples/hubspot/`;
const present = existsSync(FOLDER);

/** What JSON.parse gives. */
type Json = ReturnType<typeof JSON.parse>;

interface Example {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Json;
    readonly bodyText?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body: Json;
  };
}

const replayed = new Set<string>();
function exampleOf(name: string): Example {
  replayed.add(name);
  return JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8'));
}

/** What the adapter never sends, and why. */
const NEVER_SENT: readonly (readonly [RegExp, string])[] = [
  [/^oauth-/, 'it proves itself with the token of a private app'],
  [/^assoc-|^meeting-associate/, 'it writes no associations'],
  [/^(search-)?meetings?-/, 'contacts are its only kind'],
  [/^contacts-batch-upsert-email$/, 'an upsert that comes late reverts newer values: it creates or updates'],
  [/^contact-patch-by-email$/, 'it updates by id, for an address may have moved to another contact'],
];

const toResponse = ({ status, headers = {}, body }: Omit<Example['response'], 'body'> & { body: Json }) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });

/** An account that answers one kind of request with an example, and how often it did. */
function createAnswering(match: RegExp, given: Example['response']) {
  const account = createTestAccount();
  const hits: Json[] = [];
  account.intercept = async (request, forward) => {
    if (!match.test(`${request.method} ${request.url}`)) return forward();
    const text = await request.text();
    hits.push(text === '' ? null : JSON.parse(text));
    return toResponse(given);
  };
  return { account, hits };
}

const stamp = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const create: Write = { op: 'create', stamp: stamp(1), fields: { firstname: 'Jane', lastname: 'Doe' } };

/** An example of one record, as a batch of one answers it. */
const inBatch = (status: number, part: object): Example['response'] => ({
  status,
  body: { status: 'COMPLETE', results: [], errors: [], ...part },
});

const failure = (work: Promise<unknown>): Promise<Json> =>
  work.then(
    () => 'it did not fail',
    ({ kind, code, retryAfterMs }) => ({ kind, code, retryAfterMs }),
  );

/** Waits of the client pass, one by one. */
async function passing<T>(account: TestAccount, work: Promise<T>): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  work.then(done, done);
  while (!settled) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!settled) account.clock.advance(2_500);
  }
  return work;
}

async function drain(account: TestAccount, from: string | null) {
  const changes: Change[] = [];
  for (let at = from; ; ) {
    const { changes: more, cursor, more: goesOn } = await account.open().changes('contacts', at);
    changes.push(...more);
    at = cursor;
    if (!goesOn) return { changes, cursor };
  }
}
const startFeed = async (account: TestAccount): Promise<string> => (await drain(account, null)).cursor;

describe.skipIf(!present)('the adapter reads the shared examples [skipped: ../shared is absent]', () => {
  it('contact-create-201 is a success with the id and the time of the last change', async () => {
    const { response } = exampleOf('contact-create-201');
    const made = { ...response.body, objectWriteTraceId: 'w0' };
    const { account, hits } = createAnswering(/batch\/create/, inBatch(201, { results: [made] }));
    expect(await account.open().write([create])).toEqual([
      { status: 'ok', id: '12345', version: '2026-07-07T20:27:17.947Z', mono: '2026-07-07T20:27:17.947Z' },
    ]);
    expect(hits[0].inputs[0].properties).toMatchObject({ firstname: 'Jane', lastname: 'Doe' });
  });

  it('contact-create-409 is a taken address: of a stranger, or of our own earlier create', async () => {
    const { response } = exampleOf('contact-create-409');
    const refusal = { ...response.body, context: { objectWriteTraceId: ['w0'] } };
    const { account } = createAnswering(/batch\/create/, inBatch(207, { numErrors: 1, errors: [refusal] }));
    expect(await account.open().write([create])).toMatchObject([
      { status: 'rejected', code: 'duplicate-key', property: 'email' },
    ]);
    const id = account.hubspot.admin.createContact({ firstname: 'Jane', tidelock_key: stamp(1) });
    expect(await account.open().write([create])).toEqual([{ status: 'duplicate', id }]);
  });

  it('contacts-batch-read-by-id is how contacts are read', async () => {
    const { request } = exampleOf('contacts-batch-read-by-id');
    const account = createTestAccount();
    let sent: Json = null;
    account.intercept = async (made, forward) => {
      if (made.url.includes('batch/read'))
        sent = { method: made.method, path: new URL(made.url).pathname, body: await made.clone().json() };
      return forward();
    };
    const ids = request.body.inputs.map(({ id }: { id: string }) => id);
    await account.open(request.body.properties).read(ids);
    expect(sent).toMatchObject({ method: request.method, path: request.path });
    expect(sent.body.inputs).toEqual(request.body.inputs);
    expect(sent.body.properties).toEqual(expect.arrayContaining(['email', 'jobtitle']));
  });

  it('contacts-batch-read-partial-207 is one contact that was found and one that is gone', async () => {
    const { account } = createAnswering(/batch\/read/, exampleOf('contacts-batch-read-partial-207').response);
    expect(await account.open(['email']).read(['999999999', '33451'])).toMatchObject([
      { state: 'gone', id: '999999999' },
      { state: 'found', id: '33451', record: { fields: { email: 'lorelai@thedragonfly.com' } } },
    ]);
  });

  it('contacts-list-page goes on at the mark of the page, not at its link', async () => {
    const { response } = exampleOf('contacts-list-page');
    const { account } = createAnswering(/GET .*\/objects\/contacts\?/, response);
    const page = await account.open(['firstname']).list('contacts', null);
    expect(page).toMatchObject({
      next: '33452',
      records: [{ id: '33451', mono: '2025-07-07T20:27:17.947Z', fields: { firstname: 'Lorelai' } }],
    });
  });

  it('contacts-archived-list is where a deletion is found, when somebody is missing', async () => {
    const { response } = exampleOf('contacts-archived-list');
    const { account, hits } = createAnswering(/GET .*archived=true/, response);
    const { admin } = account.hubspot;
    const [gone] = ['A', 'B', 'C'].map((firstname) => admin.createContact({ firstname }));
    account.clock.advance(240_000);
    const cursor = await startFeed(account);
    expect(hits).toHaveLength(0);
    admin.archiveContact(gone ?? '');
    account.clock.advance(10_000);
    const { changes } = await drain(account, cursor);
    expect(hits).toHaveLength(1);
    expect(changes).toContainEqual({ kind: 'removed', id: '77', mono: '2026-08-01T09:00:00.000Z' });
  });

  it.each(['search-contacts-incremental', 'search-contacts-token'])(
    '%s names who changed; what they are now is read',
    async (name) => {
      const { body } = exampleOf(name).response;
      const { account } = createAnswering(/contacts\/search/, { status: 200, body });
      const cursor = await startFeed(account);
      const answerSearch = account.intercept;
      account.intercept = (request, forward) =>
        request.url.includes('batch/read')
          ? Promise.resolve(toResponse(inBatch(200, { results: body.results })))
          : (answerSearch?.(request, forward) ?? forward());
      const { changes } = await drain(account, cursor);
      expect(changes.map(({ kind, id }) => ({ kind, id }))).toEqual(
        body.results.map(({ id }: { id: string }) => ({ kind: 'changed', id })),
      );
      expect(changes[0]).toMatchObject({ record: { fields: { email: body.results[0].properties.email } } });
    },
  );

  it('search-over-10000-400 ends the call, and is no page', async () => {
    const { account } = createAnswering(/contacts\/search/, exampleOf('search-over-10000-400').response);
    const cursor = await startFeed(createTestAccount());
    expect(await failure(account.open().changes('contacts', cursor))).toMatchObject({
      kind: 'invalid',
      code: 'VALIDATION_ERROR',
    });
  });

  it.each([
    ['error-423-locked', 2_000],
    ['error-429-ten-secondly', 10_000],
  ])('%s wrote nothing and is a wait, for writes and for reads', async (name, afterMs) => {
    const { account, hits } = createAnswering(/batch\/(create|read)/, exampleOf(name).response);
    expect(await account.open().write([create])).toEqual([
      { status: 'retry', kind: 'rate_limited', afterMs },
    ]);
    // A write is never repeated by the client; a read is, and says so when it gives up.
    expect(hits).toHaveLength(1);
    expect(await failure(passing(account, account.open().read(['1'])))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: afterMs,
    });
    expect(hits).toHaveLength(4);
  });

  it('error-validation-400 is the fate of one record: reason and property, never the value', async () => {
    const { response } = exampleOf('error-validation-400');
    const item = { ...response.body, context: { objectWriteTraceId: ['w0'] } };
    const { account } = createAnswering(/batch\/create/, inBatch(207, { numErrors: 1, errors: [item] }));
    expect(await account.open().write([create])).toEqual([
      { status: 'rejected', code: 'invalid', property: 'discount', message: 'INVALID_INTEGER on discount' },
    ]);
    const whole = createAnswering(/batch\/create/, response);
    const two: Write[] = [create, { ...create, stamp: stamp(2) }];
    expect(await whole.account.open().write(two)).toMatchObject([
      { status: 'rejected', message: 'VALIDATION_ERROR' },
      { status: 'rejected', message: 'VALIDATION_ERROR' },
    ]);
    // Refused together, then each alone: one bad record does not cost the other.
    expect(whole.hits.map(({ inputs }) => inputs.length)).toEqual([2, 1, 1]);
  });

  it('owners-list is who can own a contact, by address', async () => {
    const { account } = createAnswering(/\/owners\?.*archived=false/, exampleOf('owners-list').response);
    expect(await account.port.users(['SalesManager@hubspot.com', 'email@hubspot.com', 'no@x.de'])).toEqual([
      { id: '81538190', email: 'salesmanager@hubspot.com', name: 'Sales Manager Example', active: true },
      { id: '41629779', email: 'email@hubspot.com', name: 'HubSpot Test Owner', active: true },
      null,
    ]);
  });
});

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';

function judge(request: PushRequest, now: number) {
  const account = createTestAccount({ adapter: { webhookSecret: SECRET } });
  account.clock.advance(now - START);
  return account.port.verifyPush?.(request);
}

function pushOf({ request }: Example): PushRequest {
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: request.method,
    url: new URL(request.path, 'https://www.example.com').href,
    headers: Object.fromEntries(headers),
    body: new TextEncoder().encode(request.bodyText ?? JSON.stringify(request.body) ?? ''),
  };
}

const contacts = (...ids: readonly string[]) => ({
  ...{ accepted: true, hints: ids.length, kinds: ['contact'], settlesMs: 10_000 },
  records: ids.map((id) => ({ kind: 'contact', id })),
});
describe.skipIf(!present)('the adapter judges the shared pushes [skipped: ../shared is absent]', () => {
  it('signature-v3-post is accepted for five minutes, and not with one byte changed', () => {
    const push = pushOf(exampleOf('signature-v3-post'));
    const at = Number(push.headers['x-hubspot-request-timestamp']);
    for (const late of [0, 300_000]) expect(judge(push, at + late)).toEqual(contacts('123'));
    expect(judge(push, at + 300_001)).toEqual({ accepted: false, reason: 'stale' });
    const body = Uint8Array.from(push.body, (byte, index) => (index === 20 ? byte ^ 1 : byte));
    for (const changed of [{ body }, { url: `${push.url}b` }])
      expect(judge({ ...push, ...changed }, at)).toEqual({ accepted: false, reason: 'forged' });
  });

  it.each(['signature-v1', 'signature-v2-get'])(
    '%s could be repeated for ever: it is no signature',
    (name) => {
      expect(judge(pushOf(exampleOf(name)), START)).toEqual({ accepted: false, reason: 'unsigned' });
    },
  );

  it('webhook-batch-body is two hints, under the older name of the event too', () => {
    const push = pushOf(exampleOf('webhook-batch-body'));
    const text = new TextDecoder().decode(push.body);
    const source = `${push.method}${push.url}${text}${START}`;
    const signature = createHmac('sha256', SECRET).update(source).digest('base64');
    const headers = { 'x-hubspot-request-timestamp': String(START), 'x-hubspot-signature-v3': signature };
    expect(judge({ ...push, headers }, START)).toEqual(contacts('1246965', '1246978'));
  });

  it('and every other example is of something that the adapter never sends', () => {
    const names = readdirSync(FOLDER).map((name) => name.replace('.json', ''));
    const sent = names.filter((name) => !NEVER_SENT.some(([pattern]) => pattern.test(name)));
    expect([...replayed].sort()).toEqual(sent.sort());
  });
});
