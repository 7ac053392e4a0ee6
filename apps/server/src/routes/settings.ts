import type { Edit } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Block, Instant, refusals, toInstant } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { nameOf } from '../request-platform.ts';

const Settings = z
  .object({
    version: z.string(),
    file: z.string(),
    settings: z
      .object({
        sync: Block,
        history: Block,
        alarm: Block,
        match: z.array(Block),
        defaultProfile: z.string(),
      })
      .meta({ description: 'In force, with everything that the file leaves out filled in.' }),
  })
  .meta({ id: 'Settings' });

const Version = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'not a version')
  .optional();
const Saved = z.object({ version: z.string(), changed: z.boolean() });
const Written = z.strictObject({
  sync: Block.optional(),
  history: Block.optional(),
  alarm: Block.optional(),
  match: z.array(Block).max(10).optional(),
  defaultProfile: z.string().max(63).optional(),
  unset: z
    .array(z.string().regex(/^(sync|history|alarm|match|defaultProfile)(\.[A-Za-z]{1,40}){0,3}$/))
    .max(50)
    .default([])
    .meta({ description: 'Settings that take their default again: sync.region.' }),
  version: Version,
});

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is given is written, and whatever is not given stays as it is. */
function leaves(value: unknown, path: readonly string[]): Edit[] {
  if (!isSection(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function editsOf({ unset, version: _, ...given }: z.output<typeof Written>): readonly Edit[] {
  const written = Object.entries(given).filter(([, value]) => value !== undefined);
  return [
    ...written.flatMap(([key, value]) => leaves(value, [key])),
    ...unset.map((path) => ({ path: path.split('.'), value: undefined })),
  ];
}

const tags = ['settings'];

/** Somebody may have written the id of the tenant itself into the file; it leaves by /tenant/reveal alone, which is written down. */
function withoutTenant(text: string, { adapters }: ServerParts['live']['config']): string {
  const { tenant } = adapters.mailbox.options as { readonly tenant?: unknown };
  return typeof tenant === 'string' && tenant !== '' ? text.replaceAll(tenant, HIDDEN) : text;
}

const HIDDEN = '(hidden: see Connections)';

function readRoutes(app: FastifyInstance, { live, editor }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    `${API}/settings`,
    {
      config: { role: 'viewer' },
      schema: { tags, summary: 'Settings in force.', response: { 200: Settings } },
    },
    async () => {
      const { sync, history, alarm, match, defaultProfile, file } = live.config;
      const settings = { sync, history, alarm, match, defaultProfile };
      const plain = JSON.parse(JSON.stringify(settings)) as z.infer<typeof Settings>['settings'];
      return { version: (await editor.read()).version, file, settings: plain };
    },
  );
  routes.get(
    `${API}/settings/file`,
    {
      config: { role: 'setup' },
      schema: {
        ...{ tags, summary: 'The configuration file as it stands, without the id of the tenant.' },
        response: { 200: z.object({ version: z.string(), text: z.string() }) },
      },
    },
    async () => {
      const { version, text } = await editor.read();
      return { version, text: withoutTenant(text, live.config) };
    },
  );
  routes.get(
    `${API}/settings/versions`,
    {
      config: { role: 'setup' },
      schema: {
        ...{ tags, summary: 'Configurations that were replaced, newest first.' },
        response: { 200: z.object({ items: z.array(z.object({ id: z.string(), until: Instant })) }) },
      },
    },
    async () => ({
      items: (await editor.earlier()).map(({ id, until }) => ({ id, until: toInstant(until) })),
    }),
  );
}

/** What is not about one profile: read by everybody, edited in the configuration file. */
export function settingRoutes(app: FastifyInstance, parts: ServerParts): void {
  readRoutes(app, parts);
  const { editor } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const config = { role: 'setup' } as const;
  routes.put(
    `${API}/settings`,
    {
      config,
      schema: {
        ...{
          tags,
          summary: 'Writes settings into the configuration file and puts them in force; or changes nothing.',
        },
        ...{ body: Written, response: { 200: Saved, ...refusals(409, 422) } },
      },
    },
    async (request) => {
      const edits = editsOf(request.body);
      const { version } = request.body;
      return { ...(await editor.save(() => edits, { who: nameOf(request), version })) };
    },
  );
  routes.post(
    `${API}/settings/restore`,
    {
      config,
      schema: {
        ...{ tags, summary: 'Puts an earlier configuration in force again.' },
        body: z.strictObject({ id: z.string().max(100), version: Version }),
        response: { 200: Saved, ...refusals(404, 409, 422) },
      },
    },
    async (request) => {
      const { id, version } = request.body;
      return { ...(await editor.restore(id, { who: nameOf(request), version })) };
    },
  );
}
