import { posix } from 'node:path';
import type { Finding, Rule, Tree } from '../finding.ts';

const PAGE = 'docs/security.md';
const LINK = /\[([^\]]+)\]\((\.\.\/[^)\s]+\.ts)\)/g;
/** A row without a test has to say so in these words, and what it waits for. */
const OPEN = /\bnot there yet: \S/;

const isRow = (line: string): boolean => /^\|/.test(line) && !/^\|[\s:|-]+\|$/.test(line);

function checkRow(tree: Tree, thing: string, row: string): Finding[] {
  const finding = (reason: string, remedy: string): Finding => ({
    rule: 'security-page',
    thing,
    reason,
    remedy,
  });
  const links = [...row.matchAll(LINK)];
  if (links.length === 0 && !OPEN.test(row))
    return [
      finding('names no test', 'Link one by its title, or write "not there yet: " and what it waits for.'),
    ];
  return links.flatMap(([, title = '', target = '']) => {
    const path = posix.join('docs', target);
    const file = tree.files.find((one) => one.path === path);
    if (file === undefined)
      return [finding(`names ${path}, which is not there`, 'Name the test that proves the row.')];
    if (file.text.includes(title)) return [];
    return [finding(`names "${title}", which ${path} does not hold`, 'Give the title as the test has it.')];
  });
}

/** Rows of the tables of `docs/security.md`, without their heads. */
function rowsOf(text: string): { line: number; row: string }[] {
  const lines = text.split('\n');
  return lines.flatMap((row, index) => {
    const isHead =
      isRow(row) && !isRow(lines[index - 1] ?? '') && !/^\|[\s:|-]+\|$/.test(lines[index - 1] ?? '');
    return isRow(row) && !isHead ? [{ line: index + 1, row }] : [];
  });
}

/** Each promise names a test that exists, or says that there is none yet. */
export const securityPage: Rule = {
  name: 'security-page',
  check: (tree) => {
    const page = tree.files.find(({ path }) => path === PAGE);
    return rowsOf(page?.text ?? '').flatMap(({ line, row }) => checkRow(tree, `${PAGE}:${line}`, row));
  },
};
