import { configJsonSchema, type Profile, sayScopeRule } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Block, refusals } from '../answers.ts';
import { lensCheck } from '../lens-check.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { nameOf, platformNow } from '../request-platform.ts';

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, starting with a letter');
const Version = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'not a version')
  .optional()
  .meta({
    description: 'Version of the configuration that was looked at; another one by now is refused (409).',
  });
const Written = Block.meta({
  description: 'As the configuration file has it; see GET /settings/schema under profiles.',
});

const ProfileSchema = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    crm: z.string(),
    mailboxes: z.int().meta({ description: 'Mailboxes that follow it, as of the last run.' }),
    written: Written.nullable().meta({ description: 'What the file says; null for the implicit default.' }),
    filter: z.string().meta({ description: 'Its filter, for people.' }),
    effective: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Everything that it leaves out filled in.' }),
  })
  .meta({ id: 'Profile' });
const Profiles = z.object({ version: z.string(), defaultProfile: z.string(), items: z.array(ProfileSchema) });
const Saved = z.object({ version: z.string(), changed: z.boolean() });
const tags = ['profiles'];

type Written = z.infer<typeof Written>;

function writtenIn(value: unknown): Readonly<Record<string, Written>> {
  const document = (value ?? {}) as { readonly profiles?: Readonly<Record<string, Written>> };
  return document.profiles ?? {};
}

function toProfile(
  profile: Profile,
  of: { readonly written: Written | undefined; readonly mailboxes: number },
): z.infer<typeof ProfileSchema> {
  const { name, description, crm, contacts, events } = profile;
  const { filter } = contacts;
  return {
    ...{ name, description, crm, mailboxes: of.mailboxes, written: of.written ?? null },
    filter: filter.length === 0 ? 'none' : filter.map(sayScopeRule).join(' and '),
    effective: JSON.parse(JSON.stringify({ contacts, events })) as Record<string, unknown>,
  };
}

async function listProfiles({ live, editor }: ServerParts): Promise<z.infer<typeof Profiles>> {
  const platform = platformNow(live);
  const { version, value } = await editor.read();
  const written = writtenIn(value);
  const counts = new Map<string, number>();
  for (const { profile } of await platform.administration.assignments())
    if (profile !== null) counts.set(profile, (counts.get(profile) ?? 0) + 1);
  const items = platform
    .profiles()
    .map((profile) =>
      toProfile(profile, { written: written[profile.name], mailboxes: counts.get(profile.name) ?? 0 }),
    );
  return { version, defaultProfile: live.config.defaultProfile, items };
}

function readRoutes(app: FastifyInstance, parts: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    `${API}/profiles`,
    {
      config: { role: 'viewer' },
      schema: { tags, summary: 'Named sets of rules.', response: { 200: Profiles, ...refusals(409) } },
    },
    () => listProfiles(parts),
  );
  routes.get(
    `${API}/profiles/:name`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'One profile.', params: z.strictObject({ name: Name }) },
        response: { 200: ProfileSchema.extend({ version: z.string() }), ...refusals(404, 409) },
      },
    },
    async ({ params: { name } }) => {
      const { version, items } = await listProfiles(parts);
      const found = items.find((one) => one.name === name);
      if (found === undefined)
        throw new Refusal(404, `There is no profile "${name}".`, {
          code: 'not-found',
          remedy: `Known: ${items.map((one) => one.name).join(', ')}.`,
        });
      return { ...found, version };
    },
  );
}

function writeRoutes(app: FastifyInstance, { live, editor }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const params = z.strictObject({ name: Name });
  const body = z.strictObject({ profile: Written, version: Version });
  const put = (name: string, profile: unknown) => () => [{ path: ['profiles', name], value: profile }];
  routes.put(
    `${API}/profiles/:name`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary: 'Writes a profile into the configuration file and puts it in force; or changes nothing.',
        ...{ params, body, response: { 200: Saved, ...refusals(409, 422) } },
      },
    },
    async (request) => {
      const { profile, version } = request.body;
      const check = lensCheck(live, request.params.name);
      const change = put(request.params.name, profile);
      return { ...(await editor.save(change, { who: nameOf(request), version, check })) };
    },
  );
  routes.post(
    `${API}/profiles/:name/check`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary: 'Says everything that is wrong with a profile; writes nothing.',
        ...{ params, body, response: { 200: z.object({ ok: z.literal(true) }), ...refusals(409, 422) } },
      },
    },
    async (request) => {
      const candidate = await editor.preview(put(request.params.name, request.body.profile));
      await lensCheck(live, request.params.name)(candidate);
      return { ok: true as const };
    },
  );
  routes.delete(
    `${API}/profiles/:name`,
    {
      config: { role: 'setup' },
      schema: {
        ...{ tags, summary: 'Takes a profile out of the configuration file.', params },
        querystring: z.strictObject({ version: Version }),
        response: { 200: Saved, ...refusals(409, 422) },
      },
    },
    async (request) => {
      const { version } = request.query;
      const change = put(request.params.name, undefined);
      return { ...(await editor.save(change, { who: nameOf(request), version })) };
    },
  );
}

/** Rules: as they are written, and with everything filled in. */
export function profileRoutes(app: FastifyInstance, parts: ServerParts): void {
  readRoutes(app, parts);
  writeRoutes(app, parts);
  app.withTypeProvider<ZodTypeProvider>().get(
    `${API}/settings/schema`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags: ['settings'], summary: 'JSON Schema of the configuration file.' },
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    async () => configJsonSchema(),
  );
}
