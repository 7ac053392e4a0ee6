import { act, get } from './client.ts';
import type { Finding } from './records.ts';

export interface Pause {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
}

export interface Lane {
  readonly laneId: string;
  readonly label: string;
  readonly counts: {
    readonly live: number;
    readonly out: number;
    readonly half: number;
    readonly detached: number;
  };
  readonly lastOkAt: number | null;
  readonly lagMs: number | null;
  readonly errorKind: string | null;
  readonly errorCount: number;
  readonly held: { readonly hash: string; readonly count: number; readonly reason: string } | null;
  readonly reviews: number;
  readonly openOutcomes: number;
  readonly parked: number;
  readonly backlog: number;
  readonly nextTryAt: number | null;
  readonly paused: Pause | null;
  readonly working: boolean;
  readonly profile: string | null;
  readonly removedAt: number | null;
  readonly blocked: string | null;
  readonly alarm: boolean;
}

export interface KeyLeft {
  readonly keyName: string;
  readonly notAfter: number;
  readonly days: number;
  readonly stage: 'ok' | 'notice' | 'soon' | 'urgent' | 'expired' | 'early';
}

export interface Status {
  readonly at: number;
  readonly lanes: readonly Lane[];
  /** The directory refuses this installation. */
  readonly trouble: { readonly since: number; readonly text: string; readonly remedy: string | null } | null;
  readonly findings: readonly Finding[];
  readonly keys: readonly KeyLeft[];
}

export const readStatus = (): Promise<Status> => get<Status>('/status');

export const syncNow = (addresses: readonly string[]): Promise<unknown> =>
  act('POST', '/sync', { mailboxes: addresses });
