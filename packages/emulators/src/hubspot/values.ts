import { type ErrorDetail, invalid, invalidProperties } from './api-error.ts';
import { LONGEST_STRING, type Property } from './property.ts';
import { LIFECYCLE } from './standard-objects.ts';
import type { Table } from './table.ts';

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const EMAIL = /^[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>.]{2,}$/;

function refusal(property: Property, code: string, message: string): ErrorDetail {
  return { message, code, context: { propertyName: [property.name] } };
}

function checkInstant(property: Property, value: string): ErrorDetail | null {
  const at = /^-?\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (Number.isNaN(at)) return refusal(property, 'INVALID_DATE', `${value} was not a valid date`);
  if (property.type === 'date' && at % 86_400_000 !== 0)
    return refusal(property, 'INVALID_DATE', `${value} is at 0:0:0.000 UTC, not midnight`);
  return null;
}

function checkText(property: Property, value: string): ErrorDetail | null {
  if (value.length > LONGEST_STRING)
    return refusal(
      property,
      'PROPERTY_VALUE_TOO_LONG',
      `the value was too long, the limit is ${LONGEST_STRING}`,
    );
  if (property.name === 'email' && !EMAIL.test(value))
    return refusal(property, 'INVALID_EMAIL', `Email address ${value} is invalid`);
  return null;
}

function checkOption(property: Property, value: string): ErrorDetail | null {
  const known = new Set(property.options.map((option) => option.value));
  const missing = value.split(';').find((part) => part !== '' && !known.has(part));
  if (missing === undefined) return null;
  const options = [...known].join(', ');
  return refusal(property, 'INVALID_OPTION', `${missing} was not one of the allowed options: [${options}]`);
}

function checkValue(property: Property, value: string): ErrorDetail | null {
  if (property.refused.includes(value))
    return refusal(property, 'VALIDATION_RULE', `${value} breaks a validation rule of ${property.label}`);
  switch (property.type) {
    case 'string':
      return checkText(property, value);
    case 'enumeration':
      return checkOption(property, value);
    case 'number':
      if (value.trim() !== '' && Number.isFinite(Number(value))) return null;
      return refusal(property, 'INVALID_INTEGER', `${value} was not a valid number`);
    case 'bool':
      if (value === 'true' || value === 'false') return null;
      return refusal(property, 'INVALID_BOOLEAN', `${value} was not a valid boolean`);
    case 'date':
    case 'datetime':
      return checkInstant(property, value);
  }
}

/** How the service keeps what was written. */
function toStored(property: Property, value: string): string {
  if (property.name === 'email') return value.trim().toLowerCase();
  if (property.type !== 'datetime') return value;
  const at = /^-?\d+$/.test(value) ? Number(value) : Date.parse(value);
  // Whole seconds come back without milliseconds.
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function checkProperty(table: Table, name: string, value: unknown): ErrorDetail | string | null {
  const property = table.properties.get(name);
  if (property === undefined) {
    if (table.type.lenient) return null;
    const message = `Property "${name}" does not exist`;
    return { message, code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: [name] } };
  }
  if (property.readOnly) {
    if (table.type.lenient) return null;
    return refusal(property, 'READ_ONLY_VALUE', `"${name}" is a read only property; its value cannot be set`);
  }
  if (value === null || value === '') return '';
  const text = typeof value === 'string' ? value : String(value);
  return checkValue(property, text) ?? toStored(property, text);
}

/** Properties of a write as they will be kept; `''` clears. Throws one error that names every refused property. */
export function toValues(table: Table, properties: unknown): Record<string, string> {
  if (!isObject(properties)) throw invalid('Invalid input JSON: properties must be an object');
  const values: Record<string, string> = {};
  const errors: ErrorDetail[] = [];
  for (const [name, given] of Object.entries(properties)) {
    const lower = name.toLowerCase();
    const checked = checkProperty(table, lower, given);
    if (typeof checked === 'string') values[lower] = checked;
    else if (checked !== null) errors.push(checked);
  }
  if (errors.length > 0) throw invalidProperties(errors);
  return values;
}

const stageOf = (value: string): number => LIFECYCLE.indexOf(value as (typeof LIFECYCLE)[number]);

/** A lifecycle stage only moves forward; clearing it first allows a step back. */
export function withoutBackwardStage(
  before: Readonly<Record<string, string>>,
  values: Record<string, string>,
): Record<string, string> {
  const { lifecyclestage: next, ...rest } = values;
  const last = before.lifecyclestage;
  if (next === undefined || next === '' || last === undefined || stageOf(next) >= stageOf(last))
    return values;
  return rest;
}
