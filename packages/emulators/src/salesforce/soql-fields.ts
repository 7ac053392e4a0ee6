import { toWire } from './field-coercion.ts';
import { type Org, requireTable } from './org.ts';
import type { RecordTable } from './record-table.ts';
import { type Row, storedValue } from './row.ts';
import { defineField, type FieldDefinition, type FieldValue } from './schema.ts';
import type { FieldPath } from './soql-parser.ts';
import { soqlError } from './soql-tokens.ts';

/** What the relationship of a reference to several objects shows of whatever it leads to. */
const NAME_FIELDS: readonly string[] = [
  'Alias',
  'Email',
  'FirstName',
  'Id',
  'IsActive',
  'LastName',
  'Name',
  'Phone',
  'Title',
  'Type',
  'Username',
];

/** A field path checked against the schema. */
export interface ResolvedPath {
  /** Reference fields to follow, outermost first. */
  readonly steps: readonly {
    readonly relationship: string;
    readonly field: FieldDefinition;
    readonly target: RecordTable;
  }[];
  readonly field: FieldDefinition;
  /** The reference to several objects that the field is read behind, where there is one. */
  readonly named?: FieldDefinition;
  /** Stored value of the field for a row of the queried object; null when a reference on the way is empty. */
  valueFor(row: Row): FieldValue;
}

const HINT = 'Please reference your WSDL or the describe call for the appropriate names.';

function namedValue(org: Org, row: Row, of: { reference: FieldDefinition; name: string }): FieldValue {
  const id = storedValue(row, of.reference.name);
  const table = typeof id === 'string' ? org.tableOf(id) : undefined;
  const target = table?.get(String(id));
  if (table === undefined || target === undefined) return null;
  if (of.name === 'Type') return table.object.name;
  return of.name === 'Id' ? target.id : storedValue(target, of.name);
}

/** `Relation.Email`: of a contact, a lead or a user, whichever it is. Undefined for any other path. */
function resolveNamed(org: Org, table: RecordTable, path: FieldPath): ResolvedPath | undefined {
  const [relationship = '', asked = ''] = path.names;
  const reference = path.names.length === 2 ? table.object.relationship(relationship) : undefined;
  const name = NAME_FIELDS.find((each) => each.toLowerCase() === asked.toLowerCase());
  if (reference === undefined || reference.referenceTo.length < 2 || name === undefined) return undefined;
  const field = defineField(name, name, { type: name === 'IsActive' ? 'boolean' : 'string', length: 255 });
  return { steps: [], field, named: reference, valueFor: (row) => namedValue(org, row, { reference, name }) };
}

/** Throws INVALID_FIELD for names that do not exist. */
export function resolvePath(
  org: Org,
  scope: { soql: string; table: RecordTable },
  path: FieldPath,
): ResolvedPath {
  let table = scope.table;
  const named = resolveNamed(org, table, path);
  if (named !== undefined) return named;
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

function nestedName(record: Json, row: Row, place: { path: ResolvedPath; version: string }): void {
  const { named, field, valueFor } = place.path;
  const relationship = named?.relationshipName ?? '';
  const id = storedValue(row, named?.name ?? '');
  if (typeof id !== 'string') {
    record[relationship] = null;
    return;
  }
  const known = record[relationship] as Json | undefined;
  const target = known ?? { attributes: toAttributes('Name', id, place.version) };
  record[relationship] = target;
  target[field.name] = valueFor(row);
}

function nestedRecord(record: Json, row: Row, place: { path: ResolvedPath; version: string }): void {
  if (place.path.named !== undefined) {
    nestedName(record, row, place);
    return;
  }
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
