import { AdapterError, type Clock, isAdapterError } from '@tidelock/core';
import { READ_RETRY, type RetryPolicy } from '@tidelock/kit';
import { readClaimsChallenge } from './challenge.ts';
import type { Graph } from './client.ts';
import { type Answer, protocolError, toGraphError } from './errors.ts';
import type { Lane } from './lane.ts';
import { IMMUTABLE_IDS } from './middleware.ts';
import { BATCH_PATH, toAddress } from './paths.ts';
import { WireBatch, WireBatchAnswer } from './wire.ts';

/** Steps that one batch may hold. */
export const BATCH_SIZE = 20;
/** Times that a step which was refused unexecuted is sent in all. */
const ROUNDS = 4;
/** Wait where the service refuses a step and names none. */
const DEFAULT_WAIT_MS = 2_000;

export interface BatchStep {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path under the version root, with its query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type StepAnswer =
  | { readonly ok: true; readonly answer: Answer }
  /** `sent` false: certainly not executed. */
  | { readonly ok: false; readonly error: AdapterError; readonly sent: boolean };

export interface BatchCall {
  readonly operation: string;
  readonly lane: Lane;
  /** At most 20. */
  readonly steps: readonly BatchStep[];
  readonly signal?: AbortSignal | undefined;
  /** For the batch as a whole. Default: repeats a read. */
  readonly policy?: RetryPolicy;
  /** Longest wait before refused steps are sent again; beyond it they are answered as refused. */
  readonly maxWaitMs: number;
  /** As for one request, about the first round. */
  readonly trace?: { sent: boolean };
}

export interface BatchParts {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly origin: string;
}

function toHeaders(values: Readonly<Record<string, unknown>> | undefined): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values ?? {})) {
    if (/^[\w-]+$/.test(name) && (typeof value === 'string' || typeof value === 'number')) {
      headers.set(name, String(value).replaceAll(/[^\x20-\x7e]/g, ''));
    }
  }
  return headers;
}

const toWireStep = (step: BatchStep, index: number): Record<string, unknown> => ({
  id: String(index),
  method: step.method,
  url: step.url,
  headers: {
    Prefer: IMMUTABLE_IDS,
    ...(step.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...step.headers,
  },
  ...(step.body === undefined ? {} : { body: step.body }),
});

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Answers by the number of their step; what is not readable is missing. */
function readAnswers(body: unknown, operation: string): Map<number, Answer> {
  const parsed = WireBatch.safeParse(body);
  if (!parsed.success) throw protocolError(operation, 'the answer to a batch has no answers', 'batch');
  const answers = new Map<number, Answer>();
  // Of steps that succeeded nobody asks for them.
  const none = new Headers();
  for (const item of parsed.data.responses) {
    const each = WireBatchAnswer.safeParse(item);
    if (!each.success || !/^\d{1,2}$/.test(each.data.id)) continue;
    const { id, status, headers, body: content } = each.data;
    answers.set(Number(id), {
      status,
      headers: status < 400 ? none : toHeaders(headers),
      body: isObject(content) ? content : undefined,
    });
  }
  return answers;
}

const missing = (operation: string): AdapterError =>
  new AdapterError('unavailable', `${operation}: the answer to a batch lacks one of its steps`, {
    operation,
    code: 'missing-answer',
  });

/** What is still to be sent, and what was learned of it when it was last refused. */
interface Round {
  readonly results: Map<number, StepAnswer>;
  pending: number[];
  renewed: boolean;
}

interface Verdict {
  readonly again: readonly number[];
  readonly waitMs: number;
  readonly challenge: Headers | undefined;
}

function judge(
  parts: BatchParts,
  call: BatchCall,
  given: { round: Round; answers: Map<number, Answer> },
): Verdict {
  const { round, answers } = given;
  const again: number[] = [];
  let waitMs = 0;
  let challenge: Headers | undefined;
  for (const index of round.pending) {
    const answer = answers.get(index);
    if (answer !== undefined && answer.status < 400) {
      round.results.set(index, { ok: true, answer });
      continue;
    }
    const error =
      answer === undefined
        ? missing(call.operation)
        : toGraphError(answer, call.operation, parts.clock.now());
    const refused = error.kind === 'rate_limited' || error.kind === 'auth';
    round.results.set(index, { ok: false, error, sent: !refused });
    if (error.kind === 'rate_limited') {
      again.push(index);
      waitMs = Math.max(waitMs, error.retryAfterMs ?? DEFAULT_WAIT_MS);
    } else if (error.kind === 'auth' && !round.renewed) {
      again.push(index);
      challenge = answer?.headers;
    }
  }
  return { again, waitMs, challenge };
}

const post = (parts: BatchParts, call: BatchCall, indexes: readonly number[]): Promise<Answer> => {
  const requests = indexes.flatMap((index) => {
    const step = call.steps[index];
    return step === undefined ? [] : [toWireStep(step, index)];
  });
  return parts.graph.send({
    operation: call.operation,
    method: 'POST',
    url: BATCH_PATH,
    body: { requests },
    policy: call.policy ?? READ_RETRY,
    lane: call.lane,
    cost: requests.length,
    alone: true,
    signal: call.signal,
    ...(call.trace ? { trace: call.trace } : {}),
  });
};

/** Readies what was refused for another round; false when it has to stay refused. */
async function prepare(
  parts: BatchParts,
  call: BatchCall,
  given: { round: Round; verdict: Verdict },
): Promise<boolean> {
  const { round, verdict } = given;
  if (verdict.again.length === 0 || verdict.waitMs > call.maxWaitMs) return false;
  if (verdict.challenge !== undefined) {
    round.renewed = true;
    const claims = readClaimsChallenge(verdict.challenge.get('www-authenticate'));
    await parts.graph.credential.renew(claims, call.signal);
  }
  if (verdict.waitMs > 0) {
    call.lane.penalize(verdict.waitMs);
    await parts.clock.sleep(verdict.waitMs, call.signal);
  }
  round.pending = [...verdict.again];
  return true;
}

/** A failure of a later round is that of the steps it held; the others keep their answers. */
function settle(round: Round, error: unknown): void {
  if (!isAdapterError(error)) return;
  for (const index of round.pending) round.results.set(index, { ok: false, error, sent: true });
}

/** One round; undefined when it failed as a whole and is not the first. */
async function runRound(
  parts: BatchParts,
  call: BatchCall,
  given: { round: Round; first: boolean },
): Promise<Verdict | undefined> {
  const { round, first } = given;
  const trace = first && call.trace ? call.trace : { sent: false };
  try {
    const answer = await post(parts, { ...call, trace }, round.pending);
    return judge(parts, call, { round, answers: readAnswers(answer.body, call.operation) });
  } catch (error) {
    if (first) throw error;
    if (trace.sent) settle(round, error);
    return undefined;
  }
}

/**
 * Sends the steps in one `$batch` and answers each, in order. Steps refused for their number (429) are sent again
 * after the longest wait named, in a new batch; the others stand. Throws when the batch itself fails.
 */
export async function sendBatch(parts: BatchParts, call: BatchCall): Promise<readonly StepAnswer[]> {
  for (const { method, url } of call.steps)
    toAddress({ operation: call.operation, method, url }, parts.origin);
  const round: Round = {
    results: new Map(),
    pending: call.steps.map((_, index) => index),
    renewed: false,
  };
  for (let count = 1; count <= ROUNDS; count += 1) {
    const verdict = await runRound(parts, call, { round, first: count === 1 });
    if (verdict === undefined || count === ROUNDS) break;
    if (!(await prepare(parts, call, { round, verdict }).catch(() => false))) break;
  }
  return call.steps.map(
    (_, index) => round.results.get(index) ?? { ok: false, error: missing(call.operation), sent: true },
  );
}
