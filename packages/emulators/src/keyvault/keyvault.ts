import {
  createExchangeLog,
  createFaults,
  createRandom,
  type EmulatorClock,
  type ExchangeLog,
  type Fault,
  type Faults,
  type ListenOptions,
  LostAnswer,
  listen,
  type ServedOverTls,
} from '../kit/index.ts';
import type { Reply } from './call.ts';
import { createDataPlane } from './data-plane.ts';
import { createIdentityServer, type Identities } from './identity.ts';
import type { ShelfSettings } from './shelf.ts';

export interface KeyVaultSettings extends ShelfSettings {
  /** Requests in ten seconds before the vault answers 429. */
  requestsPerTenSeconds: number;
  /** Seconds in `Retry-After` of those answers; null = the header is left out, as the service mostly does. */
  retryAfter: number | null;
}

export interface KeyVaultOptions {
  readonly clock: EmulatorClock;
  readonly seed: number;
  /** Default `example-vault`. */
  readonly name?: string;
  readonly tenantId?: string;
  readonly settings?: Partial<KeyVaultSettings>;
}

export interface KeyVault {
  /** `https://example-vault.vault.azure.net` */
  readonly vaultUrl: string;
  readonly tenantId: string;
  /** The vault, Entra's token endpoint and the machine's own, told apart by their paths. Rejects with LostAnswer. */
  fetch(request: Request): Promise<Response>;
  listen(options?: ListenOptions): Promise<ServedOverTls>;
  readonly faults: Faults;
  readonly log: ExchangeLog;
  readonly admin: Identities & { readonly settings: KeyVaultSettings };
  /** What the vault holds, by name: all versions, oldest first. */
  readonly oracle: {
    secrets(): ReadonlyMap<string, readonly string[]>;
    keys(): readonly string[];
    deleted(): readonly string[];
  };
}

const DEFAULTS: KeyVaultSettings = {
  ...{ transitionMs: 0, purgeProtection: false, requestsPerTenSeconds: 4000, retryAfter: null },
};
const AUTHORITY = 'https://login.microsoftonline.com';

const scriptedReply = (fault: Fault | undefined): Reply | null =>
  fault?.kind === 'status' ? { status: fault.status, body: fault.body ?? null } : null;

/** One Azure Key Vault with secrets and RSA keys at wire level (data plane 7.6), and whoever gives out tokens for it. */
export function createKeyVault(options: KeyVaultOptions): KeyVault {
  const { clock, name = 'example-vault', tenantId = '11111111-1111-4111-8111-111111111111' } = options;
  const settings: KeyVaultSettings = { ...DEFAULTS, ...options.settings };
  const random = createRandom(options.seed);
  const faults = createFaults();
  const log = createExchangeLog();
  const identity = createIdentityServer({ tenantId, authority: AUTHORITY, clock });
  const vaultUrl = `https://${name}.vault.azure.net`;
  const plane = createDataPlane({ clock, random, settings, vaultUrl, admits: identity.admits });

  function headersOf(status: number, fault: Fault | undefined): Record<string, string> {
    const challenge = `Bearer authorization="${AUTHORITY}/${tenantId}", resource="https://vault.azure.net"`;
    const late = status === 429 && settings.retryAfter !== null;
    return {
      ...{ 'x-ms-keyvault-service-version': '1.9.2000.1', 'x-ms-request-id': random.uuid() },
      ...(status === 401 ? { 'www-authenticate': challenge } : {}),
      ...(late ? { 'retry-after': String(settings.retryAfter) } : {}),
      ...(fault?.kind === 'status' ? fault.headers : {}),
    };
  }

  async function answer(request: Request): Promise<Response> {
    const text = await request.text();
    const known = identity.answer(request, text);
    if (known !== undefined) return known;
    const url = new URL(request.url);
    const path = url.pathname + url.search;
    const fault = faults.take({ method: request.method, path });
    if (fault?.kind === 'lost' && !fault.applied) throw new LostAnswer();
    const { status, body } = scriptedReply(fault) ?? plane.answer(request, text);
    const headers = headersOf(status, fault);
    log.record({
      ...{ at: clock.now(), method: request.method, url: request.url, path, status, responseBody: body },
      ...{ requestHeaders: Object.fromEntries(request.headers), responseHeaders: headers },
      requestBody: text === '' ? undefined : text,
    });
    if (fault?.kind === 'lost') throw new LostAnswer();
    return body === null ? new Response(null, { status, headers }) : Response.json(body, { status, headers });
  }

  return {
    ...{ vaultUrl, tenantId, fetch: answer, faults, log, oracle: plane.oracle },
    listen: (given) => listen(answer, given),
    admin: { ...identity, settings },
  };
}
