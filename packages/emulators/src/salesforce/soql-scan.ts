import type { RecordTable } from './record-table.ts';
import type { Row } from './row.ts';
import type { Resolve } from './soql-filter.ts';
import { toOperands } from './soql-filter.ts';
import type { Comparison, Condition, SoqlStatement } from './soql-parser.ts';

/** Where to read rows from: never more of the table than the conditions force. */
export interface Scan {
  readonly rows: Iterable<Row>;
  /** True when the rows come in the order the statement asks for. */
  readonly ordered: boolean;
}

interface Bounds {
  readonly from: number;
  readonly to: number;
}

const ALL: Bounds = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

interface Source {
  readonly soql: string;
  readonly table: RecordTable;
  readonly resolve: Resolve;
}

function comparisonBounds(source: Source, comparison: Comparison): Bounds {
  const { path, operator, values } = toOperands(source.soql, comparison, source.resolve);
  const value = values[0];
  if (path.steps.length > 0 || path.field.name !== 'SystemModstamp' || typeof value !== 'number') return ALL;
  if (operator === '=') return { from: value, to: value };
  if (operator === '>' || operator === '>=') return { from: value, to: ALL.to };
  if (operator === '<' || operator === '<=') return { from: ALL.from, to: value };
  return ALL;
}

/** The range of SystemModstamp outside of which no row can match. */
function stampBounds(source: Source, condition: Condition | undefined): Bounds {
  if (condition === undefined || condition.kind === 'not') return ALL;
  if (condition.kind === 'compare') return comparisonBounds(source, condition);
  const parts = condition.parts.map((part) => stampBounds(source, part));
  const inside = condition.kind === 'and';
  return {
    from: parts.map((part) => part.from).reduce((a, b) => (inside ? Math.max(a, b) : Math.min(a, b))),
    to: parts.map((part) => part.to).reduce((a, b) => (inside ? Math.min(a, b) : Math.max(a, b))),
  };
}

function conjuncts(condition: Condition | undefined): Comparison[] {
  if (condition?.kind === 'compare') return [condition];
  return condition?.kind === 'and' ? condition.parts.flatMap((part) => conjuncts(part)) : [];
}

function rowsOf(table: RecordTable, ids: Iterable<string>): Row[] {
  const rows: Row[] = [];
  for (const id of new Set(ids)) {
    const row = table.get(id);
    if (row !== undefined) rows.push(row);
  }
  return rows.sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** Rows named one by one: `Id IN (...)` or a look-up field with an index. */
function namedRows(source: Source, comparison: Comparison): Row[] | undefined {
  const { path, operator, values } = toOperands(source.soql, comparison, source.resolve);
  if ((operator !== '=' && operator !== 'IN') || path.steps.length > 0 || values.includes(null))
    return undefined;
  if (path.field.type === 'id') return rowsOf(source.table, values.map(String));
  if (!source.table.indexed(path.field)) return undefined;
  return rowsOf(
    source.table,
    values.flatMap((value) => source.table.idsByKey(path.field, value)),
  );
}

function idFloor(source: Source, comparisons: readonly Comparison[]): string {
  for (const comparison of comparisons) {
    const { path, operator, values } = toOperands(source.soql, comparison, source.resolve);
    const value = values[0];
    const isFloor = path.steps.length === 0 && path.field.type === 'id' && operator === '>';
    if (isFloor && typeof value === 'string') return value;
  }
  return '';
}

/** ORDER BY as ascending own fields, or undefined when anything else is in it. */
function plainOrder(statement: SoqlStatement): string | undefined {
  if (statement.orderBy.some((term) => term.descending || term.path.names.length > 1)) return undefined;
  return statement.orderBy.map((term) => term.path.names.join('.').toLowerCase()).join(',');
}

export function chooseScan(source: Source, statement: SoqlStatement): Scan {
  const order = plainOrder(statement);
  const comparisons = conjuncts(statement.where);
  for (const comparison of comparisons) {
    const rows = namedRows(source, comparison);
    if (rows !== undefined) return { rows, ordered: order === '' || order === 'id' };
  }
  const bounds = stampBounds(source, statement.where);
  const byStamp = order === 'systemmodstamp' || order === 'systemmodstamp,id';
  if (byStamp || bounds.from !== ALL.from || bounds.to !== ALL.to) {
    return { rows: source.table.byStamp(bounds.from, bounds.to), ordered: byStamp || order === '' };
  }
  return { rows: source.table.byId(idFloor(source, comparisons)), ordered: order === '' || order === 'id' };
}
