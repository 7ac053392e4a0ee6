import { crmAdaptersInstalled, describeCrm, putSecret, readStanding, tryCrm } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { Block, Instant, ProblemItem, refusals, toInstant } from '../answers.ts';
import { requireKnownTargets } from '../connection-targets.ts';
import { CheckSchema } from '../job-results.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { type ProblemDocument, Refusal } from '../problem.ts';
import { actingFor, nameOf } from '../request-platform.ts';

const Adapter = z.object({ name: z.string(), title: z.string(), version: z.string().nullable() });
const Step = z
  .object({
    code: z.string(),
    text: z.string(),
    manual: z.array(z.string()).meta({ description: 'What a person clicks where nothing is automatic.' }),
    done: z.boolean(),
    automatic: z.boolean(),
  })
  .meta({ id: 'SetupStep' });

const Connections = z
  .object({
    connected: z.boolean(),
    problems: z.array(ProblemItem).meta({ description: 'What keeps the connections from being opened.' }),
    mailbox: z.object({
      adapter: z.string(),
      connectUrl: z
        .string()
        .meta({ description: 'Page on which an administrator of the organisation consents.' }),
      state: z.enum(['pending', 'connected', 'broken', 'disconnected']).meta({
        description: 'As it is remembered: broken = an administrator of the organisation has to act.',
      }),
      disconnected: z
        .object({ at: Instant, by: z.string() })
        .nullable()
        .meta({ description: 'When and by whom the organisation was let go.' }),
      refused: z
        .object({ since: Instant, text: z.string(), remedy: z.string().nullable() })
        .nullable()
        .meta({ description: 'The directory refused the last token that was asked for.' }),
    }),
    crms: z.array(z.object({ name: z.string(), adapter: z.string(), main: z.boolean() })),
    crmAdapters: z.array(Adapter).meta({ description: 'Adapters that are installed here.' }),
  })
  .meta({ id: 'Connections' });

const CrmName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens, starting with a letter');
const params = z.strictObject({ name: CrmName });
const Options = Block.meta({
  description: 'Options of the adapter. A value { secret: name } is read from the secret store.',
});
const Trial = z.strictObject({ adapter: z.string().max(214).optional(), options: Options.optional() });
const Tried = z.object({ checks: z.array(CheckSchema), steps: z.array(Step) });
const tags = ['connections'];

type Setup = Awaited<ReturnType<typeof tryCrm>>['steps'][number];
const toStep = ({ code, text, manual, done, automatic = false }: Setup): z.infer<typeof Step> => ({
  ...{ code, text, manual: [...manual], done, automatic },
});

const problemsOf = (trouble: Error | null): z.infer<typeof ProblemItem>[] => {
  if (trouble === null) return [];
  const { problems, remedy } = trouble as Error & Pick<ProblemDocument, 'problems' | 'remedy'>;
  return problems ?? [{ path: 'connections', reason: trouble.message, remedy: remedy ?? 'Run the checks.' }];
};

async function connectionsOf({ live }: ServerParts): Promise<z.infer<typeof Connections>> {
  const { config, trouble } = live;
  const refused = trouble === null ? await live.now().trouble() : null;
  const { state, left } = await readStanding(live.foundation.state.tenants);
  const adapters = await crmAdaptersInstalled(live);
  const crms = Object.entries(config.crms).map(([name, { adapter }]) => ({ name, adapter, main: false }));
  return {
    connected: trouble === null,
    problems: problemsOf(trouble),
    mailbox: {
      adapter: config.adapters.mailbox.adapter,
      connectUrl: '/connect',
      state,
      disconnected: left && { at: toInstant(left.at), by: left.who },
      refused: refused && { since: toInstant(refused.since), text: refused.text, remedy: refused.remedy },
    },
    crms: [{ name: 'crm', adapter: config.adapters.crm.adapter, main: true }, ...crms],
    crmAdapters: adapters.map(({ name, title, version }) => ({ name, title, version })),
  };
}

const noCrm = (name: string): Refusal =>
  new Refusal(404, `There is no CRM connection "${name}".`, {
    code: 'not-found',
    remedy: 'List the connections.',
  });

function readRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { live } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    `${API}/connections`,
    {
      config: { role: 'viewer' },
      schema: {
        tags,
        summary: 'What is connected, and what is missing. Asks nobody.',
        response: { 200: Connections },
      },
    },
    () => connectionsOf(parts),
  );
  routes.get(
    `${API}/connections/crm/:name`,
    {
      config: { role: 'setup' },
      schema: {
        ...{ tags, summary: 'A CRM connection as the file has it, with the schema of its options.', params },
        response: {
          200: z.object({
            ...{ name: z.string(), adapter: Adapter, options: Options, schema: Options.nullable() },
            version: z.string(),
          }),
          ...refusals(404),
        },
      },
    },
    async ({ params: { name } }) => {
      const found = await describeCrm(live, name);
      if (found === null) throw noCrm(name);
      const { title, version, name: adapter } = found.adapter;
      return {
        ...{ name, adapter: { name: adapter, title, version }, version: (await parts.editor.read()).version },
        options: { ...(found.options as Record<string, unknown>) },
        schema: found.schema && { ...found.schema },
      };
    },
  );
}

async function requireInstalled({ live }: ServerParts, adapter: string | undefined): Promise<void> {
  if (adapter === undefined) return;
  const installed = (await crmAdaptersInstalled(live)).map(({ name }) => name);
  if (installed.includes(adapter)) return;
  throw new Refusal(422, `${adapter} is not among the adapters that are installed here.`, {
    code: 'adapter',
    remedy: `Installed: ${installed.join(', ')}. Install it beside the configuration file first.`,
  });
}

function checkRoute(app: FastifyInstance, parts: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    `${API}/connections/crm/:name/check`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary:
          'Tries a CRM connection as it is, or as it would be; each failure with what to do. Stores nothing.',
        ...{ params, body: Trial, response: { 200: Tried, ...refusals(422) } },
      },
    },
    async (request) => {
      const { adapter, options } = request.body;
      const { name } = request.params;
      await requireInstalled(parts, adapter);
      requireKnownTargets(parts.live, options);
      const { checks, steps } = await tryCrm(parts.live, { name, adapter, options });
      return { checks: [...checks], steps: steps.map(toStep) };
    },
  );
}

function saveRoute(app: FastifyInstance, parts: ServerParts): void {
  const { live, editor } = parts;
  const Saved = z.object({ version: z.string(), changed: z.boolean(), checks: z.array(CheckSchema) });
  app.withTypeProvider<ZodTypeProvider>().put(
    `${API}/connections/crm/:name`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary: 'Writes a CRM connection into the configuration file, once it answers; or changes nothing.',
        params,
        body: Trial.extend({
          options: Options,
          version: z.string().max(64).optional(),
          anyway: z.boolean().default(false).meta({ description: 'Also where the CRM refuses it now.' }),
        }),
        response: { 200: Saved, ...refusals(409, 422) },
      },
    },
    async (request) => {
      const { adapter, options, version, anyway } = request.body;
      const { name } = request.params;
      await requireInstalled(parts, adapter);
      requireKnownTargets(live, options);
      const { checks } = await tryCrm(live, { name, adapter, options });
      const failed = checks.filter(({ status }) => status === 'fail');
      if (failed.length > 0 && !anyway)
        throw new Refusal(422, 'This connection does not work; nothing was saved.', {
          code: 'connection',
          remedy: 'Mend what is named and try again.',
          problems: failed.map((one) => ({ path: one.name, reason: one.text, remedy: one.remedy ?? '' })),
        });
      const path = name === 'crm' ? ['crm'] : ['crms', name];
      const edits = [
        ...(adapter === undefined ? [] : [{ path: [...path, 'adapter'], value: adapter }]),
        { path: [...path, 'options'], value: options },
      ];
      const saved = await editor.save(() => edits, { who: nameOf(request), version });
      return { ...saved, checks: [...checks] };
    },
  );
}

function provisionRoute(app: FastifyInstance, { live }: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    `${API}/connections/crm/:name/provision`,
    {
      config: { role: 'setup' },
      schema: {
        ...{
          tags,
          summary: 'Has the automatic steps done that a CRM needs; answers all steps as they are then.',
          params,
        },
        body: z.strictObject({ codes: z.array(z.string().max(100)).min(1).max(100) }),
        response: { 200: z.object({ steps: z.array(Step) }), ...refusals(409, 422) },
      },
    },
    (request) =>
      actingFor(live, request, async ({ crmService }) => {
        const steps = await crmService.provision(request.params.name, request.body.codes);
        return { steps: steps.map(toStep) };
      }),
  );
}

function secretRoute(app: FastifyInstance, { live }: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().put(
    `${API}/connections/secrets/:name`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary:
          'Puts a secret into the secret store, and opens the connections anew. It is never given back.',
        params: z.strictObject({
          name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,126}$/, 'not the name of a secret'),
        }),
        body: z.strictObject({ value: z.string().min(1).max(65_536) }),
        response: {
          200: z.object({ stored: z.string(), connected: z.boolean(), problems: z.array(ProblemItem) }),
          ...refusals(409),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await putSecret(live, { who: nameOf(request), name, value: request.body.value });
      return { stored: name, connected: live.trouble === null, problems: problemsOf(live.trouble) };
    },
  );
}

/** Connections to both sides: what is missing, tried before it is saved. */
export function connectionRoutes(app: FastifyInstance, parts: ServerParts): void {
  readRoutes(app, parts);
  checkRoute(app, parts);
  saveRoute(app, parts);
  provisionRoute(app, parts);
  secretRoute(app, parts);
}
