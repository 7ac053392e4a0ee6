import type { AdapterError, CallOptions, Outcome, Write } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import { chunk, type RetryPolicy, WRITE_RETRY } from '@tidelock/kit';
import { BATCH_SIZE, type BatchStep, type StepAnswer, sendBatch } from './batch.ts';
import { type Answer, isRefusal, isWholeCall, requireLive } from './errors.ts';
import { toOutcome } from './outcome.ts';
import type { Session } from './session.ts';

/** A write that the service refuses for its number is sent again after short waits only; longer ones are answered. */
const WRITE_WAIT_MS = 10_000;
export const WRITE_POLICY: RetryPolicy = { ...WRITE_RETRY, maxMs: WRITE_WAIT_MS };

/** What writing one kind of records means. */
export interface WriteKind {
  readonly operation: string;
  /** As messages name one record. */
  readonly noun: string;
  /** Why a write cannot be sent; undefined for one that can. */
  check(write: Write): Outcome | undefined;
  /** Who holds these stamps already: one array of ids per stamp. */
  holders(stamps: readonly string[], options: CallOptions): Promise<readonly (readonly string[])[]>;
  /** Runs before each round, for what steps need. */
  prepare(options: CallOptions): Promise<void>;
  toStep(write: Write): BatchStep;
  toSuccess(write: Write, answer: Answer): Outcome;
}

interface Item {
  readonly index: number;
  readonly write: Write;
}

interface Sheet {
  readonly outcomes: (Outcome | undefined)[];
  /** Something was or may have been executed: from here on everything is an outcome. */
  committed: boolean;
  /** Why the rest is not sent. */
  stopped: AdapterError | undefined;
}

interface Work {
  readonly session: Session;
  readonly kind: WriteKind;
  readonly options: CallOptions;
  readonly sheet: Sheet;
}

/** Sends one step by itself. */
export async function sendStep(
  session: Session,
  given: { readonly operation: string; readonly step: BatchStep },
  options: CallOptions,
): Promise<StepAnswer> {
  const trace = { sent: false };
  const { graph, lane } = session;
  try {
    const { operation, step } = given;
    const call = { ...step, operation, policy: WRITE_POLICY, lane, trace, signal: options.signal };
    return { ok: true, answer: await graph.send(call) };
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return { ok: false, error, sent: trace.sent };
  }
}

async function sendSteps(
  session: Session,
  given: { readonly operation: string; readonly steps: readonly BatchStep[] },
  options: CallOptions,
): Promise<readonly StepAnswer[]> {
  const { operation, steps } = given;
  const [only] = steps;
  if (only !== undefined && steps.length === 1)
    return [await sendStep(session, { operation, step: only }, options)];
  const trace = { sent: false };
  const { lane } = session;
  const { signal } = options;
  try {
    const call = { operation, lane, steps, signal, policy: WRITE_POLICY, maxWaitMs: WRITE_WAIT_MS, trace };
    return await sendBatch(session, call);
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return steps.map((): StepAnswer => ({ ok: false, error, sent: trace.sent }));
  }
}

/** Not executed, because the whole mailbox or connection, or the service's patience, was in the way. */
const isHalt = (answer: StepAnswer): boolean =>
  !answer.ok && (!answer.sent || isWholeCall(answer.error) || isRefusal(answer.error));

const postponed = (error: AdapterError): Outcome => {
  const { kind, retryAfterMs } = error;
  return { status: 'retry', kind, ...(retryAfterMs === undefined ? {} : { afterMs: retryAfterMs }) };
};

/**
 * Stamps cannot be made unique in the store, so each that may have been sent before is looked for: a create that was
 * executed and whose answer was lost must not be executed again.
 */
async function withoutDuplicates(work: Work, items: readonly Item[]): Promise<readonly Item[]> {
  const { kind, options, sheet } = work;
  const creates = items.flatMap(({ index, write }) =>
    write.op === 'create' && write.fresh !== true ? [{ index, stamp: write.stamp }] : [],
  );
  const values = creates.map((each) => each.stamp.toLowerCase());
  const holders = await kind.holders(values, options);
  const taken = new Set<string>();
  creates.forEach(({ index, stamp }, at) => {
    const holder = holders[at]?.[0] ?? null;
    const key = stamp.toLowerCase();
    if (holder !== null) sheet.outcomes[index] = { status: 'duplicate', id: holder };
    else if (taken.has(key)) sheet.outcomes[index] = { status: 'duplicate' };
    taken.add(key);
  });
  return items.filter(({ index }) => sheet.outcomes[index] === undefined);
}

function record(work: Work, items: readonly Item[], answers: readonly StepAnswer[]): void {
  const { kind, sheet } = work;
  const halted = answers.length > 0 && answers.every(isHalt);
  items.forEach(({ index, write }, at) => {
    const answer = answers[at];
    if (answer === undefined) return;
    if (answer.ok) sheet.outcomes[index] = kind.toSuccess(write, answer.answer);
    else if (halted) sheet.outcomes[index] = postponed(answer.error);
    else sheet.outcomes[index] = toOutcome(write.op, answer.error, { sent: answer.sent, noun: kind.noun });
  });
  const failed = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
  const [first] = failed;
  if (halted && first !== undefined && !sheet.committed && isWholeCall(first)) throw first;
  sheet.committed ||= answers.some((answer) => answer.ok || !isHalt(answer));
  // All of them failed in one way: sending more of the same would not end better.
  const all = failed.length === answers.length && first !== undefined;
  if (halted || (all && first.kind === 'unavailable')) sheet.stopped = first;
}

async function runChunk(work: Work, items: readonly Item[]): Promise<void> {
  const { session, kind, options, sheet } = work;
  const { operation } = kind;
  try {
    requireLive(options.signal, operation);
    await kind.prepare(options);
  } catch (error) {
    if (!sheet.committed || !isAdapterError(error)) throw error;
    sheet.stopped = error;
    return;
  }
  const steps = items.map(({ write }) => kind.toStep(write));
  record(work, items, await sendSteps(session, { operation, steps }, options));
}

/** One outcome per write. Throws only while nothing can have been executed. */
export async function writeRecords(
  session: Session,
  given: { readonly kind: WriteKind; readonly writes: readonly Write[] },
  options: CallOptions = {},
): Promise<readonly Outcome[]> {
  const { kind, writes } = given;
  requireLive(options.signal, kind.operation);
  const outcomes = writes.map((write) => kind.check(write));
  const sheet: Sheet = { outcomes, committed: false, stopped: undefined };
  const work: Work = { session, kind, options, sheet };
  const items = writes
    .map((write, index): Item => ({ index, write }))
    .filter(({ index }) => !outcomes[index]);
  for (const some of chunk(await withoutDuplicates(work, items), BATCH_SIZE)) {
    if (sheet.stopped !== undefined) break;
    await runChunk(work, some);
  }
  const rest = sheet.stopped;
  return sheet.outcomes.map(
    (outcome) => outcome ?? (rest ? postponed(rest) : { status: 'retry', kind: 'unavailable' }),
  );
}
