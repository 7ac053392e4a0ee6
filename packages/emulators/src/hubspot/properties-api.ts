import { type ApiContext, type Resource, toActing } from './api-context.ts';
import { ApiError, conflict, invalid, notFound } from './api-error.ts';
import { requireTable } from './portal.ts';
import {
  MOST_UNIQUE,
  type Property,
  type PropertyType,
  standardProperty,
  toWireProperty,
} from './property.ts';
import { type ApiCall, empty, json } from './reply.ts';
import type { Table } from './table.ts';
import { isObject } from './values.ts';

const NAME = /^[a-z][a-z0-9_]{0,99}$/;
const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'bool', 'enumeration', 'date', 'datetime']);

/** `properties/{type}`: definitions, not values. */
const tableOf = ({ portal }: ApiContext, call: ApiCall): Table =>
  requireTable(portal, call.segments[1] ?? '');

function requireProperty(table: Table, name: string): Property {
  const property = table.properties.get(name.toLowerCase());
  if (property === undefined) throw notFound(`Property "${name}" does not exist`);
  return property;
}

export const listProperties: Resource = (context, call) =>
  json(200, { results: [...tableOf(context, call).properties.values()].map(toWireProperty) });

export const readProperty: Resource = (context, call) =>
  json(200, toWireProperty(requireProperty(tableOf(context, call), call.segments[2] ?? '')));

function optionsOf(value: unknown): Property['options'] {
  if (!Array.isArray(value)) return [];
  return value
    .filter(isObject)
    .map((option) => ({ label: String(option.label), value: String(option.value) }));
}

/** A definition that a person or an app makes. Throws what the service refuses. */
export function defineProperty(table: Table, definition: unknown, at: number): Property {
  if (!isObject(definition)) throw invalid('Invalid input JSON');
  const { name, label, type, fieldType, groupName } = definition;
  if (typeof name !== 'string' || !NAME.test(name)) throw invalid(`Invalid property name: ${String(name)}`);
  if (typeof type !== 'string' || !TYPES.has(type)) throw invalid(`Invalid property type: ${String(type)}`);
  if (typeof label !== 'string' || typeof fieldType !== 'string' || typeof groupName !== 'string')
    throw invalid('Invalid input JSON: label, fieldType and groupName are required');
  if (table.properties.has(name)) throw conflict(`Property named '${name}' already exists.`);
  const hasUniqueValue = definition.hasUniqueValue === true;
  const unique = [...table.properties.values()].filter((property) => property.hasUniqueValue).length;
  if (hasUniqueValue && unique >= MOST_UNIQUE)
    throw new ApiError(400, `no more than ${MOST_UNIQUE} unique properties`, {
      category: 'VALIDATION_ERROR',
    });
  const property = standardProperty(name, label, {
    type: type as PropertyType,
    fieldType,
    groupName,
    description: typeof definition.description === 'string' ? definition.description : '',
    options: optionsOf(definition.options),
    hasUniqueValue,
    custom: true,
    createdAt: at,
  });
  table.addProperty(property);
  return property;
}

export const createProperty: Resource = (context, call) => {
  const table = tableOf(context, call);
  const property = defineProperty(table, call.body, context.portal.clock.now());
  context.portal.version += 1;
  return json(201, toWireProperty(property));
};

export const archiveProperty: Resource = (context, call) => {
  const table = tableOf(context, call);
  const property = requireProperty(table, call.segments[2] ?? '');
  if (!property.custom)
    throw invalid(`${property.name} cannot be archived by ${toActing(context).actor.app}`);
  table.properties.delete(property.name);
  context.portal.version += 1;
  return empty(204);
};
