import { fromIsoDate, fromIsoDatetime } from './datetime.ts';
import { soqlError, type Token, tokenize, unescapeString } from './soql-tokens.ts';

export type Literal =
  | { readonly type: 'string'; readonly value: string; readonly raw: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'date'; readonly value: string }
  | { readonly type: 'datetime'; readonly value: number }
  | { readonly type: 'null'; readonly value: null };

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'NOT IN' | 'LIKE';

export interface FieldPath {
  /** Relationship names, then the field. */
  readonly names: readonly string[];
  readonly at: number;
}

export interface Comparison {
  readonly kind: 'compare';
  readonly path: FieldPath;
  readonly operator: Operator;
  /** One value, or the list of IN and NOT IN. */
  readonly values: readonly Literal[];
}

export type Condition =
  | Comparison
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition };

export interface OrderTerm {
  readonly path: FieldPath;
  readonly descending: boolean;
  readonly nullsLast: boolean;
}

export interface SoqlStatement {
  readonly text: string;
  /** Undefined for `SELECT COUNT()`. */
  readonly select: readonly FieldPath[] | undefined;
  readonly from: { readonly name: string; readonly at: number };
  readonly where: Condition | undefined;
  readonly orderBy: readonly OrderTerm[];
  readonly limit: number | undefined;
  readonly offset: number;
}

interface TokenStream {
  readonly soql: string;
  peek(): Token;
  next(): Token;
  /** Consumes the next token if it is this keyword or symbol. */
  accept(word: string): boolean;
  expect(word: string): Token;
  unexpected(token: Token): Error;
}

function createTokenStream(soql: string): TokenStream {
  const tokens = tokenize(soql);
  const end: Token = { kind: 'end', text: '<EOF>', at: soql.length };
  let at = 0;
  const peek = (): Token => tokens[at] ?? end;
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const isWord = (token: Token, word: string): boolean =>
    (token.kind === 'name' || token.kind === 'symbol') && token.text.toUpperCase() === word;
  const unexpected = (token: Token): Error => {
    const shown = token.kind === 'end' ? token.text : `'${token.text}'`;
    return soqlError(soql, { code: 'MALFORMED_QUERY', at: token.at }, `unexpected token: ${shown}`);
  };
  const accept = (word: string): boolean => {
    const hit = isWord(peek(), word);
    if (hit) at += 1;
    return hit;
  };
  const expect = (word: string): Token => {
    const token = next();
    if (!isWord(token, word)) throw unexpected(token);
    return token;
  };
  return { soql, peek, next, accept, expect, unexpected };
}

const KEYWORDS = new Set([
  'SELECT',
  'FROM',
  'WHERE',
  'AND',
  'OR',
  'NOT',
  'IN',
  'LIKE',
  'ORDER',
  'LIMIT',
  'OFFSET',
]);

function parseName(stream: TokenStream): Token {
  const token = stream.next();
  if (token.kind !== 'name' || KEYWORDS.has(token.text.toUpperCase())) throw stream.unexpected(token);
  return token;
}

function parsePath(stream: TokenStream): FieldPath {
  const token = parseName(stream);
  return { names: token.text.split('.'), at: token.at };
}

function parseSelect(stream: TokenStream): readonly FieldPath[] | undefined {
  const paths = [parsePath(stream)];
  if (paths[0]?.names.join('.').toUpperCase() === 'COUNT' && stream.accept('(')) {
    stream.expect(')');
    return undefined;
  }
  while (stream.accept(',')) paths.push(parsePath(stream));
  return paths;
}

function parseNamedLiteral(stream: TokenStream, token: Token): Literal {
  const word = token.text.toUpperCase();
  if (word === 'NULL') return { type: 'null', value: null };
  if (word === 'TRUE' || word === 'FALSE') return { type: 'boolean', value: word === 'TRUE' };
  throw stream.unexpected(token);
}

function parseLiteral(stream: TokenStream): Literal {
  const token = stream.next();
  switch (token.kind) {
    case 'string':
      return { type: 'string', value: unescapeString(token.text), raw: token.text };
    case 'number':
      return { type: 'number', value: Number(token.text) };
    case 'name':
      return parseNamedLiteral(stream, token);
    case 'datetime': {
      const value = fromIsoDatetime(token.text);
      if (value !== undefined) return { type: 'datetime', value };
      throw stream.unexpected(token);
    }
    case 'date': {
      const value = fromIsoDate(token.text);
      if (value !== undefined) return { type: 'date', value };
      throw stream.unexpected(token);
    }
    default:
      throw stream.unexpected(token);
  }
}

function parseList(stream: TokenStream): Literal[] {
  stream.expect('(');
  const values = [parseLiteral(stream)];
  while (stream.accept(',')) values.push(parseLiteral(stream));
  stream.expect(')');
  return values;
}

const SYMBOLS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

function parseComparison(stream: TokenStream): Condition {
  const path = parsePath(stream);
  if (stream.accept('IN')) return { kind: 'compare', path, operator: 'IN', values: parseList(stream) };
  if (stream.accept('NOT')) {
    stream.expect('IN');
    return { kind: 'compare', path, operator: 'NOT IN', values: parseList(stream) };
  }
  if (stream.accept('LIKE'))
    return { kind: 'compare', path, operator: 'LIKE', values: [parseLiteral(stream)] };
  const token = stream.next();
  const operator = token.kind === 'symbol' ? SYMBOLS[token.text] : undefined;
  if (operator === undefined) throw stream.unexpected(token);
  return { kind: 'compare', path, operator, values: [parseLiteral(stream)] };
}

function parseTerm(stream: TokenStream): Condition {
  if (stream.accept('NOT')) return { kind: 'not', part: parseTerm(stream) };
  if (!stream.accept('(')) return parseComparison(stream);
  const condition = parseCondition(stream);
  stream.expect(')');
  return condition;
}

/** AND and OR do not mix on one level without parentheses: the service refuses it. */
function parseCondition(stream: TokenStream): Condition {
  const parts = [parseTerm(stream)];
  const word = stream.peek().text.toUpperCase();
  if (stream.peek().kind !== 'name' || (word !== 'AND' && word !== 'OR'))
    return parts[0] ?? parseTerm(stream);
  while (stream.accept(word)) parts.push(parseTerm(stream));
  return { kind: word === 'AND' ? 'and' : 'or', parts };
}

function parseOrderTerm(stream: TokenStream): OrderTerm {
  const path = parsePath(stream);
  const descending = stream.accept('DESC');
  if (!descending) stream.accept('ASC');
  let nullsLast = false;
  if (stream.accept('NULLS')) {
    nullsLast = stream.accept('LAST');
    if (!nullsLast) stream.expect('FIRST');
  }
  return { path, descending, nullsLast };
}

function parseOrderBy(stream: TokenStream): OrderTerm[] {
  if (!stream.accept('ORDER')) return [];
  stream.expect('BY');
  const terms = [parseOrderTerm(stream)];
  while (stream.accept(',')) terms.push(parseOrderTerm(stream));
  return terms;
}

function parseCount(stream: TokenStream, word: string): number | undefined {
  if (!stream.accept(word)) return undefined;
  const token = stream.next();
  if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw stream.unexpected(token);
  return Number(token.text);
}

/** Parses one statement; throws MALFORMED_QUERY for what is outside the supported grammar. */
export function parseSoql(soql: string): SoqlStatement {
  const stream = createTokenStream(soql);
  stream.expect('SELECT');
  const select = parseSelect(stream);
  stream.expect('FROM');
  const name = parseName(stream);
  const where = stream.accept('WHERE') ? parseCondition(stream) : undefined;
  const orderBy = parseOrderBy(stream);
  const limit = parseCount(stream, 'LIMIT');
  const offset = parseCount(stream, 'OFFSET');
  if (stream.peek().kind !== 'end') throw stream.unexpected(stream.peek());
  return {
    text: soql,
    select,
    from: { name: name.text, at: name.at },
    where,
    orderBy,
    limit,
    offset: offset ?? 0,
  };
}
