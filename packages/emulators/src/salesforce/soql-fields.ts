import { toWire } from './field-coercion.ts';
import { type Org, requireTable } from './org.ts';
import type { RecordTable } from './record-table.ts';
import { type Row, storedValue } from './row.ts';
import type { FieldDefinition, FieldValue } from './schema.ts';
import type { FieldPath } from './soql-parser.ts';
import { soqlError } from './soql-tokens.ts';

/** A field path checked against the schema. */
export interface ResolvedPath {
  /** Reference fields to follow, outermost first. */
  readonly steps: readonly {
    readonly relationship: string;
    readonly field: FieldDefinition;
    readonly target: RecordTable;
  }[];
  readonly field: FieldDefinition;
  /** Stored value of the field for a row of the queried object; null when a reference on the way is empty. */
  valueFor(row: Row): FieldValue;
}

const HINT = 'Please reference your WSDL or the describe call for the appropriate names.';

/** Throws INVALID_FIELD for names that do not exist. */
export function resolvePath(
  org: Org,
  scope: { soql: string; table: RecordTable },
  path: FieldPath,
): ResolvedPath {
  let table = scope.table;
  const steps: { relationship: string; field: FieldDefinition; target: RecordTable }[] = [];
  const refuse = (reason: string): Error =>
    soqlError(scope.soql, { code: 'INVALID_FIELD', at: path.at }, reason);
  for (const name of path.names.slice(0, -1)) {
    if (
      steps.length === 0 &&
      path.names.length === 2 &&
      name.toLowerCase() === table.object.name.toLowerCase()
    )
      continue;
    const field = table.object.relationship(name);
    if (field?.relationshipName == null) {
      throw refuse(
        `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ${HINT}`,
      );
    }
    table = requireTable(org, field.referenceTo[0] ?? '');
    steps.push({ relationship: field.relationshipName, field, target: table });
  }
  const name = path.names[path.names.length - 1] ?? '';
  const field = table.object.field(name);
  if (field === undefined) {
    throw refuse(
      `No such column '${name}' on entity '${table.object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. ${HINT}`,
    );
  }
  const valueFor = (row: Row): FieldValue => {
    let current: Row | undefined = row;
    for (const step of steps) {
      current =
        current === undefined ? undefined : step.target.get(String(storedValue(current, step.field.name)));
    }
    if (current === undefined) return null;
    return field.type === 'id' ? current.id : storedValue(current, field.name);
  };
  return { steps, field, valueFor };
}

export function toAttributes(objectName: string, id: string, version: string): Record<string, string> {
  return { type: objectName, url: `/services/data/${version}/sobjects/${objectName}/${id}` };
}

type Json = Record<string, unknown>;

function nestedRecord(record: Json, row: Row, place: { path: ResolvedPath; version: string }): void {
  let target = record;
  let current: Row = row;
  for (const step of place.path.steps) {
    const parent = step.target.get(String(storedValue(current, step.field.name)));
    if (parent === undefined) {
      target[step.relationship] = null;
      return;
    }
    const known = target[step.relationship] as Json | undefined;
    const next = known ?? { attributes: toAttributes(step.target.object.name, parent.id, place.version) };
    target[step.relationship] = next;
    target = next;
    current = parent;
  }
  target[place.path.field.name] = toWire(current, place.path.field);
}

/** A row as a query prints it: `attributes`, then the selected fields in their order. */
export function toQueryRecord(
  table: RecordTable,
  row: Row,
  output: { readonly select: readonly ResolvedPath[]; readonly version: string },
): Json {
  const record: Json = { attributes: toAttributes(table.object.name, row.id, output.version) };
  for (const path of output.select) nestedRecord(record, row, { path, version: output.version });
  return record;
}
