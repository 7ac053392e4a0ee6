import { readFile } from 'node:fs/promises';
import { InputError, type Problem } from '@tidelock/core';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
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

const MEBIBYTE = 1024 * 1024;
/** A configuration of a thousand mailboxes is some 50 KiB. */
const MOST_BYTES = 4 * MEBIBYTE;

function refuse(path: string, reason: string, remedy: string): InputError {
  return new InputError(`${path}: ${reason}`, [{ path, reason, remedy }]);
}

async function readText(path: string, remedy: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const reason = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw refuse(path, reason, remedy);
  }
  if (bytes.length > MOST_BYTES) {
    const size = `${Math.ceil(bytes.length / MEBIBYTE)} MiB`;
    throw refuse(path, `is ${size} large, more than such a file can need`, 'Name the right file.');
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {}
  throw refuse(path, 'is not text in UTF-8', 'Save it as UTF-8, or name the right file.');
}

/** The parser's words, and what to do, for people who never read about YAML. */
function inPlainWords(error: YAMLError, text: string): { reason: string; remedy: string } {
  const reason = (error.message.split('\n')[0] ?? error.message).replace(/ at line \d+, column \d+:?$/, '');
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^["']?([^"':\s]+)/.exec(text.slice(error.pos[0]))?.[1] ?? '';
      return { reason: `the key "${key}" is there twice`, remedy: 'Keep one of them.' };
    }
    case 'MULTIPLE_DOCS':
      return { reason: 'a second document begins here (---)', remedy: 'Keep one document per file.' };
    case 'TAB_AS_INDENT':
      return { reason: 'a tab stands where lines are indented', remedy: 'Indent with spaces.' };
    default:
      return { reason, remedy: 'Correct the YAML.' };
  }
}

function syntaxProblems(
  document: Document,
  of: { lines: LineCounter; path: string; text: string },
): Problem[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = of.lines.linePos(error.pos[0]);
    return { path: `${of.path} (${line}:${col})`, ...inPlainWords(error, of.text) };
  });
}

function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch {
    throw refuse(path, 'repeats itself too often by aliases (*name)', 'Write the values out.');
  }
}

/**
 * Reads one YAML document. Throws `InputError` with all syntax errors, or when the file cannot be read. `draft`: what would
 * stand in the file.
 */
export async function readYaml(path: string, missingRemedy: string, draft?: string): Promise<YamlFile> {
  const text = draft ?? (await readText(path, missingRemedy));
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true, uniqueKeys: true });
  const problems = syntaxProblems(document, { lines, path, text });
  if (problems.length > 0) throw new InputError(`${path} is not valid YAML.`, problems);
  return {
    value: toValue(document, path),
    where(at, atKey) {
      const offset = nodeAt(document, at, atKey)?.range?.[0];
      if (offset === undefined) return null;
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
  };
}
