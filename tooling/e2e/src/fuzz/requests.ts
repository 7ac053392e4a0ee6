import fc from 'fast-check';

/** Part of a JSON Schema that a request is drawn from. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly format?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface FuzzedRequest {
  /** `get /api/v1/jobs/{id}` */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const WEIRD = [
  '',
  '0',
  '-1',
  '../..',
  '%00',
  'null',
  "' or 1=1 --",
  '\u202e',
  '\ud83d\ude00',
  'a'.repeat(600),
];

/** Texts that mean something here, texts that are well-formed, and texts that are neither. */
function textOf({ pattern = '', format = '' }: Schema, known: readonly string[]): fc.Arbitrary<string> {
  const formed: Readonly<Record<string, fc.Arbitrary<string>>> = {
    email: fc.constantFrom('ann@contoso.example', 'nobody@contoso.example'),
    'date-time': fc.constantFrom('2026-11-23T10:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'),
  };
  const own = formed[format] ?? (pattern === '' ? fc.string({ maxLength: 40 }) : patterned(pattern));
  return fc.oneof(
    { weight: 5, arbitrary: own },
    { weight: 3, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom(...WEIRD) },
  );
}

function patterned(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    return fc.string({ maxLength: 40 });
  }
}

function objectOf(schema: Schema, draw: (inner: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties, required = [] } = schema;
  if (properties === undefined)
    return fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue(), { maxKeys: 4 });
  const members = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, draw(inner)]));
  return fc.record(members, { requiredKeys: required.filter((name) => name in members) });
}

/** A value that the schema describes, most of the time. */
function drawn(
  schema: Schema,
  of: { readonly document: ApiDocument; readonly known: readonly string[] },
): fc.Arbitrary<unknown> {
  const draw = (inner: Schema): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 12, arbitrary: drawn(inner, of) }, { weight: 1, arbitrary: fc.jsonValue() });
  const { $ref, anyOf, oneOf } = schema;
  if ($ref !== undefined) {
    const named = of.document.components?.schemas?.[$ref.split('/').at(-1) ?? ''];
    return named === undefined ? fc.jsonValue() : drawn(named, of);
  }
  const branches = anyOf ?? oneOf;
  if (branches !== undefined) return fc.oneof(...branches.map((one) => drawn(one, of)));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  return typed(schema, { known: of.known, draw });
}

/** By the type alone. */
function typed(
  schema: Schema,
  of: { readonly known: readonly string[]; draw(inner: Schema): fc.Arbitrary<unknown> },
): fc.Arbitrary<unknown> {
  const number = () => fc.oneof(fc.integer({ min: -2, max: 900 }), fc.constantFrom(0, 1, 2048, 2 ** 31, 1.5));
  const types: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
    string: () => textOf(schema, of.known),
    integer: number,
    number,
    boolean: () => fc.boolean(),
    array: () => fc.array(of.draw(schema.items ?? {}), { maxLength: 3 }),
    object: () => objectOf(schema, of.draw),
    null: () => fc.constant(null),
  };
  return types[String(schema.type)]?.() ?? fc.jsonValue({ maxDepth: 3 });
}

const lineOf = (name: string, value: unknown): string =>
  `${encodeURIComponent(name)}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`;

function requestOf(
  document: ApiDocument,
  at: { readonly method: string; readonly path: string; readonly operation: Operation },
  known: readonly string[],
): fc.Arbitrary<FuzzedRequest> {
  const { method, path, operation } = at;
  const { parameters = [], requestBody } = operation;
  const of = { document, known };
  const inPath = parameters.filter((one) => one.in === 'path');
  const inQuery = parameters.filter((one) => one.in === 'query');
  const schema = requestBody?.content?.['application/json']?.schema;
  return fc
    .record({
      places: fc.tuple(...inPath.map((one) => textOf(one.schema, known))),
      asked: fc.record(Object.fromEntries(inQuery.map((one) => [one.name, drawn(one.schema, of)])), {
        requiredKeys: [],
      }),
      body:
        schema === undefined
          ? fc.constant(undefined)
          : fc.oneof({ weight: 9, arbitrary: drawn(schema, of) }, fc.jsonValue()),
    })
    .map(({ places, asked, body }) => {
      const filled = inPath.reduce(
        (text, one, index) =>
          text.replace(`{${one.name}}`, encodeURIComponent(String(places[index] || 'x').toWellFormed())),
        path,
      );
      const query = Object.entries(asked)
        .map(([name, value]) => lineOf(name, value))
        .join('&');
      const asks = query === '' ? filled : `${filled}?${query}`;
      return { route: `${method} ${path}`, method: method.toUpperCase(), path: asks, body };
    });
}

/**
 * Requests over every route of the document but those that `skip` names (`post /api/v1/...`), well-formed most of the time. `known`:
 * ids, addresses and hashes that mean something on the server.
 */
export function requestsOver(
  document: ApiDocument,
  of: { readonly known: readonly string[]; readonly skip: (route: string) => boolean },
): fc.Arbitrary<FuzzedRequest> {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => !of.skip(`${method} ${path}`))
      .map(([method, operation]) => requestOf(document, { method, path, operation }, of.known)),
  );
  return fc.oneof(...routes);
}
