import { type Outcome, run } from './command.ts';
import { buildPage } from './page-build.ts';
import { binary, repository, runSteps } from './steps.ts';

// `npm run check`: everything that can be said about the code without running it.

function program(name: string, ...args: string[]): () => Promise<Outcome> {
  return () => run({ program: binary(name), args, cwd: repository });
}

await runSteps([
  {
    name: 'format and lint',
    run: program('biome', 'check', '.', '--error-on-warnings', '--diagnostic-level=warn'),
  },
  { name: 'types', run: program('tsc', '-b') },
  { name: 'structure', run: program('node', 'tooling/checks/src/main.ts') },
  { name: 'declared imports', run: program('turbo', 'boundaries') },
  { name: "the administrators' page builds", run: buildPage },
  { name: 'unused files, exports and dependencies', run: program('knip', '--no-config-hints') },
]);
