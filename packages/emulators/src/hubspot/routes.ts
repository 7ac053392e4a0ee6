import type { Resource } from './api-context.ts';
import { ApiError, notFound } from './api-error.ts';
import * as associations from './associations-api.ts';
import * as batch from './batch-api.ts';
import * as objects from './objects-api.ts';
import { listOwners, readOwner } from './owners-api.ts';
import { archiveProperty, createProperty, listProperties, readProperty } from './properties-api.ts';
import type { Policy } from './rate-limits.ts';
import type { ApiCall, Reply } from './reply.ts';
import { searchObjects } from './search-api.ts';

export interface Route {
  readonly resource: Resource;
  readonly policy: Policy;
  readonly scope: string;
}

const READ = 'crm.objects.contacts.read';
const WRITE = 'crm.objects.contacts.write';
const OWNERS = 'crm.objects.owners.read';
const SCHEMA = 'crm.schemas.contacts.write';

/** `METHOD path`, `*` stands for one part. More exact ones come first. */
const ROUTES: readonly (readonly [string, Resource, string, Policy?])[] = [
  ['POST objects/*/search', searchObjects, READ, 'search'],
  ['POST objects/*/batch/read', batch.batchRead, READ],
  ['POST objects/*/batch/create', batch.batchCreate, WRITE],
  ['POST objects/*/batch/update', batch.batchUpdate, WRITE],
  ['POST objects/*/batch/upsert', batch.batchUpsert, WRITE],
  ['POST objects/*/batch/archive', batch.batchArchive, WRITE],
  ['POST objects/*/merge', objects.mergeObjects, WRITE],
  ['POST objects/*/gdpr-delete', objects.purgeObject, WRITE],
  ['GET objects/*', objects.listObjects, READ],
  ['POST objects/*', objects.createObject, WRITE],
  ['GET objects/*/*', objects.readObject, READ],
  ['PATCH objects/*/*', objects.updateObject, WRITE],
  ['DELETE objects/*/*', objects.archiveObject, WRITE],
  ['PUT objects/*/*/associations/default/*/*', associations.putDefault, WRITE, 'associations'],
  ['GET objects/*/*/associations/*', associations.listAssociations, READ, 'associations'],
  ['PUT objects/*/*/associations/*/*/*', associations.putTyped, WRITE, 'associations'],
  ['PUT objects/*/*/associations/*/*', associations.putLabels, WRITE, 'associations'],
  ['DELETE objects/*/*/associations/*/*', associations.removeAll, WRITE, 'associations'],
  ['POST associations/*/*/batch/create', associations.batchCreate, WRITE, 'associations'],
  ['POST associations/*/*/batch/associate/default', associations.batchDefault, WRITE, 'associations'],
  ['POST associations/*/*/batch/archive', associations.batchArchive, WRITE, 'associations'],
  ['POST associations/*/*/batch/read', associations.batchReadPairs, READ, 'associations'],
  ['GET properties/*', listProperties, READ],
  ['POST properties/*', createProperty, SCHEMA],
  ['GET properties/*/*', readProperty, READ],
  ['DELETE properties/*/*', archiveProperty, SCHEMA],
  ['GET owners', listOwners, OWNERS],
  ['GET owners/*', readOwner, OWNERS],
];

interface Compiled extends Route {
  readonly method: string;
  readonly parts: readonly string[];
}

const COMPILED: readonly Compiled[] = ROUTES.map(([pattern, resource, scope, policy = 'general']) => {
  const [method = '', path = ''] = pattern.split(' ');
  return { method, parts: path.split('/'), resource, scope, policy };
});

const fits = (parts: readonly string[], segments: readonly string[]): boolean =>
  parts.length === segments.length && parts.every((part, index) => part === '*' || part === segments[index]);

/** Generations of paths live side by side: `/crm/v3/objects/contacts`, `/crm/objects/2026-09/contacts`. */
export function segmentsOf(pathname: string): readonly string[] | undefined {
  const parts = pathname.split('/').filter((part) => part !== '');
  if (parts[0] !== 'crm') return undefined;
  const [, second = '', third = '', ...rest] = parts;
  const isVersion = (text: string): boolean => /^(v[1-4]|\d{4}-\d{2}(-beta)?)$/.test(text);
  if (isVersion(second)) return [third, ...rest].map(decodeURIComponent);
  if (isVersion(third)) return [second, ...rest].map(decodeURIComponent);
  return undefined;
}

export function routeOf(call: Pick<ApiCall, 'method' | 'segments'>): Route {
  const paths = COMPILED.filter(({ parts }) => fits(parts, call.segments));
  const found = paths.find(({ method }) => method === call.method);
  if (found !== undefined) return found;
  throw paths.length === 0 ? notFound() : new ApiError(405, `${call.method} is not allowed here`);
}

/** Runs the resource that a call names. */
export function run(context: Parameters<Resource>[0], route: Route, call: ApiCall): Reply {
  if (!context.app.scopes.includes(route.scope)) {
    const requiredGranularScopes = [route.scope];
    throw new ApiError(403, 'This app hasn\u2019t been granted all required scopes to make this call.', {
      category: 'MISSING_SCOPES',
      errors: [
        { message: 'One or more of the following scopes are required.', context: { requiredGranularScopes } },
      ],
    });
  }
  return route.resource(context, call);
}
