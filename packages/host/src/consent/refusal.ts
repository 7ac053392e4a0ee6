import { type AdapterError, InputError, isAdapterError } from '@tidelock/core';

/** Why a visitor got no further; each is one check. Remedies are shown to whoever stands at the page. */
const REMEDIES = {
  'no-session': 'Open the link that tidelock connect printed, or sign in to Tidelock first.',
  'foreign-request': 'Open the page itself and press the button there.',
  'too-many': 'Wait ten minutes, or end the attempts that are under way.',
  'state-unknown': 'Start again from the page. Each link of the directory works once.',
  'state-expired': 'Start again from the page: an attempt ends after ten minutes.',
  'state-session': 'Go on in the browser window in which you started.',
  'state-account': 'Go on in the account in which you started.',
  'tenant-mismatch':
    'Sign in and approve in the same organisation: the one that approved is not the one you signed in to.',
  'tenant-not-allowed': 'The configuration names another tenant. Correct it there, or sign in to that one.',
  'tenant-taken':
    'Another account of this installation holds this organisation. Its administrator must disconnect first.',
  'not-administrator':
    'A Privileged Role Administrator or Global Administrator of the organisation must do this.',
  'role-unknown':
    'The sign-in does not show roles. Let the app registration add them (groupMembershipClaims: DirectoryRole), or name the tenant in the configuration.',
  'proof-tenant': 'Nothing was stored. Report this: the directory issued a token of another tenant.',
  unexpected: 'Nothing was stored. Look at the log of Tidelock, and start again from the page.',
  'not-replicated': 'The consent has not arrived within fifteen minutes. Start again from the page.',
} as const;

export type RefusalCode = keyof typeof REMEDIES | 'directory';

/** A step that was not taken. Nothing is stored by then. */
export class ConsentRefusal extends Error {
  override readonly name = 'ConsentRefusal';
  readonly code: RefusalCode;
  /** What the directory said, `AADSTS65004`, where it was the directory that refused. */
  readonly said: string | null;
  readonly remedy: string;

  constructor(code: Exclude<RefusalCode, 'directory'>, message: string);
  constructor(code: 'directory', message: string, error: AdapterError);
  constructor(code: RefusalCode, message: string, error?: AdapterError) {
    super(message);
    this.code = code;
    this.said = error?.code ?? null;
    this.remedy = error?.remedy ?? (code === 'directory' ? 'Start again from the page.' : REMEDIES[code]);
  }
}

/** Whatever went wrong, as something that a page can show. */
export function toRefusal(error: unknown): ConsentRefusal {
  if (error instanceof ConsentRefusal) return error;
  if (isAdapterError(error)) return new ConsentRefusal('directory', error.message, error);
  const text = error instanceof InputError ? error.message : 'something unexpected went wrong';
  return new ConsentRefusal('unexpected', text);
}
