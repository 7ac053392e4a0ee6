import { SpanKind } from '@opentelemetry/api';
import type { Fetch } from '@tidelock/core';
import { markFailed, traced } from './tracing.ts';

/** How requests ended. `throttled`: the service asked to wait; a step inside a batch is none. */
export const REQUEST_OUTCOMES = ['ok', 'refused', 'throttled', 'failed', 'unanswered'] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

export interface RequestCount {
  /** `token`, `mailbox`, or the CRM's name in the configuration. */
  readonly connection: string;
  readonly outcome: RequestOutcome;
  readonly count: number;
}

/** Requests since the process began, by connection. */
export interface Traffic {
  /** The same `fetch`, counted, and traced without its address: that holds ids. */
  through(connection: string, fetch: Fetch): Fetch;
  read(): readonly RequestCount[];
}

function outcomeOf({ status }: Response): RequestOutcome {
  if (status === 429 || status === 503) return 'throttled';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'ok';
}

function methodOf(input: Parameters<Fetch>[0], init: RequestInit | undefined): string {
  return init?.method ?? (input instanceof Request ? input.method : 'GET');
}

export function createTraffic(): Traffic {
  const counts = new Map<string, Map<RequestOutcome, number>>();
  const add = (connection: string, outcome: RequestOutcome): void => {
    const of = counts.get(connection) ?? new Map<RequestOutcome, number>();
    counts.set(connection, of);
    of.set(outcome, (of.get(outcome) ?? 0) + 1);
  };
  return {
    through: (connection, fetch) => (input, init) => {
      const method = methodOf(input, init);
      const attributes = { 'http.request.method': method, 'tidelock.connection': connection };
      return traced(method, { kind: SpanKind.CLIENT, attributes }, async (span) => {
        try {
          const answer = await fetch(input, init);
          const outcome = outcomeOf(answer);
          add(connection, outcome);
          span.setAttribute('http.response.status_code', answer.status);
          if (outcome !== 'ok') markFailed(span, String(answer.status));
          return answer;
        } catch (error) {
          add(connection, 'unanswered');
          throw error;
        }
      });
    },
    read: () =>
      [...counts].flatMap(([connection, of]) =>
        [...of].map(([outcome, count]) => ({ connection, outcome, count })),
      ),
  };
}
