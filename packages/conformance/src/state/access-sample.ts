import type { ApiTokenRow, SessionRow, TicketRow, UserRow } from '@tidelock/core';
import { NOW } from './sample.ts';

export const IDLE = 30 * 60_000;

export const aUser = (id: string, more: Partial<UserRow> = {}): UserRow => ({
  ...{ id, identity: `identity-${id}`, via: 'local', name: `User ${id}`, role: 'setup', roleBy: 'person' },
  ...{ passwordHash: null, disabledAt: null, createdAt: NOW, signedInAt: null },
  ...more,
});

export const aSession = (hash: string, more: Partial<SessionRow> = {}): SessionRow => ({
  ...{ hash, userId: 'u1', startedAt: NOW, seenAt: NOW, endsAt: NOW + 12 * 3_600_000 },
  ...more,
});

export const aToken = (id: string, more: Partial<ApiTokenRow> = {}): ApiTokenRow => ({
  ...{ id, hash: `hash-of-${id}`, ownerId: 'u1', name: `Token ${id}`, role: 'viewer', createdAt: NOW },
  ...{ endsAt: NOW + 86_400_000, usedAt: null, revokedAt: null },
  ...more,
});

export const aTicket = (hash: string, more: Partial<TicketRow> = {}): TicketRow => ({
  ...{ kind: 'sign-in', hash, bound: 'browser-1', value: new Uint8Array([0, 255, 7]), endsAt: NOW + 600_000 },
  ...more,
});
