import type { NewSession, SignedIn } from '@tidelock/host';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { API } from '../paths.ts';
import { asked, type Entrance, instant, setCookies } from './request.ts';
import { NameSchema, PasswordSchema, SignedInSchema, TicketSchema } from './schemas.ts';

const tags = ['session'];
const anybody = { role: 'public' } as const;
const somebody = { role: 'viewer' } as const;

const WaysSchema = z.strictObject({
  local: z.boolean(),
  providers: z.array(z.strictObject({ name: z.string(), title: z.string() })),
  setup: z.boolean().meta({ description: 'Nobody can set anything up yet; the printed link does.' }),
});
const Session = z.strictObject({ signedIn: SignedInSchema.nullable(), ways: WaysSchema });

const shown = ({ principal, csrf, endsAt }: SignedIn) => ({ principal, csrf, endsAt: instant(endsAt) });

const entered = (reply: FastifyReply, session: NewSession) => {
  setCookies(reply, session.cookies);
  return shown(session);
};

function statusRoutes(app: FastifyInstance, { access, caller }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const summary = 'Who is signed in, and how one can sign in.';
  routes.get(
    `${API}/session`,
    { config: anybody, schema: { tags, summary, response: { 200: Session } } },
    async (request) => {
      const found = await access.session(caller(request));
      const { local, providers, setup } = await access.ways();
      const ways = { local, providers: providers.map((one) => ({ ...one })), setup };
      return { signedIn: found && shown(found), ways };
    },
  );
}

function enteringRoutes(app: FastifyInstance, { access, caller }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const response = { 200: SignedInSchema };
  const Credentials = z.strictObject({ name: NameSchema, password: PasswordSchema });
  routes.post(
    `${API}/session`,
    {
      config: anybody,
      schema: { tags, summary: 'Sign in to a local account.', body: Credentials, response },
    },
    async (request, reply) => entered(reply, await asked(() => access.signIn(caller(request), request.body))),
  );
  const Provider = z.strictObject({ provider: z.string().min(1).max(64), ticket: TicketSchema.optional() });
  const summary = 'Begin to sign in with a provider: where the browser has to go.';
  routes.post(
    `${API}/session/provider`,
    {
      config: anybody,
      schema: { tags, summary, body: Provider, response: { 200: z.strictObject({ url: z.string() }) } },
    },
    async (request, reply) => {
      const { url, cookies } = await asked(() => access.provider.start(caller(request), request.body));
      setCookies(reply, cookies);
      return { url };
    },
  );
  const First = z.strictObject({ ticket: TicketSchema, name: NameSchema, password: PasswordSchema });
  routes.post(
    `${API}/setup`,
    {
      config: anybody,
      schema: { tags, summary: 'The first account, by the printed link.', body: First, response },
    },
    async (request, reply) => entered(reply, await asked(() => access.setUp(caller(request), request.body))),
  );
  const Chosen = z.strictObject({ ticket: TicketSchema, password: PasswordSchema });
  routes.post(
    `${API}/session/password-link`,
    { config: anybody, schema: { tags, summary: 'Choose a password by a link.', body: Chosen, response } },
    async (request, reply) =>
      entered(reply, await asked(() => access.setPassword(caller(request), request.body))),
  );
}

function ownRoutes(app: FastifyInstance, { access, caller }: Entrance): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const Leaving = z.strictObject({ everywhere: z.boolean().default(false) });
  routes.post(
    `${API}/session/logout`,
    {
      config: somebody,
      schema: { tags, summary: 'Sign out, here or everywhere.', body: Leaving, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const lines = await asked(() => access.signOut(caller(request), request.body));
      return setCookies(reply, lines).code(204).send(null);
    },
  );
  const Changed = z.strictObject({ present: PasswordSchema, next: PasswordSchema });
  const summary = "One's own password anew. Every other session ends.";
  routes.post(
    `${API}/session/password`,
    { config: somebody, schema: { tags, summary, body: Changed, response: { 200: SignedInSchema } } },
    async (request, reply) =>
      entered(reply, await asked(() => access.changePassword(caller(request), request.body))),
  );
}

export function sessionRoutes(app: FastifyInstance, entrance: Entrance): void {
  statusRoutes(app, entrance);
  enteringRoutes(app, entrance);
  ownRoutes(app, entrance);
}
