// Brings the module that is augmented below.
import type {} from 'fastify';

/** viewer < operator < setup: each may do what the one before it may. */
export const ROLES = ['viewer', 'operator', 'setup'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. The name stands in the audit trail beside everything that they do. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly via: 'session' | 'token';
}

export const mayActAs = ({ role }: Pick<Principal, 'role'>, wanted: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(wanted);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it; `public`: nobody has to be signed in. A route without it is refused at start. */
    readonly role?: Role | 'public';
  }
  interface FastifyRequest {
    /** Null on public routes that nobody signed in to. */
    principal: Principal | null;
  }
}
