import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attw, checkContents, publint } from '../src/tarball.ts';
import { plant, type Seed } from './seed.ts';

const manifest = {
  name: '@tidelock/seeded',
  version: '1.0.0',
  type: 'module',
  license: 'Apache-2.0',
  files: ['dist', 'src'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};

const clean: Seed = {
  'package/package.json': JSON.stringify(manifest),
  'package/README.md': '# seeded\n',
  'package/LICENSE': 'Apache-2.0\n',
  'package/dist/index.js': 'export const a = 1;\n',
  'package/dist/index.d.ts': 'export declare const a = 1;\n',
  'package/src/index.ts': 'export const a = 1;\n',
};

function packed(changes: object): Seed {
  return { 'package/package.json': JSON.stringify({ ...manifest, ...changes }) };
}

/** Looks at the clean tarball with the seed over it. */
async function look(check: typeof checkContents, seed: Seed): Promise<{ ok: boolean; output: string }> {
  using tree = plant(seed, clean);
  const path = join(tree.root, 'seeded.tgz');
  execFileSync('tar', ['-czf', path, '-C', tree.root, 'package']);
  return await check({ name: '@tidelock/seeded', path, entries: ['.'], bins: [] });
}

describe('tarball checks', () => {
  it.each([checkContents, publint, attw])('$name accepts a clean tarball', async (check) => {
    const { ok, output } = await look(check, {});
    expect(ok, output).toBe(true);
  });

  it.each([
    ['a test', { 'package/test/a.test.ts': '' }, 'ships package/test/a.test.ts'],
    ['build state', { 'package/tsconfig.json': '{}' }, 'ships package/tsconfig.json'],
    ['no licence', { 'package/LICENSE': undefined }, 'lacks package/LICENSE'],
    ['a workspace range', packed({ dependencies: { a: 'workspace:^' } }), 'still says workspace:'],
    ['a catalog range', packed({ dependencies: { a: 'catalog:' } }), 'still says catalog:'],
    [
      'the source condition',
      packed({ exports: { '@tidelock/source': './src/index.ts' } }),
      'still says @tidelock/source',
    ],
  ] satisfies [string, Seed, string][])('contents: %s', async (_title, seed, message) => {
    const { ok, output } = await look(checkContents, seed);
    expect(output).toContain(message);
    expect(ok).toBe(false);
  });

  it('publint: an entry without a file', async () => {
    const { ok, output } = await look(publint, { 'package/dist/index.js': undefined });
    expect(output).toContain('file does not exist');
    expect(ok).toBe(false);
  });

  it('attw: declarations that do not resolve', async () => {
    const { ok, output } = await look(attw, { 'package/dist/index.d.ts': undefined });
    expect(output).toContain('@tidelock/seeded');
    expect(ok).toBe(false);
  });
});
