import type { Invitation, UserInfo } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { requirePrincipal } from '../law.ts';
import { API } from '../paths.ts';
import { asked, type Entrance, instant, instantOrNull } from './request.ts';
import { IdSchema, InvitationSchema, NameSchema, RoleSchema, UserSchema } from './schemas.ts';

const tags = ['users'];
const config = { role: 'setup' } as const;
const params = z.strictObject({ id: IdSchema });

const shown = ({ createdAt, disabledAt, signedInAt, ...user }: UserInfo) => ({
  ...user,
  createdAt: instant(createdAt),
  disabledAt: instantOrNull(disabledAt),
  signedInAt: instantOrNull(signedInAt),
});

const linked = ({ link, endsAt }: Invitation) => ({ link, endsAt: instant(endsAt) });

function listRoutes(app: FastifyInstance, { access }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const Users = z.strictObject({ users: z.array(UserSchema) });
  routes.get(
    `${API}/users`,
    { config, schema: { tags, summary: 'Everybody who is known here.', response: { 200: Users } } },
    async () => ({ users: (await access.users()).map(shown) }),
  );
  const New = z.strictObject({ name: NameSchema, role: RoleSchema });
  const Added = z.strictObject({ user: UserSchema, invitation: InvitationSchema });
  const summary = 'A local account, and the link with which its owner chooses a password.';
  routes.post(
    `${API}/users`,
    { config, schema: { tags, summary, body: New, response: { 201: Added } } },
    async (request, reply) => {
      const { name: who } = requirePrincipal(request);
      const { user, invitation } = await asked(() => access.addUser(who, request.body));
      return reply.code(201).send({ user: shown(user), invitation: linked(invitation) });
    },
  );
}

function oneRoutes(app: FastifyInstance, { access }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const Change = z.strictObject({ role: RoleSchema.nullable().optional(), disabled: z.boolean().optional() });
  const summary = 'Role, or whether somebody may come in at all. All of their sessions end.';
  routes.patch(
    `${API}/users/:id`,
    { config, schema: { tags, summary, params, body: Change, response: { 200: UserSchema } } },
    async (request) => {
      const { name: who } = requirePrincipal(request);
      const { id } = request.params;
      return shown(await asked(() => access.changeUser(who, { id, ...request.body })));
    },
  );
  routes.post(
    `${API}/users/:id/sign-out`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Ends all sessions of somebody.', params },
        response: { 200: z.strictObject({ ended: z.int() }) },
      },
    },
    async (request) => {
      const { name: who } = requirePrincipal(request);
      return { ended: await asked(() => access.signOutUser(who, request.params.id)) };
    },
  );
  routes.post(
    `${API}/users/:id/link`,
    {
      config,
      schema: {
        ...{ tags, summary: 'A link with which a local account gets a new password.', params },
        response: { 200: InvitationSchema },
      },
    },
    async (request) => {
      const { name: who } = requirePrincipal(request);
      return linked(await asked(() => access.invite(who, request.params.id)));
    },
  );
}

export function userRoutes(app: FastifyInstance, entrance: Entrance): void {
  listRoutes(app, entrance);
  oneRoutes(app, entrance);
}
