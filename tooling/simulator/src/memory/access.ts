import {
  type AccessStore,
  type ApiTokenRow,
  judgeTries,
  type SessionRow,
  type TicketRow,
  type Tries,
  type UserRow,
} from '@tidelock/core';
import { byText, keyOf, refused, unknownRow } from './tables.ts';

type AccessTwin = {
  readonly [M in keyof AccessStore]: (
    ...args: Parameters<AccessStore[M]>
  ) => Awaited<ReturnType<AccessStore[M]>>;
};

interface Rows {
  readonly users: Map<string, UserRow>;
  readonly sessions: Map<string, SessionRow>;
  readonly tokens: Map<string, ApiTokenRow>;
  readonly tickets: Map<string, TicketRow>;
  readonly tries: Map<string, Tries>;
}

function put<T>(rows: Map<string, T>, key: string, row: T): void {
  if (rows.has(key)) throw refused('Another row has this identity.', 'state.access');
  rows.set(key, row);
}

function removeWhere<T>(rows: Map<string, T>, isGone: (row: T) => boolean): number {
  const gone = [...rows].filter(([, row]) => isGone(row));
  for (const [key] of gone) rows.delete(key);
  return gone.length;
}

function createUsers({ users, sessions }: Rows) {
  const byIdentity = (identity: string): UserRow | null =>
    [...users.values()].find((row) => row.identity === identity) ?? null;
  return {
    addUser(row) {
      if (byIdentity(row.identity) !== null) throw refused('Another user is called so.', 'state.addUser');
      put(users, row.id, row);
    },
    user: (id) => users.get(id) ?? null,
    userByIdentity: byIdentity,
    users: () => [...users.values()].sort((x, y) => byText(x.id, y.id)),
    changeUser(id, change, { endSessions }) {
      const row = users.get(id);
      if (row === undefined) return false;
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      users.set(id, { ...row, ...Object.fromEntries(given) });
      if (endSessions) removeWhere(sessions, ({ userId }) => userId === id);
      return true;
    },
  } satisfies Partial<AccessTwin>;
}

function createSessions({ users, sessions }: Rows) {
  const active = (id: string): UserRow | null => {
    const user = users.get(id);
    return user === undefined || user.disabledAt !== null ? null : user;
  };
  return {
    openSession(row) {
      if (active(row.userId) === null) return false;
      put(sessions, row.hash, row);
      return true;
    },
    session(hash, { now, idleMs }) {
      const session = sessions.get(hash);
      if (session === undefined || session.endsAt <= now || session.seenAt <= now - idleMs) return null;
      const user = active(session.userId);
      return user && { session, user };
    },
    seeSession(hash, seenAt) {
      const row = sessions.get(hash);
      if (row !== undefined) sessions.set(hash, { ...row, seenAt: Math.max(row.seenAt, seenAt) });
    },
    endSession: (hash) => sessions.delete(hash),
    endSessions: (userId) => removeWhere(sessions, (row) => row.userId === userId),
  } satisfies Partial<AccessTwin>;
}

function createTokens({ users, tokens }: Rows) {
  return {
    addApiToken(row) {
      if (!users.has(row.ownerId)) throw unknownRow('user', 'state.addApiToken');
      put(tokens, row.id, row);
    },
    apiToken(id) {
      const token = tokens.get(id);
      const owner = users.get(token?.ownerId ?? '');
      return token && owner ? { token, owner } : null;
    },
    apiTokens: () => [...tokens.values()].sort((x, y) => y.createdAt - x.createdAt || byText(x.id, y.id)),
    useApiToken(id, usedAt) {
      const row = tokens.get(id);
      if (row !== undefined) tokens.set(id, { ...row, usedAt: Math.max(row.usedAt ?? 0, usedAt) });
    },
    revokeApiToken(id, revokedAt) {
      const row = tokens.get(id);
      if (row === undefined || row.revokedAt !== null || row.endsAt <= revokedAt) return false;
      tokens.set(id, { ...row, revokedAt });
      return true;
    },
  } satisfies Partial<AccessTwin>;
}

function createTickets({ sessions, tickets, tries }: Rows) {
  return {
    putTicket: (row) => put(tickets, keyOf(row.kind, row.hash), row),
    takeTicket(kind, hash) {
      const row = tickets.get(keyOf(kind, hash)) ?? null;
      tickets.delete(keyOf(kind, hash));
      return row;
    },
    countTickets(kind, { bound, now }) {
      const running = [...tickets.values()].filter((row) => row.kind === kind && row.endsAt > now);
      return { own: running.filter((row) => row.bound === bound).length, all: running.length };
    },
    dropTickets: (kind, bound) =>
      void removeWhere(tickets, (row) => row.kind === kind && row.bound === bound),
    takeTries(key, rule, of) {
      const { verdict, next } = judgeTries(tries.get(key) ?? null, rule, of);
      tries.set(key, next);
      return verdict;
    },
    forgetTries: (key) => void tries.delete(key),
    pruneAccess(before) {
      removeWhere(sessions, ({ endsAt }) => endsAt < before);
      removeWhere(tickets, ({ endsAt }) => endsAt < before);
      removeWhere(tries, ({ lastAt }) => lastAt < before);
    },
  } satisfies Partial<AccessTwin>;
}

export function createMemoryAccess(): AccessTwin {
  const rows: Rows = {
    ...{ users: new Map(), sessions: new Map(), tokens: new Map(), tickets: new Map(), tries: new Map() },
  };
  return { ...createUsers(rows), ...createSessions(rows), ...createTokens(rows), ...createTickets(rows) };
}
