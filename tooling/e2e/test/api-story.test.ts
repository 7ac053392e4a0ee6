import { Validator } from '@seriousme/openapi-schema-validator';
import { createBrowser as createPerson } from '@tidelock/emulators';
import createClient, { type Client } from 'openapi-fetch';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Browser, createBrowser } from '../src/access/browser.ts';
import { apiDocument } from '../src/admin/api-document.ts';
import type { components, paths } from '../src/admin/generated/api.d.ts';
import { type Demo, openDemo, until } from '../src/demo/demo-process.ts';

// The story of a first day without the page: by a client that is made of the API document (the paths, parameters, bodies and answers
// of its types, which `api-types.test.ts` compares with the document), with an API token, over the server of `npm run demo`.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

type Job = components['schemas']['Job'];

const ANNA = 'anna@tidelock.example';
const BEN = 'ben@tidelock.example';

let demo: Demo;
/** Whoever consents sits at a browser: pages of the directory are for people. */
let browser: Browser;
let client: Client<paths>;

beforeAll(async () => {
  demo = await openDemo({ page: false });
  const { origin } = demo.link;
  browser = createBrowser(origin, { origin });
});
afterAll(async () => {
  await demo?.stop();
});

interface Sent<T> {
  readonly data?: T | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** What was answered, in the type that the document gives it. */
async function answer<T>(sent: Promise<Sent<T>>): Promise<T> {
  const { data, error, response } = await sent;
  if (data === undefined) throw new Error(`${response.status} ${JSON.stringify(error)}\n${demo.said()}`);
  return data;
}

/** Follows a job to its end. */
async function ended(sent: Promise<Sent<Job>>): Promise<Job> {
  const { id } = await answer(sent);
  const read = () => answer(client.GET('/api/v1/jobs/{id}', { params: { path: { id } } }));
  await until('the job has ended', async () => (await read()).endedAt !== null);
  const job = await read();
  expect([job.state, job.failure], demo.said()).toEqual(['done', null]);
  return job;
}

// biome-ignore lint/suspicious/noExplicitAny: the services' pages answer as they like
const json = async (url: string): Promise<any> => (await fetch(url)).json();
const inCrm = async (search: string): Promise<string> =>
  JSON.stringify(await json(`${demo.crm}/_emulator/contacts?search=${encodeURIComponent(search)}`));

/** As the administrator of an organisation does: at the directory's own pages. */
async function consent(): Promise<void> {
  const person = createPerson((url, init) => fetch(url, init));
  person.cookies.set('localhost', new Map(browser.jar));
  await person.open(`${demo.link.origin}/connect`);
  await person.submit({});
  await person.submit({ act: 'sign-in', login: ANNA, password: 'any' });
  await person.submit({ act: 'accept' });
  await until('the page leads back', async () => {
    await person.open(`${demo.link.origin}/connect`);
    return person.page.text.includes('>Go on</a>');
  });
}

describe('the API document', () => {
  it('is one by the rules of OpenAPI 3.1', async () => {
    const document = await apiDocument();
    const judge = new Validator();
    const { valid, errors } = await judge.validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect([valid, judge.version]).toEqual([true, '3.1']);
    const broken = structuredClone(document) as unknown as { paths: Record<string, object> };
    broken.paths['/api/v1/plans'] = { post: { parameters: [{ name: 'x' }], responses: {} } };
    expect((await judge.validate(broken)).valid).toBe(false);
  });
});

/** Each goes on where the one before it ended. */
describe('a program', () => {
  it('makes the first account by the printed link, and a token for itself', async () => {
    const first = createClient<paths>({ baseUrl: demo.link.origin, headers: { origin: demo.link.origin } });
    const account = { ticket: demo.link.hash.slice(1), name: 'root', password: 'seven green bottles' };
    const made = await first.POST('/api/v1/setup', { body: account });
    for (const line of made.response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      browser.jar.set(name, value);
    }
    const { csrf } = await answer(Promise.resolve(made));
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const { token } = await answer(
      first.POST('/api/v1/tokens', {
        body: { name: 'story', role: 'setup', days: 1 },
        headers: { cookie, 'x-tidelock-csrf': csrf },
      }),
    );
    client = createClient<paths>({
      baseUrl: demo.link.origin,
      headers: { authorization: `Bearer ${token}` },
    });
    const { signedIn } = await answer(client.GET('/api/v1/session'));
    expect(signedIn).toBeNull();
    expect((await answer(client.GET('/api/v1/users'))).users.map(({ name }) => name)).toEqual(['root']);
  });

  it('is connected, tries the CRM, and chooses mailboxes', async () => {
    const connected = async () => (await answer(client.GET('/api/v1/connections'))).connected;
    expect(await connected()).toBe(false);
    await consent();
    await until('the connection', connected);
    const { checks } = await answer(
      client.POST('/api/v1/connections/crm/{name}/check', { params: { path: { name: 'crm' } }, body: {} }),
    );
    expect(checks.map(({ status }) => status)).not.toContain('fail');
    const whole = await answer(client.GET('/api/v1/mailboxes', { params: { query: { all: 'true' } } }));
    expect(whole.items.map(({ state }) => state)).toEqual(['not named', 'not named', 'not named']);
    const addresses = [ANNA, BEN];
    await answer(client.POST('/api/v1/mailboxes/assign', { body: { addresses, profile: 'demo' } }));
    await until('both rest', async () => {
      const { lanes } = await answer(client.GET('/api/v1/status'));
      return lanes.length === 4 && lanes.every(({ paused }) => paused !== null);
    });
    // A calendar is no mailbox of its own, and none that has left.
    const { items } = await answer(client.GET('/api/v1/mailboxes'));
    expect(items.map(({ address, state }) => [address, state])).toEqual([
      [ANNA, 'paused'],
      [BEN, 'paused'],
    ]);
  });

  it('previews the plan, and carries out exactly that', async () => {
    const before = (await json(`${demo.crm}/_emulator/contacts`)).total;
    await ended(client.POST('/api/v1/plans', { body: {} }));
    const [plan] = (await answer(client.GET('/api/v1/plans'))).items;
    expect([plan?.emails, (plan?.steps ?? 0) > 400]).toEqual([0, true]);
    expect((await json(`${demo.crm}/_emulator/contacts`)).total).toBe(before);
    const path = { id: plan?.id ?? '' };
    await ended(
      client.POST('/api/v1/plans/{id}/apply', { params: { path }, body: { hash: plan?.hash ?? '' } }),
    );
    expect((await json(`${demo.crm}/_emulator/contacts`)).total).toBeGreaterThan(before);
  });

  it('sees what somebody edits in one service in the other, and takes it back', async () => {
    await until('the address books are in step', async () => {
      const { lanes } = await answer(client.GET('/api/v1/status'));
      const books = lanes.filter(({ label }) => label === ANNA || label === BEN);
      return books.every(({ lastOkAt, paused, backlog }) => lastOkAt !== null && !paused && backlog < 3);
    });
    const [anna] = (await json(`${demo.outlook}/_emulator/mailboxes`)).mailboxes;
    const { rows } = await json(`${demo.outlook}/_emulator/contacts?user=${anna.id}&search=Grijalva`);
    const edit = { user: anna.id, id: rows[0].immutableId, contact: { jobTitle: 'Edited by a newcomer' } };
    const headers = { 'content-type': 'application/json' };
    await fetch(`${demo.outlook}/_emulator/contacts`, {
      ...{ method: 'PATCH', headers, body: JSON.stringify(edit) },
    });
    await until('the edit in the CRM', async () =>
      (await inCrm('Grijalva')).includes('Edited by a newcomer'),
    );
    await until('a line about it', () => demo.said().includes(`wrote  ${ANNA}  → CRM`));
    const { items } = await answer(client.GET('/api/v1/runs'));
    const run = items.find(({ mailbox, counts }) => mailbox === ANNA && counts.updated === 1);
    const undo = { what: run?.id ?? '', mode: 'hold' } as const;
    const { preview, lanes } = await answer(client.POST('/api/v1/undo/preview', { body: undo }));
    expect(lanes.flatMap(({ items: planned }) => planned.map(({ title }) => title))).toEqual([
      expect.stringContaining('Grijalva'),
    ]);
    await ended(client.POST('/api/v1/undo', { body: { ...undo, preview } }));
    expect(await inCrm('Grijalva')).not.toContain('Edited by a newcomer');
    await answer(client.POST('/api/v1/mailboxes/resume', { body: { addresses: [ANNA] } }));
  });

  it('answers a question, and both records are one pair', async () => {
    const query = { kind: 'match' } as const;
    const open = async () => (await answer(client.GET('/api/v1/reviews', { params: { query } }))).items;
    const question = (await open()).find(({ mailbox }) => mailbox === BEN);
    const path = { id: question?.id ?? '' };
    expect(question?.answers.map((one) => one.answer)).toContain('link');
    await answer(client.POST('/api/v1/reviews/{id}/decide', { params: { path }, body: { answer: 'link' } }));
    expect((await open()).map(({ id }) => id)).not.toContain(path.id);
    const linked = async (): Promise<boolean> => {
      const { items } = await answer(client.GET('/api/v1/runs'));
      return items.some(({ mailbox, counts }) => mailbox === BEN && counts.linked === 1);
    };
    await until('the pair', linked);
  });

  it('changes the key, and both are there; the trail has all of it', async () => {
    const { key } = await answer(client.POST('/api/v1/keys/rotate', { body: {} }));
    const { items } = await answer(client.GET('/api/v1/keys'));
    expect(items.find(({ keyName }) => keyName === key.keyName)?.signs).toBe('first');
    expect(items.find(({ keyName }) => keyName === 'entra-2026')?.signs).toBe('as-well');
    const trail = await answer(client.GET('/api/v1/audit', { params: { query: { limit: 500 } } }));
    const acts = trail.items.map(({ act }) => act);
    for (const act of ['token.minted', 'plan.approved', 'undo', 'review.decided', 'key.created'])
      expect(acts).toContain(act);
  });

  it('ends the demo', async () => {
    expect(await demo.stop()).toBe(0);
  });
});
