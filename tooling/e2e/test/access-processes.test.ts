import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createPostgresState } from '@tidelock/state-postgres';
import { type PostgresServer, startPostgres } from '@tidelock-tooling/postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createBrowser } from '../src/access/browser.ts';
import { createAccessWorld, setUp, signInAs, whoIs } from '../src/access/world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const RUN = fileURLToPath(new URL('../src/access/process.ts', import.meta.url));
const SCHEMA = 'shared';
const log = { debug() {}, info() {}, warn() {}, error() {} };

async function start(): Promise<PostgresServer | string> {
  try {
    return await startPostgres();
  } catch (error) {
    return error instanceof Error ? error.message : 'the server did not start';
  }
}

const server = await start();
const missing = typeof server === 'string';

const children: ChildProcess[] = [];

async function startProcess(url: string): Promise<string> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  const args = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', RUN, url, SCHEMA];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  return first.toString().trim();
}

describe.skipIf(missing)(`two processes over one database${missing ? ` [skipped: ${server}]` : ''}`, () => {
  let addresses: readonly string[] = [];

  beforeAll(async () => {
    if (typeof server === 'string') return;
    const state = await createPostgresState(
      { url: server.plainUrl, ownerUrl: server.url, schema: SCHEMA, poolSize: 2 },
      { log },
    );
    const world = await createAccessWorld({ state });
    await setUp(world, world.browser());
    await world[Symbol.asyncDispose]();
    await state.close();
    addresses = await Promise.all([startProcess(server.plainUrl), startProcess(server.plainUrl)]);
  });

  afterAll(async () => {
    for (const child of children) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    if (typeof server !== 'string') await server.stop();
  });

  it('know each other’s sessions, and what ends in one has ended in the other', async () => {
    const [one = '', other = ''] = addresses;
    const here = createBrowser(one);
    const there = createBrowser(other);
    await signInAs(here, 'root');
    for (const [name, value] of here.jar) there.jar.set(name, value);
    expect(await whoIs(there)).toBe('root as setup');
    const left = await there.post('/api/v1/session/logout', {}, { 'x-tidelock-csrf': here.csrf });
    expect([left.status, await whoIs(here)]).toEqual([204, 'nobody']);
  });

  it('share their limits: of forty tries at both of them, thirty are answered', async () => {
    // The link of the first start and the sign-in above were two of the thirty.
    const tries = Array.from({ length: 38 }, (_, turn) =>
      signInAs(createBrowser(addresses[turn % 2] ?? ''), `name-${turn}`, 'nine purple bottles'),
    );
    const answers = await Promise.all(tries);
    const counted = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect([counted(401), counted(429)]).toEqual([28, 10]);
    const waits = answers
      .filter(({ status }) => status === 429)
      .map(({ headers }) => Number(headers['retry-after']));
    // Until the quarter of an hour that they fell into is over.
    for (const wait of waits) expect(wait).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(900);
  });
});
