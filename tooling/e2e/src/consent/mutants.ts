import { TENANTS } from './world.ts';

/** One check taken out of the source. */
export interface Mutant {
  readonly check: string;
  /** Path from the repository's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The attack whose outcome changes without the check, and how it comes out then. */
  readonly attack: string;
  readonly without: string;
}

const flow = 'packages/host/src/consent/flow.ts';
const handler = 'packages/host/src/consent/handler.ts';
const attempts = 'packages/host/src/consent/attempts.ts';
const bindings = 'packages/host/src/consent/bindings.ts';
const proving = 'packages/host/src/consent/proving.ts';
const loopback = 'packages/host/src/loopback.ts';
const signIn = 'packages/token-entra/src/consent-sign-in.ts';
const reply = 'packages/token-entra/src/consent-reply.ts';

export const mutants: readonly Mutant[] = [
  {
    ...{ check: 'the state is known', file: flow, attack: 'forged-callback' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'const attempt = await parts.attempts.take(hashOf(state));',
    replace:
      "const attempt = (await parts.attempts.take(hashOf(state))) ?? ({ purpose: 'consent', session: hashOf(visitor.session), account: visitor.account, who: '', expiresAt: Number.POSITIVE_INFINITY, tenant: '0f000000-0000-4000-8000-000000000002', subject: '' } as Attempt);",
  },
  {
    ...{ check: 'a state is used once', file: attempts, attack: 'parallel-callbacks' },
    without: '303, 303',
    find: 'const ticket = await store.takeTicket(KIND, stateHash);',
    replace:
      'const seen = (store as { seen?: Map<string, unknown> }).seen ??= new Map(); const ticket = ((await store.takeTicket(KIND, stateHash)) ?? seen.get(stateHash) ?? null) as Awaited<ReturnType<typeof store.takeTicket>>; if (ticket !== null) seen.set(stateHash, ticket);',
  },
  {
    ...{ check: 'a state ends after ten minutes', file: flow, attack: 'late-callback' },
    without: 'directory claim-nbf',
    find: 'if (attempt.expiresAt <= parts.clock.now())',
    replace: 'if (attempt.expiresAt < 0)',
  },
  {
    ...{ check: 'a state belongs to its session', file: flow, attack: 'fed-callback' },
    without: 'consenting',
    find: 'if (!isSame(attempt.session, hashOf(visitor.session)))',
    replace: 'if (!isSame(attempt.session, attempt.session))',
  },
  {
    ...{ check: 'a state belongs to its account', file: flow, attack: 'changed-account' },
    without: 'consenting',
    find: 'if (attempt.account !== visitor.account)',
    replace: 'if (attempt.account === undefined)',
  },
  {
    ...{ check: 'attempts are counted', file: flow, attack: 'flood' },
    without: 'signing-in',
    find: 'if (own >= MOST_OWN || all >= MOST)',
    replace: 'if (all >= MOST && own < 0)',
  },
  {
    ...{ check: 'sign-in and consent name one tenant', file: flow, attack: 'foreign-tenant' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'if (tenant !== attempt.tenant)',
    replace: "if (tenant === '')",
  },
  {
    ...{ check: 'the same, in tabs', file: flow, attack: 'mixed-up-tabs' },
    without: 'directory AADSTS7000229, directory AADSTS7000229',
    find: 'if (tenant !== attempt.tenant)',
    replace: "if (tenant === '')",
  },
  {
    ...{ check: 'an administrator signed in', file: flow, attack: 'employee' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: "if (signedIn.mayConsent === 'no')",
    replace: 'if (signedIn.subject === undefined)',
  },
  {
    ...{ check: 'only roles that may consent count', file: signIn, attack: 'lesser-administrator' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'return wids.some((role) => MAY_CONSENT.has(role))',
    replace: 'return wids.length > 0',
  },
  {
    ...{ check: 'untold roles are no roles', file: flow, attack: 'roles-untold' },
    without: 'consenting',
    find: "if (signedIn.mayConsent === 'unknown' && allowed === null)",
    replace: 'if (signedIn.subject === undefined)',
  },
  {
    ...{ check: 'the tenant is the configured one', file: flow, attack: 'not-the-configured-tenant' },
    without: 'consenting',
    find: 'if (allowed !== null && allowed !== tenant)',
    replace: 'if (tenant === undefined)',
  },
  {
    ...{ check: 'no other account holds the tenant', file: bindings, attack: 'bound-elsewhere' },
    without: 'consenting',
    find: 'if (holder !== null && holder.id !== account) throw taken();',
    replace: 'void holder;',
  },
  {
    ...{ check: 'the unique index is heard', file: bindings, attack: 'bound-meanwhile' },
    without: 'one CONNECTED, one directory',
    find: "if (isAdapterError(error) && error.kind === 'conflict') throw taken();\n      throw error;",
    replace: 'void error;',
  },
  {
    ...{ check: 'the ID token is signed', file: signIn, attack: 'foreign-key' },
    without: 'consenting',
    find: 'oidc.enableNonRepudiationChecks(found);',
    replace: '',
  },
  {
    ...{ check: 'and unchanged', file: signIn, attack: 'changed-tenant' },
    without: 'consenting',
    find: 'oidc.enableNonRepudiationChecks(found);',
    replace: '',
  },
  {
    ...{ check: 'the nonce is that of the attempt', file: signIn, attack: 'replayed-token' },
    without: 'consenting',
    find: 'expectedNonce: kept.nonce,',
    replace: "expectedNonce: 'of-another-sign-in',",
  },
  {
    ...{ check: 'the code answers the challenge (PKCE)', file: signIn, attack: 'stolen-code' },
    without: 'directory claim-nonce',
    find: "        code_challenge: await oidc.calculatePKCECodeChallenge(kept.verifier),\n        code_challenge_method: 'S256',\n",
    replace: '',
  },
  {
    ...{ check: 'the tenant is an id', file: signIn, attack: 'no-tenant-id' },
    without: 'consenting',
    find: 'if (!GUID.test(tenant))',
    replace: "if (tenant === '')",
  },
  {
    ...{ check: 'error comes before admin_consent', file: reply, attack: 'refusal-with-flag' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'if (error !== null)',
    replace: "if (error === 'never')",
  },
  {
    ...{ check: 'the reply names a tenant id', file: reply, attack: 'tenant-as-domain' },
    without: 'tenant-mismatch',
    find: ' && GUID.test(tenant)',
    replace: '',
  },
  {
    ...{ check: 'the app-only token is of that tenant', file: proving, attack: 'token-of-another-tenant' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'if (look.tenant === null || look.tenant === tenant) return;',
    replace: 'return;',
  },
  {
    ...{ check: 'the app has an object in the tenant', file: proving, attack: 'no-principal' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'if (shown !== null && principal === null)',
    replace: 'if (shown !== null && principal === undefined)',
  },
  {
    ...{ check: 'something was granted', file: proving, attack: 'no-permission' },
    without: `CONNECTED ${TENANTS.victim}`,
    find: 'if (roles !== null && roles.length === 0 && !ready)',
    replace: 'if (ready === undefined)',
  },
  {
    ...{ check: 'only visitors come in', file: handler, attack: 'nobody' },
    without: '200, 400, 403',
    find: "if (visitor === null) throw new ConsentRefusal('no-session', 'nobody is signed in here');\n    return visitor;",
    replace: "return visitor ?? { session: '', account: '', who: '' };",
  },
  {
    ...{ check: 'forms come from this site', file: handler, attack: 'foreign-form' },
    without: '303, 303',
    find: "if (!isOwn) throw new ConsentRefusal('foreign-request', 'the request came from another site');",
    replace: 'void isOwn;',
  },
  {
    ...{ check: 'forms belong to their session', file: handler, attack: 'form-of-another-session' },
    without: '303',
    find: "if (!pages.isOwnToken(visitor, form.get('token') ?? ''))",
    replace: "if (form.get('token') === '')",
  },
  {
    ...{ check: 'only loopback names are served', file: loopback, attack: 'another-name' },
    without: '200',
    find: 'if (!NAMES.has(host))',
    replace: "if (host === '')",
  },
];
