import { writeFile } from 'node:fs/promises';
import { InputError } from '@tidelock/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followConfiguration, openLivePlatform } from '../src/index.ts';
import { createFakeFolder, type FakeFolder, GOOD, quiet, resetTrace, trace } from './fake-folder.ts';

let folder: FakeFolder;
beforeEach(async () => {
  resetTrace();
  folder = await createFakeFolder();
});
afterEach(() => folder.remove());

const clock = { now: () => Date.parse('2026-08-01T06:00:00Z'), mono: () => 0, sleep: async () => {} };
const open = async (text: string = GOOD) =>
  openLivePlatform({ configPath: await folder.config(text), overrides: { log: quiet, clock }, env: {} });
const write = (text: string) => writeFile(`${folder.path}/tidelock.yaml`, text);

const PROFILE = `${GOOD}profiles: { sales: { contacts: { direction: crm>mailbox } } }\n`;
const CRM = GOOD.replace("'@fake/crm' }", "'@fake/crm', options: { region: eu } }");

test('new rules are in force at once, over what is open', async () => {
  await using live = await open();
  const before = trace().events.length;
  const seen: unknown[] = [];
  live.onChange((platform) => seen.push(platform?.profiles().map(({ name }) => name)));
  await write(PROFILE);
  await live.reload();
  expect(
    live
      .now()
      .profiles()
      .map(({ name }) => name),
  ).toEqual(['default', 'sales']);
  expect(seen).toEqual([['default', 'sales']]);
  expect(trace().events.slice(before)).toEqual([]);
});

test('work goes on with what it began with, which is closed when nobody needs it any more', async () => {
  await using live = await open();
  const { promise: gate, resolve: finish } = Promise.withResolvers<void>();
  const work = live.use(async (platform) => {
    await gate;
    return platform.adapters.crm.name;
  });
  const before = trace().events.length;
  await write(CRM);
  await live.reload();
  expect(trace().options.crm).toEqual({ region: 'eu' });
  expect(trace().events.slice(before)).toEqual(['open token', 'open mailbox', 'open crm']);
  finish();
  expect(await work).toBe('@fake/crm');
  expect(trace().events.slice(before + 3)).toEqual(['close crm', 'close mailbox', 'close token']);
});

test('a configuration that cannot work changes nothing, and every problem is named', async () => {
  await using live = await open();
  const platform = live.now();
  await write(`${GOOD}profiles: { sales: { colour: red } }\nsync: { master: nobody }\n`);
  const error = await live.reload().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).problems.map(({ path }) => path.replace(/ .*/, ''))).toEqual([
    'profiles.sales.colour',
    'sync.master',
  ]);
  expect(live.now()).toBe(platform);
});

test('the ground is not changed under a running process', async () => {
  await using live = await open();
  await write(`${GOOD}data: elsewhere\n`);
  await expect(live.reload()).rejects.toMatchObject({ kind: 'conflict' });
  expect(live.config.dataDir).toBe(`${folder.path}/.tidelock`);
});

test('without what the services need it runs all the same, says why, and goes on once it is there', async () => {
  await using live = await open(GOOD.replace('tenant-id', 'not-there'));
  expect(live.trouble).toBeInstanceOf(InputError);
  expect(() => live.now()).toThrow(InputError);
  await expect(live.use(async () => 1)).rejects.toBeInstanceOf(InputError);
  expect(trace().events).toEqual(['open secrets', 'open state']);
  await write(GOOD);
  await live.reload();
  expect(live.trouble).toBeNull();
  expect(await live.use(async ({ config }) => config.mailboxes.length)).toBe(1);
});

/** A clock on which each wait ends when it is told to. */
function stepped() {
  let passed = Promise.withResolvers<void>();
  const asked: number[] = [];
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    asked.push(ms);
    await Promise.race([
      passed.promise,
      new Promise((_, stop) => signal?.addEventListener('abort', () => stop(signal.reason), { once: true })),
    ]);
    passed = Promise.withResolvers();
  };
  const pass = async (): Promise<void> => {
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    const before = asked.length;
    passed.resolve();
    await expect.poll(() => asked.length).toBe(before + 1);
  };
  return { sleep, pass, asked };
}

async function followed(text: string, log = quiet) {
  const { sleep, ...steps } = stepped();
  const live = await openLivePlatform({
    configPath: await folder.config(text),
    ...{ overrides: { log, clock: { ...clock, sleep } }, env: {} },
  });
  const seen: unknown[] = [];
  live.onChange((platform) => seen.push(platform?.profiles().map(({ name }) => name)));
  return { live, seen, stop: followConfiguration(live), ...steps };
}

test('tries again while there is none, so that what another process brings is found', async () => {
  const { live, seen, stop, pass, asked } = await followed(GOOD.replace('tenant-id', 'not-there'));
  await pass();
  expect([live.trouble instanceof InputError, seen]).toEqual([true, []]);
  await write(GOOD);
  await pass();
  expect([live.trouble, seen]).toEqual([null, [['default']]]);
  // Nothing is opened anew once there is one.
  const before = trace().events.length;
  await pass();
  expect([trace().events.length, seen.length]).toEqual([before, 1]);
  await stop();
  expect(new Set(asked)).toEqual(new Set([15_000]));
  await live.close();
});

test('takes up what somebody else wrote into the file, and says once what cannot work', async () => {
  const said: string[] = [];
  const note = (event: string): void => void said.push(event);
  const { live, seen, stop, pass } = await followed(GOOD, { ...quiet, warn: note, info: note });
  await pass();
  await write(PROFILE);
  await pass();
  expect(seen).toEqual([['default', 'sales']]);
  await write(`${PROFILE}data: elsewhere\n`);
  await pass();
  await write(`${GOOD}profiles: { sales: { colour: red } }\n`);
  await pass();
  await pass();
  expect([seen.length, said]).toEqual([1, ['config.taken', 'config.not-taken', 'config.not-taken']]);
  await stop();
  await live.close();
});

test('what somebody does through the platform stands in the trail under their name', async () => {
  await using live = await open();
  const shared = globalThis as { tidelockAudit?: { who: string; act: string }[] };
  shared.tidelockAudit = [];
  const about = { act: 'tried', subject: 'x', laneId: null, before: null, after: null };
  await live.now().as('Ann Adams').administration.record(about);
  await live.now().as('Ann Adams').as('Bob').administration.record(about);
  expect(shared.tidelockAudit.map(({ who }) => who)).toEqual(['Ann Adams', 'Bob']);
  expect(await live.now().as('Ann').engine()).not.toBe(await live.now().engine());
});
