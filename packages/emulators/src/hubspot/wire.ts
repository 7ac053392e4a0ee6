import type { Row } from './row.ts';
import type { Table } from './table.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** Value of a property as the API prints it; null where nothing is set, undefined where there is no such property. */
export function propertyValue(table: Table, row: Row, name: string): string | null | undefined {
  const { type } = table;
  if (name === type.created) return iso(row.createdAt);
  if (name === type.stamp) return iso(row.updatedAt);
  if (name === 'hs_object_id') return row.id;
  if (!table.properties.has(name)) return undefined;
  return row.values[name] ?? null;
}

/** Every address of a contact for the oracle and the page, and every other set property. */
export function allValues(table: Table, row: Row): Record<string, string> {
  const { type } = table;
  return {
    ...row.values,
    [type.created]: iso(row.createdAt),
    [type.stamp]: iso(row.updatedAt),
    hs_object_id: row.id,
  };
}

export interface Shape {
  /** Properties asked for; without any the default ones. */
  readonly properties?: readonly string[] | undefined;
  readonly withHistory?: readonly string[] | undefined;
  readonly traceId?: string | undefined;
}

/** Unknown properties are left out silently, empty ones are null. */
export function toWireRecord(table: Table, row: Row, shape: Shape = {}): Record<string, unknown> {
  const { type } = table;
  const fixed = [type.created, 'hs_object_id', type.stamp];
  const asked = shape.properties ?? [];
  const names = [...new Set(asked.length > 0 ? [...fixed, ...asked] : type.defaults)].sort();
  const properties: Record<string, string | null> = {};
  for (const name of names) {
    const value = propertyValue(table, row, name.toLowerCase());
    if (value !== undefined) properties[name] = value;
  }
  const histories = (shape.withHistory ?? []).map((name) => [
    name,
    (row.history[name] ?? []).map(({ value, at, source, sourceId }) => ({
      value,
      timestamp: iso(at),
      sourceType: source,
      sourceId,
    })),
  ]);
  return {
    id: row.id,
    properties,
    ...(histories.length > 0 ? { propertiesWithHistory: Object.fromEntries(histories) } : {}),
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    archived: row.archivedAt !== null,
    ...(row.archivedAt === null ? {} : { archivedAt: iso(row.archivedAt) }),
    ...(shape.traceId === undefined ? {} : { objectWriteTraceId: shape.traceId }),
  };
}

/** Answer to a write: the default properties and what was written, not the whole record. */
export function toWrittenRecord(
  table: Table,
  row: Row,
  of: { readonly written: unknown; readonly traceId?: string | undefined },
): Record<string, unknown> {
  const written = typeof of.written === 'object' && of.written !== null ? Object.keys(of.written) : [];
  return toWireRecord(table, row, {
    properties: [...table.type.defaults, ...written.map((name) => name.toLowerCase())],
    traceId: of.traceId,
  });
}
