export { createAccessRoutes } from './access/access.ts';
export { createServer } from './app.ts';
export type { Access, ServerParts } from './parts.ts';
export { mayActAs, type Principal, ROLES, type Role } from './principal.ts';
export { Refusal } from './problem.ts';
export {
  freePort,
  installedPage,
  SERVE_ROLES,
  type ServeOptions,
  type ServeRole,
  type Serving,
  serve,
} from './serve.ts';
