import type { Finding, Package, Rule, TextFile } from '../finding.ts';
import { type Import, isIdentifier, isMember, type Node, parse, sourcesOf } from '../syntax.ts';
import { contractOf, isProof } from './import-table.ts';

// Bare `fetch`, `process`, `console` and timers are Biome's noRestrictedGlobals, which knows scopes. Here stand the
// forms it cannot name: members, constructors and modules. `Date.parse`, `Date.UTC` and `new Date(value)` are pure.

const pure = new Set(['core', 'kit', 'engine']);

/** Modules that bring the clock or the process in. */
const ambientModules = new Set(['process', 'timers', 'timers/promises', 'perf_hooks', 'console']);

/** Modules that have effects; adapters may need them, the effect-free packages may not. */
const effectModules = new Set(
  'fs fs/promises net tls http https http2 dgram dns child_process worker_threads os cluster'.split(' '),
);

const randomNames = new Set([
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'webcrypto',
]);

const members: readonly (readonly [object: string, property: string])[] = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['AbortSignal', 'timeout'],
  ['performance', 'now'],
];

const pureMembers: typeof members = [
  ['crypto', 'randomUUID'],
  ['crypto', 'getRandomValues'],
];

const globalNames = new Set([
  'fetch',
  'process',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'Date',
  'Math',
]);

function isPure(pkg: Package): boolean {
  return pkg.group === 'packages' && pure.has(pkg.folder);
}

function isInjected(pkg: Package): boolean {
  return isPure(pkg) || (pkg.group === 'packages' && contractOf(pkg.folder) !== undefined);
}

function ambientNode(node: Node, strict: boolean): string | undefined {
  const dated = node.type === 'NewExpression' && isIdentifier(node.callee, 'Date');
  const empty = Array.isArray(node.arguments) && node.arguments.length === 0;
  if (dated && empty) return 'new Date()';
  if (node.type === 'CallExpression' && isIdentifier(node.callee, 'Date')) return 'Date()';
  const property = node.property;
  if (node.type === 'MemberExpression' && isIdentifier(node.object, 'globalThis')) {
    const name =
      typeof property === 'object' && property !== null && 'name' in property ? property.name : undefined;
    if (typeof name === 'string' && globalNames.has(name)) return `globalThis.${name}`;
  }
  const listed = strict ? [...members, ...pureMembers] : members;
  return listed.find(([object, name]) => isMember(node, object, name))?.join('.');
}

function ambientImport(used: Import, strict: boolean): string | undefined {
  const module = used.specifier.replace(/^node:/, '');
  if (ambientModules.has(module) || (strict && effectModules.has(module))) return used.specifier;
  if (!strict || module !== 'crypto') return undefined;
  return used.names.find((name) => randomNames.has(name));
}

function checkFile(file: TextFile, strict: boolean): Finding[] {
  const { imports, nodes, lineAt } = parse(file);
  const found = [
    ...nodes.map((node) => ({ what: ambientNode(node, strict), line: () => lineAt(node.start) })),
    ...imports.map((used) => ({
      what: used.typeOnly ? undefined : ambientImport(used, strict),
      line: () => used.line,
    })),
  ];
  return found.flatMap(({ what, line }) =>
    what === undefined
      ? []
      : [
          {
            rule: 'ambient',
            thing: `${file.path}:${line()}`,
            reason: `uses ${what}, so a failing seed cannot be replayed`,
            remedy: 'Take clock, randomness, fetch, files and logger from the injected context.',
          },
        ],
  );
}

export const ambient: Rule = {
  name: 'ambient',
  check: (tree) =>
    tree.packages.filter(isInjected).flatMap((pkg) =>
      sourcesOf(pkg)
        .filter((file) => !isProof(file.path))
        .flatMap((file) => checkFile(file, isPure(pkg))),
    ),
};
