import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Access } from './parts.ts';
import { mayActAs, type Principal } from './principal.ts';
import { Refusal } from './problem.ts';

/** On a route that is not public there is always somebody. */
export function requirePrincipal({ principal }: Pick<FastifyRequest, 'principal'>): Principal {
  if (principal === null) throw new TypeError('a public route asks who its caller is');
  return principal;
}

function judge(request: FastifyRequest, principal: Principal | null): void {
  const { role } = request.routeOptions.config;
  if (role === undefined || role === 'public') return;
  if (principal === null) {
    throw new Refusal(401, 'Nobody is signed in.', {
      code: 'signed-out',
      remedy: 'Sign in on the page, or send an API token: Authorization: Bearer <token>.',
    });
  }
  if (mayActAs(principal, role)) return;
  throw new Refusal(403, `This needs the role ${role}; ${principal.name} is ${principal.role}.`, {
    code: 'role',
    remedy: 'Somebody with the role setup can give it: Users.',
  });
}

/** No route without a role, and no handler before its role was judged. */
export function enforceRoles(app: FastifyInstance, access: Access): void {
  app.decorateRequest('principal', null);
  const all: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void all.push(route));
  // Only now: hooks of a plugin around somebody else's routes come after ours.
  app.addHook('onReady', async () => {
    const without = all.filter(({ config }) => config?.role === undefined);
    const names = without.map(({ method, url }) => `${String(method)} ${url}`);
    if (names.length > 0) throw new TypeError(`no role: ${names.join(', ')}; write config: { role }`);
  });
  const admit = (request: FastifyRequest, principal: Principal | null): void => {
    request.principal = principal;
    judge(request, principal);
  };
  // Without a promise where there is nothing to wait for: pushes come thousands a second.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done();
    const asked = access.authenticate(request);
    if (asked === null) {
      admit(request, null);
      return done();
    }
    asked.then((principal) => admit(request, principal)).then(() => done(), done);
  });
}
