import { readFileSync } from 'node:fs';

/** The parts of an OpenAPI document that are looked at. */
export interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}
interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}
export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content & { readonly $ref?: string }>>;
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `nullable` without `type` says nothing in OpenAPI 3.0, and the validator refuses it. */
function withoutBareNullable(_key: string, value: unknown): unknown {
  if (!isRecord(value) || !('nullable' in value) || 'type' in value) return value;
  const { nullable: _, ...rest } = value;
  return rest;
}

export const readDocument = (file: string): Document =>
  JSON.parse(readFileSync(file, 'utf8'), withoutBareNullable) as Document;

/** `/users/{id}` as an expression that its paths fit. */
export function toPattern(template: string): RegExp {
  const parts = template
    .split('/')
    .map((part) => (/^\{.*\}$/.test(part) ? '[^/]+' : part.replace(/[$().]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`, 'i');
}

type Resolve = <T extends { readonly $ref?: string }>(node: T) => T;

export function createResolver(document: Document): Resolve {
  return <T extends { readonly $ref?: string }>(node: T): T => {
    let found = node;
    while (found.$ref !== undefined) {
      let at: unknown = document;
      for (const key of found.$ref.slice(2).split('/')) {
        at = isRecord(at) ? at[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
      }
      if (!isRecord(at)) throw new Error(`the slice has no ${found.$ref}`);
      found = at as T;
    }
    return found;
  };
}

export interface Known {
  readonly properties: Map<string, Schema[]>;
  readonly items: Schema[];
  open: boolean;
}

/** All that a schema says about members, through references and combinations. */
export function createKnowledge(resolve: Resolve) {
  const visit = (node: Schema, known: Known): void => {
    const { additionalProperties: more, items, properties = {}, allOf = [], anyOf = [] } = resolve(node);
    if (more !== undefined && more !== false) known.open = true;
    if (items) known.items.push(items);
    for (const [name, property] of Object.entries(properties)) {
      known.properties.set(name, [...(known.properties.get(name) ?? []), property]);
    }
    for (const part of [...allOf, ...anyOf]) visit(part, known);
  };
  return (schemas: readonly Schema[]): Known => {
    const known: Known = { properties: new Map(), items: [], open: false };
    for (const schema of schemas) visit(schema, known);
    return known;
  };
}
