import type { Exchange, ExchangeLog } from './exchange-log.ts';

/** A request that makes its service send e-mail to people, or may. */
export interface MailRequest {
  readonly at: number;
  readonly method: string;
  readonly path: string;
}

/**
 * Every request that could have sent mail, whatever became of it; kept when the log is cleared or keeps nothing. `paths`:
 * what sends mail when it is written to.
 */
export function watchMail(log: Pick<ExchangeLog, 'on'>, paths: RegExp): () => readonly MailRequest[] {
  const found: MailRequest[] = [];
  log.on(({ at, method, path }: Exchange) => {
    if (method !== 'GET' && method !== 'HEAD' && path.search(paths) >= 0) found.push({ at, method, path });
  });
  return () => Object.freeze(found.map((request) => Object.freeze({ ...request })));
}
