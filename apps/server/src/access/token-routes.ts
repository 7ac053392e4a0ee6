import type { TokenInfo } from '@tidelock/host';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { requirePrincipal } from '../law.ts';
import { API } from '../paths.ts';
import { mayActAs, type Principal } from '../principal.ts';
import { Refusal } from '../problem.ts';
import { asked, type Entrance, instant, instantOrNull } from './request.ts';
import { NameSchema, RoleSchema, TokenSchema } from './schemas.ts';

const tags = ['tokens'];
const config = { role: 'viewer' } as const;
const Id = z.string().regex(/^[0-9a-f]{16}$/, 'not the id of a token');

const shown = ({ createdAt, endsAt, usedAt, revokedAt, ...token }: TokenInfo) => ({
  ...token,
  createdAt: instant(createdAt),
  endsAt: instant(endsAt),
  usedAt: instantOrNull(usedAt),
  revokedAt: instantOrNull(revokedAt),
});

/** Whose tokens somebody may see and end: one's own, and with the role setup everybody's. */
const reachOf = (principal: Principal): string | null => (mayActAs(principal, 'setup') ? null : principal.id);

/** A token that makes tokens would never end. */
function requireSession(request: FastifyRequest): Principal {
  const principal = requirePrincipal(request);
  if (principal.via === 'session') return principal;
  throw new Refusal(403, 'API tokens cannot make tokens.', {
    code: 'session-only',
    remedy: 'Sign in on the page, or use tidelock tokens mint.',
  });
}

export function tokenRoutes(app: FastifyInstance, { access }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const Tokens = z.strictObject({ tokens: z.array(TokenSchema) });
  routes.get(
    `${API}/tokens`,
    {
      config,
      schema: {
        tags,
        summary: "One's own tokens; everybody's with the role setup.",
        response: { 200: Tokens },
      },
    },
    async (request) => ({ tokens: (await access.tokens(reachOf(requirePrincipal(request)))).map(shown) }),
  );
  const New = z.strictObject({
    name: NameSchema,
    role: RoleSchema,
    days: z.int().min(1).max(365).default(90).meta({ description: 'How long it is valid.' }),
  });
  const Minted = z.strictObject({
    token: z.string().meta({ description: 'Shown this once. Send it as Authorization: Bearer <token>.' }),
    info: TokenSchema,
  });
  routes.post(
    `${API}/tokens`,
    { config, schema: { tags, summary: 'A token for a program.', body: New, response: { 201: Minted } } },
    async (request, reply) => {
      const { id: ownerId, name: who } = requireSession(request);
      const { token, info } = await asked(() => access.mintToken({ who, ownerId }, request.body));
      return reply.code(201).send({ token, info: shown(info) });
    },
  );
  routes.delete(
    `${API}/tokens/:id`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Ends a token at once.', params: z.strictObject({ id: Id }) },
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const principal = requirePrincipal(request);
      const by = { who: principal.name, ownerId: reachOf(principal) };
      await asked(() => access.revokeToken(by, request.params.id));
      return reply.code(204).send(null);
    },
  );
}
