import { readFile } from 'node:fs/promises';
import { InputError, type Problem } from '@tidelock/core';
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { Path } from './problems.ts';

export interface YamlFile {
  readonly value: unknown;
  /** `line:column` of the value (or, `atKey`, of the key) at a path, or of the nearest thing that encloses it. */
  where(path: Path, atKey: boolean): string | null;
}

function keyNode(document: Document, path: Path): Node | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1));
  return isNode(pair?.key) ? pair.key : null;
}

function nodeAt(document: Document, path: Path, atKey: boolean): Node | null {
  if (path.length === 0) return document.contents;
  if (atKey) {
    const key = keyNode(document, path);
    if (key) return key;
  }
  const node = document.getIn(path, true);
  if (isNode(node)) return node;
  return keyNode(document, path) ?? nodeAt(document, path.slice(0, -1), true);
}

async function readText(path: string, remedy: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reason = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new InputError(`${path}: ${reason}`, [{ path, reason, remedy }]);
  }
}

function syntaxProblems(document: Document, lines: LineCounter, path: string): Problem[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const reason = error.message.split('\n')[0] ?? error.message;
    return {
      path: `${path} (${line}:${col})`,
      reason: reason.replace(/ at line \d+, column \d+:?$/, ''),
      remedy: 'Correct the YAML.',
    };
  });
}

/** Reads one YAML document. Throws `InputError` with all syntax errors, or when the file cannot be read. */
export async function readYaml(path: string, missingRemedy: string): Promise<YamlFile> {
  const text = await readText(path, missingRemedy);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true, uniqueKeys: true });
  const problems = syntaxProblems(document, lines, path);
  if (problems.length > 0) throw new InputError(`${path} is not valid YAML.`, problems);
  return {
    value: document.toJS({ maxAliasCount: 50 }),
    where(at, atKey) {
      const offset = nodeAt(document, at, atKey)?.range?.[0];
      if (offset === undefined) return null;
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
  };
}
