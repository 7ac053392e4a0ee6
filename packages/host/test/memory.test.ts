import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

// A process of its own: what this one has loaded says nothing.
const PROGRAM = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  const { keepMemoryLow } = await import('@tidelock/host');
  keepMemoryLow();
  const { Headers: own, Response: answer } = await import('undici');
  console.log(JSON.stringify({ one: own === Headers && answer === Response, loaded }));
`;

it('a process that syncs holds one HTTP client, and nothing that only backups and new keys need', async () => {
  const args = ['--conditions=@tidelock/source', '--input-type=module', '-e', PROGRAM];
  const cwd = new URL('..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 2 ** 24 });
  const { one, loaded } = JSON.parse(stdout) as { one: boolean; loaded: string[] };
  expect(one).toBe(true);
  expect(loaded.filter((url) => url.includes('/node_modules/undici/'))).not.toEqual([]);
  expect(loaded.filter((url) => /age-encryption|modern-tar|@peculiar/.test(url))).toEqual([]);
});
