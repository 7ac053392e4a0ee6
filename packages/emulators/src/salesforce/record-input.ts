import { ApiError, badRequest } from './api-error.ts';
import { toStored } from './field-coercion.ts';
import { liveRowsByKey, type Org, requireTable } from './org.ts';
import type { RecordTable } from './record-table.ts';
import { isDeleted, storedValue } from './row.ts';
import type { FieldDefinition, FieldValue, ObjectDefinition } from './schema.ts';

export type Changes = Record<string, FieldValue>;

export function isObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** A parent named by its own external id: `"Account": {"Key__c": "a"}`. */
function parentByExternalId(org: Org, reference: FieldDefinition, input: unknown): FieldValue {
  const parent = requireTable(org, reference.referenceTo[0] ?? '');
  const keys = isObject(input) ? Object.entries(input).filter(([name]) => name !== 'attributes') : [];
  const [name, value] = keys[0] ?? [];
  const key = name === undefined ? undefined : parent.object.field(name);
  if (key === undefined || keys.length !== 1 || !(key.externalId || key.idLookup)) {
    const message = `Cannot reference a foreign key field ${reference.relationshipName}.`;
    throw badRequest('INVALID_FIELD', message, [reference.name]);
  }
  const stored = toStored(key, value);
  const rows = key.type === 'id' ? [parent.get(String(stored))] : liveRowsByKey(parent, key.name, stored);
  const row = rows.length === 1 ? rows[0] : undefined;
  if (row !== undefined) return row.id;
  const message = `Foreign key external ID: ${String(stored)} not found for field ${key.name} in entity ${parent.object.name}`;
  throw badRequest('INVALID_FIELD', message);
}

function requireWritable(field: FieldDefinition, mode: 'create' | 'update'): void {
  if (mode === 'create' ? field.createable : field.updateable) return;
  const message = `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`;
  throw badRequest('INVALID_FIELD_FOR_INSERT_UPDATE', message, [field.name]);
}

function requireField(object: ObjectDefinition, name: string): FieldDefinition {
  const field = object.field(name);
  if (field !== undefined) return field;
  throw badRequest('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
}

/** Checks names, rights and values of a record body; `attributes` is skipped, field names are case-insensitive. */
export function toChanges(
  org: Org,
  object: ObjectDefinition,
  input: { readonly body: unknown; readonly mode: 'create' | 'update' },
): Changes {
  if (!isObject(input.body))
    throw badRequest(
      'JSON_PARSER_ERROR',
      'The HTTP entity body is required, but this request has no entity body.',
    );
  const changes: Changes = {};
  for (const [name, value] of Object.entries(input.body)) {
    if (name === 'attributes') continue;
    const relationship = isObject(value) ? object.relationship(name) : undefined;
    if (relationship !== undefined) {
      requireWritable(relationship, input.mode);
      changes[relationship.name] = parentByExternalId(org, relationship, value);
      continue;
    }
    const field = requireField(object, name);
    requireWritable(field, input.mode);
    changes[field.name] = toStored(field, value);
  }
  return changes;
}

export function requireFields(object: ObjectDefinition, values: Changes): void {
  const missing = object.fields
    .filter((field) => !field.nillable && field.createable && !field.defaultedOnCreate)
    .filter((field) => (values[field.name] ?? null) === null)
    .map((field) => field.name);
  if (missing.length === 0) return;
  throw badRequest('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, missing);
}

function requireOwner(table: RecordTable, users: RecordTable, ownerId: string): void {
  const owner = users.get(ownerId);
  if (owner !== undefined && storedValue(owner, 'IsActive') === false) {
    const message = `operation performed with inactive user [${ownerId}] as owner of ${table.object.name.toLowerCase()}`;
    throw badRequest('INACTIVE_OWNER_OR_USER', message, ['OwnerId']);
  }
}

/** References must name a live record of the right object. */
export function requireReferences(org: Org, table: RecordTable, changes: Changes): void {
  for (const [name, value] of Object.entries(changes)) {
    const field = table.object.field(name);
    if (field?.type !== 'reference' || typeof value !== 'string') continue;
    const target = org.tableOf(value);
    if (target === undefined || !field.referenceTo.includes(target.object.name)) {
      const message = `${field.label.replace(/ ID$/, '')} ID: id value of incorrect type: ${value}`;
      throw badRequest('MALFORMED_ID', message, [field.name]);
    }
    const row = target.latest(value);
    if (row === undefined || isDeleted(row)) {
      throw new ApiError(400, [
        {
          errorCode: 'INVALID_CROSS_REFERENCE_KEY',
          message: 'invalid cross reference id',
          fields: [field.name],
        },
      ]);
    }
    if (field.name === 'OwnerId') requireOwner(table, target, value);
  }
}
