import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rules } from '../src/rules.ts';
import { readTree } from '../src/tree.ts';
import { manifestOf, plant, type Seed } from './seed.ts';

// Spelled in pieces, so that the check does not find this file.
const machinePath = ['', 'work', 'main', 'x'].join('/');

function source(text: string, pkg = 'packages/core'): Seed {
  return { [`${pkg}/src/seeded.ts`]: text };
}

function listing(folder: string, names: readonly string[]): Seed {
  const dependencies = Object.fromEntries(
    names.map((name) => [name, name.startsWith('@tidelock/') ? 'workspace:^' : 'catalog:']),
  );
  return { [`packages/${folder}/package.json`]: manifestOf(`packages/${folder}`, { dependencies }) };
}

/** A page of static files that breaks no rule. */
function page(changes: object = {}): Seed {
  const exports = { './package.json': './package.json' };
  const publishConfig = { access: 'public', exports };
  return {
    'apps/example/package.json': manifestOf('apps/example', {
      exports,
      publishConfig,
      files: ['dist'],
      ...changes,
    }),
    'apps/example/README.md': '# example\n',
    'apps/example/src/main.tsx': 'export const a = <br />;\n',
  };
}

function library(folder: string, text: string, dependencies: readonly string[]): Seed {
  return {
    ...listing(folder, dependencies),
    'tsconfig.json': `{ "references": ["packages/core", "packages/crm-example", "packages/${folder}"] }`,
    [`packages/${folder}/README.md`]: '# seeded\n',
    [`packages/${folder}/src/index.ts`]: text,
  };
}

function core(changes: object): Seed {
  return { 'packages/core/package.json': manifestOf('packages/core', changes) };
}

function unexplained(text: string): Seed {
  return { 'packages/core/test/a.test.ts': `${text}\n` };
}

const example = 'packages/crm-example';
const entry = { types: './dist/index.d.ts', default: './dist/index.js' };

/** Rule, what the seed does, the seed. Each seed must be found by that rule and by no other. */
const seeds: readonly (readonly [rule: string, title: string, seed: Seed])[] = [
  [
    'security-page',
    'a row of the security page names a test that is not there',
    { 'docs/security.md': '| a | b |\n|---|---|\n| c | [a title](../packages/core/test/gone.test.ts) |\n' },
  ],
  [
    'security-page',
    'a row of the security page names a title that its file does not hold',
    { 'docs/security.md': '| a | b |\n|---|---|\n| c | [a title](../packages/core/src/instant.ts) |\n' },
  ],
  [
    'security-page',
    'a row of the security page names no test',
    { 'docs/security.md': '| a | b |\n|---|---|\n| c | certainly |\n' },
  ],
  [
    'import-table',
    'kit imports engine',
    library('kit', "export { a } from '@tidelock/engine';\n", ['@tidelock/engine']),
  ],
  [
    'import-table',
    'host imports kit',
    library('host', "export { a } from '@tidelock/kit';\n", ['@tidelock/kit']),
  ],
  [
    'import-table',
    'an adapter imports the emulators, dynamically and by sub-path',
    {
      ...listing('crm-example', ['@tidelock/core', '@tidelock/emulators']),
      [`${example}/src/client.ts`]: "export const load = () => import('@tidelock/emulators/kit');\n",
    },
  ],
  [
    'import-table',
    'the emulators import more than the types of core',
    library('emulators', "export { a } from '@tidelock/core';\n", ['@tidelock/core']),
  ],
  [
    'import-table',
    'the proof of an adapter imports the host',
    {
      ...listing('crm-example', ['@tidelock/core', '@tidelock/host']),
      [`${example}/src/conformance/index.ts`]: "export { a } from '@tidelock/host';\n",
    },
  ],
  [
    'import-table',
    'an adapter imports its own proof, and with it the emulators',
    {
      [`${example}/src/client.ts`]: "export { a } from './conformance/index.ts';\n",
      [`${example}/src/conformance/index.ts`]: 'export const a = 1;\n',
    },
  ],
  ['import-table', 'a relative import crosses packages', source("export { a } from '../../kit/src/a.ts';\n")],
  [
    'vendor-home',
    'another adapter imports a vendor library',
    {
      ...listing('crm-example', ['@tidelock/core', '@azure/msal-node']),
      [`${example}/src/client.ts`]: "export { a } from '@azure/msal-node';\n",
    },
  ],
  ['vendor-names', 'core names a vendor in an identifier', source('export const toGraphContact = 1;\n')],
  [
    'vendor-names',
    'core branches on a vendor',
    source("export const a = (kind: string) => kind === 'exchange';\n"),
  ],
  [
    'vendor-names',
    'core explains a vendor',
    source('/** Rounded as Exchange does. */\nexport const a = 1;\n'),
  ],
  ['vendor-names', 'core names a vendor of two words', source('export const readHubSpotPage = 1;\n')],
  ['vendor-names', 'core names a vendor as it writes itself', source('// As HubSpot does it.\n')],
  ['vendor-names', 'core names a database as it writes itself', source('// PostgreSQL locks rows.\n')],
  ['vendor-names', 'core names a vendor inside a word', source('export const readHubspotPage = 1;\n')],
  ['vendor-names', 'core names an adapter of this tree in a comment', source('// As Example does it.\n')],
  ['ambient', 'Date.now', source('export const now = () => Date.now();\n')],
  ['ambient', 'new Date()', source('export const now = () => new Date();\n')],
  ['ambient', 'Math.random', source('export const roll = () => Math.random();\n')],
  ['ambient', 'globalThis.fetch', source('export const get = globalThis.fetch;\n')],
  ['ambient', 'AbortSignal.timeout', source('export const soon = () => AbortSignal.timeout(5);\n')],
  ['ambient', 'a clock module', source("export { setTimeout } from 'node:timers/promises';\n")],
  ['ambient', 'a file system in core', source("export { readFileSync } from 'node:fs';\n")],
  ['ambient', 'randomness in core', source("export { randomUUID } from 'node:crypto';\n")],
  [
    'ambient',
    'Date.now in an adapter',
    { [`${example}/src/map.ts`]: 'export const now = () => Date.now();\n' },
  ],
  ['file-length', 'a test of 301 lines', { 'packages/core/test/long.ts': '// line\n'.repeat(301) }],
  ['file-names', 'utils.ts', { 'packages/core/src/utils.ts': 'export const a = 1;\n' }],
  ['file-names', 'types.ts', { 'packages/core/src/record/types.ts': 'export const a = 1;\n' }],
  ['file-names', 'a helpers folder', { 'packages/core/src/helpers/pager.ts': 'export const a = 1;\n' }],
  ['file-names', 'camelCase', { 'packages/core/src/deltaToken.ts': 'export const a = 1;\n' }],
  ['machine-paths', 'a path of this machine', { 'docs/setup.md': `Open ${machinePath}\n` }],
  ['adapter-shape', 'no config.ts', { [`${example}/src/config.ts`]: undefined }],
  ['adapter-shape', 'no conformance test', { [`${example}/test/conformance.test.ts`]: undefined }],
  ['adapter-shape', 'a file of its own invention', { [`${example}/src/stuff.ts`]: 'export const a = 1;\n' }],
  [
    'adapter-shape',
    'no port',
    {
      [`${example}/src/store.ts`]: undefined,
      [`${example}/src/client.ts`]: "export { name } from '@tidelock/core';\n",
    },
  ],
  ['manifests', 'no README', { 'packages/core/README.md': undefined }],
  ['manifests', 'no description', core({ description: '' })],
  ['manifests', 'another licence', core({ license: 'MIT' })],
  ['manifests', 'a private package', core({ private: true })],
  ['manifests', 'ships tests', core({ files: ['dist', 'src', 'test'] })],
  ['manifests', 'no source condition', core({ exports: { '.': entry } })],
  [
    'manifests',
    'publishes the source condition',
    core({
      publishConfig: {
        access: 'public',
        exports: { '.': { '@tidelock/source': './src/index.ts', ...entry } },
      },
    }),
  ],
  ['manifests', 'an entry that is not published', core({ publishConfig: { access: 'public', exports: {} } })],
  ['manifests', 'a page that ships its sources', page({ files: ['dist', 'src'] })],
  ['manifests', 'a page with dependencies', page({ dependencies: { zod: 'catalog:' } })],
  [
    'dependencies',
    'a page that imports what nobody declared',
    { ...page(), 'apps/example/src/main.tsx': "import 'zod';\n" },
  ],
  ['private-tooling', 'publishable tooling', { 'tooling/bench/package.json': '{ "name": "bench" }' }],
  [
    'whole-repository',
    'a test script that leaves a package out',
    { 'package.json': JSON.stringify({ scripts: { test: 'turbo run test --filter=!@tidelock/core' } }) },
  ],
  [
    'whole-repository',
    'a workspace without a package',
    { 'pnpm-workspace.yaml': 'packages:\n  - "!packages/core"\n' },
  ],
  [
    'whole-repository',
    'a package nobody builds',
    { 'tsconfig.json': '{ "references": ["packages/crm-example"] }' },
  ],
  ['dependencies', 'an import nobody declared', source("export { z } from 'zod';\n")],
  [
    'dependencies',
    'types from a devDependency',
    {
      ...core({ devDependencies: { zod: 'catalog:' } }),
      ...source("export type { ZodType } from 'zod';\n"),
    },
  ],
  ['dependencies', 'a dependency nobody imports', listing('core', ['zod'])],
  ['dependencies', 'a version outside of the catalog', core({ devDependencies: { zod: '^4.0.0' } })],
  [
    'cursor-defaults',
    'an empty cursor',
    source("export const a = (page: { cursor?: string }) => page.cursor ?? '';\n"),
  ],
  [
    'asserting-tests',
    'a test that asserts nothing',
    { 'packages/core/test/a.test.ts': "it('runs', () => {});\n" },
  ],
  ['explained-skips', 'it.skip without a reason', unexplained("it.skip('a', () => expect(1).toBe(1));")],
  [
    'explained-skips',
    'skipIf without a reason',
    unexplained("it.skipIf(true)('a', () => expect(1).toBe(1));"),
  ],
  [
    'contract-majors',
    'a major core alone',
    { '.changeset/a.md': "---\n'@tidelock/core': major\n---\n\nBreaks.\n" },
  ],
];

function findingsIn(seed: Seed) {
  using tree = plant(seed);
  const read = readTree(tree.root);
  return rules.flatMap((rule) => [...rule.check(read)]);
}

describe('structure checks', () => {
  it('find nothing in a clean tree', () => {
    expect(findingsIn({})).toEqual([]);
  });

  it.each(seeds)('%s finds: %s', (rule, _title, seed) => {
    const found = new Set(findingsIn(seed).map((finding) => finding.rule));
    expect([...found]).toEqual([rule]);
  });

  it('have a seed for every rule', () => {
    const seeded = new Set(seeds.map(([rule]) => rule));
    expect(rules.map((rule) => rule.name).filter((name) => !seeded.has(name))).toEqual([]);
  });

  it('accept a major core when every adapter is major too', () => {
    const both = "---\n'@tidelock/core': major\n'@tidelock/crm-example': major\n---\n\nBreaks.\n";
    expect(findingsIn({ '.changeset/a.md': both })).toEqual([]);
  });

  it('accept a skip that says why', () => {
    const text = "it.skipIf(true)('a [skipped: no network]', () => expect(1).toBe(1));";
    expect(findingsIn(unexplained(text))).toEqual([]);
  });

  it('refuse a file that is not TypeScript instead of finding it clean', () => {
    expect(() => findingsIn(source('export const = ;\n'))).toThrow(
      'packages/core/src/seeded.ts cannot be parsed',
    );
  });

  it('print thing, reason and remedy, and exit with 1', () => {
    using tree = plant(source('export const roll = () => Math.random();\n'));
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const run = spawnSync(process.execPath, [main, tree.root], { encoding: 'utf8' });
    expect(run.stdout).toContain('packages/core/src/seeded.ts:1\n  [ambient] uses Math.random');
    expect(run.stdout).toContain('Take clock, randomness');
    expect(run.status).toBe(1);
  });
});
