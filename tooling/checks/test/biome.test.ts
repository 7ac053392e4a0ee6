import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { binary, repository } from '../src/steps.ts';
import { plant, type Seed } from './seed.ts';

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly severity: string;
    readonly message: string;
  }[];
}

/** Runs the repository's own biome.json over a seeded tree. */
function lint(seed: Seed): Report['diagnostics'] {
  const config = readFileSync(`${repository}/biome.json`, 'utf8').replace(
    '"enabled": true,\n    "clientKind"',
    '"enabled": false,\n    "clientKind"',
  );
  using tree = plant({ ...seed, 'biome.json': config }, {});
  const args = ['lint', '.', '--reporter=json', '--max-diagnostics=none'];
  const run = spawnSync(binary('biome'), args, { cwd: tree.root, encoding: 'utf8' });
  return (JSON.parse(run.stdout) as Report).diagnostics;
}

function errorsOf(seed: Seed): string[] {
  const errors = lint(seed).filter((diagnostic) => diagnostic.severity === 'error');
  return [...new Set(errors.map((diagnostic) => diagnostic.category))].sort();
}

function core(text: string): Seed {
  return { 'packages/core/src/seeded.ts': text };
}

function importing(directory: string, specifier: string): Seed {
  return { [`${directory}/src/seeded.ts`]: `import { a } from '${specifier}';\n\nexport const b = [a];\n` };
}

const long =
  'export function long(): number {\n  let a = 0;\n' + '  a += 1;\n'.repeat(60) + '  return a;\n}\n';
const branches = '  if (a > 0) {\n    if (a > 1) {\n      a -= 1;\n    }\n  }\n'.repeat(6);
const knotted = `export function knotted(b: number): number {\n  let a = b;\n${branches}  return a;\n}\n`;

const seeds: readonly (readonly [rule: string, seed: Seed])[] = [
  [
    'lint/style/noExcessiveLinesPerFile',
    core(Array.from({ length: 301 }, (_, i) => `export const a${i} = 1;\n`).join('')),
  ],
  ['lint/complexity/noExcessiveLinesPerFunction', core(long)],
  ['lint/complexity/noExcessiveCognitiveComplexity', core(knotted)],
  [
    'lint/complexity/useMaxParams',
    core('export const f = (a: number, b: number, c: number, d: number) => a + b + c + d;\n'),
  ],
  ['lint/suspicious/noExplicitAny', core('export const a = (b: any) => [b];\n')],
  ['lint/style/noNonNullAssertion', core('export const a = (b?: string) => b!.length;\n')],
  ['lint/suspicious/noTsIgnore', core('// @ts-ignore\nexport const a: string = 1;\n')],
  ['lint/style/noDefaultExport', core('export default 1;\n')],
  ['lint/performance/noReExportAll', { 'packages/core/src/index.ts': "export * from './other.ts';\n" }],
  ['lint/performance/noBarrelFile', core("export { a } from './a.ts';\nexport { b } from './b.ts';\n")],
  ['lint/correctness/noUnusedImports', core("import { a } from './a.ts';\n\nexport const b = 1;\n")],
  ['lint/correctness/noUnusedVariables', core('const a = 1;\nexport const b = 1;\n')],
  ['lint/style/useImportType', core("import { A } from './a.ts';\n\nexport const b = (a: A): A => a;\n")],
  ['lint/style/noEnum', core('export enum A {\n  b,\n}\n')],
  ['lint/style/noNamespace', core('export namespace A {\n  export const b = 1;\n}\n')],
  ['lint/style/noParameterProperties', core('export class A {\n  constructor(readonly b: string) {}\n}\n')],
  ['lint/style/useFilenamingConvention', { 'packages/core/src/deltaToken.ts': 'export const a = 1;\n' }],
  [
    'lint/correctness/useImportExtensions',
    {
      ...core("import { a } from './a';\n\nexport const b = [a];\n"),
      'packages/core/src/a.ts': 'export const a = 1;\n',
    },
  ],
  ['lint/suspicious/noFocusedTests', { 'packages/core/test/a.test.ts': "it.only('runs', () => {});\n" }],
  [
    'lint/suspicious/noImportCycles',
    {
      'packages/core/src/a.ts': "import { b } from './b.ts';\n\nexport const a = (): number => b();\n",
      'packages/core/src/b.ts': "import { a } from './a.ts';\n\nexport const b = (): number => a();\n",
    },
  ],
];

/** Directory -> what it may not import, and what it may. */
const table: readonly (readonly [
  directory: string,
  forbidden: readonly string[],
  allowed: readonly string[],
])[] = [
  ['packages/core', ['@tidelock/kit', '@tidelock/host', 'tsyringe'], ['zod']],
  ['packages/kit', ['@tidelock/engine', '@azure/msal-node'], ['@tidelock/core']],
  ['packages/engine', ['@tidelock/kit', '@jsforce/jsforce-node'], ['@tidelock/core']],
  ['packages/conformance', ['@tidelock/emulators'], ['@tidelock/core']],
  ['packages/emulators', ['@tidelock/mailbox-exchange', '@tidelock/kit'], ['@tidelock/core']],
  ['packages/create-adapter', ['@tidelock/core'], []],
  [
    'packages/host',
    ['@tidelock/kit', '@tidelock/state-sqlite'],
    ['@tidelock/core', '@tidelock/engine', 'tsyringe'],
  ],
  [
    'packages/crm-salesforce',
    ['@tidelock/engine', '@tidelock/emulators/kit'],
    ['@tidelock/kit', '@jsforce/jsforce-node'],
  ],
  [
    'packages/token-entra',
    ['@tidelock/mailbox-exchange', '@jsforce/jsforce-node'],
    ['@tidelock/core', '@azure/msal-node'],
  ],
  [
    'packages/mailbox-exchange',
    ['@tidelock/token-entra', '@azure/msal-node'],
    ['@microsoft/microsoft-graph-client'],
  ],
  ['packages/secrets-file', ['@tidelock/state-sqlite', '@azure/msal-node'], ['@tidelock/core']],
  ['packages/state-sqlite', ['@tidelock/host'], ['@tidelock/core']],
  ['packages/state-postgres', ['@tidelock/host', '@tidelock/state-sqlite'], ['@tidelock/core', 'pg']],
  [
    'apps/cli',
    ['@tidelock/engine', '@tidelock/mailbox-exchange', 'tsyringe'],
    ['@tidelock/host', 'commander'],
  ],
  ['apps/server', ['@tidelock/kit', '@tidelock/emulators'], ['@tidelock/host']],
];

const forbidden = table.flatMap(([directory, names]) => names.map((name) => [directory, name] as const));
const allowed = table.flatMap(([directory, , names]) => names.map((name) => [directory, name] as const));

const globals = 'fetch process console setTimeout setInterval setImmediate performance'.split(' ');
const injected = [
  'packages/core',
  'packages/kit',
  'packages/engine',
  'packages/crm-salesforce',
  'packages/token-entra',
];

describe('biome.json', () => {
  it('finds nothing in a clean file', () => {
    expect(errorsOf(core('export const a = 1;\n'))).toEqual([]);
  });

  it.each(seeds)('%s fires', (rule, seed) => {
    expect(errorsOf(seed)).toEqual([rule]);
  });

  it.each(forbidden)('%s may not import %s', (directory, name) => {
    expect(errorsOf(importing(directory, name))).toEqual(['lint/style/noRestrictedImports']);
  });

  it.each(allowed)('%s may import %s', (directory, name) => {
    expect(errorsOf(importing(directory, name))).toEqual([]);
  });

  it('the proof of an adapter may import suites and emulators, and no host', () => {
    const proof = (name: string): Seed => ({
      'packages/crm-hubspot/src/conformance/seeded.ts': `import { a } from '${name}';\n\nexport const b = [a];\n`,
    });
    for (const name of ['conformance', 'emulators', 'core', 'kit'])
      expect(errorsOf(proof(`@tidelock/${name}`))).toEqual([]);
    for (const name of ['host', 'engine', 'crm-salesforce'])
      expect(errorsOf(proof(`@tidelock/${name}`))).toEqual(['lint/style/noRestrictedImports']);
  });

  it.each(injected)('%s uses no global clock, network, process or console', (directory) => {
    const text = `export const a = [${globals.join(', ')}];\n`;
    const found = lint({ [`${directory}/src/seeded.ts`]: text }).filter(
      (diagnostic) => diagnostic.category === 'lint/style/noRestrictedGlobals',
    );
    expect(found).toHaveLength(globals.length);
  });

  it('lets a package root list its exports, and a test have long describe blocks', () => {
    const root = {
      'packages/core/src/index.ts': "export { a } from './a.ts';\nexport { b } from './b.ts';\n",
    };
    expect(errorsOf({ ...root, 'packages/core/test/a.test.ts': long })).toEqual([]);
  });
});
