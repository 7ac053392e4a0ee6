import type { Secrets, TokenProvider } from '@tidelock/core';
import type { CheckResult } from './check-result.ts';
import type { Config } from './config.ts';
import { type Canary, tryKey } from './keys/canary.ts';
import { countdownOf, type KeyStage } from './keys/countdown.ts';
import { isIdle, type KeyUse, useOfKey } from './keys/used-by.ts';

const date = (at: number): string => new Date(at).toISOString().slice(0, 10);

const STATUS: Readonly<Record<KeyStage, CheckResult['status']>> = {
  ...{ ok: 'ok', notice: 'warn', soon: 'warn' },
  ...{ urgent: 'fail', expired: 'fail', early: 'fail' },
};

const UPLOAD = 'Then upload its certificate next to the old one.';

/** How a certificate is followed by another one depends on who signs with its key. */
function remedyOf({ place, elsewhere }: KeyUse, days: number): string {
  const begin = days <= 30 ? 'Do it now: make' : 'Make';
  if (place !== null || elsewhere.length === 0)
    return `${begin} a new key pair: tidelock keys rotate. ${UPLOAD}`;
  const where = elsewhere.join(', ');
  return `${begin} a new key pair: tidelock keys create <name>. Upload its certificate where the old one is, and name it under ${where}.`;
}

interface KeyUsers {
  readonly config: Config;
  readonly token: TokenProvider;
}

/** Countdown of every certificate: a warning from 60 days on, louder from 30, a failure from 7; of an idle key never that. */
export async function keyChecks(secrets: Secrets, now: number, users: KeyUsers): Promise<CheckResult[]> {
  if (!secrets.abilities.keys) {
    return [{ name: 'keys', status: 'ok', text: 'this secret store keeps no keys', remedy: null }];
  }
  const certificates = await secrets.keys.list();
  if (certificates.length === 0) {
    const remedy = 'Run "tidelock init": it makes a key pair and its certificate.';
    return [{ name: 'keys', status: 'fail', text: 'there is no key pair', remedy }];
  }
  return certificates.map(({ keyName, notAfter, notBefore }) => {
    const { days, stage } = countdownOf({ notBefore, notAfter }, now);
    if (stage !== 'ok' && isIdle(users.config, users.token, keyName)) {
      const remedy = `Let it go: tidelock keys retire ${keyName}`;
      return { name: 'keys', status: 'warn', text: `${keyName}: nothing signs with it`, remedy };
    }
    const status = STATUS[stage];
    const expired = stage === 'expired';
    const left = expired ? `expired on ${date(notAfter)}` : `${days} days left (until ${date(notAfter)})`;
    const remedy = remedyOf(useOfKey(users.config, users.token, keyName), days);
    const text =
      stage === 'early'
        ? `${keyName}: not valid before ${date(notBefore)}; is the clock right?`
        : `${keyName}: ${left}`;
    return { name: 'keys', status, text, remedy: status === 'ok' ? null : remedy };
  });
}

function canaryCheck(canary: Canary, isSpare: boolean): CheckResult {
  const { key, state } = canary;
  if (state === 'accepted')
    return { name: 'key-canary', status: 'ok', text: `${key}: accepted by the directory`, remedy: null };
  const said = canary.error.code ?? canary.error.kind;
  const text = `${key}: ${state === 'refused' ? 'not accepted' : 'could not be tried'} (${said})`;
  const remedy = canary.error.remedy ?? null;
  return { name: 'key-canary', status: isSpare ? 'warn' : 'fail', text, remedy };
}

/** A token request with each key in use. One that is not registered yet is a warning while another one works. */
export async function canaryChecks(
  token: TokenProvider,
  tenant: string | null,
  signal: AbortSignal | undefined,
): Promise<CheckResult[]> {
  if (tenant === null || token.tryKey === undefined) return [];
  const found: Canary[] = [];
  for (const key of token.keyNames ?? []) found.push(await tryKey(token, { tenant, key, signal }));
  const works = found.some(({ state }) => state === 'accepted');
  return found.map((canary) => canaryCheck(canary, works));
}
