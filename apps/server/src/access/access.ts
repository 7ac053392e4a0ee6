import { BACKGROUND_HEADER, type Caller, type Access as HostAccess, RETURN_PATH } from '@tidelock/host';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../parts.ts';
import { API } from '../paths.ts';
import { asked, callerOf, type Entrance } from './request.ts';
import { returnRoute } from './return-route.ts';
import { sessionRoutes } from './session-routes.ts';
import { tenantRoute } from './tenant-route.ts';
import { tokenRoutes } from './token-routes.ts';
import { userRoutes } from './user-routes.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Its handler takes a form of a page of ours and proves by a token inside that it is one. Of everything else that changes
     * something a session has to send JSON and the header of `CSRF_HEADER`.
     */
    readonly ownForm?: true;
    /** Asked for by a page without anybody's doing, over and over: it keeps nobody signed in. */
    readonly background?: true;
  }
}

export interface AccessParts {
  readonly access: HostAccess;
  /** How many proxies of the operator stand in front. */
  trustedProxies(): number;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const PRUNE_MS = 3_600_000;

/** Pushes of other services, the page's files, health: nobody is signed in there, and nobody's requests are counted here. */
function isOurs(request: FastifyRequest): boolean {
  const path = request.routeOptions.url ?? '';
  return request.routeOptions.config.role !== 'public' || path.startsWith(`${API}/`) || path === RETURN_PATH;
}

const inBackground = (caller: Caller): Caller => ({
  ...caller,
  header: (name) => (name === BACKGROUND_HEADER ? '1' : caller.header(name)),
});

/** Who asks, on every route; and the routes by which people and programs come in. */
export function createAccessRoutes({ access, trustedProxies }: AccessParts): Access {
  const caller = (request: FastifyRequest): Caller => callerOf(request, trustedProxies());
  const entrance: Entrance = { access, caller };
  return {
    authenticate: (request) => {
      if (!isOurs(request)) return null;
      return asked(async () => {
        const { role, ownForm, background } = request.routeOptions.config;
        const isPublic = role === 'public';
        const who = background === true ? inBackground(caller(request)) : caller(request);
        if (isPublic && !SAFE.has(request.method)) access.requireOwnPage(who);
        return access.authenticate(who, { form: ownForm === true || isPublic });
      });
    },
    routes(app: FastifyInstance) {
      sessionRoutes(app, entrance);
      returnRoute(app, entrance);
      userRoutes(app, entrance);
      tokenRoutes(app, entrance);
      tenantRoute(app, entrance);
      const timer = setInterval(() => void access.prune().catch(() => undefined), PRUNE_MS);
      timer.unref();
      app.addHook('onClose', async () => clearInterval(timer));
    },
  };
}
