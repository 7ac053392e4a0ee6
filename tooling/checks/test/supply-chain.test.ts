import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repository } from '../src/steps.ts';
import { installing, type Lock, productionOf, unsealed, wrongIn } from '../src/supply-chain.ts';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const lock = parse(read('pnpm-lock.yaml')) as Lock;
const { allowBuilds } = parse(read('pnpm-workspace.yaml')) as { allowBuilds: Record<string, boolean> };
const production = productionOf(lock, 'apps/cli');

const folder = mkdtempSync(join(tmpdir(), 'tidelock-supply-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SEALED = { resolution: { integrity: `sha512-${'A'.repeat(86)}==` } };
const SMALL: Lock = {
  importers: {
    'apps/a': { dependencies: { b: { version: 'link:../../packages/b' }, x: { version: '1.0.0(y@2.0.0)' } } },
    'packages/b': { dependencies: { z: { version: '3.0.0' } } },
  },
  packages: { 'x@1.0.0': SEALED, 'y@2.0.0': SEALED, 'z@3.0.0': SEALED, 'dev@1.0.0': SEALED },
  snapshots: { 'x@1.0.0(y@2.0.0)': { dependencies: { y: '2.0.0' } }, 'y@2.0.0': {}, 'z@3.0.0': {} },
};

describe('what is installed', () => {
  it('is followed through packages of ours and of others, without what only development needs', () => {
    expect([...productionOf(SMALL, 'apps/a')].sort()).toEqual(['x@1.0.0', 'y@2.0.0', 'z@3.0.0']);
    expect(production.size).toBeGreaterThan(100);
    expect([...production].filter((key) => /^(vitest|typescript|@biomejs\/biome)@/.test(key))).toEqual([]);
    expect([...production].filter((key) => !Object.hasOwn(lock.packages, key))).toEqual([]);
  });

  it('is pinned by its hash and comes from the registry, every package of it', () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(300);
    expect(unsealed(lock)).toEqual([]);
    const loose = { tarball: 'https://elsewhere.example/x.tgz', ...SEALED.resolution };
    const packages = { ...SMALL.packages, 'x@1.0.0': { resolution: {} }, 'y@2.0.0': { resolution: loose } };
    expect(unsealed({ ...SMALL, packages })).toEqual(['x@1.0.0', 'y@2.0.0']);
  });

  it('runs no script of its own where the program is installed', () => {
    expect(installing(production, { allowed: allowBuilds, root: repository })).toEqual([]);
    // Nothing is looked for in vain.
    const looked = installing(new Set(Object.keys(lock.packages)), { allowed: {}, root: repository });
    expect(looked.map((key) => key.replace(/@[^@]+$/, ''))).toContain('node');
  });

  it('a script that is asked for or allowed is found', () => {
    const place = join(folder, 'node_modules/.pnpm/@s+x@1.0.0_y@2.0.0/node_modules/@s/x');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{"scripts":{"postinstall":"node x.js"}}');
    expect(installing(new Set(['@s/x@1.0.0']), { allowed: {}, root: folder })).toEqual(['@s/x@1.0.0']);
    expect(installing(new Set(['n@1.0.0']), { allowed: { n: true }, root: folder })).toEqual(['n@1.0.0']);
  });

  it.each(['deploy/container/assemble.sh', 'tooling/run.mjs'])(
    '%s installs what the lock file says',
    (file) => {
      const installs = read(file).match(/pnpm install.*|'install', '--frozen-lockfile'/g) ?? [];
      expect(installs.length).toBeGreaterThan(0);
      for (const line of installs) expect(line).toContain('--frozen-lockfile');
    },
  );
});

describe('the bill of materials', () => {
  const bill = (...names: string[]) => ({ components: names.map((name) => ({ purl: `pkg:npm/${name}` })) });

  it('names every package that runs, and no other', () => {
    const right = bill('%40tidelock/core@0.0.0', 'x@1.0.0', '%40s/y@2.0.0');
    expect(wrongIn(right, new Set(['x@1.0.0', '@s/y@2.0.0']))).toEqual({ missing: [], extra: [] });
    expect(wrongIn(right, new Set(['x@1.0.0', 'z@1.0.0']))).toEqual({
      missing: ['z@1.0.0'],
      extra: ['@s/y@2.0.0'],
    });
  });

  it('comes with what is installed from the container’s script', () => {
    expect(read('deploy/container/assemble.sh')).toMatch(/pnpm .*--filter @tidelock\/cli sbom --prod/);
  });
});
