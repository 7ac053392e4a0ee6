import { ApiError } from './api-error.ts';
import type { ApiUsage } from './api-usage.ts';
import type { Org } from './org.ts';
import type { QueryCursors } from './query-cursors.ts';
import type { Actor } from './record-store.ts';
import type { Journal } from './record-table.ts';
import type { ApiCall, Caller, Reply } from './reply.ts';

/** What one resource needs to answer one call. */
export interface RestContext {
  readonly org: Org;
  readonly usage: ApiUsage;
  readonly cursors: QueryCursors;
  readonly caller: Caller;
  /** Undo steps when the call is part of an all-or-none unit. */
  readonly journal: Journal | undefined;
  /** Runs an inner request of a composite resource: with its own faults and its own entry in the log. */
  runInner(call: ApiCall, journal: Journal | undefined): Promise<Reply>;
}

export type Resource = (
  context: RestContext,
  call: ApiCall,
  segments: readonly string[],
) => Reply | Promise<Reply>;

export function toActor(context: RestContext, call: ApiCall, journal = context.journal): Actor {
  const { session } = context.caller;
  return {
    userId: session.userId,
    app: session.app,
    allowDuplicates: /allowSave\s*=\s*true/i.test(call.headers['sforce-duplicate-rule-header'] ?? ''),
    lagMs: context.org.settings.apiCommitLagMs,
    journal,
  };
}

/** One handler per method; anything else is 405. */
export function byMethod(handlers: Readonly<Record<string, Resource>>): Resource {
  return (context, call, segments) => {
    const handler = handlers[call.method];
    if (handler !== undefined) return handler(context, call, segments);
    const message = `HTTP Method '${call.method}' not allowed. Allowed are ${Object.keys(handlers).join(',')}`;
    throw new ApiError(405, [{ errorCode: 'METHOD_NOT_ALLOWED', message }]);
  };
}

export function rollBack(journal: Journal): void {
  for (const undo of journal.reverse()) undo();
  journal.length = 0;
}
