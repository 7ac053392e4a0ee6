import { type ApiError, badRequest } from './api-error.ts';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'datetime' | 'date' | 'symbol' | 'end';
  /** As written; for strings the text between the quotes with its escapes. */
  readonly text: string;
  /** Offset of the first character in the statement. */
  readonly at: number;
}

/** A SOQL error in the service's layout: the line, a caret under the place, row and column, then the reason. */
export function soqlError(soql: string, place: { code: string; at: number }, reason: string): ApiError {
  const before = soql.slice(0, place.at);
  const row = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const column = place.at - lineStart;
  const line = soql.slice(lineStart).split('\n')[0] ?? '';
  const from = Math.max(0, column - 60);
  const context = line.slice(from, column + 40);
  const caret = `${' '.repeat(column - from)}^`;
  return badRequest(
    place.code,
    `\n${context}\n${caret}\nERROR at Row:${row}:Column:${column + 1}\n${reason}`,
  );
}

const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/y],
  ['date', /\d{4}-\d{2}-\d{2}(?![\dT])/y],
  ['number', /[+-]?\d+(?:\.\d+)?(?![\w-])/y],
  ['name', /[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*/y],
  ['symbol', /!=|<>|<=|>=|[=<>(),]/y],
];

function readString(soql: string, start: number): Token {
  for (let at = start + 1; at < soql.length; at += 1) {
    const char = soql.charAt(at);
    if (char === "'") return { kind: 'string', text: soql.slice(start + 1, at), at: start };
    if (char !== '\\') continue;
    at += 1;
    if (!/[nNrRtTbBfF"'\\_%]/.test(soql.charAt(at))) {
      const reason = `Illegal character sequence '\\${soql.charAt(at)}' in string literal`;
      throw soqlError(soql, { code: 'MALFORMED_QUERY', at }, reason);
    }
  }
  throw soqlError(soql, { code: 'MALFORMED_QUERY', at: start }, "mismatched character '<EOF>' expecting '''");
}

function readToken(soql: string, at: number): Token {
  if (soql.charAt(at) === "'") return readString(soql, at);
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(soql)?.[0];
    if (text !== undefined) return { kind, text, at };
  }
  throw soqlError(soql, { code: 'MALFORMED_QUERY', at }, `unexpected token: '${soql.charAt(at)}'`);
}

export function tokenize(soql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < soql.length) {
    if (/\s/.test(soql.charAt(at))) {
      at += 1;
      continue;
    }
    const token = readToken(soql, at);
    tokens.push(token);
    at += token.text.length + (token.kind === 'string' ? 2 : 0);
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: soql.length });
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Text of a string literal with its escapes resolved. */
export function unescapeString(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => ESCAPES[char.toLowerCase()] ?? char);
}
