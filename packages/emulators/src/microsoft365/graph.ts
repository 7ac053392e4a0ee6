import type { Fault } from '../kit/faults.ts';
import { LostAnswer } from '../kit/serve.ts';
import { authenticate } from './access.ts';
import type { BatchStep } from './batch.ts';
import { failedDependency, readBatch, runBatch } from './batch.ts';
import type { GraphAnswer, GraphCall } from './graph-call.ts';
import { jsonAnswer, toFaultPath, toSegments } from './graph-call.ts';
import { badRequest, GraphFailure, methodNotAllowed } from './graph-error.ts';
import type { Execution } from './graph-route.ts';
import { executeCall } from './graph-route.ts';
import { requireJson } from './mailbox-call.ts';
import { readPreferences } from './query-options.ts';
import { shuffle } from './shuffle.ts';
import type { World } from './world.ts';

export interface GraphEnvelope {
  method: string;
  url: URL;
  headers: Headers;
  body: unknown;
  signal: AbortSignal | undefined;
}

export const toGraphCall = (envelope: Omit<GraphEnvelope, 'signal'>): GraphCall => ({
  method: envelope.method,
  url: envelope.url,
  segments: toSegments(envelope.url.pathname),
  headers: envelope.headers,
  body: envelope.body,
  preferences: readPreferences(envelope.headers),
});

const toFailureAnswer = (world: World, failure: GraphFailure, headers: Headers): GraphAnswer => {
  const requestId = world.random.uuid();
  const innerError = {
    date: new Date(world.clock.now()).toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': headers.get('client-request-id') ?? requestId,
  };
  return {
    status: failure.status,
    headers: { 'Content-Type': 'application/json', 'request-id': requestId, ...failure.headers },
    body: { error: { code: failure.code, message: failure.message, innerError, ...failure.members } },
  };
};

/** What a scripted status fault sends: its body as it is, or Graph's generic error of that status. */
export const toStatusAnswer = (fault: Extract<Fault, { kind: 'status' }>): GraphAnswer => {
  const isText = typeof fault.body === 'string';
  const generic = { error: { code: fault.status === 429 ? 'TooManyRequests' : 'UnknownError', message: '' } };
  const body = fault.body ?? (fault.status >= 400 ? generic : undefined);
  return {
    status: fault.status,
    headers: { 'Content-Type': isText ? 'text/html' : 'application/json', ...fault.headers },
    body,
  };
};

const execute = async (world: World, call: GraphCall, execution: Execution): Promise<GraphAnswer> => {
  try {
    const session = authenticate(world, call.headers.get('authorization'));
    return await executeCall({ world, session, call }, execution);
  } catch (error) {
    if (!(error instanceof GraphFailure)) throw error;
    return toFailureAnswer(world, error, call.headers);
  }
};

/** One (inner) request with the fault scripted for it, if any. Rejects with LostAnswer. */
const answerCall = async (
  world: World,
  call: GraphCall,
  signal: AbortSignal | undefined,
): Promise<GraphAnswer> => {
  const fault = world.faults.take({ method: call.method, path: toFaultPath(call.url) });
  if (fault?.kind === 'status') return toStatusAnswer(fault);
  if (fault?.kind === 'lost' && !fault.applied) throw new LostAnswer();
  const held = fault?.kind === 'held';
  if (held) await fault.until;
  const answer = await execute(world, call, {
    delayMs: fault?.kind === 'delay' ? fault.ms : 0,
    times: fault?.kind === 'duplicate' ? 2 : 1,
    signal: held ? undefined : signal,
  });
  if (fault?.kind === 'lost') throw new LostAnswer();
  return answer;
};

const isBatch = (call: GraphCall): boolean =>
  call.segments.length === 1 && call.segments[0]?.toLowerCase() === '$batch';

const toInnerCall = (outer: GraphCall, step: BatchStep): GraphCall => {
  const headers = new Headers(step.headers);
  const authorization = outer.headers.get('authorization');
  if (authorization !== null && !headers.has('authorization')) headers.set('authorization', authorization);
  const url = new URL(`${outer.url.origin}/v1.0${step.url}`);
  return toGraphCall({ method: step.method, url, headers, body: step.body });
};

interface BatchRun {
  world: World;
  outer: GraphCall;
  seq: number;
  signal: AbortSignal | undefined;
}

const logStep = ({ world, seq }: BatchRun, call: GraphCall, result: GraphAnswer | 'lost'): void => {
  const lost = result === 'lost';
  world.log.record({
    at: world.clock.now(),
    method: call.method,
    url: call.url.href,
    path: call.url.pathname,
    requestHeaders: Object.fromEntries(call.headers),
    requestBody: call.body,
    status: lost ? 'lost' : result.status,
    responseHeaders: lost ? {} : result.headers,
    responseBody: lost ? undefined : result.body,
    inBatch: seq,
  });
};

const runStep = async (run: BatchRun, step: BatchStep): Promise<GraphAnswer> => {
  const { world, outer, signal } = run;
  const call = toInnerCall(outer, step);
  if (isBatch(call)) return toFailureAnswer(world, badRequest('A batch cannot hold a batch.'), call.headers);
  try {
    const answer = await answerCall(world, call, signal);
    logStep(run, call, answer);
    return answer;
  } catch (error) {
    if (error instanceof LostAnswer) logStep(run, call, 'lost');
    throw error;
  }
};

const withoutOne = (world: World, items: unknown[], path: string): unknown[] => {
  if (world.faults.takeNamed('partial-batch', path) === undefined || items.length === 0) return items;
  return items.toSpliced(world.random.int(items.length), 1);
};

/** Answers come in any order. Named fault `partial-batch`: one of them is missing, though its request was executed. */
const answerBatch = async (run: BatchRun): Promise<GraphAnswer> => {
  const { world, outer } = run;
  if (outer.method !== 'POST') throw methodNotAllowed();
  authenticate(world, outer.headers.get('authorization'));
  const batch = readBatch(requireJson(outer));
  const answers = await runBatch(
    batch,
    (step) => runStep(run, step),
    async (step) => toFailureAnswer(world, failedDependency(), toInnerCall(outer, step).headers),
  );
  const items = [...answers].map(([id, { status, headers, body }]) => ({
    id,
    status,
    headers,
    ...(body === undefined ? {} : { body }),
  }));
  const sent = batch.shape === 'parallel' ? shuffle(world.random, items) : items;
  return jsonAnswer(200, { responses: withoutOne(world, sent, toFaultPath(outer.url)) });
};

/** Everything under `/v1.0`. `seq` is the log's number of this request. Rejects with LostAnswer. */
export async function answerGraph(world: World, envelope: GraphEnvelope, seq: number): Promise<GraphAnswer> {
  const call = toGraphCall(envelope);
  const { signal } = envelope;
  if (!isBatch(call)) return answerCall(world, call, signal);
  const fault = world.faults.take({ method: call.method, path: toFaultPath(call.url) });
  if (fault?.kind === 'status') return toStatusAnswer(fault);
  if (fault?.kind === 'lost' && !fault.applied) throw new LostAnswer();
  if (fault?.kind === 'delay') await world.clock.sleep(fault.ms, signal);
  if (fault?.kind === 'held') await fault.until;
  const run = { world, outer: call, seq, signal: fault?.kind === 'held' ? undefined : signal };
  try {
    if (fault?.kind === 'duplicate') await answerBatch(run);
    const answer = await answerBatch(run);
    if (fault?.kind === 'lost') throw new LostAnswer();
    return answer;
  } catch (error) {
    if (!(error instanceof GraphFailure)) throw error;
    return toFailureAnswer(world, error, call.headers);
  }
}
