import { defineConfig } from 'vitest/config';

// Tests run the TypeScript sources of every workspace package: no build first. Without 'import', which Vite adds where
// it belongs: the list goes to Node as well, where it would hand ES modules to `require`.
const source = { conditions: ['@tidelock/source', 'node', 'module', 'default'] };

const common = {
  resolve: source,
  ssr: { resolve: { conditions: source.conditions, externalConditions: source.conditions } },
};

const test = {
  pool: 'forks' as const,
  execArgv: ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

// Loading the modules of this repository takes longer than most of these files do: a worker keeps them for the next file. So what
// a helper does when it is loaded, it does once for several files.
const kept = {
  ...test,
  name: 'parts',
  include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
  isolate: false,
};

// Worlds of a whole installation have parts that live as long as their process: keys, servers, a browser.
const own = { ...test, name: 'whole', include: ['tooling/*/test/**/*.test.ts'] };

export default defineConfig({
  ...common,
  test: {
    // One more than cores: end-to-end tests wait for processes of their own half of the time.
    maxWorkers: 3,
    projects: [
      { ...common, test: kept },
      { ...common, test: own },
    ],
  },
});
