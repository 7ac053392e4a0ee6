import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type Case, type RunOptions, runCases, type TestApi } from '../src/index.ts';

interface Probe {
  dispose(): void;
}
interface Caps {
  readonly able: boolean;
}

/** A framework that writes down what it is given. */
function createRecorder() {
  const tests = new Map<string, (context?: unknown) => Promise<void>>();
  const skipped = new Map<string, string>();
  const api: TestApi = {
    describe: (_, fn) => fn(),
    it: (name, fn) => void tests.set(name, fn),
    skip: (name, reason) => void skipped.set(name, reason),
  };
  return { api, tests, skipped };
}

const passes: Case<Probe, Caps> = { id: 'x-001', title: 'passes', run: async () => {} };
const fails: Case<Probe, Caps> = {
  id: 'x-002',
  title: 'fails',
  run: async () => Promise.reject(new Error('no')),
};
const needsAble: Case<Probe, Caps> = {
  id: 'x-003',
  title: 'needs',
  needs: ({ able }) => (able ? null : 'not able'),
  run: async () => {},
};

function register(options: RunOptions<Probe, Caps>) {
  const recorder = createRecorder();
  let disposed = 0;
  const make = () => ({
    dispose: () => {
      disposed += 1;
    },
  });
  runCases(recorder.api, 'suite', [passes, fails, needsAble], make, options);
  return { ...recorder, disposed: () => disposed };
}

it('a fixture is disposed of after each case, also after one that failed', async () => {
  const { tests, disposed } = register({});
  await tests.get('x-001 passes')?.();
  await expect(tests.get('x-002 fails')?.()).rejects.toThrow('no');
  expect(disposed()).toBe(2);
});

it('a waiver is a skip with its reason, and one that names no case is an error', () => {
  const { tests, skipped } = register({ waivers: { 'x-002': 'see README' } });
  expect(skipped.get('x-002 fails')).toBe('see README');
  expect(tests.has('x-002 fails')).toBe(false);
  expect(() => register({ waivers: { 'x-999': 'old' } })).toThrow('x-999');
});

it('declared abilities skip at registration', () => {
  expect(register({ caps: { able: false } }).skipped.get('x-003 needs')).toBe('not able');
  expect(register({ caps: { able: true } }).tests.has('x-003 needs')).toBe(true);
});

it('probed abilities skip at run time, and never pass in silence', async () => {
  const { tests } = register({ probe: () => ({ able: false }) });
  const reasons: string[] = [];
  await tests.get('x-003 needs')?.({ skip: (reason: string) => reasons.push(reason) });
  expect(reasons).toEqual(['not able']);
  await expect(tests.get('x-003 needs')?.()).rejects.toThrow('not able');
});

it('the suites run under node:test, skips counted', async () => {
  const file = fileURLToPath(new URL('./under-node-test.ts', import.meta.url));
  const flags = ['--conditions=@tidelock/source', '--test-reporter=tap', file];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined };
  const { stdout } = await promisify(execFile)(execPath, flags, { env });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(60);
  expect(Number(/^# skipped (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(5);
});
