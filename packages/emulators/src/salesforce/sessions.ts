import type { Org } from './org.ts';

export interface Session {
  readonly token: string;
  readonly userId: string;
  /** Consumer key. */
  readonly app: string;
}

export interface Sessions {
  open(userId: string, app: string): Session;
  /** Counts one call and extends the session; undefined when it does not exist or has ended. */
  use(token: string): Session | undefined;
  /** Without counting, for userinfo. */
  find(token: string): Session | undefined;
  end(token: string): boolean;
  endAll(filter?: { userId?: string; app?: string }): void;
}

interface OpenSession extends Session {
  expiresAt: number;
  calls: number;
}

const TOKEN_TAIL = 80;

export function createSessions(org: Org): Sessions {
  const open = new Map<string, OpenSession>();
  const alive = (token: string): OpenSession | undefined => {
    const session = open.get(token);
    if (session === undefined) return undefined;
    const most = org.settings.sessionMaxCalls;
    if (org.clock.now() < session.expiresAt && (most === undefined || session.calls < most)) return session;
    open.delete(token);
    return undefined;
  };
  return {
    open(userId, app) {
      const token = `${org.id.slice(0, 15)}!AQ${org.random.hex(TOKEN_TAIL)}`;
      const session = {
        token,
        userId,
        app,
        expiresAt: org.clock.now() + org.settings.sessionTimeoutMs,
        calls: 0,
      };
      open.set(token, session);
      return session;
    },
    use(token) {
      const session = alive(token);
      if (session === undefined) return undefined;
      session.calls += 1;
      session.expiresAt = org.clock.now() + org.settings.sessionTimeoutMs;
      return session;
    },
    find: alive,
    end: (token) => open.delete(token),
    endAll(filter = {}) {
      for (const session of open.values()) {
        if (filter.userId !== undefined && session.userId !== filter.userId) continue;
        if (filter.app !== undefined && session.app !== filter.app) continue;
        open.delete(session.token);
      }
    },
  };
}
