import type { ConsentPort } from './consent.ts';

/** A bearer token. Opaque: nobody but a diagnosis may look inside. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since the epoch, from the token endpoint's own answer. Never used past it. */
  readonly expiresAt: number;
}

export interface TokenRequest {
  /** Directory (tenant) the token is for. */
  readonly tenant: string;
  /** Resource scope, for example `https://resource.example/.default`. */
  readonly scope: string;
  readonly signal?: AbortSignal | undefined;
}

/** Where a provider's tokens are good. One connection lives in one cloud: nothing of another accepts them. */
export interface TokenHome {
  /** The adapter's own name of the cloud. */
  readonly cloud: string;
  /** Origin of the API there, `https://api.example`; its scope is `<resource>/.default`. */
  readonly resource: string;
}

/** Contract `token@1`: app-only access tokens. */
export interface TokenProvider {
  /**
   * A token with time left. Concurrent calls for one tenant and scope share one request; renewal happens ahead of
   * expiry and behind the caller's back; while renewal fails, a token that is still valid keeps being served.
   * Errors: `auth` (certificate, consent, registration: see `code` and `remedy`), `rate_limited`, `unavailable`, `protocol`
   * (an answer without a token).
   */
  getToken(request: TokenRequest): Promise<AccessToken>;
  /** Forces a new token after the resource refused the present one; `claims` is a decoded claims challenge. */
  renewToken(request: TokenRequest & { readonly claims?: string | undefined }): Promise<AccessToken>;
  /** Drops what is cached for a tenant (disconnect, certificate change). */
  forget(tenant: string): void;
  close(): Promise<void>;
  /** Absent: there is one cloud only. */
  readonly home?: TokenHome;
  /** Key pairs that sign, newest first. Absent: the provider signs with none of the key store. */
  readonly keyNames?: readonly string[];
  /**
   * One token request with exactly that key, past the cache: resolves when the service accepts it and throws like
   * `getToken`. What is cached stays. Present with `keyNames`.
   */
  tryKey?(request: TokenRequest & { readonly key: string }): Promise<void>;
  /** Absent: tenants are connected elsewhere. */
  readonly consent?: ConsentPort;
}
