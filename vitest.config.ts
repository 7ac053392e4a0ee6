import { defineConfig } from 'vitest/config';

// Tests run the TypeScript sources of every workspace package: no build first. Without 'import', which Vite adds where
// it belongs: the list goes to Node as well, where it would hand ES modules to `require`.
const source = { conditions: ['@tidelock/source', 'node', 'module', 'default'] };

export default defineConfig({
  resolve: source,
  ssr: { resolve: { conditions: source.conditions, externalConditions: source.conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'],
    pool: 'forks',
    // Loading the modules of this repository takes longer than most files do: a worker keeps them for the next file. So what
    // a helper does when it is loaded, it does once for several files.
    isolate: false,
    // One more than cores: end-to-end tests wait for processes of their own half of the time.
    maxWorkers: 3,
    execArgv: ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
