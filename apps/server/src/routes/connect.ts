import { createHash } from 'node:crypto';
import { type Connections, type ConnectPages, openConnections, TENANT, type Visitor } from '@tidelock/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refusals } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { nameOf } from '../request-platform.ts';

/** What only one browser session knows: never the cookie itself. */
const SESSION = /(?:^|;\s*)(?:__Host-|tidelock-)sid=([\w-]{43})(?:;|$)/;

/** A signed-in browser; programs with a token have no browser to consent in. */
function visitorOf({ principal, headers }: FastifyRequest): Visitor | null {
  const cookie = SESSION.exec(headers.cookie ?? '')?.[1];
  if (principal === null || principal.via !== 'session' || cookie === undefined) return null;
  const session = createHash('sha256').update(`connect ${principal.id} ${cookie}`).digest('base64url');
  return { session, account: TENANT, who: principal.name };
}

interface Opened {
  readonly connections: Connections;
  readonly pages: ConnectPages;
  /** What it was opened on. */
  readonly key: string;
}

/** The consent of the mailbox side, over the state of this process. One at a time, for the configuration of the moment. */
function createConsent({ live, origin }: ServerParts) {
  const visitors = new WeakMap<Request, Visitor | null>();
  const left: Connections[] = [];
  let opening: Promise<Opened> | undefined;
  let openedOn = '';
  const open = async (key: string): Promise<Opened> => {
    const onBound = (): void => void live.reconnect();
    // Whoever works here stops before anything is destroyed.
    const onReleased = (): Promise<void> => live.reconnect();
    const ground = live.foundation;
    const connections = await openConnections(live.options, { ground, onBound, onReleased });
    const visitor = async (request: Request): Promise<Visitor | null> => visitors.get(request) ?? null;
    return {
      connections,
      pages: connections.pages({ origin, base: '/connect', home: '/connections', visitor }),
      key,
    };
  };
  const current = async (): Promise<Opened> => {
    const { token, mailbox } = live.config.adapters;
    const key = JSON.stringify([token, mailbox]);
    if (opening !== undefined && openedOn === key) return opening;
    // A proof that is under way ends under what it began with.
    const before = opening;
    void before?.then(({ connections }) => left.push(connections)).catch(() => undefined);
    openedOn = key;
    opening = open(key).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    current,
    visitors,
    async close(): Promise<void> {
      const last = await opening?.catch(() => undefined);
      for (const one of [...left, ...(last === undefined ? [] : [last.connections])]) await one.close();
    },
  };
}

type Consent = ReturnType<typeof createConsent>;

async function answer(
  of: { readonly consent: Consent; readonly origin: string },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { consent, origin } = of;
  const { method, url, body } = request;
  const headers = new Headers();
  for (const name of ['sec-fetch-site', 'origin', 'content-type']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const text = typeof body === 'string' ? { body } : {};
  const asked = new Request(new URL(url, origin), { method, headers, ...text });
  consent.visitors.set(asked, visitorOf(request));
  const { pages } = await consent.current();
  const response = await pages.handler(asked);
  if (response === null) return reply.callNotFound();
  for (const [name, value] of response.headers) reply.header(name, value);
  return reply.code(response.status).send(await response.text());
}

/** The pages on which an administrator of an organisation consents, behind the sign-in of this installation. */
async function pageRoutes(
  app: FastifyInstance,
  of: { readonly consent: Consent; readonly origin: string },
): Promise<void> {
  await app.register(async (pages) => {
    const parse = { parseAs: 'string', bodyLimit: 4_096 } as const;
    pages.addContentTypeParser(
      'application/x-www-form-urlencoded',
      parse,
      async (_: unknown, body: string) => body,
    );
    const schema = { hide: true };
    const config = { role: 'setup' } as const;
    for (const path of ['/connect', '/connect/style.css', '/connect/return'])
      pages.get(path, { config, schema }, (request, reply) => answer(of, request, reply));
    pages.post('/connect/start', { config: { ...config, ownForm: true }, schema }, (request, reply) =>
      answer(of, request, reply),
    );
  });
}

/** Connecting an organisation, and letting go of it. */
export async function connectRoutes(app: FastifyInstance, parts: ServerParts): Promise<void> {
  const { origin } = parts;
  const consent = createConsent(parts);
  app.addHook('onClose', () => consent.close());
  await pageRoutes(app, { consent, origin });
  const Answer = z.object({
    disconnected: z.boolean().meta({ description: 'False: what an earlier "keep" left was destroyed.' }),
    subscriptions: z
      .object({ ended: z.int(), left: z.int() })
      .meta({ description: 'For notifications: taken back, and those that end by themselves within days.' }),
    erased: z
      .object({ dataKeys: z.int(), lanes: z.int() })
      .nullable()
      .meta({ description: 'What was destroyed; null = it was kept.' }),
  });
  app.withTypeProvider<ZodTypeProvider>().post(
    `${API}/connections/disconnect`,
    {
      config: { role: 'setup' },
      schema: {
        tags: ['connections'],
        summary:
          'Lets go of the connected organisation: forgets id and tokens, takes subscriptions back, destroys the data keys.',
        body: z.strictObject({
          confirm: z.literal('disconnect').meta({ description: 'So that nobody does it by mistake.' }),
          keep: z.boolean().optional().meta({
            description: 'Data keys and what was remembered stay, to connect the same organisation again.',
          }),
        }),
        response: { 200: Answer, ...refusals(409, 422) },
      },
    },
    async (request) => {
      const { connections } = await consent.current();
      const { keep } = request.body;
      const report = await connections.disconnect({ who: nameOf(request), keep });
      if (!report.disconnected && report.erased === null)
        throw new Refusal(409, 'No organisation is connected.', {
          code: 'not-connected',
          remedy: 'Nothing is to be done.',
        });
      return report;
    },
  );
}
