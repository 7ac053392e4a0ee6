import { act, get } from './client.ts';
import type { Check } from './records.ts';
import type { KeyLeft } from './status.ts';

export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Health {
  readonly at: number;
  readonly uptimeMs: number;
  readonly version: string;
  readonly lag: readonly Series[];
  readonly throttled: readonly Series[];
  readonly errors: readonly Series[];
  readonly writes: readonly Series[];
  readonly keys: readonly KeyLeft[];
}

export const readHealth = (): Promise<Health> => get<Health>('/health');

export const runDoctor = async (): Promise<readonly Check[]> =>
  (await get<{ readonly checks: readonly Check[] }>('/doctor')).checks;

/** A new key beside the old one; both work until the old one is let go. */
export const rotateKey = (
  keyName: string,
): Promise<{ readonly keyName: string; readonly next: string | null }> =>
  act('POST', '/keys/rotate', { keyName });
