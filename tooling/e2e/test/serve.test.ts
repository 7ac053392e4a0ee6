import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@tidelock/emulators';
import { afterEach, describe, expect, it } from 'vitest';
import { createBrowser } from '../src/access/browser.ts';
import { runCli } from '../src/cli.ts';
import { createKeyFolder } from '../src/key-folder.ts';
import { range, toOutlook } from '../src/people.ts';
import { createStage, type Stage } from '../src/stage.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies are of any shape, and each test says which
type Body = any;

const MAIN = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

interface Served {
  readonly origin: string;
  readonly setupLink: string | null;
  readonly child: ChildProcess;
  /** What it said beside its answer so far. */
  said(): string;
  /** Asks it to stop; exit code and what it printed to people. */
  stop(): Promise<number | null>;
}

/** The real program in a process of its own. */
async function serve(stage: Stage, ...more: readonly string[]): Promise<Served> {
  const words = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', MAIN];
  const args = [...words, 'serve', '--json', '--port', '0', '--config', stage.configPath, ...more];
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let out = '';
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout) {
    out += String(text);
    if (/^\}$/m.test(out)) break;
  }
  if (out === '') throw new Error(`it did not start: ${err}`);
  child.stdout.resume();
  const { origin, setupLink } = JSON.parse(out) as { origin: string; setupLink: string | null };
  return {
    ...{ origin, setupLink, child, said: () => err },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await ended;
      return code as number | null;
    },
  };
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 45_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within 45 seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** `firstSync`: whether somebody has to approve the first plan. */
async function openStage(firstSync: 'approved' | 'at-once' = 'at-once'): Promise<Stage> {
  const key = await createKeyFolder(Date.now() - 86_400_000);
  const stage = await createStage(createSystemClock(), key, { stateFile: 'tidelock.db' });
  // Nothing is pushed here: the CRM is looked at every second instead of every thirty.
  const schedule = { crm: { floorSeconds: 1, ceilingSeconds: 1 } };
  stage.writeConfig({ ...stage.config, schedule, server: { firstSync } });
  stage.graph.admin.seedContacts(
    stage.people.ann?.mailboxId ?? '',
    range(5).map((n) => toOutlook(n)),
  );
  return stage;
}

describe('tidelock serve', { timeout: 180_000 }, () => {
  it('lets the first account in by its link, writes nothing before its plan is approved, and keeps both sides in step', async () => {
    const stage = await openStage('approved');
    const server = await serve(stage);
    const browser = createBrowser(server.origin, { origin: server.origin, 'sec-fetch-site': 'same-origin' });
    const ticket = server.setupLink?.split('#')[1] ?? '';
    const made = await browser.post('/api/v1/setup', {
      ticket,
      name: 'root',
      password: 'seven green bottles',
    });
    expect(made.status).toBe(200);
    const ask = async (path: string) => (await browser.ask(`/api/v1${path}`)).body as Body;
    await until('the mailbox rests', async () => (await ask('/status')).lanes?.[0]?.paused != null);
    const { paused } = (await ask('/status')).lanes[0];
    expect(paused.reason).toContain('first sync waits');
    expect(stage.crm.records()).toEqual([]);

    const job = (await browser.post('/api/v1/plans', {})).body as Body;
    await until('a plan', async () => (await ask(`/jobs/${job.id}`)).state === 'done');
    const { items } = await ask('/plans');
    expect(items[0]).toMatchObject({ steps: 5, emails: 0 });
    expect(stage.crm.records()).toEqual([]);
    const approved = await browser.post(`/api/v1/plans/${items[0].id}/apply`, { hash: items[0].hash });
    expect(approved.status).toBe(202);
    await until('the first sync', () => stage.crm.records().length === 5);
    await until('nobody rests', async () => (await ask('/status')).lanes[0].paused === null);

    const [one] = stage.crm.records();
    stage.crm.update(one?.id ?? '', { jobTitle: 'Changed while it serves' });
    const titles = () =>
      stage.graph.oracle.contacts(stage.people.ann?.mailboxId ?? '').map((c) => c.jobTitle);
    await until('a change of the CRM', () => titles().includes('Changed while it serves'));
    expect((await browser.ask('/readyz')).body).toEqual({ ready: true, waitsFor: [] });
    expect(await server.stop()).toBe(0);
    const again = await serve(stage);
    expect(again.setupLink).toBeNull();
    expect(await again.stop()).toBe(0);
    await stage.close();
  });

  it('is killed in the middle of its first sync, and the next start makes no duplicate', async () => {
    const stage = await openStage();
    const first = await serve(stage);
    await until('the first write', () => stage.crm.records().length > 0);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await serve(stage);
    const isDone = async () =>
      /passes_total\{outcome="done"\} [1-9]/.test(await (await fetch(`${second.origin}/metrics`)).text());
    await until('a whole turn of the mailbox', isDone);
    await second.stop();
    const synced = await runCli(['sync', '--config', stage.configPath], { cwd: stage.folder });
    expect(synced).toMatchObject({ code: 0 });
    expect(stage.crm.records()).toHaveLength(5);
    await stage.close();
  });

  it('works without page and API, for others to serve those', async () => {
    const stage = await openStage();
    const server = await serve(stage, '--role', 'worker');
    const ask = (path: string) => fetch(`${server.origin}${path}`).then(({ status }) => status);
    expect(server.setupLink).toBeNull();
    expect(await Promise.all(['/healthz', '/metrics', '/', '/api/v1/status', '/setup'].map(ask))).toEqual([
      200, 200, 404, 404, 404,
    ]);
    await until('the first sync', () => stage.crm.records().length === 5);
    expect(await server.stop()).toBe(0);
    await stage.close();
  });

  it('opens no inspector for whoever may signal it', async () => {
    const stage = await openStage();
    const server = await serve(stage, '--role', 'api');
    server.child.kill('SIGUSR1');
    // Answered after the signal was delivered: what it leads to is said by then.
    for (let look = 0; look < 5; look++) expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
    expect(server.said()).not.toContain('Debugger');
    await stage.close();
  });

  it('says what is wrong before it listens: a port in use, an address that nobody knows', async () => {
    const stage = await openStage();
    const server = await serve(stage, '--role', 'api');
    const port = new URL(server.origin).port;
    const busy = ['serve', '--config', stage.configPath, '--port', port];
    expect(await runCli(busy, { cwd: stage.folder })).toMatchObject({ code: 6 });
    await server.stop();
    const open = ['serve', '--config', stage.configPath, '--host', '0.0.0.0', '--port', '0'];
    const refused = await runCli(open, { cwd: stage.folder });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('server.origin');
    await stage.close();
  });
});
