import type { AdapterError } from './errors.ts';

/** A page of the directory's service that a browser is sent to. */
export interface SignInStart {
  readonly url: string;
  /** Belongs to this one sign-in: handed in again when it ends, kept from everybody meanwhile. */
  readonly keep: string;
}

export interface SignInReply {
  /** The address that the browser came back to, as this installation knows itself: never from a request's own headers. */
  readonly url: URL;
  /** The state that was sent, from memory. */
  readonly state: string;
  readonly keep: string;
  readonly signal?: AbortSignal | undefined;
}

/** Somebody who has just signed in, by a token whose signature was checked. */
export interface SignedIn {
  /** Tenant id of the directory, lower case. */
  readonly tenant: string;
  /** Identifies the person together with the tenant; no address and no name. */
  readonly subject: string;
  /** Whether their roles allow consent for the whole organisation; `unknown`: the directory does not tell. */
  readonly mayConsent: 'yes' | 'no' | 'unknown';
}

/** What an app-only token shows of itself. Nothing but a diagnosis: `null` for tokens that show nothing. */
export interface TokenLook {
  readonly tenant: string | null;
  /** The app's own object in the tenant. */
  readonly principal: string | null;
  /** Application permissions, sorted. */
  readonly roles: readonly string[] | null;
}

/**
 * `proved`: an app-only token for the tenant was issued just now. `not-yet`: refused as it is refused until a consent has
 * replicated; what it means later, `error` says.
 */
export type ConsentProof =
  | { readonly state: 'proved'; readonly look: TokenLook }
  | { readonly state: 'not-yet'; readonly error: AdapterError };

/**
 * How an administrator connects a tenant. Makes no decision: which state belongs to whom, what must agree with what and
 * what is stored is its caller's. Errors are `AdapterError`s whose `code` and `remedy` a person can be shown.
 */
export interface ConsentPort {
  /** `tenant`: the only one that is wanted, where that is known before. */
  startSignIn(request: {
    readonly redirectUri: string;
    readonly state: string;
    readonly tenant?: string | undefined;
  }): Promise<SignInStart>;
  /** Throws `auth` for a refusal, and for a reply or a token that does not hold; never answers with an unchecked one. */
  endSignIn(reply: SignInReply): Promise<SignedIn>;
  consentUrl(request: {
    readonly tenant: string;
    readonly redirectUri: string;
    readonly state: string;
  }): string;
  /**
   * The tenant that a reply of the consent page names. It is unsigned, so it proves nothing. Throws `auth` for a refusal
   * and `protocol` for a reply that names none.
   */
  readConsent(url: URL): { readonly tenant: string };
  /** Never answered from memory. Throws what waiting does not mend. */
  prove(request: {
    readonly tenant: string;
    readonly signal?: AbortSignal | undefined;
  }): Promise<ConsentProof>;
}
