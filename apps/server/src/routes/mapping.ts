import type { FieldRule, FieldSpec } from '@tidelock/core';
import { type PreviewField, type Profile, previewMapping, readCatalogues } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { ProblemItem, refusals, toValue, Value } from '../answers.ts';
import { type Kind, lensCheck, rowsOf, somePair } from '../lens-check.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { Refusal } from '../problem.ts';
import { actingFor, nameOf, platformNow } from '../request-platform.ts';

const Property = z.string().regex(/^[A-Za-z][\w.:-]{0,127}$/, 'letters, digits and . _ : - only');
const KindQuery = z.enum(['contact', 'event']).default('contact').meta({ description: 'Of which records.' });
const ProfileName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

/** A row of a mapping, as the configuration file has it. */
const Row = z
  .strictObject({
    field: z
      .string()
      .regex(/^[a-z][A-Za-z0-9-]{0,63}$/, 'camelCase or kebab-case, starting with a small letter'),
    mailbox: Property,
    crm: Property,
    direction: z
      .enum(['both', 'mailbox>crm', 'crm>mailbox', 'mailbox>crm once', 'crm>mailbox once'])
      .default('both'),
    conflict: z.enum(['newer', 'mailbox', 'crm', 'hold']).default('newer'),
    merge: z.enum(['value', 'set', 'text']).default('value'),
    blank: z.enum(['propagate', 'keep']).default('propagate'),
    optional: z.boolean().default(false),
    fallback: z.array(z.string().max(64)).max(10).default([]),
  })
  .meta({ id: 'MappingRow' });
const Rows = z.array(Row).max(300);

const PropertyInfo = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  writable: z.boolean(),
  required: z.boolean(),
  maxLength: z.int().nullable(),
});
const Catalogues = z.object({ mailbox: z.array(PropertyInfo), crm: z.array(PropertyInfo) });

const Shown = z.object({ value: Value }).nullable();
const PreviewedField = z.object({
  field: z.string(),
  type: z.string(),
  mailboxProperty: z.string(),
  crmProperty: z.string(),
  mailbox: Shown.meta({ description: 'What the mailbox shows; null = not read.' }),
  crm: Shown,
  same: z.boolean(),
  mailboxInCrm: Shown.meta({ description: "What the CRM would show of the mailbox's value." }),
  crmInMailbox: Shown,
  lost: z
    .array(z.enum(['mailbox', 'crm']))
    .meta({ description: 'Sides that cannot hold the value of the other.' }),
});
const Preview = z
  .object({
    fields: z.array(PreviewedField),
    findings: z.array(z.object({ code: z.string(), text: z.string(), remedy: z.string().nullable() })),
    problems: z
      .array(ProblemItem)
      .meta({ description: 'Laws that it breaks: it cannot be saved with one. path is the field.' }),
  })
  .meta({ id: 'MappingPreview' });

const tags = ['mapping'];

const toProperty = (one: FieldSpec & { readonly name: string }) => ({
  ...{ name: one.name, label: one.label, type: one.type, writable: one.writable },
  ...{ required: one.required === true, maxLength: one.maxLength ?? null },
});

const shown = (value: PreviewField['mailbox'] | 'lost'): z.infer<typeof Shown> =>
  value === undefined || value === 'lost' ? null : { value: toValue(value) };

function toField(one: PreviewField): z.infer<typeof PreviewedField> {
  const lost: ('mailbox' | 'crm')[] = [];
  if (one.mailboxInCrm === 'lost') lost.push('crm');
  if (one.crmInMailbox === 'lost') lost.push('mailbox');
  return {
    ...{
      field: one.field,
      type: one.type,
      mailboxProperty: one.mailboxProperty,
      crmProperty: one.crmProperty,
    },
    ...{ mailbox: shown(one.mailbox), crm: shown(one.crm), same: one.same, lost },
    ...{ mailboxInCrm: shown(one.mailboxInCrm), crmInMailbox: shown(one.crmInMailbox) },
  };
}

/** The rows in force under a profile, with these in place of those of the same field. */
function withRows(present: readonly FieldRule[], extra: readonly z.output<typeof Row>[]): FieldRule[] {
  const replaced = new Map(extra.map((row) => [row.field, row]));
  const known = new Set(present.map(({ field }) => field));
  return [
    ...present.map((row) => replaced.get(row.field) ?? row),
    ...extra.filter(({ field }) => !known.has(field)),
  ];
}

function profileCalled({ live }: ServerParts, name: string) {
  const profiles = platformNow(live).profiles();
  const found = profiles.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Refusal(404, `There is no profile "${name}".`, {
    code: 'not-found',
    remedy: `Known: ${profiles.map((one) => one.name).join(', ')}.`,
  });
}

function readRoutes(app: FastifyInstance, parts: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    `${API}/mapping/fields`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'Every property of contacts that a mapping can pair. Asks both sides.' },
        querystring: z.strictObject({ crm: z.string().max(63).optional(), kind: KindQuery }),
        response: { 200: Catalogues, ...refusals(404, 409) },
      },
    },
    (request) =>
      actingFor(parts.live, request, async (platform) => {
        const found = await readCatalogues(platform, request.query);
        return { mailbox: found.mailbox.map(toProperty), crm: found.crm.map(toProperty) };
      }),
  );
  routes.get(
    `${API}/mapping/:profile`,
    {
      config: { role: 'viewer' },
      schema: {
        ...{ tags, summary: 'The rows in force under a profile.' },
        params: z.strictObject({ profile: ProfileName }),
        querystring: z.strictObject({ kind: KindQuery }),
        response: { 200: z.object({ version: z.string(), rows: Rows }), ...refusals(404, 409) },
      },
    },
    async ({ params: { profile }, query: { kind } }) => {
      const rows = rowsOf(profileCalled(parts, profile), kind).map(({ transform: _, ...row }) => row);
      return { version: (await parts.editor.read()).version, rows };
    },
  );
}

const PreviewBody = z.strictObject({
  kind: KindQuery,
  rows: Rows.default([]).meta({
    description: 'Rows that would replace those of the same field, or be added.',
  }),
  mailbox: z.email().max(320).optional(),
  record: z
    .strictObject({ mailboxId: z.string().max(1_000).nullable(), crmId: z.string().max(1_000).nullable() })
    .optional()
    .meta({ description: 'Native ids of the record to show; absent = some pair that is kept in step.' }),
});

function previewRoute(app: FastifyInstance, parts: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    `${API}/mapping/:profile/preview`,
    {
      config: { role: 'operator' },
      schema: {
        ...{
          tags,
          summary: 'What a mapping would make of a real record, and the laws that it breaks. Only reads.',
        },
        ...{ params: z.strictObject({ profile: ProfileName }), body: PreviewBody },
        response: { 200: Preview, ...refusals(404, 409) },
      },
    },
    (request) =>
      actingFor(parts.live, request, async (platform) => {
        const { rows, kind, mailbox, record } = request.body;
        const profile = profileCalled(parts, request.params.profile);
        const { crm, events } = profile;
        const of = { kind, crm, mailbox, window: events?.window, region: parts.live.config.sync.region };
        const pair = record ?? (await somePair(platform, of));
        const fields = withRows(rowsOf(profile, kind), rows);
        const found = await previewMapping(platform, { ...of, fields, pair });
        return {
          fields: found.fields.map(toField),
          findings: found.findings.map(({ code, text, remedy = null }) => ({ code, text, remedy })),
          problems: found.problems.map((one) => ({ ...one })),
        };
      }),
  );
}

/** Where a profile keeps its own rows; the implicit default has those of contacts at the top of the file. */
const placeOf = (
  profile: string,
  of: { readonly kind: Kind; readonly written: boolean },
): readonly string[] =>
  of.written
    ? ['profiles', profile, of.kind === 'event' ? 'events' : 'contacts', 'mappingExtra']
    : ['mappingExtra'];

function requireEvents(profile: Profile, kind: Kind): void {
  if (kind === 'contact' || profile.events !== null) return;
  throw new Refusal(422, `Events take no part under the profile "${profile.name}".`, {
    code: 'no-events',
    remedy: 'Give the profile rules for events first.',
  });
}

function saveRoute(app: FastifyInstance, parts: ServerParts): void {
  app.withTypeProvider<ZodTypeProvider>().put(
    `${API}/mapping/:profile`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary:
          "A profile's own rows, in place of those of its mapping; held to the laws before they are saved.",
        params: z.strictObject({ profile: ProfileName }),
        body: z.strictObject({ kind: KindQuery, rows: Rows, version: z.string().max(64).optional() }),
        response: {
          200: z.object({ version: z.string(), changed: z.boolean() }),
          ...refusals(404, 409, 422),
        },
      },
    },
    async (request) => {
      const { profile } = request.params;
      const { kind, rows, version } = request.body;
      requireEvents(profileCalled(parts, profile), kind);
      const change = (document: unknown) => {
        const { profiles = {} } = (document ?? {}) as { readonly profiles?: Record<string, unknown> };
        const value = rows.length === 0 ? undefined : rows;
        const written = Object.hasOwn(profiles, profile);
        return [{ path: placeOf(profile, { kind, written }), value }];
      };
      const check = lensCheck(parts.live, profile);
      return { ...(await parts.editor.save(change, { who: nameOf(request), version, check })) };
    },
  );
}

/** Which property stands for which, tried on a real record before it is saved. */
export function mappingRoutes(app: FastifyInstance, parts: ServerParts): void {
  readRoutes(app, parts);
  previewRoute(app, parts);
  saveRoute(app, parts);
}
