import { listMembers, type Member } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { listOf, Paging, pageOf, refusals } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { actingFor } from '../request-platform.ts';

const User = z.object({ id: z.string(), name: z.string(), email: z.string().nullable() });
const States = z.enum(['takes part', 'paused', 'blocked', 'removed', 'not named']);

export const MailboxSchema = z
  .object({
    address: z.string(),
    name: z.string(),
    profile: z.string().nullable(),
    rule: z.string().nullable().meta({ description: 'What gave it the profile.' }),
    crmUser: User.nullable(),
    matchedBy: z.string().nullable(),
    candidates: z.array(z.object({ id: z.string(), name: z.string(), active: z.boolean() })),
    state: States,
    reasons: z.array(z.object({ text: z.string(), remedy: z.string().nullable() })),
  })
  .meta({ id: 'Mailbox' });

const toMailbox = (member: Member): z.infer<typeof MailboxSchema> => ({
  ...member,
  candidates: member.candidates.map((one) => ({ ...one })),
  reasons: member.reasons.map((one) => ({ ...one })),
});

const Query = z.strictObject({
  ...Paging,
  all: z.enum(['true', 'false']).default('false').meta({
    description: 'Also the mailboxes of the directory that no rule names.',
  }),
  state: States.optional(),
  profile: z.string().max(63).optional(),
  search: z.string().max(200).optional().meta({ description: 'Part of the address or the name.' }),
});

function wanted({ state, profile, search }: z.output<typeof Query>): (member: Member) => boolean {
  const text = search?.toLowerCase();
  return (member) =>
    (state === undefined || member.state === state) &&
    (profile === undefined || member.profile === profile) &&
    (text === undefined || `${member.address} ${member.name}`.toLowerCase().includes(text));
}

const Address = z.email().max(320);
const Addresses = z
  .array(Address)
  .min(1)
  .max(1_000)
  .or(z.literal('all'))
  .meta({ description: 'Addresses, or "all".' });
const listedOr = (addresses: z.infer<typeof Addresses>): readonly string[] =>
  addresses === 'all' ? [] : addresses;
const Changed = z.object({
  changed: z.array(z.string()).meta({ description: 'Those that were not so before.' }),
});
const tags = ['mailboxes'];

function listRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    `${API}/mailboxes`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'Which mailboxes take part, by which rule, and whose they are in the CRM.' },
        ...{ querystring: Query, response: { 200: listOf(MailboxSchema), ...refusals(409) } },
      },
    },
    (request) =>
      actingFor(live, request, async (platform) => {
        const all = await listMembers(platform, { all: request.query.all === 'true' });
        return pageOf(all.filter(wanted(request.query)), request.query, toMailbox);
      }),
  );
  routes.post(
    `${API}/mailboxes/refresh`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags, summary: 'Asks directory and CRM anew who takes part.' },
        ...{ body: z.strictObject({}).nullish(), response: { 200: z.object({ mailboxes: z.int() }) } },
      },
    },
    async (request) => {
      await live.reload();
      return actingFor(live, request, async ({ administration }) => ({
        mailboxes: (await administration.roster()).length,
      }));
    },
  );
}

function pauseRoutes(app: FastifyInstance, { live }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'operator' } as const;
  routes.post(
    `${API}/mailboxes/pause`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Stops mailboxes; nothing is lost meanwhile.' },
        body: z.strictObject({ addresses: Addresses, reason: z.string().max(500).default('') }),
        response: { 200: Changed, ...refusals(409, 422) },
      },
    },
    (request) =>
      actingFor(live, request, async ({ administration }) => {
        const { addresses, reason } = request.body;
        return { changed: [...(await administration.pause(listedOr(addresses), reason))] };
      }),
  );
  routes.post(
    `${API}/mailboxes/resume`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Lets mailboxes go on where they stood.' },
        body: z.strictObject({ addresses: Addresses }),
        response: { 200: Changed, ...refusals(409, 422) },
      },
    },
    (request) =>
      actingFor(live, request, async ({ administration }) => ({
        changed: [...(await administration.resume(listedOr(request.body.addresses)))],
      })),
  );
  routes.post(
    `${API}/mailboxes/reset`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Reads a mailbox and its CRM records completely again; pairs stay.' },
        body: z.strictObject({ address: Address }),
        response: { 200: z.object({ reset: z.string() }), ...refusals(409, 422) },
      },
    },
    (request) =>
      actingFor(live, request, async ({ administration }) => {
        await administration.reset(request.body.address);
        return { reset: request.body.address };
      }),
  );
}

export function mailboxRoutes(app: FastifyInstance, parts: ServerParts): void {
  listRoutes(app, parts);
  pauseRoutes(app, parts);
}
