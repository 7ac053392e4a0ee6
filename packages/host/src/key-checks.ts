import type { Secrets } from '@tidelock/core';
import type { CheckResult } from './check-result.ts';

const DAY = 86_400_000;
const date = (at: number): string => new Date(at).toISOString().slice(0, 10);

function statusOf(days: number): CheckResult['status'] {
  if (days <= 7) return 'fail';
  return days <= 60 ? 'warn' : 'ok';
}

/** Countdown of every certificate: a warning from 60 days on, louder from 30, a failure from 7. */
export async function keyChecks(secrets: Secrets, now: number): Promise<CheckResult[]> {
  if (!secrets.abilities.keys) {
    return [{ name: 'keys', status: 'ok', text: 'this secret store keeps no keys', remedy: null }];
  }
  const certificates = await secrets.keys.list();
  if (certificates.length === 0) {
    const remedy = 'Run "tidelock init": it makes a key pair and its certificate.';
    return [{ name: 'keys', status: 'fail', text: 'there is no key pair', remedy }];
  }
  return certificates.map(({ keyName, notAfter, notBefore }) => {
    const days = Math.floor((notAfter - now) / DAY);
    const expired = notAfter <= now;
    const early = notBefore > now;
    const left = expired ? `expired on ${date(notAfter)}` : `${days} days left (until ${date(notAfter)})`;
    const urgency = days <= 30 ? 'Do it now: make' : 'Make';
    const remedy = `${urgency} a new key pair, upload its certificate next to the old one, then name it first.`;
    const status = expired || early ? 'fail' : statusOf(days);
    const text = early
      ? `${keyName}: not valid before ${date(notBefore)}; is the clock right?`
      : `${keyName}: ${left}`;
    return { name: 'keys', status, text, remedy: status === 'ok' ? null : remedy };
  });
}
