import { AdapterError, type CallOptions } from '@tidelock/core';
import type * as z from 'zod';
import type { Client } from './client.ts';
import { CompositeReplySchema, parseReply, QueryReplySchema, type Row } from './wire.ts';

/** Largest page of the query resource. */
export const PAGE_SIZE = 2000;
/** Contacts of a page of a feed or listing: the next one is asked for while this one is worked on, and both lie in memory. */
export const FEED_PAGE = 500;
/** The service refuses URIs above 16,384 bytes; host, select list and headers take their part. */
const WHERE_BYTES = 9000;

/** Nothing in it has to be escaped: most addresses and all ids. */
const PLAIN = /^[\w .@+-]*$/;

/** A SOQL string literal. */
export function quote(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const escaped = text
    .replace(/[\\'"]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they have no escape in SOQL and match nothing
    .replace(/[\u0000-\u001f\u007f]/g, ' ');
  return `'${escaped}'`;
}

/** `Id IN ('a','b')`. */
export function isIn(field: string, values: readonly string[]): string {
  return `${field} IN (${values.map(quote).join(',')})`;
}

/** Bytes that a text takes in a query string, with its name. */
function encodedLength(text: string): number {
  const escaped = /[^\x20-\x7e]/.test(text) ? undefined : text.match(/[^\w *.-]/g);
  // One byte each, three where it is escaped; what is not ASCII is left to the encoder.
  if (escaped !== undefined) return 'q='.length + text.length + 2 * (escaped?.length ?? 0);
  return new URLSearchParams({ q: text }).toString().length;
}

/** Splits values so that each group, repeated `times` in one statement, fits into a URI. Never an empty group. */
export function chunkForQuery(values: readonly string[], times = 1): string[][] {
  const groups: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const value of values) {
    const size = encodedLength(`${quote(value)},`) * times;
    if (bytes + size > WHERE_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(value);
    bytes += size;
  }
  return groups;
}

export interface Statement {
  readonly operation: string;
  readonly object: string;
  readonly select: readonly string[];
  readonly where?: readonly string[];
  readonly orderBy?: string;
  readonly limit?: number;
  /** Deleted and merged rows too (`queryAll`). */
  readonly deleted?: boolean;
}

/** Conditions are joined by AND; one that holds an OR must be in parentheses. */
export function toSoql(statement: Statement): string {
  const { select, object, where = [], orderBy, limit } = statement;
  const parts = [`SELECT ${select.join(',')} FROM ${object}`];
  if (where.length > 0) parts.push(`WHERE ${where.join(' AND ')}`);
  if (orderBy !== undefined) parts.push(`ORDER BY ${orderBy}`);
  if (limit !== undefined) parts.push(`LIMIT ${limit}`);
  return parts.join(' ');
}

export interface QueryPage {
  readonly rows: readonly Row[];
  /** Rows may be left behind the last one of this page. */
  readonly more: boolean;
  /** The server's clock (header `Date`) in milliseconds. */
  readonly serverTime: number | null;
}

/**
 * One request. Query locators are never followed: a service that answers with fewer rows than asked for (wide rows)
 * only says `more`, and the caller goes on by key, which survives a crash, an expired locator and a new session.
 */
export async function queryPage(
  client: Client,
  statement: Statement,
  options?: CallOptions,
): Promise<QueryPage> {
  const answer = await client.request({
    operation: statement.operation,
    method: 'GET',
    path: statement.deleted ? '/queryAll' : '/query',
    query: { q: toSoql(statement) },
    signal: options?.signal,
  });
  const reply = parseReply(QueryReplySchema, answer.body, statement.operation);
  return toPage(reply, statement, timeOf(answer.headers));
}

function toPage(
  reply: z.infer<typeof QueryReplySchema>,
  statement: Statement,
  serverTime: number | null,
): QueryPage {
  return {
    rows: reply.records,
    more: !reply.done || reply.records.length >= (statement.limit ?? Number.POSITIVE_INFINITY),
    serverTime,
  };
}

function timeOf(headers: Headers): number | null {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? null : date;
}

/** Pages of two statements in one request. One that fails inside it is asked again by itself, so that its own error is thrown. */
export async function queryPages(
  client: Client,
  statements: readonly [Statement, Statement],
  options?: CallOptions,
): Promise<readonly [QueryPage, QueryPage]> {
  const { operation } = statements[0];
  const compositeRequest = statements.map((statement, index) => {
    const q = toSoql(statement);
    const resource = statement.deleted ? 'queryAll' : 'query';
    return {
      method: 'GET',
      url: `${client.root}/${resource}?${new URLSearchParams({ q })}`,
      referenceId: `q${index}`,
    };
  });
  const answer = await client.request({
    operation,
    method: 'POST',
    path: '/composite',
    body: { allOrNone: false, compositeRequest },
    signal: options?.signal,
    asks: true,
  });
  const { compositeResponse } = parseReply(CompositeReplySchema, answer.body, operation);
  const pageOf = async (statement: Statement, at: number): Promise<QueryPage> => {
    const reply = compositeResponse[at];
    const parsed = reply?.httpStatusCode === 200 ? QueryReplySchema.safeParse(reply.body).data : undefined;
    if (parsed !== undefined) return toPage(parsed, statement, timeOf(answer.headers));
    return await queryPage(client, statement, options);
  };
  return [await pageOf(statements[0], 0), await pageOf(statements[1], 1)];
}

/** Rows that do not lie behind the key they were asked behind: the pages go round in circles. */
export function requireProgress(operation: string, forward: boolean): void {
  if (forward) return;
  throw new AdapterError('protocol', `${operation}: a page that was delivered before`, {
    operation,
    code: 'endless-pages',
  });
}

export function idOf(row: Row): string {
  return typeof row.Id === 'string' ? row.Id : '';
}

/** A page in id order, behind `after`. */
export async function queryById(
  client: Client,
  statement: Statement & { readonly after: string | null },
  options?: CallOptions,
): Promise<QueryPage> {
  const { after, where = [] } = statement;
  const page = await queryPage(
    client,
    {
      ...statement,
      where: after === null ? where : [...where, `Id > ${quote(after)}`],
      orderBy: 'Id',
      limit: statement.limit ?? PAGE_SIZE,
    },
    options,
  );
  // `after` was the last row of the page before: a page that holds it again goes round in circles.
  const forward = page.rows.length > 0 ? !page.rows.some((row) => idOf(row) === after) : !page.more;
  requireProgress(statement.operation, forward);
  return page;
}

/** Every row that matches, page by page in id order. */
export async function queryAllPages(
  client: Client,
  statement: Statement,
  options?: CallOptions,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  for (;;) {
    const page: QueryPage = await queryById(client, { ...statement, after }, options);
    rows.push(...page.rows);
    const last = page.rows.at(-1);
    if (!page.more || last === undefined) return rows;
    after = idOf(last);
  }
}
