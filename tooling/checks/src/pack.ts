import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, run } from './command.ts';
import { hasTwoStores, installTarballs, newAdapter, programs, smoke, twoStores } from './consumer.ts';
import { billOfMaterials, knownWeaknesses } from './materials.ts';
import { repository, runSteps } from './steps.ts';
import { attw, build, checkContents, publint, type Tarball, tarballsIn } from './tarball.ts';
import { readTree } from './tree.ts';

// `npm run pack:check`: what npm would get, looked at as a stranger would get it. Needs the npm registry.

const tree = readTree(repository);
const packages = tree.packages.filter((pkg) => pkg.group !== 'tooling' && pkg.manifest.private !== true);
const workspace = mkdtempSync(join(tmpdir(), 'tidelock-pack-'));
const consumer = join(workspace, 'consumer');

const pnpm = tree.root.packageManager ?? 'pnpm';

function pack(): Promise<Outcome> {
  const args = ['--yes', pnpm, '-r', 'pack', '--pack-destination', workspace];
  return run({ program: 'npx', args, cwd: repository });
}

/** Runs a check over every tarball; one failure does not hide the next. */
function each(check: (tarball: Tarball) => Promise<Outcome>): () => Promise<Outcome> {
  return async () => {
    const outcomes: Outcome[] = [];
    for (const tarball of tarballsIn(workspace, packages)) outcomes.push(await check(tarball));
    const failed = outcomes.filter((outcome) => !outcome.ok);
    return {
      ok: failed.length === 0,
      output: failed.map((outcome) => outcome.output).join('\n'),
      stdout: '',
    };
  };
}

try {
  await runSteps([
    { name: 'build', run: () => build(packages) },
    { name: `pack ${packages.length} packages`, run: pack },
    { name: 'contents', run: each(checkContents) },
    { name: 'publint', run: each(publint) },
    { name: 'types for strangers (attw)', run: each(attw) },
    { name: 'install with npm', run: () => installTarballs(consumer, tarballsIn(workspace, packages)) },
    { name: 'import each entry by name', run: () => smoke(consumer, tarballsIn(workspace, packages)) },
    { name: 'programs answer --help', run: () => programs(consumer, tarballsIn(workspace, packages)) },
    {
      name: 'a new adapter, from nothing to verified',
      run: () => newAdapter(consumer, tarballsIn(workspace, packages)),
    },
    { name: 'bill of materials', run: () => billOfMaterials(pnpm) },
    { name: 'known weaknesses', run: () => knownWeaknesses(pnpm) },
    ...(hasTwoStores() ? [{ name: 'two stores in step', run: () => twoStores(consumer) }] : []),
  ]);
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
