import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EXIT, runIn } from './fake-sides.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('emulate writes a ready configuration, runs until Ctrl-C, and another folder in use is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidelock-emulate-'));
  const argv = [
    '--conditions=@tidelock/source',
    MAIN,
    'emulate',
    '--json',
    '--out',
    folder,
    '--contacts',
    '2',
  ];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const errors = text(child.stderr);
  await once(child.stdout, 'data');
  const config = join(folder, 'tidelock.yaml');
  const plan = await runIn(folder, `--config ${config} plan --json`);
  child.kill('SIGINT');
  expect((await ended)[0], await errors).toBe(EXIT.ok);
  expect(plan.code, plan.err).toBe(EXIT.ok);
  expect(plan.json().lanes).toHaveLength(3);
  const before = await readFile(config, 'utf8');
  const again = await runIn(folder, `emulate --out ${folder}`);
  expect(again.code).toBe(EXIT.input);
  expect(again.err).toContain('is not overwritten');
  expect(await readFile(config, 'utf8')).toBe(before);
  await rm(folder, { recursive: true, force: true });
});
