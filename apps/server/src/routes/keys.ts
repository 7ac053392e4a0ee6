import { type Canary, type KeyPairInfo, listKeys, sayKeyLeft, withSigning } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Instant, refusals, toInstant } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { actingFor, nameOf } from '../request-platform.ts';

const Key = z
  .object({
    keyName: z.string(),
    sha256: z.string().meta({ description: 'Thumbprint of the certificate, as portals show it.' }),
    notBefore: Instant,
    notAfter: Instant,
    days: z.int().meta({ description: 'Whole days that are left.' }),
    stage: z.enum(['ok', 'notice', 'soon', 'urgent', 'expired', 'early']),
    text: z.string(),
    signs: z.enum(['first', 'as-well', 'no']),
  })
  .meta({ id: 'Key' });

const Checked = z.object({
  connected: z.boolean(),
  keys: z.array(
    z.object({
      keyName: z.string(),
      state: z.enum(['accepted', 'refused', 'unknown']),
      text: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
});

const Names = z.object({
  names: z.array(z.string()).meta({ description: 'Keys that sign from now on, newest first.' }),
  written: z.boolean().meta({
    description: 'False: the list is not in the configuration file as it is in use; write it by hand.',
  }),
});

function toKey({ certificate, place, days, stage }: KeyPairInfo): z.infer<typeof Key> {
  const { keyName, sha256, notBefore, notAfter } = certificate;
  return {
    ...{ keyName, sha256, notBefore: toInstant(notBefore), notAfter: toInstant(notAfter), days, stage },
    ...{
      text: sayKeyLeft({ days, stage }),
      signs: place === null ? 'no' : place === 0 ? 'first' : 'as-well',
    },
  };
}

function toChecked(canary: Canary): z.infer<typeof Checked>['keys'][number] {
  const { key: keyName, state } = canary;
  if (canary.state === 'accepted') return { keyName, state, text: 'accepted', remedy: null };
  const { message, remedy = null } = canary.error;
  return { keyName, state, text: message, remedy };
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const KeyName = z.string().regex(/^[A-Za-z0-9][\w./-]{0,126}$/, 'not the name of a key');
const params = z.strictObject({ name: KeyName });
const tags = ['keys'];

function readRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    `${API}/keys`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'Key pairs, which of them sign, and how long their certificates last.' },
        response: { 200: z.object({ items: z.array(Key) }) },
      },
    },
    async () => ({ items: (await listKeys(live)).map(toKey) }),
  );
  routes.get(
    `${API}/keys/:name/certificate`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'The public certificate (.cer, PEM), which is what portals take.', params },
        ...{ produces: ['application/x-x509-ca-cert'] },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const found = await listKeys(live);
      const pair = found.find(({ certificate }) => certificate.keyName === name);
      if (pair === undefined)
        throw new Refusal(404, `There is no key ${name}.`, { code: 'not-found', remedy: 'List the keys.' });
      return reply
        .type('application/x-x509-ca-cert')
        .header('content-disposition', `attachment; filename="tidelock-${name.replaceAll('/', '-')}.cer"`)
        .send(toPem(pair.certificate.der));
    },
  );
}

function rotationRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'setup' } as const;
  routes.post(
    `${API}/keys/rotate`,
    {
      config,
      schema: {
        tags,
        summary: 'Makes the next key pair and puts it first; the present one stays in use beside it.',
        body: z.strictObject({
          days: z.int().min(1).max(825).default(180),
          bits: z.literal([2048, 3072, 4096]).default(3072),
        }),
        response: { 200: Names.extend({ key: Key, next: z.array(z.string()) }), ...refusals(409) },
      },
    },
    async (request) => {
      const { made, pair } = await withSigning(live, nameOf(request), async (signing) => {
        const rotation = await signing.rotate(request.body);
        const all = await signing.list();
        const { keyName } = rotation.certificate;
        return { made: rotation, pair: all.find(({ certificate }) => certificate.keyName === keyName) };
      });
      if (pair === undefined) throw new TypeError('the key that was made is not there');
      const { names, written } = made;
      const next = [
        'Upload its certificate to the app registration, next to the old one.',
        'Check the keys: that says when it is accepted.',
        `Retire ${names[1] ?? 'the old one'} a day later.`,
      ];
      return { key: { ...toKey(pair), signs: 'first' as const }, names: [...names], written, next };
    },
  );
  for (const word of ['retire', 'revoke'] as const) {
    const anyway = word === 'revoke';
    routes.post(
      `${API}/keys/:name/${word}`,
      {
        config,
        schema: {
          tags,
          summary: anyway
            ? 'Takes a key out of use and destroys it at once, whatever else is accepted.'
            : 'Takes a key out of use and destroys it, once another one is accepted.',
          ...{ params, body: z.strictObject({}).nullish(), response: { 200: Names, ...refusals(409, 422) } },
        },
      },
      async (request) => {
        const { name } = request.params;
        const retired = await withSigning(live, nameOf(request), (signing) => signing.retire(name, anyway));
        return { names: [...retired.names], written: retired.written };
      },
    );
  }
}

function checkRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    `${API}/keys/check`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags, summary: 'Asks the directory for a token with each key in use.' },
        ...{ body: z.strictObject({}).nullish(), response: { 200: Checked } },
      },
    },
    async (request) => {
      const found = await withSigning(live, nameOf(request), (signing) => signing.check());
      return { connected: found !== null, keys: (found ?? []).map(toChecked) };
    },
  );
  routes.post(
    `${API}/keys/rewrap`,
    {
      config: { role: 'setup' },
      schema: {
        ...{ tags, summary: 'Wraps every data key anew; work goes on meanwhile.' },
        body: z.strictObject({
          rotate: z.boolean().default(false).meta({ description: 'With a new wrapping key.' }),
        }),
        response: { 200: z.object({ report: z.record(z.string(), z.unknown()) }), ...refusals(409) },
      },
    },
    (request) =>
      actingFor(live, request, async (platform) => ({
        report: { ...(await platform.rewrapKeys(request.body)) },
      })),
  );
}

/** Keys that prove who this installation is: countdown, rotation without new consent, and what to upload. */
export function keyRoutes(app: FastifyInstance, parts: ServerParts): void {
  readRoutes(app, parts);
  rotationRoutes(app, parts);
  checkRoutes(app, parts);
}
