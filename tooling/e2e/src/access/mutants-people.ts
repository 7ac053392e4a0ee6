/** One check taken out of the source. */
export interface Mutant {
  readonly check: string;
  /** Path from the repository's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The attack that comes out differently then. */
  readonly attack: string;
}

const dir = 'packages/host/src/access';
const provider = `${dir}/provider.ts`;
const signIn = `${dir}/provider-sign-in.ts`;
const sessions = `${dir}/sessions.ts`;
const users = `${dir}/users.ts`;
const local = `${dir}/local-sign-in.ts`;
const invitations = `${dir}/invitations.ts`;

const vouched: readonly Mutant[] = [
  {
    ...{ check: 'the signature of an ID token', file: provider, attack: 'foreign-key' },
    ...{ find: 'oidc.enableNonRepudiationChecks(found);', replace: '' },
  },
  {
    ...{ check: 'the tenant is listed', file: provider, attack: 'other-tenant' },
    ...{
      find: 'if (tenant === undefined || !tenants.includes(tenant))',
      replace: 'if (tenant === undefined)',
    },
  },
  {
    ...{ check: 'there is a tenant', file: provider, attack: 'no-tenant' },
    find: 'if (tenant === undefined || !tenants.includes(tenant))',
    replace: 'if (tenant !== undefined && !tenants.includes(tenant))',
  },
  {
    ...{ check: 'there is an object id', file: provider, attack: 'no-object' },
    ...{ find: "if (subject === null) throw new AccessRefusal('token');", replace: '' },
  },
  {
    ...{ check: 'many tenants need a list', file: provider, attack: 'many-unlisted' },
    ...{ find: 'requireTenants(config, choice);', replace: '' },
  },
  {
    ...{ check: 'the sign-in there is recent', file: provider, attack: 'old-sign-in' },
    ...{ find: '{ maxAge: choice.maxAgeMinutes * 60 }', replace: '{}' },
  },
  {
    ...{ check: 'the state is known', file: signIn, attack: 'unknown-state' },
    find: "const ticket = state === null ? null : await desk.store.takeTicket('sign-in', hashOf(state));",
    replace:
      'const ticket = { endsAt: Infinity, bound: hashOf(visit ?? \'\'), value: Buffer.from(\'{"provider":"corp","setup":null}\') };',
  },
  {
    ...{ check: 'a state ends after ten minutes', file: signIn, attack: 'late-return' },
    ...{ find: 'if (ticket.endsAt <= desk.context.clock.now())', replace: 'if (ticket.endsAt < 0)' },
  },
  {
    ...{ check: 'a state belongs to its browser', file: signIn, attack: 'fed-return' },
    ...{
      find: 'if (!isSame(ticket.bound, hashOf(visit)))',
      replace: 'if (!isSame(ticket.bound, ticket.bound))',
    },
  },
  {
    ...{ check: 'a state is used once', file: signIn, attack: 'parallel-returns' },
    find: "const ticket = state === null ? null : await desk.store.takeTicket('sign-in', hashOf(state));",
    replace: `const ticket = state === null ? null : await desk.store.takeTicket('sign-in', hashOf(state));
  if (ticket !== null) await desk.store.putTicket(ticket);`,
  },
  {
    ...{ check: 'people are no e-mail addresses and no names', file: signIn, attack: 'equal-mail' },
    ...{
      find: 'identityOf(desk, choice.name, person.called)',
      replace: 'identityOf(desk, choice.name, person.name)',
    },
  },
  {
    ...{ check: 'subjects differ by case', file: `${dir}/parts.ts`, attack: 'case-of-subject' },
    find: 'return (await desk.index()).of(exact);',
    replace: 'return (await desk.index()).of(via + called);',
  },
  {
    ...{ check: 'an object id belongs to its tenant', file: provider, attack: 'same-object' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a source file
    ...{ find: 'called: `${tenant}\\n${subject}`', replace: 'called: subject' },
  },
  {
    ...{ check: 'roles come anew with each sign-in', file: signIn, attack: 'left-group' },
    ...{ find: "user.roleBy === 'rule' ? roleOf(choice.roles, person) : user.role", replace: 'user.role' },
  },
  {
    ...{
      check: 'only the link makes a provider’s person the first',
      file: signIn,
      attack: 'setup-by-provider',
    },
    ...{ find: 'await redeemFirst(desk, ticketHash);', replace: '' },
  },
];

const kept: readonly Mutant[] = [
  {
    ...{ check: 'a sign-in makes a new id', file: sessions, attack: 'fixation' },
    ...{ find: 'const secret = newSecret();', replace: 'const secret = before ?? newSecret();' },
  },
  {
    ...{ check: 'a sign-in ends what the browser had', file: sessions, attack: 'fixation' },
    ...{ find: 'if (before !== null) await desk.store.endSession(hashOf(before));', replace: '' },
  },
  {
    ...{ check: 'quiet ends a session', file: sessions, attack: 'idle' },
    ...{ find: '{ now, idleMs: IDLE_MS }', replace: '{ now, idleMs: LIFE_MS }' },
  },
  {
    ...{ check: 'what a page asks for by itself is no sign of life', file: sessions, attack: 'left-open' },
    ...{ find: 'if (!isBackground && now - found', replace: 'if (now - found' },
  },
  {
    ...{ check: 'neither is a stream', file: 'apps/server/src/access/access.ts', attack: 'left-open' },
    ...{
      find: 'background === true ? inBackground(caller(request))',
      replace: 'background === null ? inBackground(caller(request))',
    },
  },
  {
    ...{ check: 'requests are signs of life', file: sessions, attack: 'absolute' },
    ...{ find: 'await desk.store.seeSession(hash, now);', replace: 'void hash;' },
  },
  {
    ...{ check: 'twelve hours end a session', file: sessions, attack: 'absolute' },
    ...{ find: 'const endsAt = now + LIFE_MS;', replace: 'const endsAt = now + 9 * LIFE_MS;' },
  },
  {
    ...{ check: 'a sign-out ends the session here', file: sessions, attack: 'after-logout' },
    ...{ find: 'await desk.store.endSession(hashOf(found.secret))', replace: 'Promise.resolve(1)' },
  },
  {
    ...{ check: 'a sign-out everywhere ends all', file: sessions, attack: 'everywhere' },
    ...{ find: 'await desk.store.endSessions(id)', replace: 'await Promise.resolve(1)' },
  },
  {
    ...{ check: 'other rights end sessions', file: users, attack: 'demoted' },
    ...{
      find: 'changeUser(user.id, change, { endSessions: true })',
      replace: 'changeUser(user.id, change, { endSessions: false })',
    },
  },
  {
    ...{ check: 'somebody keeps the role setup', file: users, attack: 'last-setup' },
    ...{
      find: 'if (isKeeper(user) && !isKeeper(next) && !others.some(isKeeper))',
      replace: 'if (others.length < 0)',
    },
  },
  {
    ...{ check: 'another password ends sessions', file: local, attack: 'old-password' },
    ...{
      find: '{ passwordHash }, { endSessions: true }',
      replace: '{ passwordHash }, { endSessions: false }',
    },
  },
];

const typed: readonly Mutant[] = [
  {
    ...{ check: 'the password is right', file: local, attack: 'unknown-name' },
    ...{
      find: 'if (user === null || usable === null || !isRight)',
      replace: 'if (user === null || usable === null)',
    },
  },
  {
    ...{ check: 'a disabled account looks like none', file: local, attack: 'disabled-account' },
    ...{
      find: 'user !== null && user.disabledAt === null ? user.passwordHash',
      replace: 'user !== null ? user.passwordHash',
    },
  },
  {
    ...{ check: 'local accounts can be switched off', file: local, attack: 'local-off' },
    ...{ find: 'if (!desk.config().server.signIn.local)', replace: 'if (desk === undefined)' },
  },
  {
    ...{ check: 'a link ends', file: invitations, attack: 'setup-late' },
    ...{
      find: 'if (ticket === null || ticket.endsAt <= desk.context.clock.now())',
      replace: 'if (ticket === null)',
    },
  },
  {
    ...{ check: 'an invented link is none', file: invitations, attack: 'setup-guessed' },
    find: "if (ticket === null || ticket.endsAt <= desk.context.clock.now()) throw new AccessRefusal('ticket');\n  return ticket.bound;",
    replace: "return ticket?.bound ?? '';",
  },
  {
    ...{
      check: 'a first start is over when somebody has the role',
      file: invitations,
      attack: 'setup-by-rule',
    },
    ...{ find: "if (!(await needsSetup(desk))) throw new AccessRefusal('setup-done');", replace: '' },
  },
  {
    ...{ check: 'all links of a first start end with it', file: invitations, attack: 'setup-done' },
    ...{ find: "await desk.store.dropTickets('setup', INSTALLATION);", replace: '' },
  },
  {
    ...{ check: 'a new link ends the one before', file: invitations, attack: 'link-replaced' },
    ...{ find: "await desk.store.dropTickets('password', user.id);", replace: '' },
  },
  {
    ...{ check: 'a password is not guessed at once', file: invitations, attack: 'weak' },
    ...{ find: 'requireStrong(password, name);', replace: '' },
  },
];

/** Checks on people: who vouches for them, their sessions, their passwords. */
export const mutantsOfPeople: readonly Mutant[] = [...vouched, ...kept, ...typed];
