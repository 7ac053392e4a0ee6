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
}
