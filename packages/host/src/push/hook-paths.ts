import { timingSafeEqual } from 'node:crypto';
import type { Secrets } from '@tidelock/core';
import { openBlindIndex } from '../sealing/blind-index.ts';

/** Where the services send what they push: every process of an installation derives the same addresses, and nobody else can. */
export interface HookPaths {
  readonly mailbox: string;
  crm(name: string): string;
}

/** Characters of a path: 192 bits. */
const LENGTH = 48;

/** Throws `unsupported` for a secret store that keeps no secrets. */
export async function openHookPaths(secrets: Pick<Secrets, 'abilities' | 'store'>): Promise<HookPaths> {
  const index = await openBlindIndex(secrets, 'hook-path');
  return {
    mailbox: index.of('mailbox').slice(0, LENGTH),
    crm: (name) => index.of(`crm:${name}`).slice(0, LENGTH),
  };
}

/** In constant time for one of the right length, which is no secret. */
export function isSamePath(given: string, own: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(own)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}

export const MAILBOX_HOOK = '/hooks/mailbox';
export const CRM_HOOK = '/hooks/crm';

export const mailboxHook = (
  origin: string,
  path: string,
): { readonly url: string; readonly lifecycleUrl: string } => ({
  url: `${origin}${MAILBOX_HOOK}/${path}`,
  lifecycleUrl: `${origin}${MAILBOX_HOOK}/${path}/lifecycle`,
});

export const crmHook = (origin: string, of: { readonly crm: string; readonly path: string }): string =>
  `${origin}${CRM_HOOK}/${encodeURIComponent(of.crm)}/${of.path}`;
