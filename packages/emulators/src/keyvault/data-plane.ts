import type { EmulatorClock, Random } from '../kit/index.ts';
import type { Call, Json, Reply } from './call.ts';
import { answerDeletedKeys, answerKeys, type KeyContent } from './keys-api.ts';
import { Refusal } from './refusal.ts';
import { answerDeletedSecrets, answerSecrets, type SecretContent } from './secrets-api.ts';
import { createShelf, type ShelfSettings } from './shelf.ts';

export interface DataPlaneOptions {
  readonly clock: EmulatorClock;
  readonly random: Random;
  readonly settings: ShelfSettings & { requestsPerTenSeconds: number };
  readonly vaultUrl: string;
  admits(token: string): boolean;
}

export interface DataPlane {
  answer(request: Request, text: string): Reply;
  /** What the vault holds, by name: all versions, oldest first. */
  readonly oracle: {
    secrets(): ReadonlyMap<string, readonly string[]>;
    keys(): readonly string[];
    deleted(): readonly string[];
  };
}

const toError = ({ status, code, message, inner }: Refusal): Reply => ({
  status,
  body: { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } },
});

function readJson(text: string): Json {
  if (text === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Refusal(400, 'BadParameter', { message: 'The request body is not JSON' });
  }
}

/** Counts requests of the last ten seconds, and refuses the one too many. */
function createThrottle({ clock, settings }: DataPlaneOptions): () => void {
  let recent: number[] = [];
  return () => {
    const now = clock.now();
    recent = recent.filter((at) => at > now - 10_000);
    if (recent.length < settings.requestsPerTenSeconds) {
      recent.push(now);
      return;
    }
    const message =
      'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached';
    throw new Refusal(429, 'Throttled', { message });
  };
}

/** Secrets and keys of one vault, behind its access check and its limit. */
export function createDataPlane(options: DataPlaneOptions): DataPlane {
  const { clock, vaultUrl } = options;
  const secrets = createShelf<SecretContent>('Secret', options);
  const keys = createShelf<KeyContent>('Key', options);
  const throttle = createThrottle(options);

  function route(call: Call): Reply {
    const routes: Readonly<Record<string, () => Reply | undefined>> = {
      secrets: () => answerSecrets(secrets, call, clock),
      deletedsecrets: () => answerDeletedSecrets(secrets, call),
      keys: () => answerKeys(keys, call, clock),
      deletedkeys: () => answerDeletedKeys(keys, call),
    };
    const found = routes[call.segments[0] ?? '']?.();
    if (found) return found;
    throw new Refusal(404, 'NotFound', { message: 'There is no such resource' });
  }

  function admit(request: Request): void {
    const token = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
    if (token !== undefined && options.admits(token)) return;
    throw new Refusal(401, 'Unauthorized', {
      message: 'AKV10000: Request is missing a Bearer or PoP token.',
    });
  }

  function answer(request: Request, text: string): Reply {
    const { pathname, searchParams: query } = new URL(request.url);
    admit(request);
    throttle();
    if (query.get('api-version') === null)
      throw new Refusal(400, 'BadParameter', { message: 'api-version must be specified' });
    const segments = pathname.split('/').slice(1).map(decodeURIComponent);
    return route({ method: request.method, segments, query, body: readJson(text), vaultUrl });
  }

  const entriesOf = [secrets, keys] as const;
  return {
    answer(request, text) {
      try {
        return answer(request, text);
      } catch (error) {
        if (error instanceof Refusal) return toError(error);
        throw error;
      }
    },
    oracle: {
      secrets: () =>
        new Map(
          [...secrets.entries.values()].map(({ name, versions }) => [
            name,
            versions.map(({ content }) => content.value),
          ]),
        ),
      keys: () => [...keys.entries.values()].map(({ name }) => name),
      deleted: () =>
        entriesOf.flatMap((shelf) =>
          [...shelf.entries.values()].filter(({ state }) => state === 'deleted').map(({ name }) => name),
        ),
    },
  };
}
