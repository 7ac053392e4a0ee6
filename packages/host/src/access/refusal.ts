/** Why somebody does not come in or may not do something; each is one check. */
const REASONS = {
  'wrong-credentials': [
    401,
    'Name and password do not belong together.',
    'Try again, or ask for a new link.',
  ],
  'signed-out': [
    401,
    'Nobody is signed in.',
    'Sign in on the page, or send an API token: Authorization: Bearer <token>.',
  ],
  'bad-token': [
    401,
    'The API token is not one that is valid.',
    'Make a new one under Tokens, or with tidelock tokens mint.',
  ],
  'foreign-request': [
    403,
    'The request came from another site.',
    'Use the page itself. Programs send an API token.',
  ],
  'csrf-token': [
    403,
    'The request does not carry the token of this session.',
    'Read it from GET /api/v1/session and send it as x-tidelock-csrf. Programs send an API token.',
  ],
  'not-json': [415, 'This takes JSON only.', 'Send content-type: application/json.'],
  'too-many': [429, 'That was tried too often.', 'Wait as long as Retry-After says.'],
  role: [403, 'The role does not allow it.', 'Somebody with the role setup can give another one: Users.'],
  'no-role': [
    403,
    'This account has no role here.',
    'Somebody with the role setup can give it one: Users, or a rule under server.signIn.',
  ],
  disabled: [403, 'This account is disabled.', 'Somebody with the role setup can enable it: Users.'],
  ticket: [400, 'The link is not valid any more.', 'Ask for a new one: tidelock users link.'],
  'setup-done': [
    409,
    'Somebody has set this up already.',
    'Sign in, or let somebody with the role setup add you.',
  ],
  'local-off': [
    403,
    'Local accounts are switched off.',
    'Sign in with a provider, or set server.signIn.local to true.',
  ],
  'weak-password': [
    422,
    'The password is too easy to guess.',
    'Use at least 12 characters, and none that names you or this product.',
  ],
  'no-user': [404, 'There is no such user.', 'List them: GET /api/v1/users.'],
  'no-token': [404, 'There is no such token that could be used.', 'List them: GET /api/v1/tokens.'],
  'last-setup': [409, 'Nobody else has the role setup.', 'Give it to somebody else first.'],
  taken: [409, 'A local account of that name exists.', 'Take another name.'],
  'not-local': [409, 'This person signs in with a provider and has no password here.', 'Change it there.'],
  'session-only': [403, 'API tokens cannot do this.', 'Sign in on the page.'],
  'no-tenant': [404, 'No tenant is connected.', 'Connect one first.'],
  provider: [
    502,
    'The sign-in service cannot be used at the moment.',
    'Look at the log under access.provider-failed.',
  ],
  'no-provider': [404, 'There is no sign-in service of that name.', 'See GET /api/v1/session.'],
  state: [
    400,
    'This sign-in was not started here, or is over.',
    'Start again from the page, in the same browser.',
  ],
  token: [
    401,
    'What the sign-in service answered does not hold.',
    'Start again. If it stays: its client, keys and clock.',
  ],
  tenant: [
    403,
    'People of this organisation may not sign in here.',
    'server.signIn.providers lists those that may: tenants.',
  ],
} as const satisfies Readonly<Record<string, readonly [number, string, string]>>;

export type AccessCode = keyof typeof REASONS;

/** Somebody was turned away. Nothing was changed by then, and the words tell nothing that is not known to everybody. */
export class AccessRefusal extends Error {
  override readonly name = 'AccessRefusal';
  readonly code: AccessCode;
  readonly status: number;
  readonly remedy: string;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(code: AccessCode, of: { readonly retryAfter?: number; readonly detail?: string } = {}) {
    const [status, message, remedy] = REASONS[code];
    super(of.detail ?? message);
    this.code = code;
    this.status = status;
    this.remedy = remedy;
    this.retryAfter = of.retryAfter;
  }
}
