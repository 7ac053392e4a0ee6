import type { Finding, Rule, TextFile } from '../finding.ts';
import { isNode, type Node, parse } from '../syntax.ts';

const always = new Set(['skip', 'todo']);
const conditional = new Set(['skipIf', 'runIf']);
const runners = new Set(['it', 'test', 'describe']);

/** The property of `it.skip`; undefined where the object is no runner. */
function modifierOf(callee: unknown): string | undefined {
  if (!isNode(callee) || callee.type !== 'MemberExpression') return undefined;
  const { object, property } = callee;
  const runner = isNode(object) && typeof object.name === 'string' && runners.has(object.name);
  return runner && isNode(property) && typeof property.name === 'string' ? property.name : undefined;
}

function isSkip(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  if (always.has(modifierOf(node.callee) ?? '')) return true;
  return isNode(node.callee) && conditional.has(modifierOf(node.callee.callee) ?? '');
}

function titleOf(node: Node, text: string): string {
  const title: unknown = Array.isArray(node.arguments) ? node.arguments[0] : undefined;
  return isNode(title) ? text.slice(Number(title.start), Number(title.end)) : '';
}

function checkFile(file: TextFile): Finding[] {
  const { nodes, lineAt } = parse(file);
  return nodes
    .filter((node) => isSkip(node) && !titleOf(node, file.text).includes('[skipped: '))
    .map((node) => ({
      rule: 'explained-skips',
      thing: `${file.path}:${lineAt(node.start)}`,
      reason: 'skips a test without saying why',
      remedy: "End the title with the reason: '... [skipped: reason]'.",
    }));
}

export const explainedSkips: Rule = {
  name: 'explained-skips',
  check: (tree) =>
    tree.packages.flatMap((pkg) =>
      pkg.files.filter((file) => /\/test\/.*\.test\.ts$/.test(file.path)).flatMap(checkFile),
    ),
};
