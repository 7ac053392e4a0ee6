import { badRequest } from './api-error.ts';
import { toId18 } from './record-id.ts';
import type { Row } from './row.ts';
import type { FieldDefinition, FieldValue } from './schema.ts';
import type { ResolvedPath } from './soql-fields.ts';
import type { Comparison, Condition, FieldPath, Literal } from './soql-parser.ts';
import { soqlError } from './soql-tokens.ts';

export type Filter = (row: Row) => boolean;
export type Resolve = (path: FieldPath) => ResolvedPath;

type Comparable = string | number;

const LITERAL_OF: Readonly<Partial<Record<FieldDefinition['type'], Literal['type']>>> = {
  boolean: 'boolean',
  int: 'number',
  double: 'number',
  date: 'date',
  datetime: 'datetime',
};

/** Text compares without case unless the field is case-sensitive; booleans as 0 and 1. */
export function toComparable(field: FieldDefinition, value: FieldValue): Comparable | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  const exact = field.caseSensitive || field.type === 'id' || field.type === 'reference';
  return exact ? value : value.toLowerCase();
}

function toIdOperand(literal: Literal): string {
  const id = literal.type === 'string' ? toId18(literal.value) : undefined;
  if (id !== undefined) return id;
  throw badRequest('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${String(literal.value)}`);
}

/** The stored form of a literal for this field; throws INVALID_FIELD when the types do not fit. */
function toOperand(
  soql: string,
  comparison: Comparison,
  { field, literal }: { field: FieldDefinition; literal: Literal },
): FieldValue {
  if (literal.type === 'null') return null;
  const expected = LITERAL_OF[field.type] ?? 'string';
  if (literal.type !== expected) {
    const quotes =
      expected === 'string' ? 'should be enclosed in quotes' : 'should not be enclosed in quotes';
    const type = expected === 'datetime' ? 'dateTime' : expected;
    const reason = `value of filter criterion for field '${field.name}' must be of type ${type} and ${quotes}`;
    throw soqlError(soql, { code: 'INVALID_FIELD', at: comparison.path.at }, reason);
  }
  if (field.type === 'id' || field.type === 'reference') return toIdOperand(literal);
  return literal.value;
}

function toPattern(raw: string): RegExp {
  let source = '';
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw.charAt(at);
    if (char === '%') source += '[\\s\\S]*';
    else if (char === '_') source += '[\\s\\S]';
    else {
      if (char === '\\') at += 1;
      source += raw.charAt(at).replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'i');
}

type Compare = (left: Comparable, right: Comparable) => boolean;

const RANGE: Readonly<Record<string, Compare>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

export interface ComparisonOperands {
  readonly path: ResolvedPath;
  readonly operator: Comparison['operator'];
  readonly values: readonly FieldValue[];
}

/** Checks one comparison against the schema. */
export function toOperands(soql: string, comparison: Comparison, resolve: Resolve): ComparisonOperands {
  const path = resolve(comparison.path);
  const { field } = path;
  if (!field.filterable) {
    const reason = `field '${field.name}' can not be filtered in a query call`;
    throw soqlError(soql, { code: 'INVALID_FIELD', at: comparison.path.at }, reason);
  }
  const values = comparison.values.map((literal) => toOperand(soql, comparison, { field, literal }));
  return { path, operator: comparison.operator, values };
}

function compileLike(soql: string, comparison: Comparison, path: ResolvedPath): Filter {
  const literal = comparison.values[0];
  const textual =
    LITERAL_OF[path.field.type] === undefined && path.field.type !== 'id' && path.field.type !== 'reference';
  if (literal?.type !== 'string' || !textual) {
    const reason = 'invalid operator on id field or non-text field';
    throw soqlError(soql, { code: 'INVALID_FIELD', at: comparison.path.at }, reason);
  }
  const pattern = toPattern(literal.raw);
  return (row) => {
    const value = path.valueFor(row);
    return typeof value === 'string' && pattern.test(value);
  };
}

function compileComparison(soql: string, comparison: Comparison, resolve: Resolve): Filter {
  const { path, operator, values } = toOperands(soql, comparison, resolve);
  if (operator === 'LIKE') return compileLike(soql, comparison, path);
  const operands = values.map((value) => toComparable(path.field, value));
  const left = (row: Row): Comparable | null => toComparable(path.field, path.valueFor(row));
  const range = RANGE[operator];
  if (range !== undefined) {
    const right = operands[0] ?? null;
    return (row) => {
      const value = left(row);
      return value !== null && right !== null && range(value, right);
    };
  }
  const set = new Set(operands);
  const wanted = operator === '=' || operator === 'IN';
  return (row) => set.has(left(row)) === wanted;
}

export function compileFilter(soql: string, condition: Condition, resolve: Resolve): Filter {
  if (condition.kind === 'compare') return compileComparison(soql, condition, resolve);
  if (condition.kind === 'not') {
    const part = compileFilter(soql, condition.part, resolve);
    return (row) => !part(row);
  }
  const parts = condition.parts.map((part) => compileFilter(soql, part, resolve));
  return condition.kind === 'and'
    ? (row) => parts.every((part) => part(row))
    : (row) => parts.some((part) => part(row));
}
