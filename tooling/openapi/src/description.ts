import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import {
  createKnowledge,
  createResolver,
  type Document,
  type Known,
  type Operation,
  type Schema,
  toPattern,
} from './document.ts';

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

/** What is wrong with one exchange, in words: method, path, place and reason. */
export type ExchangeCheck = (exchange: Exchange) => readonly string[];

/** What is particular to one service. */
export interface Habits {
  /** Paths as the document writes them; null for what it is not about. */
  bare(path: string): string | null;
  /** Query options that the service puts into its own links. */
  readonly ownOptions: RegExp;
  /** Members that may stand anywhere, and are in no schema. */
  isAnnotation(name: string): boolean;
  /** What may be null although the schema does not say so: JSON pointers into answers. */
  readonly nullable?: RegExp;
  /** Pointer to the schema of an error that answers a path which is in no document. */
  readonly strayError?: string;
}

function createUnknowns(know: (schemas: readonly Schema[]) => Known, habits: Habits) {
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
      return open || habits.isAnnotation(name) ? [] : [`${place}/${name} is not in the schema`];
    });
  };
  return find;
}

interface Found {
  readonly operation: Operation;
  readonly pointer: string;
}

/** Compares values with schemas of a document, named by JSON pointer. */
export function createBodies(document: Document, habits: Habits) {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, verbose: true });
  ajvFormats.default(ajv);
  ajv.addSchema(document, 'service');
  const compiled = new Map<string, ValidateFunction>();
  const resolve = createResolver(document);
  const unknowns = createUnknowns(createKnowledge(resolve), habits);
  return (pointer: string, body: unknown): string[] => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: encodeURI(`service#${pointer}`) });
    compiled.set(pointer, validate);
    validate(body);
    const wrong = (validate.errors ?? []).filter(
      ({ instancePath, data }) => data !== null || habits.nullable?.test(instancePath) !== true,
    );
    const texts = wrong.map((error) => `${error.instancePath || '/'} ${error.message}`);
    return [...texts, ...unknowns([{ $ref: `#${pointer}` }], body, '')];
  };
}

type Bodies = ReturnType<typeof createBodies>;

function createRequests(document: Document, of: { readonly bodies: Bodies; readonly habits: Habits }) {
  const { bodies, habits } = of;
  const resolve = createResolver(document);
  return (exchange: Exchange, found: Found): string[] => {
    const { operation, pointer } = found;
    const declared = (operation.parameters ?? []).map(resolve).filter((one) => one.in === 'query');
    const names = new Set(declared.map((one) => one.name));
    const options = [...new URL(exchange.url, 'https://service').searchParams.keys()].filter(
      (name) => !habits.ownOptions.test(name),
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

const KINDS = ['application/json', '*/*'] as const;

function createAnswers(document: Document, bodies: Bodies) {
  const resolve = createResolver(document);
  return (exchange: Exchange, { operation, pointer }: Found): string[] => {
    const status = String(exchange.status);
    const keys = [status, `${status[0]}XX`, ...(Number(exchange.status) >= 400 ? ['default'] : [])];
    const key = keys.find((name) => operation.responses?.[name] !== undefined);
    if (key === undefined) return [`status ${status} is not declared`];
    if (exchange.responseBody === undefined || exchange.responseBody === '') return [];
    const response = operation.responses?.[key] ?? {};
    const where = response.$ref?.slice(1) ?? `${pointer}/responses/${key}`;
    const { content } = resolve(response);
    const kind = KINDS.find((name) => content?.[name] !== undefined);
    if (kind === undefined) return ['a body where none is expected'];
    return bodies(`${where}/content/${kind.replaceAll('/', '~1')}/schema`, exchange.responseBody);
  };
}

function createLookUp(document: Document) {
  const templates = Object.keys(document.paths).map((path) => ({ path, pattern: toPattern(path) }));
  return (path: string, method: string): Found | null => {
    const matching = templates.filter(({ pattern }) => pattern.test(path));
    // `/users/delta()` fits `/users/{user-id}` too: the template with the fewest variables is meant.
    const [template] = matching
      .map((one) => one.path)
      .toSorted((x, y) => x.split('{').length - y.split('{').length);
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) return null;
    const pointer = template.replaceAll('~', '~0').replaceAll('/', '~1');
    return { operation, pointer: `/paths/${pointer}/${method.toLowerCase()}` };
  };
}

/**
 * Checks requests to a service and its answers against its published description. `answers` leaves the requests alone:
 * a test of the service sends bad ones on purpose.
 */
export function createCheck(
  document: Document,
  of: { readonly habits: Habits; readonly check: 'all' | 'answers' },
): ExchangeCheck {
  const { habits, check } = of;
  const lookUp = createLookUp(document);
  const bodies = createBodies(document, habits);
  const requests = createRequests(document, { bodies, habits });
  const answers = createAnswers(document, bodies);
  const strayAnswer = ({ status, responseBody }: Exchange): string[] => {
    if (Number(status) < 400) return [`status ${status}`];
    return habits.strayError === undefined ? [] : bodies(habits.strayError, responseBody);
  };
  return (exchange) => {
    const path = habits.bare(exchange.path);
    if (path === null) return [];
    const found = lookUp(path, exchange.method);
    const name = `${exchange.method} ${path}`;
    const said = `${name}: answer ${exchange.status}:`;
    if (found === null) {
      if (check === 'all') return [`${name}: request: there is no such operation`];
      return strayAnswer(exchange).map((text) => `${said} ${text}`);
    }
    const request = check === 'all' ? requests(exchange, found) : [];
    const answer = exchange.status === 'lost' ? [] : answers(exchange, found);
    return [
      ...request.map((text) => `${name}: request: ${text}`),
      ...answer.map((text) => `${said} ${text}`),
    ];
  };
}
