import type { Configuration } from '@azure/msal-node';
import type { Logger } from '@tidelock/core';
import { LogLevel } from './client-msal.ts';

const GUID = /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/gi;
const URL_LIKE = /\bhttps?:\/\/[^\s"']+/gi;
const DOMAIN = /\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b/gi;
/** Tokens, assertions and thumbprints. */
const LONG_SECRET = /[A-Za-z0-9_\-.+/=]{32,}/g;

/** A library's own words without tenant ids, addresses and anything that could be a credential. */
export function redact(text: string): string {
  return text
    .replace(URL_LIKE, '[url]')
    .replace(GUID, '[id]')
    .replace(LONG_SECRET, '[redacted]')
    .replace(DOMAIN, '[name]')
    .slice(0, 400);
}

type LoggerOptions = NonNullable<NonNullable<Configuration['system']>['loggerOptions']>;

/** MSAL's log from Warning up: at Info and Verbose it writes tenant ids in clear, also with PII logging off. */
export function toLoggerOptions(log: Logger): LoggerOptions {
  return {
    logLevel: LogLevel.Warning,
    piiLoggingEnabled: false,
    loggerCallback: (level, message, containsPii) => {
      if (!containsPii) log.warn('token.msal', { level, text: redact(message) });
    },
  };
}
