import type { TryRule, TryVerdict } from './tries.ts';

/** Each may do what the one before it may. */
export const ACCESS_ROLES = ['viewer', 'operator', 'setup'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** Somebody who can sign in to this installation. Rows stay: what they did is told by their name. */
export interface UserRow {
  /** UUID. */
  readonly id: string;
  /**
   * Keyed blind index over who vouches for the person and what they are called there; unique. Nothing else tells people
   * apart: no address and no name.
   */
  readonly identity: string;
  /** Where they sign in: name of a provider, or `local`. */
  readonly via: string;
  /** For people: in lists and in the audit trail. A local account signs in under it. */
  readonly name: string;
  /** Null: known, and allowed to do nothing. */
  readonly role: AccessRole | null;
  /** Who gave the role: rules give it anew at each sign-in, a person's word stays. */
  readonly roleBy: 'rule' | 'person';
  /** argon2id in the PHC string format; null = no password. */
  readonly passwordHash: string | null;
  /** Milliseconds since the epoch; null = not disabled. */
  readonly disabledAt: number | null;
  readonly createdAt: number;
  readonly signedInAt: number | null;
}

export type UserChange = Partial<Omit<UserRow, 'id' | 'identity' | 'via' | 'createdAt'>>;

/** A signed-in browser. What the browser holds is not here, only its hash. */
export interface SessionRow {
  /** SHA-256 of the secret in the cookie, base64url. */
  readonly hash: string;
  readonly userId: string;
  readonly startedAt: number;
  /** Of the last request that counted, milliseconds since the epoch. */
  readonly seenAt: number;
  /** It ends then, whatever is done with it. */
  readonly endsAt: number;
}

/** A credential for programs. It may do what `role` and the owner's own role both allow. */
export interface ApiTokenRow {
  /** 16 hexadecimal digits; stands in the token. */
  readonly id: string;
  /** SHA-256 of the secret as it is written, base64url. */
  readonly hash: string;
  readonly ownerId: string;
  readonly name: string;
  readonly role: AccessRole;
  readonly createdAt: number;
  readonly endsAt: number;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

/** Something that can be handed in once, within its time: a link, the state of a sign-in. */
export interface TicketRow {
  /** `setup`, `password`, `sign-in`, `consent`. */
  readonly kind: string;
  /** SHA-256 of what has to be handed in, base64url. */
  readonly hash: string;
  /** What it belongs to: the hash of a browser's secret, the id of a user. */
  readonly bound: string;
  /** What it stands for. Sealed by the caller where it tells anything. */
  readonly value: Uint8Array;
  readonly endsAt: number;
}

/** Who may come in. Times are the caller's, milliseconds since the epoch. */
export interface AccessStore {
  /** Throws `conflict` where id or identity is taken. */
  addUser(row: UserRow): Promise<void>;
  user(id: string): Promise<UserRow | null>;
  userByIdentity(identity: string): Promise<UserRow | null>;
  /** In the order of ids. */
  users(): Promise<readonly UserRow[]>;
  /** `endSessions`: all of theirs end in the same step. False: there is no such user. */
  changeUser(id: string, change: UserChange, how: { readonly endSessions: boolean }): Promise<boolean>;
  /** False, and nothing is stored: the user is disabled or gone. Throws `conflict` where the hash is taken. */
  openSession(row: SessionRow): Promise<boolean>;
  /** Null: unknown, over, not seen since `now - idleMs`, or of a disabled user. */
  session(
    hash: string,
    at: { readonly now: number; readonly idleMs: number },
  ): Promise<{ readonly session: SessionRow; readonly user: UserRow } | null>;
  /** Never backwards, and only while it is there. */
  seeSession(hash: string, seenAt: number): Promise<void>;
  /** False: there is none. */
  endSession(hash: string): Promise<boolean>;
  /** How many there were. */
  endSessions(userId: string): Promise<number>;
  /** Throws `conflict` where the id is taken and `not_found` without an owner. */
  addApiToken(row: ApiTokenRow): Promise<void>;
  apiToken(id: string): Promise<{ readonly token: ApiTokenRow; readonly owner: UserRow } | null>;
  /** Newest first. */
  apiTokens(): Promise<readonly ApiTokenRow[]>;
  useApiToken(id: string, usedAt: number): Promise<void>;
  /** False: there is none that could still be used. */
  revokeApiToken(id: string, revokedAt: number): Promise<boolean>;
  /** Throws `conflict` where the hash is taken. */
  putTicket(row: TicketRow): Promise<void>;
  /** Hands it out and forgets it in one step: of all who ask at once, one gets it. Whether it is over, its caller judges. */
  takeTicket(kind: string, hash: string): Promise<TicketRow | null>;
  /** Those that are not over: of one holder, and of all. */
  countTickets(
    kind: string,
    of: { readonly bound: string; readonly now: number },
  ): Promise<{ readonly own: number; readonly all: number }>;
  /** Forgets all that belong to it. */
  dropTickets(kind: string, bound: string): Promise<void>;
  /** Takes tries by `judgeTries`, or none, in one step: however many processes ask, they share what there is. */
  takeTries(
    key: string,
    rule: TryRule,
    of: { readonly now: number; readonly tries: number },
  ): Promise<TryVerdict>;
  /** As if nothing had been tried under that key. */
  forgetTries(key: string): Promise<void>;
  /** Removes sessions, tickets and tries that were over before. Tokens stay, for whoever reads the list of them. */
  pruneAccess(before: number): Promise<void>;
}
