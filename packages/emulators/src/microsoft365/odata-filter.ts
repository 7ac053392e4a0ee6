import { invalidFilter } from './graph-error.ts';

export type Literal = string | number | boolean | null;

export type FilterNode =
  | { op: 'and' | 'or'; left: FilterNode; right: FilterNode }
  | { op: 'not'; of: FilterNode }
  | { op: 'compare'; field: string; by: Comparison; value: Literal }
  | { op: 'call'; name: string; field: string; value: Literal }
  | { op: 'any'; collection: string; of: FilterNode };

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

interface Token {
  kind: 'text' | 'word' | 'mark';
  value: string;
}

const comparisons: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const tokenForm = /\s*(?:'((?:[^']|'')*)'|([():,])|([^\s'():,]+(?::\d\d[^\s'(),]*)?))/y;

const tokenize = (text: string): Token[] => {
  const tokens: Token[] = [];
  tokenForm.lastIndex = 0;
  while (tokenForm.lastIndex < text.trimEnd().length) {
    const found = tokenForm.exec(text);
    if (found === null) throw invalidFilter();
    if (found[1] !== undefined) tokens.push({ kind: 'text', value: found[1].replaceAll("''", "'") });
    else if (found[2] !== undefined) tokens.push({ kind: 'mark', value: found[2] });
    else tokens.push({ kind: 'word', value: found[3] ?? '' });
  }
  return tokens;
};

interface Cursor {
  tokens: Token[];
  at: number;
}

const peekWord = (cursor: Cursor): string | undefined => {
  const token = cursor.tokens[cursor.at];
  return token?.kind === 'word' ? token.value.toLowerCase() : undefined;
};

const take = (cursor: Cursor, kind: Token['kind'], value?: string): string => {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || token.kind !== kind) throw invalidFilter();
  if (value !== undefined && token.value !== value) throw invalidFilter();
  cursor.at += 1;
  return token.value;
};

const isMark = (cursor: Cursor, mark: string): boolean => {
  const token = cursor.tokens[cursor.at];
  return token?.kind === 'mark' && token.value === mark;
};

const takeLiteral = (cursor: Cursor): Literal => {
  if (cursor.tokens[cursor.at]?.kind === 'text') return take(cursor, 'text');
  const word = take(cursor, 'word');
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'null') return null;
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word;
};

const parseCall = (cursor: Cursor, word: string): FilterNode => {
  take(cursor, 'mark', '(');
  const slash = word.lastIndexOf('/');
  if (slash > 0) {
    if (word.slice(slash + 1).toLowerCase() !== 'any') throw invalidFilter();
    take(cursor, 'word');
    take(cursor, 'mark', ':');
    const of = parseOr(cursor);
    take(cursor, 'mark', ')');
    return { op: 'any', collection: word.slice(0, slash), of };
  }
  const field = take(cursor, 'word');
  take(cursor, 'mark', ',');
  const value = takeLiteral(cursor);
  take(cursor, 'mark', ')');
  return { op: 'call', name: word.toLowerCase(), field, value };
};

const parseTerm = (cursor: Cursor): FilterNode => {
  if (isMark(cursor, '(')) {
    take(cursor, 'mark', '(');
    const inner = parseOr(cursor);
    take(cursor, 'mark', ')');
    return inner;
  }
  if (peekWord(cursor) === 'not') {
    cursor.at += 1;
    return { op: 'not', of: parseTerm(cursor) };
  }
  const word = take(cursor, 'word');
  if (isMark(cursor, '(')) return parseCall(cursor, word);
  const by = take(cursor, 'word').toLowerCase();
  if (!comparisons.includes(by)) throw invalidFilter();
  return { op: 'compare', field: word, by: by as Comparison, value: takeLiteral(cursor) };
};

const parseAnd = (cursor: Cursor): FilterNode => {
  let left = parseTerm(cursor);
  while (peekWord(cursor) === 'and') {
    cursor.at += 1;
    left = { op: 'and', left, right: parseTerm(cursor) };
  }
  return left;
};

function parseOr(cursor: Cursor): FilterNode {
  let left = parseAnd(cursor);
  while (peekWord(cursor) === 'or') {
    cursor.at += 1;
    left = { op: 'or', left, right: parseAnd(cursor) };
  }
  return left;
}

/** The grammar only; what each collection supports is decided where the tree is compiled. */
export function parseFilter(text: string): FilterNode {
  const cursor: Cursor = { tokens: tokenize(text), at: 0 };
  const node = parseOr(cursor);
  if (cursor.at !== cursor.tokens.length) throw invalidFilter();
  return node;
}

export type Predicate<T> = (item: T) => boolean;

/** Combines what `leaf` makes of the comparisons, calls and lambdas; `leaf` throws on what it does not support. */
export function compileFilter<T>(node: FilterNode, leaf: (node: FilterNode) => Predicate<T>): Predicate<T> {
  if (node.op === 'and' || node.op === 'or') {
    const left = compileFilter(node.left, leaf);
    const right = compileFilter(node.right, leaf);
    return node.op === 'and' ? (item) => left(item) && right(item) : (item) => left(item) || right(item);
  }
  if (node.op === 'not') {
    const inner = compileFilter(node.of, leaf);
    return (item) => !inner(item);
  }
  return leaf(node);
}
