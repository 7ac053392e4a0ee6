import type { Finding, Package, Rule, TextFile, Tree } from '../finding.ts';
import { isPage } from '../page.ts';

const condition = '@tidelock/source';

interface Demand {
  readonly met: boolean;
  readonly reason: string;
  readonly remedy: string;
}

function has(pkg: Package, name: string): boolean {
  return pkg.files.some((file) => file.path === `${pkg.directory}/${name}`);
}

function identity(pkg: Package): Demand[] {
  const { manifest } = pkg;
  return [
    {
      met: manifest.name === `@tidelock/${pkg.folder}`,
      reason: `is called ${manifest.name}`,
      remedy: `Call it @tidelock/${pkg.folder}.`,
    },
    {
      met: (manifest.description ?? '').length >= 20,
      reason: 'has no description worth the name',
      remedy: 'Say in one sentence what it does.',
    },
    {
      met: manifest.license === 'Apache-2.0',
      reason: 'has no licence',
      remedy: 'Set "license": "Apache-2.0".',
    },
    { met: manifest.type === 'module', reason: 'is not an ES module', remedy: 'Set "type": "module".' },
    {
      met: manifest.repository?.directory === pkg.directory,
      reason: 'does not say where its source lies',
      remedy: `Set "repository.directory" to "${pkg.directory}".`,
    },
    {
      met: has(pkg, 'README.md'),
      reason: 'has no README.md',
      remedy: 'Write what it is, how to install and use it.',
    },
  ];
}

/** What a page of static files is held to instead of `entries`. */
function files({ manifest }: Package): Demand[] {
  return [
    {
      met: sameMembers(manifest.files ?? [], ['dist']),
      reason: 'is a page and ships something else than what was built',
      remedy: 'Set "files": ["dist"]; README, LICENSE and package.json come by themselves.',
    },
    {
      met: Object.keys(manifest.dependencies ?? {}).length === 0,
      reason: 'is a page and has dependencies, which are inside of what was built',
      remedy: 'Move them to "devDependencies".',
    },
  ];
}

function entries({ manifest }: Package): Demand[] {
  const conditional = Object.entries(manifest.exports ?? {}).filter(
    ([, target]) => typeof target !== 'string',
  );
  return [
    {
      met: sameMembers(
        (manifest.files ?? []).filter(
          (name) => !name.endsWith('.schema.json') && !(name === 'data' && manifest.bin),
        ),
        ['dist', 'src'],
      ),
      reason: 'ships something else than dist, src and JSON Schemas (and data, for programs)',
      remedy: 'Set "files": ["dist", "src"]; README, LICENSE and package.json come by themselves.',
    },
    {
      met: conditional.length > 0 && conditional.every(([, target]) => Object.keys(target)[0] === condition),
      reason: `does not offer its source first, under ${condition}`,
      remedy: `Each entry of "exports" starts with "${condition}".`,
    },
  ];
}

function publishing(pkg: Package): Demand[] {
  const { manifest, directory } = pkg;
  const published = manifest.publishConfig?.exports ?? {};
  return [
    ...(isPage(pkg) ? files(pkg) : entries(pkg)),
    {
      met: manifest.private !== true && manifest.publishConfig?.access === 'public',
      reason: 'is not publishable',
      remedy: 'Drop "private" and set "publishConfig.access" to "public"; private code belongs in tooling.',
    },
    {
      met: !JSON.stringify(published).includes(condition),
      reason: `publishes the condition ${condition}, which only resolves in this repository`,
      remedy: 'Leave it out of "publishConfig.exports".',
    },
    {
      met: sameMembers(Object.keys(published), Object.keys(manifest.exports ?? {})),
      reason: 'publishes other entries than it has',
      remedy: 'Give "publishConfig.exports" the same keys as "exports".',
    },
    {
      met: Object.values(manifest.bin ?? {}).every((path) => path.startsWith('./dist/')),
      reason: 'has a program outside of what it ships',
      remedy: `Point "bin" of ${directory} into ./dist/.`,
    },
  ];
}

function sameMembers(left: readonly string[], right: readonly string[]): boolean {
  return [...left].sort().join() === [...right].sort().join();
}

export const manifests: Rule = {
  name: 'manifests',
  check: (tree) =>
    tree.packages
      .filter((pkg) => pkg.group === 'packages' || pkg.manifest.private !== true)
      .filter((pkg) => pkg.group !== 'tooling')
      .flatMap((pkg) => toFindings(pkg, [...identity(pkg), ...publishing(pkg)])),
};

export const privateTooling: Rule = {
  name: 'private-tooling',
  check: (tree) =>
    tree.packages
      .filter((pkg) => pkg.group === 'tooling' && pkg.manifest.private !== true)
      .map((pkg) => ({
        rule: 'private-tooling',
        thing: `${pkg.directory}/package.json`,
        reason: 'could be published by accident',
        remedy: 'Set "private": true; what strangers need belongs in packages.',
      })),
};

function toFindings(pkg: Package, demands: readonly Demand[]): Finding[] {
  const thing = `${pkg.directory}/package.json`;
  return demands
    .filter((demand) => !demand.met)
    .map(({ reason, remedy }) => ({ rule: 'manifests', thing, reason, remedy }));
}

function textOf(tree: Tree, path: string): string {
  return tree.files.find((file: TextFile) => file.path === path)?.text ?? '';
}

const selective = /--filter\b|\s-F\b|--exclude\b|--ignore\b|--project[= ]!|['"\s]!(packages|apps|tooling)/;

function scriptFindings(tree: Tree): Finding[] {
  const rule = 'whole-repository';
  const remedy = 'Run the whole repository; a package that cannot pass is fixed or removed.';
  const scripts = Object.entries(tree.root.scripts ?? {})
    .filter(([, command]) => selective.test(command))
    .map(([name]) => ({ rule, thing: `package.json#${name}`, reason: 'leaves packages out', remedy }));
  const configured = ['vitest.config.ts', 'pnpm-workspace.yaml']
    .filter((path) => /\bexclude:|^\s*-\s*['"]?!/m.test(textOf(tree, path)))
    .map((thing) => ({ rule, thing, reason: 'leaves packages out', remedy }));
  return [...scripts, ...configured];
}

function unbuilt(tree: Tree): Finding[] {
  const references = textOf(tree, 'tsconfig.json');
  return tree.packages
    .filter((pkg) => pkg.files.some((file) => file.path === `${pkg.directory}/tsconfig.json`))
    .filter((pkg) => pkg.group !== 'tooling' && !references.includes(`"${pkg.directory}"`))
    .map((pkg) => ({
      rule: 'whole-repository',
      thing: 'tsconfig.json',
      reason: `does not build ${pkg.directory}`,
      remedy: 'Add it to "references".',
    }));
}

/** No script, test selection or build leaves a package out. */
export const wholeRepository: Rule = {
  name: 'whole-repository',
  check: (tree) => [...scriptFindings(tree), ...unbuilt(tree)],
};
