import type { PushRequest } from '@tidelock/core';
import type { HookAnswer, Push } from '@tidelock/host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { ServerParts } from '../parts.ts';

const Path = z.string().max(200).meta({ description: 'What nobody can guess of the address.' });
const Text = z.string().max(4_096);

const ANSWERS = {
  200: Text.meta({ description: 'The text of a handshake, while a subscription is being made.' }),
  202: z.literal('').meta({ description: 'Taken; what was not believed is dropped, item by item.' }),
  400: Text.meta({ description: 'Not understood, or not signed by who it says.' }),
  404: Text.meta({ description: 'Nobody pushes to this address.' }),
  413: Text.meta({ description: 'Over 256 KB.' }),
  503: Text.meta({ description: 'It cannot be taken now: send it again later.' }),
};

/** Of all headers Node makes a list of this one only. */
function toPushHeaders({
  'set-cookie': cookies,
  ...headers
}: FastifyRequest['headers']): PushRequest['headers'] {
  const single = headers as Readonly<Record<string, string | undefined>>;
  return cookies === undefined ? single : { ...single, 'set-cookie': cookies.join(', ') };
}

/** The address as its sender wrote it: a signature is over that, and a proxy in front may have changed what arrives. */
const toPushRequest = (request: FastifyRequest, origin: string): PushRequest => ({
  method: request.method,
  url: `${origin}${request.url}`,
  headers: toPushHeaders(request.headers),
  body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
});

const NOT_HERE: HookAnswer = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
  body: 'not found',
};

const send = (reply: FastifyReply, { status, headers, body }: HookAnswer): FastifyReply =>
  reply.code(status).headers(headers).send(body);

/** Where services push to. Everything is judged below: here are bytes, and who sent them does not matter. */
export async function hookRoutes(app: FastifyInstance, parts: ServerParts): Promise<void> {
  const { push } = parts;
  if (push === undefined) return;
  await app.register(async (plain) => {
    // The bytes that arrived, whatever they call themselves: signatures are over these.
    plain.removeAllContentTypeParsers();
    // By its name besides: a type that only `*` takes is parsed anew in each request.
    plain.addContentTypeParser(
      ['application/json', '*'],
      { parseAs: 'buffer' },
      (_request: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
    );
    // Who does not know the address sends no body that somebody reads.
    plain.addHook('onRequest', (request, reply, done) => {
      const { path = '', crm } = request.params as { readonly path?: string; readonly crm?: string };
      if (push.isHook({ path, crm })) done();
      else send(reply, NOT_HERE);
    });
    addHooks(plain, push, parts);
  });
}

function addHooks(app: FastifyInstance, push: Push, { origin }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'public' } as const;
  const tags = ['hooks'];
  const receive = (request: FastifyRequest, path: string): Promise<HookAnswer> =>
    push.receiveMailbox({ path, request: toPushRequest(request, push.origin() ?? origin) });
  const params = z.strictObject({ path: Path });
  routes.post(
    '/hooks/mailbox/:path',
    { config, schema: { tags, summary: 'Changes in mailboxes.', params, response: ANSWERS } },
    async (request, reply) => send(reply, await receive(request, request.params.path)),
  );
  routes.post(
    '/hooks/mailbox/:path/lifecycle',
    { config, schema: { tags, summary: 'What becomes of subscriptions.', params, response: ANSWERS } },
    async (request, reply) => send(reply, await receive(request, request.params.path)),
  );
  routes.post(
    '/hooks/crm/:crm/:path',
    {
      config,
      schema: {
        ...{ tags, summary: 'Changes in a CRM.', response: ANSWERS },
        params: z.strictObject({ crm: z.string().max(100), path: Path }),
      },
    },
    async (request, reply) => {
      const { crm, path } = request.params;
      const pushed = toPushRequest(request, push.origin() ?? origin);
      return send(reply, push.receiveCrm({ crm, path, request: pushed }));
    },
  );
}
