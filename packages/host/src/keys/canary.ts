import { type AdapterError, isAdapterError, type TokenProvider } from '@tidelock/core';

/** Whether the directory accepts one key for one tenant. */
export type Canary =
  | { readonly key: string; readonly state: 'accepted' }
  /** `refused`: this key is. `unknown`: something else stood in the way, so nothing is known about the key. */
  | { readonly key: string; readonly state: 'refused' | 'unknown'; readonly error: AdapterError };

/** One token request with exactly that key. Reads only; what is cached stays. */
export async function tryKey(
  token: TokenProvider,
  of: { readonly tenant: string; readonly key: string; readonly signal?: AbortSignal | undefined },
): Promise<Canary> {
  const { tenant, key, signal } = of;
  const scope = `${token.home?.resource ?? ''}/.default`;
  try {
    await token.tryKey?.({ tenant, scope, key, signal });
    return { key, state: 'accepted' };
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    // What the operator can mend is about the key; a tenant's or the service's trouble says nothing of it.
    return { key, state: error.party === 'operator' ? 'refused' : 'unknown', error };
  }
}
