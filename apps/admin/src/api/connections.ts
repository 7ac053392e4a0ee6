import { act, get } from './client.ts';
import type { Check } from './records.ts';

export interface CrmConnection {
  readonly name: string;
  readonly adapter: string;
  readonly label: string;
  readonly checks: readonly Check[];
}

export interface Connections {
  readonly mailbox: {
    readonly adapter: string;
    readonly label: string;
    /** Where an administrator of the organisation consents. */
    readonly connectUrl: string | null;
    readonly connected: boolean;
    readonly organisation: string | null;
    readonly consentedAt: number | null;
    readonly consentedBy: string | null;
    readonly checks: readonly Check[];
  };
  readonly crms: readonly CrmConnection[];
  /** When the checks were made; null = not yet. */
  readonly checkedAt: number | null;
}

export const readConnections = (): Promise<Connections> => get<Connections>('/connections');

/** Asks both sides anew. */
export const checkConnections = (): Promise<Connections> => act('POST', '/connections/check');

export const revealTenant = (): Promise<{ readonly tenantId: string }> => act('POST', '/connections/tenant');

export const disconnect = (): Promise<unknown> => act('POST', '/connections/disconnect');
