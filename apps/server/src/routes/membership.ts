import type { ActingPlatform, Change } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refusals } from '../answers.ts';
import type { ServerParts } from '../parts.ts';
import { API } from '../paths.ts';
import { problemOf } from '../problem.ts';
import { actingFor, nameOf } from '../request-platform.ts';

const Address = z.email().max(320);
const tags = ['mailboxes'];

const Matches = z.strictObject({
  matches: z
    .array(
      z.strictObject({
        address: Address,
        user: z.string().min(1).max(320).nullable().meta({
          description: 'E-mail address or id of the CRM user; null = by the keys of the configuration again.',
        }),
      }),
    )
    .min(1)
    .max(500),
});

const Matched = z.object({
  results: z.array(
    z.object({
      address: z.string(),
      crmUser: z.object({ id: z.string(), name: z.string(), email: z.string().nullable() }).nullable(),
      problem: z
        .object({ detail: z.string(), remedy: z.string().nullable() })
        .nullable()
        .meta({ description: 'Why this one was not matched; the others were.' }),
    }),
  ),
});

const Assignment = z.strictObject({
  addresses: z.array(Address).min(1).max(1_000),
  profile: z
    .string()
    .max(63)
    .nullable()
    .meta({ description: 'Name of the profile; null takes the entries of these mailboxes out of the list.' }),
});

async function matchOne(
  { administration }: ActingPlatform,
  { address, user }: z.infer<typeof Matches>['matches'][number],
): Promise<z.infer<typeof Matched>['results'][number]> {
  try {
    const found = await administration.match(address, user);
    const crmUser = found && { id: found.id, name: found.name, email: found.email };
    return { address, crmUser, problem: null };
  } catch (error) {
    const answer = problemOf(error);
    if (answer === null) throw error;
    const { detail, remedy, problems } = answer.document;
    return { address, crmUser: null, problem: { detail, remedy: remedy ?? problems?.[0]?.remedy ?? null } };
  }
}

type Entry = Readonly<Record<string, unknown>>;
const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null;
const addressOf = (entry: unknown): string =>
  isEntry(entry) && typeof entry.address === 'string' ? entry.address.toLowerCase() : '';

/** Entries of the list of mailboxes with this profile; those that are not there yet are added. */
export function assign({ addresses, profile }: z.infer<typeof Assignment>): Change {
  return (document) => {
    const written = isEntry(document) && Array.isArray(document.mailboxes) ? document.mailboxes : [];
    const wanted = new Map(addresses.map((address) => [address.toLowerCase(), address]));
    const kept = profile === null ? written.filter((entry) => !wanted.has(addressOf(entry))) : written;
    const present = new Set(kept.map(addressOf));
    const changed = kept.map((entry: unknown) =>
      wanted.has(addressOf(entry)) && isEntry(entry) ? { ...entry, profile } : entry,
    );
    const added = profile === null ? [] : [...wanted].filter(([name]) => !present.has(name));
    const value = [...changed, ...added.map(([, address]) => ({ address, profile }))];
    return [{ path: ['mailboxes'], value }];
  };
}

/** Who a mailbox belongs to, and which profile it follows, many at a time. */
export function membershipRoutes(app: FastifyInstance, { live, editor }: ServerParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    `${API}/mailboxes/match`,
    {
      config: { role: 'operator' },
      schema: {
        ...{ tags, summary: 'Decides whose mailboxes these are in the CRM; each by itself.' },
        ...{ body: Matches, response: { 200: Matched, ...refusals(409) } },
      },
    },
    async (request) => {
      const results = await actingFor(live, request, async (platform) => {
        const done: z.infer<typeof Matched>['results'] = [];
        for (const match of request.body.matches) done.push(await matchOne(platform, match));
        return done;
      });
      // Who takes part is found out anew, so that the next look shows it.
      if (results.some(({ problem }) => problem === null)) await live.reload();
      return { results };
    },
  );
  routes.post(
    `${API}/mailboxes/assign`,
    {
      config: { role: 'setup' },
      schema: {
        tags,
        summary:
          'Gives mailboxes a profile, or takes them out of the list; the configuration file is edited.',
        body: Assignment,
        response: { 200: z.object({ version: z.string(), changed: z.boolean() }), ...refusals(409, 422) },
      },
    },
    async (request) => ({ ...(await editor.save(assign(request.body), { who: nameOf(request) })) }),
  );
}
