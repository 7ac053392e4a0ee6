import type { Logger } from '@tidelock/core';
import { pino } from 'pino';
import type { Config } from './config.ts';

/** Names of values that never belong in a log, whoever writes them. */
const SECRET = [
  'access_token',
  'accessToken',
  'address',
  'assertion',
  'authorization',
  'body',
  'client_secret',
  'clientSecret',
  'email',
  'mail',
  'name',
  'password',
  'privateKey',
  'refresh_token',
  'secret',
  'tenant',
  'tenantId',
  'token',
];

const RESERVED = new Set(['level', 'time', 'event']);

export interface OpenLog {
  readonly log: Logger;
  close(): Promise<void>;
}

/** Structured lines to standard error or a file, without what {@link SECRET} names. */
export function createLog(config: Pick<Config, 'log'>): OpenLog {
  const destination = pino.destination({ dest: config.log.file ?? 2, sync: true, mkdir: true });
  const logger = pino(
    {
      level: config.log.level ?? (config.log.file === undefined ? 'error' : 'info'),
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      redact: { paths: SECRET, censor: '[redacted]' },
    },
    destination,
  );
  // Two keys of one name in a line of JSON: readers would take the wrong one for the line's own.
  const plain = (data: object): object =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [RESERVED.has(key) ? `data.${key}` : key, value]),
    );
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, data?: object) =>
    logger[level](plain(data ?? {}), event);
  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    async close() {
      if (config.log.file !== undefined) destination.end();
    },
  };
}
