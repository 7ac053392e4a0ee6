import { type ClientBase, type CustomTypesConfig, types } from 'pg';
import type { Row } from './row.ts';
import { decodeText, encodeText, fromJson } from './row-text.ts';

export type Param = string | number | boolean | null | Uint8Array | readonly string[] | readonly number[];

/** Where statements run: on any connection of the pool, or inside one transaction. `$.` before a name is the schema. */
export interface Session {
  all(sql: string, params?: readonly Param[]): Promise<readonly Row[]>;
  /** Rows that it changed. */
  run(sql: string, params?: readonly Param[]): Promise<number>;
}

/** Milliseconds since the epoch: the caller's instant in a parameter, or the server's where that is null. */
export const instant = (param: string): string =>
  `coalesce(${param}::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)`;

const PARSERS = new Map<number, (stored: string) => unknown>([
  // Counters and instants stay below 2^53.
  [types.builtins.INT8, Number],
  [types.builtins.TEXT, decodeText],
  [types.builtins.JSONB, fromJson],
]);

export const parsers: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : PARSERS.get(oid)) ?? types.getTypeParser(oid, format),
};

function toParam(value: Param): unknown {
  if (typeof value === 'string') return encodeText(value);
  return Array.isArray(value)
    ? value.map((member: string | number) => (typeof member === 'string' ? encodeText(member) : member))
    : value;
}

export function createSession(client: Pick<ClientBase, 'query'>, inSchema: (sql: string) => string): Session {
  const query = (sql: string, params: readonly Param[] = []) =>
    client.query<Row & Record<string, unknown>>(inSchema(sql), params.map(toParam));
  return {
    all: async (sql, params) => (await query(sql, params)).rows,
    run: async (sql, params) => (await query(sql, params)).rowCount ?? 0,
  };
}
