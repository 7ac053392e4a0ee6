import type { TokenCredential } from '@azure/core-auth';
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { KeyClient } from '@azure/keyvault-keys';
import { SecretClient } from '@azure/keyvault-secrets';
import type { ContextOf } from '@tidelock/core';
import { createGuardedFetch, createSingleFlight, type RetryPolicy, withRetry } from '@tidelock/kit';
import { createCredential } from './client-credential.ts';
import type { KeyVaultOptions } from './config.ts';
import { refusalOf, toFailure } from './errors.ts';

/** The service's data plane; later ones change nothing that is used here, and fewer test doubles know them. */
const SERVICE_VERSION = '7.6' as const;
const MAX_BYTES = 4 * 1024 * 1024;

/** 1, 2, 4, 8, 16 seconds, as the service asks; the SDK repeats a 429 only where it says how long to wait, which it rarely does. */
const READS: RetryPolicy = {
  attempts: 6,
  baseMs: 1000,
  maxMs: 30_000,
  kinds: ['rate_limited', 'unavailable'],
};
const WRITES: RetryPolicy = { ...READS, kinds: ['rate_limited'] };

export interface VaultClients {
  readonly secrets: SecretClient;
  readonly keys: KeyClient;
  readonly credential: TokenCredential;
  readonly options: ClientOptions;
  /** Runs a call that changes nothing; what it throws is an `AdapterError`. */
  read<T>(operation: string, work: () => Promise<T>): Promise<T>;
  /** The same for one that does: repeated only where it was certainly not done. */
  write<T>(operation: string, work: () => Promise<T>): Promise<T>;
}

type ClientOptions = ReturnType<typeof clientOptions>;

type Body = string | Uint8Array<ArrayBuffer> | null;

/** The SDK over the platform's `fetch`: its trust anchors, proxy and deadlines, no redirects, no other transport. */
function createHttpClient(options: KeyVaultOptions, context: ContextOf['secrets']): HttpClient {
  const { fetch, clock } = context;
  const guarded = createGuardedFetch({
    ...{ fetch, clock, timeoutMs: options.timeoutMs, maxBytes: MAX_BYTES, operation: 'secrets.http' },
  });
  return {
    async sendRequest(request: PipelineRequest) {
      const signal = request.abortSignal as AbortSignal | undefined;
      const response = await guarded(request.url, {
        ...{
          method: request.method,
          headers: request.headers.toJSON(),
          body: (request.body ?? null) as Body,
        },
        ...(signal === undefined ? {} : { signal }),
      });
      const headers = createHttpHeaders(Object.fromEntries(response.headers));
      return { request, status: response.status, headers, bodyAsText: await response.text() };
    },
  };
}

function clientOptions(httpClient: HttpClient) {
  return {
    ...{ httpClient, serviceVersion: SERVICE_VERSION },
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'tidelock' },
  } as const;
}

export function createVaultClients(options: KeyVaultOptions, context: ContextOf['secrets']): VaultClients {
  const { clock, random } = context;
  const httpClient = createHttpClient(options, context);
  const credential = createCredential(options, context, httpClient);
  const shared = clientOptions(httpClient);
  const secrets = new SecretClient(options.vaultUrl, credential, shared);
  const keys = new KeyClient(options.vaultUrl, credential, shared);
  const flight = createSingleFlight<'secrets' | 'keys', void>();
  const primed = { secrets: false, keys: false };

  /**
   * The first request of a client goes out without a token, to be told where to get one. Later ones that overtake it carry
   * their contents without a token too: so it is one that has none.
   */
  async function prime(which: 'secrets' | 'keys'): Promise<void> {
    if (primed[which]) return;
    const name = `${options.prefix}--none`;
    await flight.run(which, async () => {
      const asking = which === 'secrets' ? secrets.getSecret(name) : keys.getKey(name);
      await asking.catch((error: unknown) => {
        const status = refusalOf(error)?.status;
        if (status !== 404 && status !== 403) throw error;
      });
      primed[which] = true;
    });
  }

  async function run<T>(operation: string, work: () => Promise<T>, policy: RetryPolicy): Promise<T> {
    const which = operation.startsWith('secrets.') ? 'secrets' : 'keys';
    const attempt = (step: () => Promise<unknown>, of: RetryPolicy) =>
      withRetry(
        () =>
          step().catch((error: unknown) => {
            throw toFailure(error, operation, clock.now());
          }),
        { clock, random, policy: of },
      );
    await attempt(() => prime(which), READS);
    return (await attempt(work, policy)) as T;
  }

  return {
    ...{ secrets, keys, credential, options: shared },
    read: (operation, work) => run(operation, work, READS),
    write: (operation, work) => run(operation, work, WRITES),
  };
}
