import { badRequest } from './api-error.ts';
import { fromIsoDate, fromIsoDatetime, toWholeSecond, toWireDatetime } from './datetime.ts';
import { toId18 } from './record-id.ts';
import { type Row, storedValue } from './row.ts';
import type { FieldDefinition, FieldValue, ObjectDefinition } from './schema.ts';

const EMAIL = /^[^\s@<>()[\]\\,;:"]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;

function jsonTokenOf(input: unknown): string {
  if (Array.isArray(input)) return 'START_ARRAY value [';
  if (typeof input === 'object') return 'START_OBJECT value {';
  if (typeof input === 'boolean') return `VALUE_${String(input).toUpperCase()} value ${String(input)}`;
  if (typeof input === 'number') {
    return `VALUE_NUMBER_${Number.isInteger(input) ? 'INT' : 'FLOAT'} value ${String(input)}`;
  }
  return `VALUE_STRING value ${String(input)}`;
}

function cannotDeserialize(type: string, input: unknown): Error {
  const message = `Cannot deserialize instance of ${type} from ${jsonTokenOf(input)} or request may be missing a required field`;
  return badRequest('JSON_PARSER_ERROR', message);
}

function toText(field: FieldDefinition, input: unknown): FieldValue {
  if (typeof input !== 'string') throw cannotDeserialize('string', input);
  // Leading and trailing white space is never stored, and empty text is no value.
  const text = input.trim();
  if (text === '') return null;
  if (text.length > field.length) {
    const message = `${field.label}: data value too large: ${text} (max length=${field.length})`;
    throw badRequest('STRING_TOO_LONG', message, [field.name]);
  }
  if (field.type === 'email' && !EMAIL.test(text)) {
    throw badRequest('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${text}`, [field.name]);
  }
  if (field.restrictedPicklist && !field.picklistValues.includes(text)) {
    const message = `${field.label}: bad value for restricted picklist field: ${text}`;
    throw badRequest('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, [field.name]);
  }
  return text;
}

function toNumber(field: FieldDefinition, input: unknown): FieldValue {
  // Numbers may be sent as text.
  const value = typeof input === 'string' && input.trim() !== '' ? Number(input) : input;
  const whole = field.type !== 'int' || Number.isInteger(value);
  if (typeof value !== 'number' || !Number.isFinite(value) || !whole)
    throw cannotDeserialize(field.type, input);
  return value;
}

function toBoolean(input: unknown): FieldValue {
  if (typeof input === 'boolean') return input;
  if (input === 'true' || input === 'false') return input === 'true';
  throw cannotDeserialize('boolean', input);
}

function toReference(field: FieldDefinition, input: unknown): FieldValue {
  if (typeof input !== 'string') throw cannotDeserialize('string', input);
  if (input.trim() === '') return null;
  const id = toId18(input.trim());
  if (id === undefined) {
    const message = `${field.label.replace(/ ID$/, '')} ID: id value of incorrect type: ${input}`;
    throw badRequest('MALFORMED_ID', message, [field.name]);
  }
  return id;
}

/** JSON input as stored value. Throws the service's error for what the field does not take. */
export function toStored(field: FieldDefinition, input: unknown): FieldValue {
  if (input === null) {
    if (field.type !== 'boolean') return null;
    throw badRequest('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: null`, [
      field.name,
    ]);
  }
  switch (field.type) {
    case 'boolean':
      return toBoolean(input);
    case 'int':
    case 'double':
      return toNumber(field, input);
    case 'id':
    case 'reference':
      return toReference(field, input);
    case 'date': {
      const isDay =
        typeof input === 'string' && (input.length === 10 || fromIsoDatetime(input) !== undefined);
      const day = isDay ? fromIsoDate(input.slice(0, 10)) : undefined;
      if (day === undefined) throw cannotDeserialize('date', input);
      return day;
    }
    case 'datetime': {
      const ms = typeof input === 'string' ? fromIsoDatetime(input) : undefined;
      if (ms === undefined) throw cannotDeserialize('datetime', input);
      return toWholeSecond(ms);
    }
    default:
      return toText(field, input);
  }
}

function compoundAddress(row: Row, prefix: string): Record<string, FieldValue> | null {
  const part = (name: string): FieldValue => storedValue(row, `${prefix}${name}`);
  const address = {
    city: part('City'),
    country: part('Country'),
    geocodeAccuracy: part('GeocodeAccuracy'),
    latitude: part('Latitude'),
    longitude: part('Longitude'),
    postalCode: part('PostalCode'),
    state: part('State'),
    street: part('Street'),
  };
  return Object.values(address).every((value) => value === null) ? null : address;
}

/** A stored value as the API prints it. */
export function toWire(row: Row, field: FieldDefinition): FieldValue | Record<string, FieldValue> {
  if (field.type === 'address') return compoundAddress(row, field.name.replace(/Address$/, ''));
  if (field.type === 'id') return row.id;
  const value = storedValue(row, field.name);
  return field.type === 'datetime' && typeof value === 'number' ? toWireDatetime(value) : value;
}

/** All fields of a row as the API prints them, in describe order and without `attributes`. */
export function toWireFields(object: ObjectDefinition, row: Row): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const field of object.fields) record[field.name] = toWire(row, field);
  return record;
}
