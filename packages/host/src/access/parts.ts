import { createHash, randomBytes } from 'node:crypto';
import type { AccessStore, AdapterContext, AuditRow, Secrets, TenantStore } from '@tidelock/core';
import type { Config } from '../config.ts';
import { TENANT } from '../lanes.ts';
import type { BlindIndex } from '../sealing/blind-index.ts';
import type { Cookies } from './cookies.ts';
import type { Limits } from './limits.ts';
import type { Passwords } from './passwords.ts';

/** What everything here is made of. */
export interface AccessParts {
  readonly store: AccessStore;
  readonly tenants: TenantStore;
  readonly secrets: Secrets;
  readonly context: Pick<AdapterContext, 'clock' | 'random' | 'log' | 'fetch'>;
  /** Address of this installation as browsers know it; never from a request. */
  readonly origin: string;
  /** The configuration in force. */
  config(): Config;
}

export interface AccessDesk extends AccessParts {
  index(): Promise<BlindIndex>;
  readonly limits: Limits;
  readonly passwords: Passwords;
  readonly cookies: Cookies;
}

/** 256 random bits, as text. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What the database keys people by. Case counts for providers, and the index folds it: so a hash of the exact text goes in. */
export async function identityOf(desk: AccessDesk, via: string, called: string): Promise<string> {
  const exact = createHash('sha256').update(`${via}\n${called}`).digest('hex');
  return (await desk.index()).of(exact);
}

/** Names of local accounts are typed by hand: upper and lower case are the same there. */
export const localIdentity = (desk: AccessDesk, name: string): Promise<string> =>
  identityOf(desk, 'local', name.trim().normalize('NFC').toLowerCase());

export interface Act {
  readonly who: string;
  /** `session.opened`, `user.changed`, `token.minted` ... */
  readonly act: string;
  readonly subject: string;
  readonly before?: unknown;
  /** With `result`: `done`, or why not. */
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** Writes to the audit trail, before anybody is told that it was done. */
export async function audit({ tenants, context }: AccessParts, act: Act): Promise<void> {
  const row: AuditRow = {
    ...{ id: context.random.uuid(), tenantId: TENANT, at: context.clock.now(), laneId: null },
    ...{ before: null, ...act },
  };
  await tenants.appendAudit([row]);
}
