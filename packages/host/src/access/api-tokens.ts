import { randomBytes } from 'node:crypto';
import type { AccessRole, ApiTokenRow } from '@tidelock/core';
import { hashOf, isSame } from '../consent/attempts.ts';
import { type AccessDesk, audit, newSecret } from './parts.ts';
import { type Principal, plainName, principalOfToken, reaches, titleOf } from './principal.ts';
import { AccessRefusal } from './refusal.ts';

const DAY_MS = 86_400_000;
export const MOST_DAYS = 365;
/** Begins every token, so that scanners of source code find one that leaked. */
export const TOKEN_PREFIX = 'tdlk_';
const FORM = /^tdlk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const USED_MS = 60_000;

/** What may be shown of a token: everything but the token. */
export interface TokenInfo extends Omit<ApiTokenRow, 'hash'> {
  readonly owner: string;
  readonly state: 'valid' | 'over' | 'revoked' | 'owner-disabled';
}

export interface NewToken {
  /** Shown this once; only its hash is kept. */
  readonly token: string;
  readonly info: TokenInfo;
}

/**
 * Who a token speaks for; null = it is not valid, for whatever reason. The text is hashed, not what it decodes to: the last
 * character has spellings that decode alike. Something is compared also where there is no such token.
 */
export async function findToken(desk: AccessDesk, text: string): Promise<Principal | null> {
  const [, id, secret] = FORM.exec(text) ?? [];
  const found = id === undefined ? null : await desk.store.apiToken(id);
  const isRight = isSame(hashOf(secret ?? ''), found?.token.hash ?? hashOf('nobody'));
  if (found === null || !isRight) return null;
  const { token, owner } = found;
  const now = desk.context.clock.now();
  if (token.revokedAt !== null || token.endsAt <= now) return null;
  if (now - (token.usedAt ?? 0) >= USED_MS) await desk.store.useApiToken(token.id, now);
  return principalOfToken(token, owner);
}

function stateOf(token: ApiTokenRow, ownerActive: boolean, now: number): TokenInfo['state'] {
  if (token.revokedAt !== null) return 'revoked';
  if (token.endsAt <= now) return 'over';
  return ownerActive ? 'valid' : 'owner-disabled';
}

/** Those of one person, or (null) of everybody. Newest first. */
export async function listTokens(desk: AccessDesk, ownerId: string | null): Promise<readonly TokenInfo[]> {
  const users = new Map((await desk.store.users()).map((user) => [user.id, user]));
  const now = desk.context.clock.now();
  const rows = (await desk.store.apiTokens()).filter((row) => ownerId === null || row.ownerId === ownerId);
  return rows.map(({ hash, ...row }) => {
    const owner = users.get(row.ownerId);
    const isActive = owner !== undefined && owner.disabledAt === null && owner.role !== null;
    return {
      ...row,
      owner: owner === undefined ? '' : titleOf(owner),
      state: stateOf({ ...row, hash }, isActive, now),
    };
  });
}

/** Throws `role`: a token may do no more than its owner. */
export async function mintToken(
  desk: AccessDesk,
  by: { readonly who: string; readonly ownerId: string },
  of: { readonly name: string; readonly role: AccessRole; readonly days: number },
): Promise<NewToken> {
  const owner = await desk.store.user(by.ownerId);
  if (owner === null) throw new AccessRefusal('no-user');
  if (owner.role === null || !reaches(owner.role, of.role))
    throw new AccessRefusal('role', {
      detail: `${titleOf(owner)} has the role ${owner.role ?? 'none'}, so no token of theirs can be ${of.role}.`,
    });
  const now = desk.context.clock.now();
  const id = randomBytes(8).toString('hex');
  const secret = newSecret();
  const days = Math.min(Math.max(1, Math.floor(of.days)), MOST_DAYS);
  const row: ApiTokenRow = {
    ...{ id, hash: hashOf(secret), ownerId: owner.id, name: plainName(of.name), role: of.role },
    ...{ createdAt: now, endsAt: now + days * DAY_MS, usedAt: null, revokedAt: null },
  };
  await desk.store.addApiToken(row);
  const after = { result: 'done', id, role: row.role, days, owner: titleOf(owner) };
  await audit(desk, { who: by.who, act: 'token.minted', subject: row.name, after });
  const { hash: _, ...shown } = row;
  return {
    token: `${TOKEN_PREFIX}${id}_${secret}`,
    info: { ...shown, owner: titleOf(owner), state: 'valid' },
  };
}

/** `ownerId`: whose it must be; null = anybody's. Throws `no-token`. */
export async function revokeToken(
  desk: AccessDesk,
  by: { readonly who: string; readonly ownerId: string | null },
  id: string,
): Promise<void> {
  const found = await desk.store.apiToken(id);
  const isTheirs = found !== null && (by.ownerId === null || found.owner.id === by.ownerId);
  if (!isTheirs || !(await desk.store.revokeApiToken(id, desk.context.clock.now())))
    throw new AccessRefusal('no-token');
  const after = { result: 'done', id, owner: titleOf(found.owner) };
  await audit(desk, { who: by.who, act: 'token.revoked', subject: found.token.name, after });
}
