import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransformObject, jsonSchemaTransform } from 'fastify-type-provider-zod';
import { globalRegistry } from 'zod';
import { API } from './paths.ts';
import { PROBLEM_TYPE } from './problem.ts';

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `post /api/v1/users/{id}/sign-out` -> `postUsersByIdSignOut`: what generators of clients call it. */
function operationIdOf({ method }: { readonly method: unknown }, url: string): string {
  const [verb = ''] = [method].flat().map((one) => String(one).toLowerCase());
  const parts = url.replace(API, '').split('/').filter(Boolean);
  const words = parts.flatMap((part) =>
    part.startsWith(':') ? ['By', capital(part.slice(1))] : part.split(/[^A-Za-z0-9]+/).map(capital),
  );
  return verb + words.join('');
}

/** The OpenAPI 3.1 document, made of the schemas that requests and answers are held to. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  const named = createJsonSchemaTransformObject({ schemaRegistry: globalRegistry });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tidelock',
        version,
        description:
          `Everything that the administrators' page does. Refusals are ${PROBLEM_TYPE} with a remedy. Sign in on the page, or ` +
          'send an API token.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-sid', description: 'A signed-in browser.' },
        },
      },
    },
    transform: (of) => {
      const done = jsonSchemaTransform(of);
      const role = of.route.config?.role;
      const isPublic = role === undefined || role === 'public';
      const security: Record<string, readonly string[]>[] = isPublic ? [] : [{ token: [] }, { session: [] }];
      const schema = { ...done.schema, operationId: operationIdOf(of.route, of.url), security };
      return { ...done, schema: isPublic ? schema : { ...schema, 'x-role': role } };
    },
    transformObject: named,
  });
  app.get(`${API}/openapi.json`, { config: { role: 'public' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
}
