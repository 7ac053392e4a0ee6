import type { Certificate } from '@tidelock/core';

const DAY_MS = 86_400_000;

/** `notice` from 60 days on, `soon` from 30, `urgent` from 7. `early`: not valid yet. */
export type KeyStage = 'ok' | 'notice' | 'soon' | 'urgent' | 'expired' | 'early';

export interface Countdown {
  /** Whole days until the certificate ends; negative when it has. */
  readonly days: number;
  readonly stage: KeyStage;
}

/** What is left of a certificate. */
export function countdownOf(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  now: number,
): Countdown {
  const days = Math.floor((notAfter - now) / DAY_MS);
  if (notAfter <= now) return { days, stage: 'expired' };
  if (notBefore > now) return { days, stage: 'early' };
  if (days <= 7) return { days, stage: 'urgent' };
  return { days, stage: days <= 30 ? 'soon' : days <= 60 ? 'notice' : 'ok' };
}

export interface KeyLeft extends Countdown {
  readonly keyName: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** The same for each of several, soonest first. */
export function keysLeft(certificates: readonly Certificate[], now: number): readonly KeyLeft[] {
  return certificates
    .map((certificate) => {
      const { keyName, notAfter } = certificate;
      return { keyName, notAfter, ...countdownOf(certificate, now) };
    })
    .sort((a, b) => a.notAfter - b.notAfter);
}
