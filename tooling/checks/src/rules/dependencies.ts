import type { Finding, Package, Rule, Tree } from '../finding.ts';
import { isPage } from '../page.ts';
import { packageOf, parse, sourcesOf } from '../syntax.ts';
import { contractOf } from './import-table.ts';

function importedBy(pkg: Package): Map<string, string> {
  const used = new Map<string, string>();
  for (const file of sourcesOf(pkg)) {
    for (const { specifier, line } of parse(file).imports) {
      const name = packageOf(specifier);
      if (name !== undefined && name !== pkg.manifest.name) used.set(name, `${file.path}:${line}`);
    }
  }
  return used;
}

/** Adapters are listed by apps and loaded by name, and the page is files that are served: no import ever shows them. */
function isLoadedByName(pkg: Package, name: string): boolean {
  const folder = name.replace('@tidelock/', '');
  return pkg.group === 'apps' && (contractOf(folder) !== undefined || folder === 'admin');
}

function undeclared(pkg: Package, used: ReadonlyMap<string, string>): Finding[] {
  const { dependencies: listed, devDependencies, peerDependencies } = pkg.manifest;
  const declared = { ...listed, ...peerDependencies, ...(isPage(pkg) ? devDependencies : {}) };
  return [...used]
    .filter(([name]) => !Object.hasOwn(declared, name))
    .map(([name, thing]) => ({
      rule: 'dependencies',
      thing,
      reason: `imports ${name}, which ${pkg.directory}/package.json does not list under "${isPage(pkg) ? 'devDependencies' : 'dependencies'}"`,
      remedy: 'List it: types count too, for they stand in the published declarations.',
    }));
}

/** What packages of ours that this one imports leave it to bring along. */
function broughtAlong(tree: Tree, used: ReadonlyMap<string, string>): Set<string> {
  const imported = tree.packages.filter(({ manifest }) => used.has(manifest.name ?? ''));
  return new Set(imported.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {})));
}

function unused(pkg: Package, used: ReadonlyMap<string, string>, peers: ReadonlySet<string>): Finding[] {
  return Object.keys(pkg.manifest.dependencies ?? {})
    .filter((name) => !used.has(name) && !peers.has(name) && !isLoadedByName(pkg, name))
    .map((name) => ({
      rule: 'dependencies',
      thing: `${pkg.directory}/package.json`,
      reason: `lists ${name}, which its sources never import`,
      remedy: 'Remove it, or move it to "devDependencies" if only tests need it.',
    }));
}

function unpinned(pkg: Package): Finding[] {
  const { dependencies, devDependencies } = pkg.manifest;
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name, range]) => range !== (isOurs(name) ? 'workspace:^' : 'catalog:'))
    .map(([name, range]) => ({
      rule: 'dependencies',
      thing: `${pkg.directory}/package.json`,
      reason: `takes ${name} as "${range}"`,
      remedy: isOurs(name)
        ? 'Use "workspace:^".'
        : 'Put the version in the catalog of pnpm-workspace.yaml; use "catalog:".',
    }));
}

function isOurs(name: string): boolean {
  return name.startsWith('@tidelock/') || name.startsWith('@tidelock-tooling/');
}

/** What a published package imports is what it declares, no more and no less. */
export const dependencies: Rule = {
  name: 'dependencies',
  check: (tree) =>
    tree.packages.flatMap((pkg) => {
      if (pkg.group === 'tooling') return unpinned(pkg);
      const used = importedBy(pkg);
      // That a page has none at all is the law of `manifests`.
      if (isPage(pkg)) return [...undeclared(pkg, used), ...unpinned(pkg)];
      return [...undeclared(pkg, used), ...unused(pkg, used, broughtAlong(tree, used)), ...unpinned(pkg)];
    }),
};
