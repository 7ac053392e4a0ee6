import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Outcome, run } from './command.ts';
import { binary, repository } from './steps.ts';
import type { Tarball } from './tarball.ts';

const fixture = join(repository, 'tooling/checks/fixtures/two-stores.mjs');

/** An empty folder with npm, as a stranger has it: no workspace, no pnpm, no source condition. */
export async function installTarballs(directory: string, tarballs: readonly Tarball[]): Promise<Outcome> {
  mkdirSync(directory, { recursive: true });
  const dependencies = Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`]));
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest, null, 2));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  return run({ program: 'npm', args, cwd: directory });
}

/** Imports every entry of every package by name; fails for one that resolves to its sources. */
export function smoke(directory: string, tarballs: readonly Tarball[]): Promise<Outcome> {
  const specifiers = tarballs.flatMap(({ name, entries }) => entries.map((entry) => name + entry.slice(1)));
  const program = `const failures = [];
for (const specifier of ${JSON.stringify(specifiers)}) {
  try {
    if (!import.meta.resolve(specifier).includes('/dist/')) throw new Error('it resolves outside of dist');
    await import(specifier);
  } catch (error) {
    failures.push(\`\${specifier}: \${error.message}\`);
  }
}
if (failures.length > 0) throw new Error(failures.join('\\n'));
`;
  writeFileSync(join(directory, 'smoke.mjs'), program);
  return run({ program: binary('node'), args: ['smoke.mjs'], cwd: directory });
}

/** Each program that a package brings answers `--help`. */
export async function programs(directory: string, tarballs: readonly Tarball[]): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const name of tarballs.flatMap(({ bins }) => bins)) {
    const program = join(directory, 'node_modules/.bin', name);
    const env = { PATH: `${join(repository, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}` };
    outcomes.push(await run({ program, args: ['--help'], cwd: directory, env }));
  }
  const failed = outcomes.filter((outcome) => !outcome.ok);
  return { ok: failed.length === 0, output: failed.map((outcome) => outcome.output).join('\n'), stdout: '' };
}

/** Versions that no registry has yet come from the tarballs. */
function takeTarballs(manifest: string, tarballs: readonly Tarball[]): void {
  const paths = new Map(tarballs.map(({ name, path }) => [name, `file:${path}`]));
  const content = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, Record<string, string>>;
  for (const group of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(content[group] ?? {})) {
      const path = paths.get(name);
      if (path !== undefined) Object.assign(content[group] ?? {}, { [name]: path });
    }
  }
  const overrides = Object.fromEntries(paths);
  delete content.peerDependencies;
  writeFileSync(manifest, JSON.stringify({ ...content, overrides }, null, 2));
}

/** A stranger's first five minutes: a new adapter, installed, tested, built and verified. */
export async function newAdapter(directory: string, tarballs: readonly Tarball[]): Promise<Outcome> {
  const adapter = join(directory, 'crm-stranger');
  const program = join(directory, 'node_modules/.bin/create-adapter');
  const env = { PATH: `${join(repository, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}` };
  const made = await run({ program, args: ['crm-stranger'], cwd: directory, env });
  if (!made.ok) return made;
  takeTarballs(join(adapter, 'package.json'), tarballs);
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  for (const args of [install, ['test'], ['run', 'typecheck'], ['run', 'verify']]) {
    const done = await run({ program: 'npm', args, cwd: adapter, env });
    if (!done.ok) return done;
  }
  return made;
}

/** Two emulated stores, kept in step by the packages alone. */
export function twoStores(directory: string): Promise<Outcome> {
  copyFileSync(fixture, join(directory, 'two-stores.mjs'));
  return run({ program: binary('node'), args: ['two-stores.mjs'], cwd: directory });
}

export function hasTwoStores(): boolean {
  return existsSync(fixture);
}
