import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binary, repository } from '../src/steps.ts';
import { plant, type Seed } from './seed.ts';

// Each tool with the repository's own configuration: quiet on a clean tree, loud on a seeded one.

const clean: Seed = {
  'package.json': JSON.stringify({
    name: 'tidelock',
    private: true,
    packageManager: 'pnpm@12.21.0',
    scripts: { test: 'node tooling/run.mjs test' },
  }),
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'tooling/run.mjs': '',
  'tooling/vitest-reporter.ts': '',
  'packages/core/package.json':
    '{ "name": "@tidelock/core", "version": "1.0.0", "type": "module", "exports": "./src/index.ts" }',
  'packages/core/src/index.ts': "export { a } from './a.ts';\n",
  'packages/core/src/a.ts': 'export const a = 1;\n',
};

function runTool(
  name: string,
  args: readonly string[],
  seed: Seed,
): { status: number | null; output: string } {
  const config = name === 'knip' ? 'knip.json' : 'turbo.json';
  const text = readFileSync(join(repository, config), 'utf8');
  using tree = plant({ ...seed, [config]: text }, clean);
  const quiet = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(binary(name), args, {
    cwd: tree.root,
    env: quiet,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe('turbo boundaries', () => {
  it('accepts a clean tree', () => {
    const { status, output } = runTool('turbo', ['boundaries'], {});
    expect(status, output).toBe(0);
  });

  it('finds an undeclared import, in tests too', () => {
    const { status, output } = runTool('turbo', ['boundaries'], {
      'packages/core/test/a.test.ts': "import { z } from 'zod';\n\nz.string();\n",
    });
    expect(output).toContain('cannot import package `zod`');
    expect(status).toBe(1);
  });

  it('finds an import that leaves its package', () => {
    const { status } = runTool('turbo', ['boundaries'], {
      'packages/core/src/a.ts': "export { a } from '../../../tooling/a.ts';\n",
      'tooling/a.ts': 'export const a = 1;\n',
    });
    expect(status).toBe(1);
  });
});

describe('knip', () => {
  it('accepts a clean tree', () => {
    const { status, output } = runTool('knip', ['--include=files,exports,dependencies'], {});
    expect(status, output).toBe(0);
  });

  it.each([
    ['an unused file', { 'packages/core/src/b.ts': 'export const b = 1;\n' }, 'Unused files'],
    [
      'an unused export',
      { 'packages/core/src/a.ts': 'export const a = 1;\nexport const b = 1;\n' },
      'Unused exports',
    ],
  ] satisfies [string, Seed, string][])('finds %s', (_title, seed, message) => {
    const { status, output } = runTool('knip', ['--include=files,exports,dependencies'], seed);
    expect(output).toContain(message);
    expect(status).toBe(1);
  });
});

const failing = `import { expect, it } from 'vitest';
it('passes', () => { console.log('NOISE'); expect(1).toBe(1); });
it('fails [skipped: no sun]', () => { console.log('SAID'); expect(1).toBe(2); });
it.skip('rests [skipped: no ground]', () => {});
it('leaves', (context) => context.skip('no wind'));
`;

/** A checkout as the runner sees it: this repository's runner and install, a lock file that fits, seeded sources. */
function checkout(seed: Seed): ReturnType<typeof plant> {
  const text = (path: string): string => readFileSync(join(repository, path), 'utf8');
  const copied =
    'pnpm-lock.yaml package.json vitest.config.ts tooling/run.mjs tooling/node-flags.json tooling/vitest-reporter.ts'.split(
      ' ',
    );
  const tree = plant({ ...Object.fromEntries(copied.map((path) => [path, text(path)])), ...seed }, {});
  symlinkSync(join(repository, 'node_modules'), join(tree.root, 'node_modules'));
  return tree;
}

const env = { ...process.env, npm_lifecycle_event: undefined };

function runRunner(
  args: readonly string[],
  seed: Seed,
): { status: number | null; stdout: string; stderr: string } {
  using tree = checkout(seed);
  const runner = join(tree.root, 'tooling/run.mjs');
  return spawnSync(process.execPath, [runner, ...args], { cwd: '/', env, encoding: 'utf8' });
}

const counting = `let seen = 0;
process.on('SIGINT', () => {
  seen += 1;
  setTimeout(() => { console.log('seen', seen); process.exit(3); }, 30);
});
console.log('ready');
setInterval(() => {}, 1000);
`;

describe('tooling/run.mjs', () => {
  it('test: says what failed and what was skipped, and ends with the counts', () => {
    const { status, stdout } = runRunner(['test'], { 'packages/a/test/a.test.ts': failing });
    expect(stdout).toContain('FAILED packages/a/test/a.test.ts > fails\n');
    expect(stdout).toContain('SAID');
    expect(stdout).not.toContain('NOISE');
    expect(stdout).toContain('rests [skipped: no ground] (no ground)');
    expect(stdout).toContain('leaves (no wind)');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 2 skipped');
    expect(status).toBe(1);
  });

  it('test: says nothing of what -t leaves out', () => {
    const { stdout } = runRunner(['test', '-t', 'passes'], { 'packages/a/test/a.test.ts': failing });
    expect(stdout).toBe('1 passed, 0 failed, 3 skipped\n');
  });

  it('test: counts a test file that does not load as a failure', () => {
    const { status, stdout } = runRunner(['test'], {
      'packages/a/test/a.test.ts': "throw new Error('early');\n",
    });
    expect(stdout).toContain('early');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed, 0 skipped');
    expect(status).toBe(1);
  });

  it('demo and tidelock: forward arguments and the exit code, under the pinned Node, from another directory', () => {
    const main =
      'console.log(process.version, process.cwd(), process.argv.slice(2).join("|"));\nprocess.exit(7);\n';
    const { status, stdout } = runRunner(['demo', '--fast', 'a b'], { 'apps/cli/src/main.ts': main });
    expect(stdout.trim()).toBe(`${process.version} / demo|--fast|a b`);
    expect(status).toBe(7);
  });

  it('passes Ctrl-C on exactly once and then waits for the program', async () => {
    using tree = checkout({ 'apps/cli/src/main.ts': counting });
    const child = spawn(process.execPath, [join(tree.root, 'tooling/run.mjs'), 'tidelock'], { env });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (chunk.toString().includes('ready')) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect(stdout).toBe('ready\nseen 1\n');
    expect(code).toBe(3);
  });

  it('refuses a command it does not know', () => {
    const { status, stderr } = runRunner(['dance'], {});
    expect(stderr).toContain('Usage: node tooling/run.mjs');
    expect(status).toBe(1);
  });
});
