import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import {
  counted,
  createWorld,
  drain,
  failure,
  found,
  json,
  never,
  ORIGIN,
  type Seen,
  stampOf,
  update,
} from '../src/conformance/world.ts';
import { createExchangeMailboxes } from '../src/index.ts';

const make = (given: Partial<Parameters<typeof createWorld>[0]> = {}) => createWorld({ signIn, ...given });
const challenge = (claims: string) =>
  `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;

describe('every request', () => {
  it('asks for immutable ids, carries an id of its own and the token, inside batches too', async () => {
    const { store, admin, ann, seen, port, clock } = await make();
    const { id } = await Promise.resolve(
      admin.createContact(ann, { surname: 'Lee', emailAddresses: [{ address: 'a@example.com' }] }),
    );
    const [contact] = (await drain(store)).changes;
    await store.list('contacts', null);
    const record = await found(store, contact?.id ?? '');
    await store.find('email', ['a@example.com']);
    await store.write([
      update(record, { jobTitle: 'x' }),
      { op: 'create', stamp: stampOf(1), fields: { surname: 'Ray' } },
    ]);
    await port.mailboxes(['ann@contoso.example']);
    await port.check();
    await clock.advance(0);
    expect(id).not.toBe(contact?.id);
    expect(seen.length).toBeGreaterThan(6);
    expect(new Set(seen.map((each) => each.headers.get('client-request-id'))).size).toBe(seen.length);
    for (const each of seen) {
      expect(each.headers.get('prefer')).toContain('IdType="ImmutableId"');
      expect(each.headers.get('authorization')).toMatch(/^Bearer ey/);
      for (const step of (each.body as { requests?: { headers: Record<string, string> }[] } | undefined)
        ?.requests ?? []) {
        expect(step.headers.Prefer).toBe('IdType="ImmutableId"');
      }
    }
  });

  it('asks for the page size on every page of a round', async () => {
    const { store, admin, ann, seen } = await make({ options: { pageSize: 2 } });
    admin.seedContacts(
      ann,
      Array.from({ length: 5 }, (_, index) => ({ surname: `S${index}` })),
    );
    expect((await drain(store)).pages).toBe(3);
    expect(seen.map((each) => each.headers.get('prefer'))).toEqual(
      seen.map(() => 'IdType="ImmutableId", odata.maxpagesize=2'),
    );
  });

  it('goes to the cloud that its tokens come from, with a token for it', async () => {
    const scopes: string[] = [];
    const { context, options, control, seen, tokens } = await make();
    const home = { cloud: 'usgov-l4', resource: 'https://graph.microsoft.us' };
    const getToken: typeof tokens.getToken = async ({ scope }) => {
      scopes.push(scope);
      return { token: 't', expiresAt: 0 };
    };
    const port = createExchangeMailboxes(options, { ...context, token: { ...tokens, getToken, home } });
    control.intercept = () => json(200, { value: [] });
    await port.open({ mailbox: 'ann@contoso.example', kind: 'contact' }).list('contacts', null);
    expect(seen[0]?.url.origin).toBe('https://graph.microsoft.us');
    expect(scopes).toEqual(['https://graph.microsoft.us/.default']);
  });
});

describe('a 401', () => {
  it('is answered with one renewal, with the claims it asks for', async () => {
    const { store, control, tokens, seen } = await make();
    const claims = '{"access_token":{"nbf":{"essential":true}}}';
    control.intercept = () => {
      control.intercept = undefined;
      return json(
        401,
        { error: { code: 'InvalidAuthenticationToken' } },
        { 'www-authenticate': challenge(claims) },
      );
    };
    await store.list('contacts', null);
    expect(tokens.renewals).toEqual([claims]);
    expect(seen.map((each) => each.headers.get('authorization'))).toEqual(
      tokens.issued.map((token) => `Bearer ${token}`),
    );
  });

  it('twice is an auth error', async () => {
    const { store, control, tokens, seen } = await make();
    control.intercept = () => json(401, {}, { 'www-authenticate': challenge('not json') });
    expect(await failure(store.list('contacts', null))).toMatchObject({ kind: 'auth', status: 401 });
    expect(tokens.renewals).toEqual([undefined]);
    expect(seen).toHaveLength(2);
  });

  it('inside a batch renews the token and sends that step again', async () => {
    const { store, admin, ann, emulator, tokens } = await make();
    const { immutableId } = admin.createContact(ann, { surname: 'Lee' });
    emulator.faults.inject({
      match: { method: 'GET', path: /contacts\// },
      fault: { kind: 'status', status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } },
    });
    expect(await store.read([immutableId])).toMatchObject([{ state: 'found' }]);
    expect(tokens.renewals).toHaveLength(1);
  });
});

describe('patience', () => {
  it('waits as long as a 429 says, and repeats a read', async () => {
    const { store, control, clock, seen, lines } = await make();
    control.intercept = () => {
      control.intercept = undefined;
      return json(429, {}, { 'retry-after': '17' });
    };
    const before = clock.mono();
    await store.list('contacts', null);
    expect(seen).toHaveLength(2);
    expect(clock.mono() - before).toBeGreaterThanOrEqual(17_000);
    expect(clock.mono() - before).toBeLessThan(19_000);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'graph.wait', operation: 'contacts.list', kind: 'rate_limited', status: 429 },
    ]);
  });

  it('does not wait for more than a minute: the error names the wait', async () => {
    const { store, control, clock, seen } = await make();
    control.intercept = () => json(429, {}, { 'retry-after': '120' });
    expect(await failure(store.list('contacts', null))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 120_000,
    });
    expect(seen).toHaveLength(1);
    expect(clock.mono()).toBe(0);
  });

  it('holds the other requests of the mailbox, and of no other', async () => {
    const { store, port, ben, ann, control, clock } = await make();
    control.intercept = ({ url }) => {
      if (!url.pathname.includes(ann)) return undefined;
      control.intercept = undefined;
      return json(429, {}, { 'retry-after': '30' });
    };
    const times: Record<string, number> = {};
    const timed = async (name: string, work: Promise<unknown>) => {
      await work;
      times[name] = clock.mono();
    };
    const first = timed('ann', store.list('contacts', null));
    await timed('ben', port.open({ mailbox: ben, kind: 'contact' }).list('contacts', null));
    await first;
    expect(times.ben).toBe(0);
    expect(times.ann).toBeGreaterThanOrEqual(30_000);
  });

  it('ends at the deadline, tries a read four times, and calls it unavailable', async () => {
    const { store, control, seen } = await make();
    control.intercept = (_, init) => never(init);
    expect(await failure(store.list('contacts', null))).toMatchObject({
      kind: 'unavailable',
      code: 'timeout',
    });
    expect(seen).toHaveLength(4);
  });

  it('never has more than four requests of one mailbox under way', async () => {
    const { store, admin, ann, emulator } = await make();
    const ids = admin
      .seedContacts(
        ann,
        Array.from({ length: 45 }, (_, index) => ({ surname: `S${index}` })),
      )
      .map((each) => each.immutableId);
    emulator.admin.configure({ latencyMs: 50 });
    await Promise.all([
      store.read(ids.slice(0, 40)),
      store.find(
        'email',
        ids.slice(0, 25).map((id) => `${id}@example.com`),
      ),
      ...ids.slice(0, 6).map(() => store.list('contacts', null)),
      store.read(ids.slice(20)),
    ]);
    expect(emulator.log.entries.filter((each) => each.status === 429)).toEqual([]);
  });
});

describe('doors that stay shut', () => {
  it('follows no redirect', async () => {
    const { store, control, seen } = await make();
    control.intercept = () => json(302, {}, { location: 'https://elsewhere.example/' });
    expect(await failure(store.list('contacts', null))).toMatchObject({ kind: 'protocol', code: 'redirect' });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['another host', 'https://elsewhere.example/v1.0/users/a/contacts/delta?$deltatoken=x'],
    ['plain http', 'http://graph.microsoft.com/v1.0/users/a/contacts/delta?$deltatoken=x'],
    ['a user in the address', 'https://x@graph.microsoft.com/v1.0/users/a/contacts/delta'],
    ['another path', `${ORIGIN}/v1.0/users/a/messages`],
    ['a way out of the path', `${ORIGIN}/v1.0/users/a/contacts/../messages`],
    ['another version', `${ORIGIN}/beta/users/a/contacts/delta`],
    ['no address', 'contacts'],
  ])('sends nothing for a cursor with %s', async (_, link) => {
    const { store, seen } = await make();
    const cursor = JSON.stringify({ v: 1, link, seen: [], empty: 0 });
    expect(await failure(store.changes('contacts', cursor))).toMatchObject({ kind: 'cursor_expired' });
    expect(await failure(store.list('contacts', cursor))).toMatchObject({ kind: 'cursor_expired' });
    expect(seen).toEqual([]);
  });

  it.each(['@odata.nextLink', '@odata.deltaLink'])('takes no %s to another host', async (name) => {
    const { store, control } = await make();
    control.intercept = () =>
      json(200, { value: [], [name]: 'https://elsewhere.example/v1.0/users/a/contacts/delta' });
    expect(await failure(store.changes('contacts', null))).toMatchObject({
      kind: 'protocol',
      code: 'foreign-link',
    });
  });

  it('keeps ids inside their segment', async () => {
    const { store, seen } = await make();
    const results = await store.read(['../../messages/x', 'a/b?c#d']);
    expect(results.map((each) => each.state)).toEqual(['failed', 'failed']);
    const steps = counted(seen).map((step) => step.url.split('?')[0]);
    expect(steps.slice(0, 2).map((url) => url?.split('/').length)).toEqual([5, 5]);
  });
});

describe('what is said', () => {
  it('holds no body, query, id or address', async () => {
    const { store, control, lines, ann } = await make();
    const secret = 'canary-4711';
    for (const status of [400, 401, 403, 404, 410, 429, 500, 503]) {
      control.intercept = (each: Seen) =>
        json(status, {
          error: { code: `Code ${secret}`, message: secret, innerError: { code: secret.repeat(9) } },
          asked: each.url.href,
        });
      for (const work of [
        store.list('contacts', null),
        store.find('email', [`${secret}@example.com`]),
        store.write([{ op: 'create', stamp: stampOf(1), fields: { surname: secret } }]),
      ]) {
        const said = await work.then(JSON.stringify, (error: Error) =>
          JSON.stringify({ ...error, message: error.message }),
        );
        expect(said).not.toContain(secret);
        expect(said).not.toContain(ann);
      }
    }
    expect(lines.join()).not.toContain(secret);
  });

  it('names code, status, request id and a remedy', async () => {
    const { store, control } = await make();
    control.intercept = () =>
      json(
        403,
        { error: { code: 'ErrorAccessDenied', message: 'Access to OData is disabled.' } },
        { 'request-id': 'r-1' },
      );
    const error = await failure(store.list('contacts', null));
    expect(error).toMatchObject({
      kind: 'forbidden',
      operation: 'contacts.list',
      status: 403,
      code: 'ErrorAccessDenied',
      requestId: 'r-1',
    });
    expect(String(error.remedy)).toContain('Contacts.ReadWrite');
  });

  it('takes a page that is no JSON for a broken protocol', async () => {
    const { store, control } = await make();
    control.intercept = async () =>
      new Response('<html>', { status: 200, headers: { 'content-type': 'text/html' } });
    expect(await failure(store.list('contacts', null))).toMatchObject({ kind: 'protocol', code: 'not-json' });
    control.intercept = () => json(200, { nothing: 1 });
    expect(await failure(store.list('contacts', null))).toMatchObject({ kind: 'protocol', code: 'page' });
  });
});
