import type { Finding, Rule, TextFile } from '../finding.ts';
import { isNode, type Node, parse, sourcesOf } from '../syntax.ts';
import { contractOf } from './import-table.ts';

const positional = /cursor|deltaLink|nextLink|deltaToken|skipToken|checkpoint/i;

function isEmptyDefault(node: Node, text: string): boolean {
  if (node.type !== 'LogicalExpression') return false;
  const { left, right } = node;
  if (!isNode(left) || !isNode(right) || right.value !== '') return false;
  return positional.test(text.slice(Number(left.start), Number(left.end)));
}

/** A missing cursor is a `protocol` error; as an empty string it would mean "from the beginning". */
export const cursorDefaults: Rule = {
  name: 'cursor-defaults',
  check: (tree) =>
    tree.packages.flatMap((pkg) =>
      sourcesOf(pkg).flatMap((file) => {
        const { nodes, lineAt } = parse(file);
        return nodes
          .filter((node) => isEmptyDefault(node, file.text))
          .map((node) => ({
            rule: 'cursor-defaults',
            thing: `${file.path}:${lineAt(node.start)}`,
            reason: 'turns a missing cursor into an empty one, which means "from the beginning"',
            remedy: 'Throw an AdapterError of kind "protocol".',
          }));
      }),
    ),
};

/** `expect(...)`, `assert.equal(...)`, `fc.assert(...)`, or a suite of the conformance package: `testRecordStore(...)`. */
const asserting = /\b(expect|assert)[.(]|\btest[A-Z]\w*\(/;

function isTest(file: TextFile): boolean {
  return /\/test\/.*\.test\.ts$/.test(file.path);
}

export const assertingTests: Rule = {
  name: 'asserting-tests',
  check: (tree) =>
    tree.packages.flatMap((pkg) =>
      pkg.files
        .filter((file) => isTest(file) && !asserting.test(file.text))
        .map((file) => ({
          rule: 'asserting-tests',
          thing: file.path,
          reason: 'asserts nothing, so it cannot fail for the right reason',
          remedy: 'Assert through the contract and through the oracle.',
        })),
    ),
};

function bumpsOf(file: TextFile): Map<string, string> {
  const header = /^---\n([\s\S]*?)\n---/.exec(file.text)?.[1] ?? '';
  const lines = header.matchAll(/^['"]?([^'":]+)['"]?:\s*(major|minor|patch)\s*$/gm);
  return new Map([...lines].map(([, name = '', bump = '']) => [name, bump]));
}

/** changesets 3 gives the dependents of a major core a patch; an adapter speaks a new contract and is major too. */
export const contractMajors: Rule = {
  name: 'contract-majors',
  check: (tree) => {
    const files = tree.files.filter((file) => /^\.changeset\/(?!README)[^/]+\.md$/.test(file.path));
    const bumps = files.map(bumpsOf);
    if (!bumps.some((bump) => bump.get('@tidelock/core') === 'major')) return [];
    return tree.packages
      .filter((pkg) => pkg.group === 'packages' && contractOf(pkg.folder) !== undefined)
      .filter((pkg) => !bumps.some((bump) => bump.get(pkg.manifest.name ?? '') === 'major'))
      .map(
        (pkg): Finding => ({
          rule: 'contract-majors',
          thing: '.changeset',
          reason: `makes core major but not ${pkg.manifest.name}`,
          remedy: `Add '${pkg.manifest.name}': major to a changeset.`,
        }),
      );
  },
};
