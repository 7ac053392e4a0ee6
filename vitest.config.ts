import { defineConfig } from 'vitest/config';

// Tests run the TypeScript sources of every workspace package: no build first. Without 'import', which Vite adds where
// it belongs: the list goes to Node as well, where it would hand ES modules to `require`.
const source = { conditions: ['@tidelock/source', 'node', 'module', 'default'] };

const include = ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'];

// Files that need a process of their own: a database server that starts and stops with its file.
const alone = ['packages/state-postgres/test/**/*.test.ts'];

const test = {
  pool: 'forks',
  execArgv: ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

const common = {
  resolve: source,
  ssr: { resolve: { conditions: source.conditions, externalConditions: source.conditions } },
};

export default defineConfig({
  ...common,
  test: {
    // One more than cores: end-to-end tests wait for processes of their own half of the time.
    maxWorkers: 3,
    projects: [
      // Loading the modules of this repository takes longer than most files do: a worker keeps them for the next file.
      { ...common, test: { ...test, name: 'kept', include, exclude: alone, isolate: false } },
      { ...common, test: { ...test, name: 'alone', include: alone } },
    ],
  },
});
