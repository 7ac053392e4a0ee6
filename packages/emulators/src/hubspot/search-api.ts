import type { Resource } from './api-context.ts';
import { invalid } from './api-error.ts';
import { requireTable } from './portal.ts';
import { json } from './reply.ts';
import { compareIds, type Row } from './row.ts';
import { earliestStamp, toFilter } from './search-filter.ts';
import type { Table } from './table.ts';
import { isObject, type Json } from './values.ts';
import { propertyValue, toWireRecord } from './wire.ts';

const LARGEST_PAGE = 200;
/** No query shows more results than this; asking beyond is an error. */
const MOST_RESULTS = 10_000;
const LONGEST_QUERY = 3_000;

interface Sort {
  readonly property: string;
  readonly descending: boolean;
}

/** One sort, as an object or as a string (`name`, `-name`); by default the oldest record first. */
function sortOf(table: Table, sorts: unknown): Sort {
  if (sorts === undefined || (Array.isArray(sorts) && sorts.length === 0))
    return { property: table.type.created, descending: false };
  if (!Array.isArray(sorts) || sorts.length > 1) throw invalid('Invalid input JSON: at most one sort');
  const [sort] = sorts;
  const named = isObject(sort) ? String(sort.propertyName) : String(sort).replace(/^-/, '');
  const descending = isObject(sort) ? sort.direction === 'DESCENDING' : String(sort).startsWith('-');
  const property = named.toLowerCase();
  if (!table.properties.has(property)) throw invalid(`Property "${property}" does not exist`);
  return { property, descending };
}

function compareBy(table: Table, { property, descending }: Sort): (left: Row, right: Row) => number {
  const sign = descending ? -1 : 1;
  const keyOf = (row: Row): string | number => {
    if (property === table.type.stamp) return row.updatedAt;
    if (property === table.type.created) return row.createdAt;
    return propertyValue(table, row, property)?.toLowerCase() ?? '';
  };
  return (left, right) => {
    const [a, b] = [keyOf(left), keyOf(right)];
    return a < b ? -sign : a > b ? sign : 0;
  };
}

const SEARCHED = ['firstname', 'lastname', 'email', 'phone', 'company', 'hs_meeting_title'];

function matchesQuery(row: Row, query: string): boolean {
  return query === '' || SEARCHED.some((name) => (row.values[name] ?? '').toLowerCase().includes(query));
}

interface Found {
  readonly rows: readonly Row[];
  readonly total: number;
}

function find(table: Table, body: Json, at: { offset: number; limit: number }): Found {
  const filter = toFilter(table, body.filterGroups);
  const query = typeof body.query === 'string' ? body.query.toLowerCase() : '';
  if (query.length > LONGEST_QUERY) throw invalid(`the query is longer than ${LONGEST_QUERY} characters`);
  const sort = sortOf(table, body.sorts);
  const byStamp = sort.property === table.type.stamp && !sort.descending;
  const byId = sort.property === 'hs_object_id';
  const source = byId ? table.index.byId() : table.index.byStamp(earliestStamp(table, body.filterGroups));
  const found: Row[] = [];
  for (const row of source) if (filter(row) && matchesQuery(row, query)) found.push(row);
  if (byId && sort.descending) found.sort((left, right) => compareIds(right.id, left.id));
  else if (!byStamp && !byId) found.sort(compareBy(table, sort));
  return { rows: found.slice(at.offset, at.offset + at.limit), total: found.length };
}

function numberIn(value: unknown, fallback: number): number {
  const number = value === undefined || value === '' ? fallback : Number(value);
  if (!Number.isInteger(number) || number < 0)
    throw invalid('Invalid input JSON: after and limit must be numbers');
  return number;
}

/** Living records as the index shows them, which is a little behind. `after` is an offset here. */
export const searchObjects: Resource = ({ portal }, call) => {
  const table = requireTable(portal, call.segments[1] ?? '');
  if (!isObject(call.body)) throw invalid('Invalid input JSON');
  const { body } = call;
  const limit = numberIn(body.limit, 10);
  const offset = numberIn(body.after, 0);
  if (limit < 1 || limit > LARGEST_PAGE) throw invalid(`limit must be between 1 and ${LARGEST_PAGE}`);
  if (offset + limit > MOST_RESULTS) throw invalid('There was a problem with the request.');
  const { rows, total } = find(table, body, { offset, limit });
  const properties = Array.isArray(body.properties) ? body.properties.map(String) : [];
  const results = rows.map((row) => toWireRecord(table, row, { properties }));
  const endless = portal.faults.takeNamed('endless-pages', call.url) !== undefined;
  const next = endless ? offset : offset + rows.length;
  const more = endless || next < total;
  return json(200, { total, results, ...(more ? { paging: { next: { after: String(next) } } } : {}) });
};
