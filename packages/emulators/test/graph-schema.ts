import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { Exchange } from '../src/kit/index.ts';

export const sharedGraph = fileURLToPath(new URL('../../../../shared/reference/graph/', import.meta.url));
export const hasShared = existsSync(`${sharedGraph}openapi-slice.json`);

interface Slice {
  paths: Record<string, Record<string, { responses?: Record<string, Response> } | undefined>>;
}
type Response = { $ref?: string; content?: Record<string, { schema: { $ref?: string } }> };

const toTemplate = (template: string): RegExp => {
  const parts = template
    .split('/')
    .map((part) => (/^\{.*\}$/.test(part) ? '[^/]+' : part.replace(/[$().]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`, 'i');
};

/** `nullable` without `type` says nothing in OpenAPI 3.0, and the validator refuses it. */
const withoutBareNullable = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('nullable' in value) || 'type' in value) return value;
  const { nullable: _, ...rest } = value;
  return rest;
};

/** Checks what Graph answered against the published shapes; gives the problems, empty when there are none. */
export function createSchemaCheck(): (exchange: Exchange) => string[] {
  const slice: Slice = JSON.parse(
    readFileSync(`${sharedGraph}openapi-slice.json`, 'utf8'),
    withoutBareNullable,
  );
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  ajvFormats.default(ajv);
  ajv.addSchema(slice, 'graph');
  const paths = Object.keys(slice.paths).map((path) => ({ path, pattern: toTemplate(path) }));
  const compiled = new Map<string, ValidateFunction>();

  const schemaFor = (exchange: Exchange): string | undefined => {
    const path = exchange.path
      .replace(/^\/v1\.0/, '')
      .replace(/\/(microsoft\.graph\.)?delta(\(\))?$/, '/delta()');
    const found = paths.find(({ pattern }) => pattern.test(path))?.path;
    const status = Number(exchange.status);
    if (status >= 400) return 'graph#/components/schemas/microsoft.graph.ODataErrors.ODataError';
    const responses = slice.paths[found ?? '']?.[exchange.method.toLowerCase()]?.responses;
    if (found === undefined || responses === undefined)
      throw new Error(`no such operation: ${exchange.method} ${path}`);
    const key = responses[String(status)] === undefined ? '2XX' : String(status);
    const pointer = `graph#/paths/${found.replaceAll('/', '~1')}/${exchange.method.toLowerCase()}/responses/${key}`;
    const response = responses[key];
    if (response?.$ref !== undefined) return `graph${response.$ref}/content/application~1json/schema`;
    return response?.content === undefined ? undefined : `${pointer}/content/application~1json/schema`;
  };

  return (exchange) => {
    if (
      exchange.status === 'lost' ||
      !exchange.path.startsWith('/v1.0') ||
      exchange.responseBody === undefined
    )
      return [];
    const ref = schemaFor(exchange);
    if (ref === undefined) return ['a body where none is expected'];
    const known = compiled.get(ref);
    const validate = known ?? ajv.compile({ $ref: encodeURI(ref) });
    compiled.set(ref, validate);
    validate(exchange.responseBody);
    const where = `${exchange.method} ${exchange.path} ${exchange.status}`;
    return (validate.errors ?? []).map((error) => `${where}: ${error.instancePath} ${error.message}`);
  };
}
