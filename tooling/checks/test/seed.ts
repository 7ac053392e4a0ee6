import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Path -> content; undefined removes a file of the clean tree. */
export type Seed = Readonly<Record<string, string | undefined>>;

const entry = { types: './dist/index.d.ts', default: './dist/index.js' };

/** The package.json of a package that breaks no rule, with `changes` over it. */
export function manifestOf(directory: string, changes: object = {}): string {
  const folder = directory.split('/').at(-1);
  return JSON.stringify({
    name: `@tidelock/${folder}`,
    description: 'A package that stands in a seeded tree.',
    license: 'Apache-2.0',
    type: 'module',
    repository: { directory },
    exports: { '.': { '@tidelock/source': './src/index.ts', ...entry } },
    files: ['dist', 'src'],
    publishConfig: { access: 'public', exports: { '.': entry } },
    ...changes,
  });
}

const usesCore = { dependencies: { '@tidelock/core': 'workspace:^' } };

/** A small repository that breaks no rule. */
const clean: Seed = {
  'package.json': JSON.stringify({ scripts: { test: 'node tooling/run.mjs test' } }),
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'tsconfig.json': '{ "references": [{ "path": "packages/core" }, { "path": "packages/crm-example" }] }',
  'packages/core/package.json': manifestOf('packages/core'),
  'packages/core/README.md': '# core\n',
  'packages/core/tsconfig.json': '{}',
  'packages/core/src/index.ts': "export { fromIso } from './instant.ts';\n",
  'packages/core/src/instant.ts':
    '// An exchange of at most twenty words.\nexport const fromIso = (text: string): number => Date.parse(text);\n',
  'packages/crm-example/package.json': manifestOf('packages/crm-example', usesCore),
  'packages/crm-example/README.md': '# crm-example\n',
  'packages/crm-example/tsconfig.json': '{}',
  'packages/crm-example/src/index.ts': "export { name } from './store.ts';\n",
  'packages/crm-example/src/config.ts': 'export const retries = 3;\n',
  'packages/crm-example/src/store.ts':
    "import { fromIso } from '@tidelock/core';\n\nexport const name = fromIso;\n",
  'packages/crm-example/test/conformance.test.ts':
    "import { testRecordStore } from '@tidelock/conformance';\n\ntestRecordStore();\n",
  'tooling/bench/package.json': JSON.stringify({ name: '@tidelock-tooling/bench', private: true }),
};

/** Writes the clean tree with the seed over it and returns its directory; `dispose` removes it. */
export function plant(seed: Seed, base: Seed = clean): { root: string; [Symbol.dispose]: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'tidelock seed-'));
  for (const [path, content] of Object.entries({ ...base, ...seed })) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
