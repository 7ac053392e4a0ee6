import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@tidelock/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSystemClock, createSystemRandom } from '../src/index.ts';
import { createLog } from '../src/log.ts';
import { nearestName } from '../src/nearest-name.ts';
import { createNetwork } from '../src/network.ts';

let folder: string;
let server: Server;
let origin: string;
let asked: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-world-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/slow') return;
    if (request.url === '/moved') response.writeHead(302, { location: '/there' });
    response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const network = (ca: string[] = [], timeoutSeconds = 5) =>
  createNetwork({ network: { ca, timeoutSeconds, insecureForTests: false } }, {});

test('fetch answers, and follows no redirect', async () => {
  const { fetch, close } = await network();
  expect(await (await fetch(`${origin}/plain`)).text()).toBe('hello');
  await expect(fetch(`${origin}/moved`)).rejects.toThrow();
  await expect(fetch(`${origin}/moved`, { redirect: 'follow' })).rejects.toThrow();
  expect(asked).not.toContain('/there');
  await close();
});

test('a request ends at the time-out, and at the signal of its caller', async () => {
  const { fetch, close } = await network([], 0.05);
  await expect(fetch(`${origin}/slow`)).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(fetch(`${origin}/slow`, { signal: AbortSignal.abort(new Error('mine')) })).rejects.toThrow(
    'mine',
  );
  await close();
});

test('requests that begin together have one deadline: nothing is left behind for each of them', async () => {
  const timers = vi.spyOn(AbortSignal, 'timeout');
  const { fetch, close } = await network();
  for (let request = 0; request < 20; request++) await (await fetch(`${origin}/plain`)).text();
  expect(timers.mock.calls.length).toBeGreaterThan(0);
  expect(timers.mock.calls.length).toBeLessThan(10);
  timers.mockRestore();
  await close();
});

test('loopback never goes through a proxy', async () => {
  const { fetch, close } = await createNetwork(
    { network: { ca: [], timeoutSeconds: 5, insecureForTests: false } },
    { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' },
  );
  expect((await fetch(`${origin}/direct`)).status).toBe(200);
  await close();
});

test('a file without a certificate is refused with a remedy', async () => {
  const file = join(folder, 'ca.pem');
  await writeFile(file, 'nothing of that sort');
  const error = await network([file]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).problems[0]?.path).toBe('network.ca[0]');
});

test('the log holds no secrets, and data cannot pose as a line of its own', async () => {
  const file = join(folder, 'log/tidelock.log');
  const { log, close } = createLog({ log: { file, level: undefined } });
  log.debug('unseen');
  log.warn('token.refused', {
    token: 'eyJsecret',
    tenant: 'tenant-guid',
    email: 'ann@contoso.example',
    code: 'X',
    level: 1,
  });
  await close();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    event: 'token.refused',
    level: 40,
    code: 'X',
    'data.level': 1,
  });
  expect(lines[0]).not.toMatch(/eyJsecret|tenant-guid|ann@/);
});

test('the system clock sleeps, and wakes for a signal with its reason', async () => {
  const clock = createSystemClock();
  const before = clock.mono();
  await clock.sleep(2);
  expect(clock.mono() - before).toBeGreaterThan(1);
  const stop = new AbortController();
  const sleeping = clock.sleep(60_000, stop.signal);
  stop.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
});

test('random numbers lie in [0, 1) and ids are version 4', () => {
  const random = createSystemRandom();
  const numbers = Array.from({ length: 200 }, () => random.next());
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(190);
  expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
});

test.each([
  ['sycn', 'sync'],
  ['mailboxs', 'mailboxes'],
  ['ca', null],
  ['entirely', null],
])('%s was meant as %s', (written, meant) => {
  expect(nearestName(written, ['sync', 'mailboxes', 'network'])).toBe(meant);
});
