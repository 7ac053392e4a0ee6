import { invalid } from './api-error.ts';
import type { Row } from './row.ts';
import type { Table } from './table.ts';
import { isObject } from './values.ts';
import { propertyValue } from './wire.ts';

export type Test = (row: Row) => boolean;

/** A filter with its values as the search compares them: lower case, instants and numbers as numbers. */
interface Operands {
  readonly kind: 'number' | 'text';
  readonly value: string | number;
  readonly high: string | number;
  readonly values: ReadonlySet<string | number>;
}

const isInstant = (type: string): boolean => type === 'date' || type === 'datetime';

function toNumber(text: string, instant: boolean): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return instant ? Date.parse(text) : Number.NaN;
}

interface Read {
  readonly kind: 'number' | 'text';
  compare(value: unknown): string | number;
  of(row: Row): string | number | null;
}

function readerOf(table: Table, name: string): Read {
  const property = table.properties.get(name);
  if (property === undefined) throw invalid(`Property "${name}" does not exist`);
  const { stamp, created } = table.type;
  const instant = isInstant(property.type);
  const numeric = instant || property.type === 'number';
  const compare = (value: unknown): string | number => {
    const text = String(value ?? '');
    if (!numeric) return text.toLowerCase();
    const number = toNumber(text, instant);
    if (Number.isNaN(number)) throw invalid(`${text} is not a valid value for ${name}`);
    return number;
  };
  const of = (row: Row): string | number | null => {
    if (name === stamp) return row.updatedAt;
    if (name === created) return row.createdAt;
    const value = propertyValue(table, row, name);
    if (value === null || value === undefined) return null;
    return numeric ? toNumber(value, instant) : value.toLowerCase();
  };
  return { kind: numeric ? 'number' : 'text', compare, of };
}

const tokensOf = (text: string): string[] => text.split(/[\s;,@.]+/).filter((token) => token !== '');

/** `*` stands for anything; without it a token has to be equal. */
function hasToken(value: string, wanted: string): boolean {
  if (wanted.includes('*')) {
    const pattern = wanted.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return (
      new RegExp(`^${pattern.join('.*')}$`).test(value) ||
      value.split(/[\s;]+/).some((part) => new RegExp(`^${pattern.join('.*')}$`).test(part))
    );
  }
  const tokens = new Set(tokensOf(value));
  return value.split(/[\s;]+/).includes(wanted) || tokensOf(wanted).every((token) => tokens.has(token));
}

type Compare = (value: string | number | null, operands: Operands) => boolean;

const present = (test: (value: string | number, operands: Operands) => boolean): Compare => {
  return (value, operands) => value !== null && test(value, operands);
};

const OPERATORS: Readonly<Record<string, Compare>> = {
  EQ: present((value, { value: wanted }) => value === wanted),
  NEQ: present((value, { value: wanted }) => value !== wanted),
  LT: present((value, { value: wanted }) => value < wanted),
  LTE: present((value, { value: wanted }) => value <= wanted),
  GT: present((value, { value: wanted }) => value > wanted),
  GTE: present((value, { value: wanted }) => value >= wanted),
  BETWEEN: present((value, { value: low, high }) => value >= low && value <= high),
  IN: present((value, { values }) => values.has(value)),
  NOT_IN: present((value, { values }) => !values.has(value)),
  HAS_PROPERTY: (value) => value !== null,
  NOT_HAS_PROPERTY: (value) => value === null,
  CONTAINS_TOKEN: present((value, { value: wanted }) => hasToken(String(value), String(wanted))),
  NOT_CONTAINS_TOKEN: (value, { value: wanted }) =>
    value === null || !hasToken(String(value), String(wanted)),
};

const needsValue = (operator: string): boolean =>
  !['IN', 'NOT_IN', 'HAS_PROPERTY', 'NOT_HAS_PROPERTY'].includes(operator);

function toTest(table: Table, filter: unknown): Test {
  if (!isObject(filter)) throw invalid('Invalid input JSON: a filter must be an object');
  const operator = String(filter.operator);
  const compare = OPERATORS[operator];
  if (compare === undefined) throw invalid(`Invalid input JSON: unknown operator ${operator}`);
  const read = readerOf(table, String(filter.propertyName).toLowerCase());
  if (needsValue(operator) && typeof filter.value !== 'string')
    throw invalid(`operator ${operator} requires a value`);
  const listed = Array.isArray(filter.values) ? filter.values : [];
  if (['IN', 'NOT_IN'].includes(operator) && listed.length === 0)
    throw invalid(`operator ${operator} requires values`);
  const operands: Operands = {
    kind: read.kind,
    value: needsValue(operator) ? read.compare(filter.value) : '',
    high: operator === 'BETWEEN' ? read.compare(filter.highValue) : '',
    values: new Set(listed.map((value) => read.compare(value))),
  };
  return (row) => compare(read.of(row), operands);
}

const MOST_GROUPS = 5;
const MOST_IN_GROUP = 6;
const MOST_FILTERS = 18;

/** Groups are alternatives, the filters of a group hold together. Throws what the service refuses. */
export function toFilter(table: Table, groups: unknown): Test {
  if (groups === undefined) return () => true;
  if (!Array.isArray(groups)) throw invalid('Invalid input JSON: filterGroups must be an array');
  const filters = groups.map((group): unknown[] =>
    isObject(group) && Array.isArray(group.filters) ? group.filters : [],
  );
  const total = filters.reduce((sum, group) => sum + group.length, 0);
  if (
    groups.length > MOST_GROUPS ||
    total > MOST_FILTERS ||
    filters.some((group) => group.length > MOST_IN_GROUP)
  )
    throw invalid(
      `at most ${MOST_GROUPS} filterGroups, ${MOST_IN_GROUP} filters in each and ${MOST_FILTERS} in all`,
    );
  const tests = filters.map((group) => group.map((filter) => toTest(table, filter)));
  if (tests.length === 0) return () => true;
  return (row) => tests.some((group) => group.every((test) => test(row)));
}

/** A lower bound of the time of change that every group has: where a search may begin. */
export function earliestStamp(table: Table, groups: unknown): number {
  if (!Array.isArray(groups) || groups.length === 0) return Number.NEGATIVE_INFINITY;
  const bounds = groups.map((group) => {
    const filters: unknown[] = isObject(group) && Array.isArray(group.filters) ? group.filters : [];
    const low = filters
      .filter(isObject)
      .filter((filter) => filter.propertyName === table.type.stamp)
      .filter((filter) => ['GT', 'GTE', 'EQ', 'BETWEEN'].includes(String(filter.operator)))
      .map((filter) => toNumber(String(filter.value), true));
    return low.length === 0 ? Number.NEGATIVE_INFINITY : Math.max(...low);
  });
  return Math.min(...bounds);
}
