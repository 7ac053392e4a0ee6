import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** The longest first, of the two kinds one after the other. Begun last, one of them is waited for alone, for minutes. */
const LONGEST = [
  'tooling/e2e/test/shared-calendars.test.ts',
  'tooling/e2e/test/story.test.ts',
  'tooling/e2e/test/kill.test.ts',
  'tooling/e2e/test/plan.test.ts',
  'apps/cli/test/demo.test.ts',
  'apps/cli/test/emulated.test.ts',
];

/** Where nothing is known of an earlier run, as on a new machine, Vitest goes by the size of files, which does not tell. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONGEST.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted(
      (x, y) =>
        Number(x.project.name > y.project.name) - Number(x.project.name < y.project.name) ||
        rankOf(x) - rankOf(y),
    );
  }
}

export default defineConfig({
  ...common,
  test: {
    // One more than cores: end-to-end tests wait for processes of their own half of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      { ...common, test: kept },
      { ...common, test: own },
    ],
  },
});
