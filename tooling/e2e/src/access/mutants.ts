import { type Mutant, mutantsOfPeople } from './mutants-people.ts';

const dir = 'packages/host/src/access';
const access = `${dir}/access.ts`;
const caller = `${dir}/caller.ts`;
const limits = `${dir}/limits.ts`;
const own = `${dir}/own-request.ts`;
const tokens = `${dir}/api-tokens.ts`;
const principal = `${dir}/principal.ts`;
const server = 'apps/server/src/access';

const requests: readonly Mutant[] = [
  {
    ...{ check: 'a request comes from the own site', file: own, attack: 'cross-site' },
    ...{ find: "if (!isOwn) throw new AccessRefusal('foreign-request');", replace: '' },
  },
  {
    ...{ check: 'a neighbour is another site', file: own, attack: 'same-site' },
    ...{ find: "site === 'same-origin'", replace: "site !== 'cross-site'" },
  },
  {
    ...{ check: 'an old browser says of which origin', file: own, attack: 'foreign-origin' },
    ...{ find: "caller.header('origin') === origin", replace: 'true' },
  },
  {
    ...{ check: 'who says nothing is no page', file: own, attack: 'no-origin' },
    ...{
      find: "caller.header('origin') === origin",
      replace: "(caller.header('origin') ?? origin) === origin",
    },
  },
  {
    ...{ check: 'a token is sent', file: access, attack: 'no-csrf' },
    ...{ find: 'if (!form) requireCsrfToken(caller, session.secret);', replace: '' },
  },
  {
    ...{ check: 'the token is of that session', file: own, attack: 'other-csrf' },
    ...{ find: "createHmac('sha256', secret)", replace: "createHmac('sha256', 'one for all')" },
  },
  {
    ...{ check: 'JSON only', file: access, attack: 'text-plain' },
    ...{ find: 'if (!form) requireJson(caller);', replace: '' },
  },
  {
    ...{
      check: 'signing in is of the own site, too',
      file: `${server}/access.ts`,
      attack: 'login-cross-site',
    },
    ...{ find: 'if (isPublic && !SAFE.has(request.method)) access.requireOwnPage(who);', replace: '' },
  },
  {
    ...{ check: 'of two cookies none is believed', file: `${dir}/cookies.ts`, attack: 'two-cookies' },
    ...{ find: 'found.length === 1 ? found[0]', replace: 'found.length > 0 ? found.at(-1)' },
  },
];

const counted: readonly Mutant[] = [
  {
    ...{ check: 'tries of an account are counted', file: limits, attack: 'one-account' },
    ...{ find: "await take('account', name);", replace: '' },
  },
  {
    ...{ check: 'tries from an address are counted', file: limits, attack: 'one-address' },
    ...{ find: "await take('address', addressGroup(address));", replace: '' },
  },
  {
    ...{ check: 'a network is one address', file: limits, attack: 'one-network' },
    ...{ find: "await take('address', addressGroup(address));", replace: "await take('address', address);" },
  },
  {
    ...{ check: 'without a proxy the header is not read', file: caller, attack: 'forged-address' },
    ...{ find: 'trustedProxies === 0 ? undefined :', replace: 'trustedProxies < 0 ? undefined :' },
  },
  {
    ...{ check: 'behind a proxy its own entry counts', file: caller, attack: 'forged-hops' },
    ...{ find: 'told.at(-Math.min(trustedProxies, Math.max(told.length, 1)))', replace: 'told[0]' },
  },
  {
    ...{ check: 'requests are counted', file: limits, attack: 'flood' },
    ...{ find: "await take('requests', by, tries);", replace: '' },
  },
  {
    ...{ check: 'wrong tokens are counted', file: access, attack: 'tokens-guessed' },
    ...{ find: 'await limits.badToken(caller.address);', replace: '' },
  },
  {
    ...{
      check: 'returns that do not hold are counted',
      file: `${dir}/provider-sign-in.ts`,
      attack: 'returns-guessed',
    },
    ...{ find: 'await limits.guess(caller.address);', replace: '' },
  },
  {
    ...{ check: 'begun sign-ins are counted', file: `${dir}/provider-sign-in.ts`, attack: 'many-begun' },
    ...{ find: 'if (own >= MOST_OWN)', replace: 'if (own < 0)' },
  },
];

const programs: readonly Mutant[] = [
  {
    ...{ check: 'the secret of a token is right', file: tokens, attack: 'other-id' },
    ...{ find: 'if (found === null || !isRight) return null;', replace: 'if (found === null) return null;' },
  },
  {
    ...{ check: 'a token ends', file: tokens, attack: 'token-over' },
    ...{
      find: 'if (token.revokedAt !== null || token.endsAt <= now)',
      replace: 'if (token.revokedAt !== null)',
    },
  },
  {
    ...{ check: 'a revoked token is none', file: tokens, attack: 'token-revoked' },
    ...{ find: 'if (token.revokedAt !== null || token.endsAt <= now)', replace: 'if (token.endsAt <= now)' },
  },
  {
    ...{ check: 'a token ends with its owner', file: principal, attack: 'owner-disabled' },
    ...{
      find: 'if (role === null || disabledAt !== null) return null;',
      replace: 'if (role === null) return null;',
    },
  },
  {
    ...{ check: 'a token goes down with its owner', file: principal, attack: 'outlived-role' },
    ...{ find: 'role: lower(token.role, role)', replace: 'role: token.role' },
  },
  {
    ...{ check: 'a token has a scope', file: principal, attack: 'beyond-scope' },
    ...{ find: 'role: lower(token.role, role)', replace: 'role' },
  },
  {
    ...{ check: 'no token above its owner', file: tokens, attack: 'above-oneself' },
    ...{
      find: 'if (owner.role === null || !reaches(owner.role, of.role))',
      replace: 'if (owner.role === null)',
    },
  },
  {
    ...{ check: 'no token makes another', file: `${server}/token-routes.ts`, attack: 'self-renewing' },
    ...{ find: "if (principal.via === 'session') return principal;", replace: 'return principal;' },
  },
  {
    ...{ check: 'a token lives a year at most', file: `${server}/token-routes.ts`, attack: 'endless' },
    ...{ find: '.max(365)', replace: '' },
  },
  {
    ...{ check: 'tokens of others are not shown', file: `${server}/token-routes.ts`, attack: 'of-others' },
    ...{
      find: "(mayActAs(principal, 'setup') ? null : principal.id)",
      replace: "(mayActAs(principal, 'viewer') ? null : principal.id)",
    },
  },
  {
    ...{ check: 'the tenant id is for setup only', file: `${server}/tenant-route.ts`, attack: 'reveal' },
    ...{ find: "role: 'setup'", replace: "role: 'operator'" },
  },
];

/** Each check, taken out of the source; without it, an attack comes out differently. */
export const accessMutants: readonly Mutant[] = [...mutantsOfPeople, ...requests, ...counted, ...programs];
