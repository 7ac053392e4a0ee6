import type { ConfigEditor, LivePlatform, Workroom } from '@tidelock/host';
import { createAccessRoutes, createServer } from '@tidelock/server';
import type { ApiDocument } from './api-types.ts';

type AccessParts = Parameters<typeof createAccessRoutes>[0];

/** What routes only touch when they are called: nobody calls them here. */
const untouched = <T>(own: object = {}): T => own as T;

/** The server's OpenAPI document, without a platform behind it. */
export async function apiDocument(): Promise<ApiDocument> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const access = untouched<AccessParts['access']>({
    authenticate: async () => null,
    prune: async () => undefined,
  });
  const app = await createServer({
    live: untouched<LivePlatform>(),
    work: untouched<Workroom>({ jobs: { onChange: () => () => undefined } }),
    editor: untouched<ConfigEditor>(),
    access: createAccessRoutes({ access, trustedProxies: () => 0 }),
    clock: { now: () => 0, mono: () => 0, sleep: async () => undefined },
    log,
    ...{ origin: 'https://tidelock.example', page: null, readiness: () => [] },
  });
  try {
    const answer = await app.inject({ method: 'GET', url: '/api/v1/openapi.json' });
    return answer.json<ApiDocument>();
  } finally {
    await app.close();
  }
}
