import { badRequest } from './api-error.ts';
import { type Org, readable } from './org.ts';
import type { RecordTable } from './record-table.ts';
import type { Row } from './row.ts';
import { type ResolvedPath, resolvePath } from './soql-fields.ts';
import { compileFilter, type Filter, type Resolve, toComparable } from './soql-filter.ts';
import { type FieldPath, parseSoql, type SoqlStatement } from './soql-parser.ts';
import { chooseScan } from './soql-scan.ts';
import { soqlError } from './soql-tokens.ts';

export interface QueryResult {
  readonly table: RecordTable;
  /** Undefined for COUNT(). */
  readonly select: readonly ResolvedPath[] | undefined;
  readonly totalSize: number;
  /** The versions as they were when the query ran; empty for COUNT(). */
  readonly rows: readonly Row[];
}

const MAX_OFFSET = 2000;

function requireObject(org: Org, statement: SoqlStatement): RecordTable {
  const table = org.table(statement.from.name);
  if (table !== undefined) return table;
  const reason = `sObject type '${statement.from.name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`;
  throw soqlError(statement.text, { code: 'INVALID_TYPE', at: statement.from.at }, reason);
}

function resolveSelect(statement: SoqlStatement, resolve: Resolve): readonly ResolvedPath[] | undefined {
  const seen = new Set<string>();
  return statement.select?.map((path: FieldPath) => {
    const key = path.names.join('.').toLowerCase();
    if (seen.has(key)) {
      throw soqlError(
        statement.text,
        { code: 'INVALID_FIELD', at: path.at },
        `duplicate field selected: ${path.names.join('.')}`,
      );
    }
    seen.add(key);
    return resolve(path);
  });
}

type Order = (left: Row, right: Row) => number;

function compileOrder(statement: SoqlStatement, resolve: Resolve): Order {
  const terms = statement.orderBy.map((term) => {
    const path = resolve(term.path);
    if (!path.field.sortable) {
      const reason = `field '${path.field.name}' can not be sorted in a query call`;
      throw soqlError(statement.text, { code: 'MALFORMED_QUERY', at: term.path.at }, reason);
    }
    return (left: Row, right: Row): number => {
      const a = toComparable(path.field, path.valueFor(left));
      const b = toComparable(path.field, path.valueFor(right));
      if (a === b) return 0;
      if (a === null || b === null) return (a === null) === term.nullsLast ? 1 : -1;
      return a < b === term.descending ? 1 : -1;
    };
  });
  return (left, right) => {
    for (const term of terms) {
      const result = term(left, right);
      if (result !== 0) return result;
    }
    return 0;
  };
}

interface Collected {
  readonly scan: { readonly rows: Iterable<Row>; readonly ordered: boolean };
  readonly matches: Filter;
  readonly order: Order;
  readonly end: number;
}

function collect({ scan, matches, order, end }: Collected): Row[] {
  const rows: Row[] = [];
  for (const row of scan.rows) {
    if (scan.ordered && rows.length >= end) break;
    if (matches(row)) rows.push(row);
  }
  return scan.ordered ? rows : rows.sort(order);
}

/** Runs one statement over what an API user may read now; `includeDeleted` is queryAll. */
export function runSoql(org: Org, soql: string, includeDeleted: boolean): QueryResult {
  const statement = parseSoql(soql);
  if (statement.offset > MAX_OFFSET) {
    throw badRequest('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
  const table = requireObject(org, statement);
  const resolve: Resolve = (path) => resolvePath(org, { soql, table }, path);
  const select = resolveSelect(statement, resolve);
  const order = compileOrder(statement, resolve);
  const where = statement.where === undefined ? undefined : compileFilter(soql, statement.where, resolve);
  const end = statement.limit === undefined ? Number.POSITIVE_INFINITY : statement.offset + statement.limit;
  const found = collect({
    scan: chooseScan({ soql, table, resolve }, statement),
    matches: (row) => readable(table, row, includeDeleted) && (where === undefined || where(row)),
    order,
    end,
  });
  const rows = found.slice(statement.offset, end);
  return { table, select, totalSize: rows.length, rows: select === undefined ? [] : rows };
}
