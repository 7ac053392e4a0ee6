import { createBrowser as createPerson } from '@tidelock/emulators';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Browser, createBrowser } from '../src/access/browser.ts';
import { type Demo, openDemo, until } from '../src/demo/demo-process.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

// biome-ignore lint/suspicious/noExplicitAny: bodies are of any shape, and each test says which
type Body = any;

let demo: Demo;
let page: Browser;
beforeAll(async () => {
  demo = await openDemo({ page: false });
  page = createBrowser(demo.link.origin, { origin: demo.link.origin });
});
afterAll(async () => {
  await demo?.stop();
});

const get = async (path: string): Promise<Body> => (await page.ask(`/api/v1${path}`)).body;
const post = (path: string, body: unknown) => page.post(`/api/v1${path}`, body);
const json = async (url: string): Promise<Body> => (await fetch(url)).json();

async function consent(): Promise<void> {
  const person = createPerson((url, init) => fetch(url, init));
  person.cookies.set('localhost', new Map(page.jar));
  await person.open(`${demo.link.origin}/connect`);
  await person.submit({});
  await person.submit({ act: 'sign-in', login: 'anna@tidelock.example', password: 'any' });
  await person.submit({ act: 'accept' });
  await until('the page leads back', async () => {
    await person.open(`${demo.link.origin}/connect`);
    return person.page.text.includes('>Go on</a>');
  });
}

async function job(path: string, body: unknown): Promise<Body> {
  const started = await post(path, body);
  expect(started.status).toBe(202);
  const { id } = started.body as Body;
  await until(path, async () => ['done', 'failed'].includes((await get(`/jobs/${id}`)).state));
  return get(`/jobs/${id}`);
}

it('leads a newcomer from the printed link to two sides in step, by nothing but its API', async () => {
  const made = await post('/setup', {
    ticket: demo.link.hash.slice(1),
    name: 'root',
    password: 'seven green bottles',
  });
  expect(made.status).toBe(200);
  expect(await get('/connections')).toMatchObject({ connected: false });

  await consent();
  await until('the connection', async () => (await get('/connections')).connected === true);
  const { items } = await get('/mailboxes?all=true');
  expect(items.map(({ state }: Body) => state)).toEqual(['not named', 'not named', 'not named']);
  const addresses = ['anna@tidelock.example', 'ben@tidelock.example'];
  expect((await post('/mailboxes/assign', { addresses, profile: 'demo' })).status).toBe(200);
  await until('both rest', async () => {
    const { lanes } = await get('/status');
    return lanes?.length === 4 && lanes.every(({ paused }: Body) => paused !== null);
  });

  expect(await job('/plans', {})).toMatchObject({ state: 'done' });
  const [plan] = (await get('/plans')).items;
  expect(plan.steps).toBeGreaterThan(400);
  expect(plan.emails).toBe(0);
  const before = (await json(`${demo.crm}/_emulator/contacts`)).total;
  const applied = await job(`/plans/${plan.id}/apply`, { hash: plan.hash });
  expect(applied.failure, demo.said()).toBeNull();
  const after = (await json(`${demo.crm}/_emulator/contacts`)).total;
  expect(after).toBeGreaterThan(before);
});

it('carries what somebody edits in one service to the other, and says so', async () => {
  const [anna] = (await json(`${demo.outlook}/_emulator/mailboxes`)).mailboxes;
  const { rows } = await json(`${demo.outlook}/_emulator/contacts?user=${anna.id}`);
  const someone = rows.find(({ emailAddresses }: Body) => emailAddresses?.length > 0);
  const edit = { user: anna.id, id: someone.immutableId, contact: { jobTitle: 'Edited by a newcomer' } };
  const type = { 'content-type': 'application/json' };
  const body = JSON.stringify(edit);
  // Meetings that would make somebody get mail wait for good, so calendars are left out.
  await until('the address books are in step', async () => {
    const { lanes } = await get('/status');
    const books = lanes.filter(({ label }: Body) => label.includes('@') && !label.includes('(calendar)'));
    return books.every(({ lastOkAt, paused }: Body) => lastOkAt !== null && paused === null);
  });
  await fetch(`${demo.outlook}/_emulator/contacts`, { method: 'PATCH', headers: type, body });
  const url = `${demo.crm}/_emulator/contacts?search=${encodeURIComponent(someone.surname)}`;
  await until('the edit in the CRM', async () =>
    JSON.stringify(await json(url)).includes('Edited by a newcomer'),
  );
  await until('a line about it', () => /wrote {2}anna@tidelock\.example {2}→ CRM/.test(demo.said()));
});

it('ends when it is asked to', async () => {
  expect(await demo.stop()).toBe(0);
});
