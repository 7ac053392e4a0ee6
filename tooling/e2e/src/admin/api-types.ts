import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where the types of the API are kept: for the page, and for what stands in for the server in its tests. */
export const TYPES_FILES: readonly string[] = [
  at('../../../../apps/admin/src/api/generated/api.d.ts'),
  at('generated/api.d.ts'),
];

/** What is used of an OpenAPI 3.1 document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

const nameOf = (ref: string): string => ref.split('/').at(-1) ?? ref;
const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
const unique = (types: readonly string[]): string => [...new Set(types)].join(' | ');

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).map(
    ([name, schema]) => `readonly ${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  if (typeof additionalProperties === 'object')
    return members.length === 0
      ? `Readonly<Record<string, ${typeOf(additionalProperties)}>>`
      : `{ ${members.join(' ')} }`;
  return members.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${members.join(' ')} }`;
}

// Arrays that may be changed: of others, openapi-fetch takes every member for a field.
function namedType(type: string, schema: Schema): string {
  if (type === 'array') return `(${typeOf(schema.items ?? {})})[]`;
  if (type === 'object') return objectType(schema);
  return PLAIN[type] ?? 'unknown';
}

/** A schema as a type of TypeScript; what is not understood is `unknown`. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return `components['schemas'][${JSON.stringify(nameOf(schema.$ref))}]`;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return unique(schema.enum.map((value) => JSON.stringify(value)));
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return unique(either.map((one) => `(${typeOf(one)})`));
  if (schema.allOf !== undefined) return schema.allOf.map((one) => `(${typeOf(one)})`).join(' & ');
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length === 0) return schema.properties === undefined ? 'unknown' : objectType(schema);
  return unique(types.map((type) => namedType(type, schema)));
}

function group(parameters: readonly Parameter[], where: string): string {
  const own = parameters.filter((one) => one.in === where);
  if (own.length === 0) return `${where}?: never;`;
  const members = own.map(
    ({ name, required = false, schema }) => `${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `${where}${own.some(({ required }) => required === true) ? '' : '?'}: { ${members.join(' ')} };`;
}

const contentType = (content: Content): string =>
  `{ ${Object.entries(content)
    .map(([media, { schema }]) => `${JSON.stringify(media)}: ${typeOf(schema)};`)
    .join(' ')} }`;

function operationType({ parameters = [], requestBody, responses }: Operation): string {
  const asked = ['query', 'path', 'header', 'cookie'].map((where) => group(parameters, where)).join(' ');
  const body =
    requestBody === undefined
      ? 'requestBody?: never;'
      : `requestBody${requestBody.required === true ? '' : '?'}: { content: ${contentType(requestBody.content)} };`;
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      `${/^\d+$/.test(status) ? status : JSON.stringify(status)}: { headers: Record<string, unknown>; ${
        content === undefined ? 'content?: never;' : `content: ${contentType(content)};`
      } };`,
  );
  return `{ parameters: { ${asked} }; ${body} responses: { ${answers.join(' ')} } }`;
}

const HEAD = `// Made from the server's OpenAPI document. After a change of the API:
// node --conditions=@tidelock/source tooling/e2e/src/admin/write-api-types.ts
`;

const REF = /components\['schemas'\]\["(\w+)"\]/g;
const refsOf = (text: string): string[] => [...text.matchAll(REF)].map(([, name]) => name ?? '');

/** Schemas of answers, and what of requests the routes name. */
function reachable(schemas: ReadonlyMap<string, string>, routes: string): string[] {
  const found = new Set([
    ...refsOf(routes),
    ...[...schemas.keys()].filter((name) => !name.endsWith('Input')),
  ]);
  for (const name of found) for (const other of refsOf(schemas.get(name) ?? '')) found.add(other);
  return [...schemas]
    .filter(([name]) => found.has(name))
    .map(([name, type]) => `    ${keyOf(name)}: ${type};`);
}

/** Types of an API in the form that openapi-fetch reads. */
export function apiTypes({ paths, components }: ApiDocument): string {
  const schemas = new Map(
    Object.entries(components?.schemas ?? {}).map(([name, schema]) => [name, typeOf(schema)] as const),
  );
  const routes = Object.entries(paths)
    .map(([path, operations]) => {
      const methods = Object.entries(operations).map(
        ([method, operation]) => `    ${method}: ${operationType(operation)};`,
      );
      return `  ${JSON.stringify(path)}: {\n${methods.join('\n')}\n  };`;
    })
    .join('\n');
  const named = reachable(schemas, routes).join('\n');
  return `${HEAD}\nexport interface components {\n  schemas: {\n${named}\n  };\n}\n\nexport interface paths {\n${routes}\n}\n`;
}
