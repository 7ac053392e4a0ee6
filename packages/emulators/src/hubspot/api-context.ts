import type { Portal } from './portal.ts';
import type { PrivateApp } from './private-apps.ts';
import type { Acting } from './records.ts';
import type { ApiCall, Reply } from './reply.ts';

/** What one resource needs to answer one call. */
export interface ApiContext {
  readonly portal: Portal;
  readonly app: PrivateApp;
}

export type Resource = (context: ApiContext, call: ApiCall) => Reply;

export const toActing = (context: ApiContext, journal?: Acting['journal']): Acting => ({
  actor: { app: context.app.name },
  journal,
});

/** `properties=a,b` and `properties=a&properties=b` alike. */
export function namesIn(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}
