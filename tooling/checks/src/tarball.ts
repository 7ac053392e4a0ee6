import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, run } from './command.ts';
import type { Package } from './finding.ts';
import { isPage } from './page.ts';
import { buildPage } from './page-build.ts';
import { binary, repository } from './steps.ts';

export interface Tarball {
  readonly name: string;
  readonly path: string;
  /** Subpaths that can be imported: `.`, `./kit`. */
  readonly entries: readonly string[];
  /** Programs it installs. */
  readonly bins: readonly string[];
}

/** pnpm's name for a packed package: `@tidelock/core` 0.1.0 -> `tidelock-core-0.1.0.tgz`. */
function isTarballOf(file: string, name: string): boolean {
  const stem = name.replace('@', '').replace('/', '-');
  return file.startsWith(`${stem}-`) && /^\d/.test(file.slice(stem.length + 1));
}

export function tarballsIn(directory: string, packages: readonly Package[]): Tarball[] {
  const files = readdirSync(directory);
  return packages.map(({ manifest }) => {
    const name = manifest.name ?? '';
    const file = files.find((candidate) => isTarballOf(candidate, name));
    if (file === undefined) throw new Error(`pnpm packed no ${name}`);
    const entries = Object.keys(manifest.exports ?? {}).filter((entry) => !entry.endsWith('.json'));
    return { name, path: join(directory, file), entries, bins: Object.keys(manifest.bin ?? {}) };
  });
}

/** A build from nothing: what `dist` keeps of deleted sources would be published. */
export async function build(packages: readonly Package[]): Promise<Outcome> {
  const cache = `${repository}node_modules/.cache/tsbuildinfo`;
  for (const { directory } of packages) {
    rmSync(join(repository, directory, 'dist'), { recursive: true, force: true });
    rmSync(join(cache, `${directory.replace('/', '-')}.tsbuildinfo`), { force: true });
  }
  const args = ['-b', ...packages.map(({ directory }) => directory)];
  const compiled = await run({ program: binary('tsc'), args, cwd: repository });
  return compiled.ok && packages.some(isPage) ? buildPage() : compiled;
}

const listed = /^package\/(dist\/.+|src\/.+|data\/.+|README\.md|LICENSE|package\.json|[\w-]+\.schema\.json)$/;
const required = ['package/README.md', 'package/LICENSE', 'package/package.json'];

/** dist, src, README, LICENSE and package.json, nothing else, with real versions and no source condition. */
export async function checkContents({ name, path }: Tarball): Promise<Outcome> {
  const listing = await run({ program: 'tar', args: ['-tzf', path], cwd: repository });
  const manifest = await run({
    program: 'tar',
    args: ['-xzOf', path, 'package/package.json'],
    cwd: repository,
  });
  if (!listing.ok || !manifest.ok) return { ...listing, output: listing.output + manifest.output, ok: false };
  const files = listing.stdout
    .trim()
    .split('\n')
    .filter((file) => !file.endsWith('/'));
  const problems = [
    ...files.filter((file) => !listed.test(file)).map((file) => `${name} ships ${file}`),
    ...required.filter((file) => !files.includes(file)).map((file) => `${name} lacks ${file}`),
    ...['workspace:', 'catalog:', '@tidelock/source']
      .filter((word) => manifest.stdout.includes(word))
      .map((word) => `${name}: the packed package.json still says ${word}`),
  ];
  return { ok: problems.length === 0, output: problems.join('\n'), stdout: '' };
}

export function publint({ path }: Tarball): Promise<Outcome> {
  return run({ program: binary('publint'), args: ['run', path, '--strict'], cwd: repository });
}

/** Types and code of every entry resolve for a TypeScript user and for Node. */
export async function attw({ path, entries }: Tarball): Promise<Outcome> {
  if (entries.length === 0) return { ok: true, output: '', stdout: '' };
  const args = [path, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'];
  return run({ program: binary('attw'), args, cwd: repository });
}
