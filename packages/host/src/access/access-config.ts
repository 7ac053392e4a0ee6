import { ACCESS_ROLES } from '@tidelock/core';
import * as z from 'zod';
import { isSafeOrigin } from './cookies.ts';

const Text = z.string().min(1).max(255);
const Texts = z.array(Text).min(1).max(1_000);

const onlyOne = ({ users, groups, claim, everyone }: Readonly<Record<string, unknown>>): boolean =>
  [users, groups, claim, everyone].filter((one) => one !== undefined).length === 1;

const RoleRuleSchema = z
  .strictObject({
    role: z
      .enum(ACCESS_ROLES)
      .meta({ description: 'viewer reads, operator acts, setup changes everything.' }),
    users: Texts.optional().meta({
      description:
        'Ids of people as the provider calls them: claim oid where tenants are listed, else sub. Never e-mail addresses.',
    }),
    groups: Texts.optional().meta({ description: 'Values of the claim groups.' }),
    claim: Text.optional().meta({
      description: 'Name of another claim, also inside one: realm_access.roles.',
    }),
    values: Texts.optional().meta({ description: 'Values of that claim.' }),
    everyone: z.literal(true).optional().meta({ description: 'Whoever may sign in there.' }),
  })
  .refine(onlyOne, { message: 'names one of users, groups, claim and everyone, and only one' })
  .refine(({ claim, values }) => (claim === undefined) === (values === undefined), {
    path: ['values'],
    message: 'belongs to a claim, and a claim needs values',
  });
export type RoleRule = z.infer<typeof RoleRuleSchema>;

const Issuer = z
  .url('not an address')
  .max(2048)
  .refine((text) => URL.canParse(text) && isSafeOrigin(new URL(text).origin), {
    message: 'https is needed; http only on this machine (localhost)',
  });

const ProviderFields = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, 'small letters, digits and hyphens, starting with a letter')
    .refine((name) => name !== 'local', { message: 'local is the name of accounts without a provider' })
    .meta({
      description: 'Stands for it for good: people are told apart by it and by what the provider calls them.',
    }),
  title: z.string().min(1).max(60).optional().meta({ description: 'On its button. Default: the name.' }),
  issuer: Issuer.meta({ description: 'Where /.well-known/openid-configuration is found.' }),
  clientId: Text.meta({ description: 'Id of this installation at the provider.' }),
  clientSecret: z
    .strictObject({
      secret: z.string().min(1).max(255).meta({ description: 'Its name in the secret store.' }),
    })
    .optional()
    .meta({
      description: 'Without one: a public client, which PKCE protects.',
    }),
  clientKey: Text.optional().meta({
    description:
      'Name of a key pair in the secret store, instead of a secret: its certificate proves this installation (PS256).',
  }),
  tenants: z.array(z.guid('not the id of a tenant').toLowerCase()).min(1).max(100).optional().meta({
    description:
      'Ids of the tenants whose people may sign in (claim tid); people are then told apart by tid and oid. Needed for an issuer of many tenants.',
  }),
  scopes: z
    .array(Text)
    .max(20)
    .default(['openid', 'profile'])
    .refine((scopes) => scopes.includes('openid'), { message: 'openid is needed' })
    .meta({ description: 'What is asked for.' }),
  maxAgeMinutes: z.int().min(1).max(43_200).optional().meta({
    description: 'Refuses who gave their credentials there longer ago. The provider must send auth_time.',
  }),
  roles: z.array(RoleRuleSchema).max(200).default([]).meta({
    description:
      'Who gets which role; of several, the highest. Nobody else gets in, except by a word of a person with the role setup.',
  }),
});
const ProviderSchema = ProviderFields.refine(
  ({ clientKey, clientSecret }) => clientKey === undefined || clientSecret === undefined,
  { path: ['clientKey'], message: 'stands beside clientSecret; keep one of them' },
);
export type ProviderChoice = z.infer<typeof ProviderSchema>;

function refuseRepeatedNames(
  providers: readonly { readonly name: string }[],
  context: z.RefinementCtx,
): void {
  const names = providers.map(({ name }) => name);
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is there twice` });
  });
}

const SignIn = z.strictObject({
  local: z
    .boolean()
    .default(true)
    .meta({ description: 'Accounts with a password of their own may sign in.' }),
  providers: z.array(ProviderSchema).max(10).default([]).superRefine(refuseRepeatedNames).meta({
    description: 'OpenID Connect sign-in services.',
  }),
});

/** The section `server` of the configuration. */
export const ServerSchema = z.strictObject({
  origin: z
    .url('not an address')
    .max(2048)
    .refine((text) => URL.canParse(text) && isSafeOrigin(text), {
      message: 'https://host without a path is needed; http only on this machine (localhost)',
    })
    .optional()
    .meta({ description: 'Address of this installation as browsers know it: https://tidelock.example' }),
  trustedProxies: z.int().min(0).max(10).default(0).meta({
    description:
      'How many proxies of yours stand in front, each of which appends to X-Forwarded-For. 0: the header is not read.',
  }),
  requestsPerMinute: z.int().min(20).max(10_000_000).default(3_000).meta({
    description: 'Requests of one person, token, or address that nobody is signed in at.',
  }),
  firstSync: z.enum(['approved', 'at-once']).default('approved').meta({
    description:
      'approved: a mailbox that was never synchronised rests until somebody approved its plan, or resumed it.',
  }),
  signIn: SignIn.prefault({}).meta({ description: 'Who may sign in, and as what.' }),
});
