import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';

/** Folder of the shared reference texts, beside the repository. */
export const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url));
const SLICE = `${SHARED}reference/graph/openapi-slice.json`;
export const hasSlice = existsSync(SLICE);

/** What is looked at of a logged exchange. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody?: unknown;
  readonly status: number | 'lost';
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody?: unknown;
  readonly inBatch?: number | undefined;
}

interface Schema {
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
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content & { readonly $ref?: string }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What is wrong with one exchange, in words: method, path, place and reason. */
export type ExchangeCheck = (exchange: Exchange) => readonly string[];

const JSON_BODY = 'application/json';
const ERROR_BODY = '/components/schemas/microsoft.graph.ODataErrors.ODataError';
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `nullable` without `type` says nothing in OpenAPI 3.0, and the validator refuses it. */
function withoutBareNullable(_key: string, value: unknown): unknown {
  if (!isRecord(value) || !('nullable' in value) || 'type' in value) return value;
  const { nullable: _, ...rest } = value;
  return rest;
}

function toPattern(template: string): RegExp {
  const parts = template
    .split('/')
    .map((part) => (/^\{.*\}$/.test(part) ? '[^/]+' : part.replace(/[$().]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`, 'i');
}

function readDocument(): Document {
  return JSON.parse(readFileSync(SLICE, 'utf8'), withoutBareNullable) as Document;
}

function createResolver(document: Document) {
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

interface Known {
  readonly properties: Map<string, Schema[]>;
  readonly items: Schema[];
  open: boolean;
}

/** All that a schema says about members, through references and combinations. */
function createKnowledge(resolve: <T extends { readonly $ref?: string }>(node: T) => T) {
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

/** Annotations of OData stand beside any property and are in no schema. */
const isAnnotation = (name: string): boolean => name.includes('@odata.') || name === '@removed';

function createUnknowns(know: (schemas: readonly Schema[]) => Known) {
  const find = (schemas: readonly Schema[], value: unknown, place: string): string[] => {
    if (schemas.length === 0 || typeof value !== 'object' || value === null) return [];
    const known = know(schemas);
    if (Array.isArray(value))
      return value.flatMap((item, index) => find(known.items, item, `${place}/${index}`));
    if (known.properties.size === 0) return [];
    return Object.entries(value).flatMap(([name, member]) => {
      const property = known.properties.get(name);
      if (property) return find(property, member, `${place}/${name}`);
      // The published entities are open types on paper; a member of ours that the service does not know is a slip.
      const open = known.open && !known.properties.has('id');
      return open || isAnnotation(name) ? [] : [`${place}/${name} is not in the schema`];
    });
  };
  return find;
}

interface Found {
  readonly operation: Operation;
  readonly pointer: string;
}

const bare = (path: string): string =>
  path.replace(/^\/v1\.0/, '').replace(/\/(microsoft\.graph\.)?delta(\(\))?$/, '/delta()');

function createBodies(document: Document) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  ajvFormats.default(ajv);
  ajv.addSchema(document, 'graph');
  const compiled = new Map<string, ValidateFunction>();
  const resolve = createResolver(document);
  const unknowns = createUnknowns(createKnowledge(resolve));
  return (pointer: string, body: unknown): string[] => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: encodeURI(`graph#${pointer}`) });
    compiled.set(pointer, validate);
    validate(body);
    const wrong = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`);
    return [...wrong, ...unknowns([{ $ref: `#${pointer}` }], body, '')];
  };
}

function createRequests(document: Document, bodies: ReturnType<typeof createBodies>) {
  const resolve = createResolver(document);
  return (exchange: Exchange, found: Found): string[] => {
    const { operation, pointer } = found;
    const declared = (operation.parameters ?? []).map(resolve).filter((one) => one.in === 'query');
    const names = new Set(declared.map((one) => one.name));
    // Links of the service carry their own opaque marks.
    const options = [...new URL(exchange.url).searchParams.keys()].filter(
      (name) => !/^\$(skip|delta)token$/.test(name),
    );
    const strange = options
      .filter((name) => !names.has(name))
      .map((name) => `query option ${name} is not declared`);
    if (exchange.requestBody === undefined) {
      const lacks = operation.requestBody && !/delete/i.test(exchange.method) ? ['the body is missing'] : [];
      return [...strange, ...lacks];
    }
    if (!operation.requestBody) return [...strange, 'a body where none is expected'];
    return [
      ...strange,
      ...bodies(`${pointer}/requestBody/content/application~1json/schema`, exchange.requestBody),
    ];
  };
}

function createAnswers(bodies: ReturnType<typeof createBodies>) {
  return (exchange: Exchange, { operation, pointer }: Found): string[] => {
    const status = String(exchange.status);
    const key = [status, `${status[0]}XX`].find((name) => operation.responses?.[name] !== undefined);
    if (key === undefined) return [`status ${status} is not declared`];
    if (exchange.responseBody === undefined || exchange.responseBody === '') return [];
    const response = operation.responses?.[key];
    const where = response?.$ref?.slice(1) ?? `${pointer}/responses/${key}`;
    if (response?.$ref === undefined && response?.content?.[JSON_BODY] === undefined) {
      return ['a body where none is expected'];
    }
    return bodies(`${where}/content/application~1json/schema`, exchange.responseBody);
  };
}

/**
 * Checks requests to Graph and its answers, inner ones of a batch too, against the published description. `answers`
 * leaves the requests alone: a test of the service sends bad ones on purpose.
 */
export function createExchangeCheck(of: 'all' | 'answers' = 'all'): ExchangeCheck {
  const document = readDocument();
  const templates = Object.keys(document.paths).map((path) => ({ path, pattern: toPattern(path) }));
  const bodies = createBodies(document);
  const requests = createRequests(document, bodies);
  const answers = createAnswers(bodies);

  const operationOf = (exchange: Exchange): Found | null => {
    const matching = templates.filter(({ pattern }) => pattern.test(bare(exchange.path)));
    const method = exchange.method.toLowerCase();
    // `/users/delta()` fits `/users/{user-id}` too: the template with the fewest variables is meant.
    const [path] = matching
      .map((one) => one.path)
      .toSorted((x, y) => x.split('{').length - y.split('{').length);
    const operation = path === undefined ? undefined : document.paths[path]?.[method];
    if (path === undefined || operation === undefined) return null;
    return { operation, pointer: `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}` };
  };
  const strayAnswer = ({ status, responseBody }: Exchange): string[] =>
    Number(status) < 400 ? [`status ${status}`] : bodies(ERROR_BODY, responseBody);

  return (exchange) => {
    if (!exchange.path.startsWith('/v1.0')) return [];
    const found = operationOf(exchange);
    const name = `${exchange.method} ${bare(exchange.path)}`;
    const said = `${name}: answer ${exchange.status}:`;
    if (found === null) {
      if (of === 'all') return [`${name}: request: there is no such operation`];
      return strayAnswer(exchange).map((text) => `${said} ${text}`);
    }
    const request = of === 'all' ? requests(exchange, found) : [];
    const answer = exchange.status === 'lost' ? [] : answers(exchange, found);
    return [
      ...request.map((text) => `${name}: request: ${text}`),
      ...answer.map((text) => `${said} ${text}`),
    ];
  };
}
