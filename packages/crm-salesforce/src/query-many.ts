import type { CallOptions } from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import type { Client } from './client.ts';
import { PAGE_SIZE, queryAllPages, type Statement, toSoql } from './query.ts';
import { CompositeReplySchema, parseReply, QueryReplySchema, type Row } from './wire.ts';

/** Queries that one composite request may hold. */
const COMPOSITE_QUERIES = 5;

/** Rows of a reply inside a composite, where they are all there; undefined: the statement is to be sent by itself. */
function wholeRows(reply: { httpStatusCode: number; body: unknown } | undefined): readonly Row[] | undefined {
  if (reply?.httpStatusCode !== 200) return undefined;
  const parsed = QueryReplySchema.safeParse(reply.body);
  if (!parsed.success || !parsed.data.done || parsed.data.records.length >= PAGE_SIZE) return undefined;
  return parsed.data.records;
}

async function queryTogether(
  client: Client,
  statements: readonly Statement[],
  options: CallOptions | undefined,
): Promise<readonly (readonly Row[] | undefined)[]> {
  const operation = statements[0]?.operation ?? 'query';
  const compositeRequest = statements.map((statement, index) => {
    const q = toSoql({ ...statement, limit: PAGE_SIZE });
    const url = `${client.root}/query?${new URLSearchParams({ q })}`;
    return { method: 'GET', url, referenceId: `q${index}` };
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
  return statements.map((_, index) => wholeRows(compositeResponse[index]));
}

/** Every row of several statements, five of them in one request. What failed or did not fit is asked again alone. */
export async function queryMany(
  client: Client,
  statements: readonly Statement[],
  options?: CallOptions,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const group of chunk(statements, COMPOSITE_QUERIES)) {
    const together = group.length > 1 ? await queryTogether(client, group, options) : [];
    for (const [index, statement] of group.entries()) {
      rows.push(...(together[index] ?? (await queryAllPages(client, statement, options))));
    }
  }
  return rows;
}
