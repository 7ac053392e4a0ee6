import type { AdapterError, CallOptions, FieldCatalogue, Outcome, Write } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import { chunk, type RetryPolicy, WRITE_RETRY } from '@tidelock/kit';
import { BATCH_SIZE, type BatchStep, type StepAnswer, sendBatch } from './batch.ts';
import { checkFields } from './check-values.ts';
import { isRefusal, isWholeCall, requireLive } from './errors.ts';
import { findContacts } from './find.ts';
import type { FolderSet } from './folders.ts';
import { toOutcome } from './outcome.ts';
import type { Session } from './session.ts';
import { toStep, toSuccess, WRITE } from './write-step.ts';

/** A write that the service refuses for its number is sent again after short waits only; longer ones are answered. */
const WRITE_WAIT_MS = 10_000;
const POLICY: RetryPolicy = { ...WRITE_RETRY, maxMs: WRITE_WAIT_MS };

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
  readonly folders: FolderSet;
  readonly options: CallOptions;
  readonly sheet: Sheet;
}

async function sendOne(session: Session, step: BatchStep, options: CallOptions): Promise<StepAnswer> {
  const trace = { sent: false };
  const { graph, lane } = session;
  try {
    const call = { ...step, operation: WRITE, policy: POLICY, lane, trace, signal: options.signal };
    return { ok: true, answer: await graph.send(call) };
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return { ok: false, error, sent: trace.sent };
  }
}

async function sendSteps(
  session: Session,
  steps: readonly BatchStep[],
  options: CallOptions,
): Promise<readonly StepAnswer[]> {
  const [only] = steps;
  if (only !== undefined && steps.length === 1) return [await sendOne(session, only, options)];
  const trace = { sent: false };
  const { lane } = session;
  const { signal } = options;
  try {
    const call = { operation: WRITE, lane, steps, signal, policy: POLICY, maxWaitMs: WRITE_WAIT_MS, trace };
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
  const { session, folders, options, sheet } = work;
  const creates = items.flatMap(({ index, write }) =>
    write.op === 'create' && write.fresh !== true ? [{ index, stamp: write.stamp }] : [],
  );
  const values = creates.map((each) => each.stamp.toLowerCase());
  const holders = await findContacts(session, { by: 'stamp', values, folders }, options);
  const taken = new Set<string>();
  creates.forEach(({ index, stamp }, at) => {
    const holder = holders[at]?.[0]?.id ?? null;
    const key = stamp.toLowerCase();
    if (holder !== null) sheet.outcomes[index] = { status: 'duplicate', id: holder };
    else if (taken.has(key)) sheet.outcomes[index] = { status: 'duplicate' };
    taken.add(key);
  });
  return items.filter(({ index }) => sheet.outcomes[index] === undefined);
}

function record(work: Work, items: readonly Item[], answers: readonly StepAnswer[]): void {
  const { session, sheet } = work;
  const halted = answers.length > 0 && answers.every(isHalt);
  items.forEach(({ index, write }, at) => {
    const answer = answers[at];
    if (answer === undefined) return;
    if (answer.ok) sheet.outcomes[index] = toSuccess(session, write, answer.answer);
    else if (halted) sheet.outcomes[index] = postponed(answer.error);
    else sheet.outcomes[index] = toOutcome(write.op, answer.error, answer.sent);
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
  const { session, folders, options, sheet } = work;
  let folder: string | undefined;
  try {
    requireLive(options.signal, WRITE);
    [folder] = await folders.keys(options);
  } catch (error) {
    if (!sheet.committed || !isAdapterError(error)) throw error;
    sheet.stopped = error;
    return;
  }
  if (folder === undefined) return;
  const target = folder;
  const steps = items.map(({ write }) => toStep(session, write, target));
  record(work, items, await sendSteps(session, steps, options));
}

/** One outcome per write. Throws only while nothing can have been executed. */
export async function writeContacts(
  session: Session,
  given: { folders: FolderSet; catalogue: FieldCatalogue; writes: readonly Write[] },
  options: CallOptions = {},
): Promise<readonly Outcome[]> {
  requireLive(options.signal, WRITE);
  const { writes, catalogue, folders } = given;
  const outcomes = writes.map((write) =>
    write.op === 'delete'
      ? undefined
      : checkFields(write.op === 'create' ? write.fields : write.patch, catalogue),
  );
  const sheet: Sheet = { outcomes, committed: false, stopped: undefined };
  const work: Work = { session, folders, options, sheet };
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
