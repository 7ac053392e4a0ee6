import { isAdapterError, type Outcome, type Write, type WriteNote } from '@tidelock/core';
import { type Refusal, requireRunning } from '@tidelock/kit';
import { COMPANY } from './fields.ts';
import { type Body, type Seen, toBody, type View } from './map.ts';
import { type Accounts, normalizeName } from './query-accounts.ts';
import {
  type Batch,
  type Prepared,
  type Result,
  type Writing as Sending,
  sendBatch,
  toBatches,
} from './store-batch.ts';
import { settleIds, type Verdict } from './store-read.ts';

export const WRITE_BATCH = 200;

export interface Writing extends Sending {
  readonly view: View & Seen;
  readonly accounts: Accounts;
}

/** The company that a write asks for, where accounts are matched and it differs from what is there. */
function wantedCompany(write: Write, view: View): string | null | undefined {
  if (view.companyField !== null || write.op === 'delete') return undefined;
  const fields = write.op === 'create' ? write.fields : write.patch;
  const value = fields[COMPANY];
  if (typeof value !== 'string' && value !== null) return undefined;
  const name = value === null || value.trim() === '' ? null : value;
  const current = write.op === 'update' ? write.current.fields[COMPANY] : undefined;
  // Also where the account is hidden from us: it must not be unlinked by accident.
  if (name === null) return current === null ? undefined : null;
  const same = typeof current === 'string' && normalizeName(current) === normalizeName(name);
  return same ? undefined : name;
}

export function refused({ property, code }: Refusal): Outcome {
  return { status: 'rejected', code, property, message: `${property} cannot be written (${code})` };
}

type Matches = Awaited<ReturnType<Accounts['resolve']>>;

/** Puts the account into the body; a name that matches none or several is left to a person. */
function putCompany(body: Body, name: string | null, matches: Matches): readonly WriteNote[] {
  if (name === null) {
    body.AccountId = null;
    return [];
  }
  const match = matches.get(normalizeName(name)) ?? 'none';
  if (typeof match !== 'string') {
    body.AccountId = match.id;
    return [];
  }
  return [{ property: COMPANY, code: match === 'none' ? 'unresolved' : 'ambiguous' }];
}

function putSystemFields(body: Body, write: Write, stampField: string): void {
  if (write.op === 'delete') return;
  if (write.stamp !== undefined) body[stampField] = write.stamp;
  if (write.op === 'create' && write.owner !== undefined) body.OwnerId = write.owner;
}

/** A body, or the outcome where nothing has to be sent. */
function prepare(
  writing: Writing,
  index: number,
  { write, matches }: { write: Write; matches: Matches },
): Prepared | Outcome {
  const { view, stampField } = writing;
  if (write.op === 'delete') return { index, write, body: {}, notes: [] };
  if (write.stamp !== undefined && view.stampField === null)
    return refused({ property: stampField, code: 'unsupported' });
  const { body, refusal } = toBody(write.op === 'create' ? write.fields : write.patch, view);
  if (refusal) return refused(refusal);
  const company = wantedCompany(write, view);
  const notes = company === undefined ? [] : putCompany(body, company, matches);
  putSystemFields(body, write, stampField);
  if (write.op === 'update' && Object.keys(body).length === 0) {
    return { status: 'ok', id: write.id, ...(notes.length > 0 ? { notes } : {}) } satisfies Outcome;
  }
  return { index, write, body, notes };
}

function withNotes(outcome: Result, notes: readonly WriteNote[]): Result {
  return notes.length > 0 && outcome !== 'missing' && outcome.status === 'ok'
    ? { ...outcome, notes }
    : outcome;
}

export function toGone(verdict: Verdict | undefined): Outcome {
  if (verdict?.state === 'merged') return { status: 'gone', mergedInto: verdict.into };
  if (verdict?.state === 'gone') return { status: 'gone' };
  if (verdict === undefined) return { status: 'retry', kind: 'unavailable', afterMs: 5000 };
  return {
    status: 'rejected',
    code: 'invalid',
    message: 'INVALID_CROSS_REFERENCE_KEY on a record that is there',
  };
}

/** Targets that were not found: gone, merged, or there and closed to us. A look that fails leaves them for later. */
export async function settle(writing: Sending, batch: readonly Write[], results: readonly Result[]) {
  const missing = batch.flatMap((write, index) =>
    results[index] === 'missing' && write.op !== 'create' ? [write.id] : [],
  );
  if (missing.length === 0) return new Map<string, Verdict>();
  try {
    return await settleIds(writing, { entity: writing.view.entity, ids: missing });
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return new Map<string, Verdict>();
  }
}

/** Sends the batches one after the other. After a call that failed nothing else is sent. */
export async function sendAll(writing: Sending, batches: readonly Batch[], results: (Result | undefined)[]) {
  for (const batch of batches) {
    const outcomes = await sendBatch(writing, batch);
    for (const [position, item] of batch.items.entries()) {
      const outcome = outcomes[position] ?? { status: 'unknown', kind: 'protocol' };
      results[item.index] = withNotes(outcome, item.notes);
    }
  }
}

export async function writeContacts(writing: Writing, batch: readonly Write[]): Promise<readonly Outcome[]> {
  if (batch.length === 0) return [];
  requireRunning(writing.options?.signal, 'contacts.write');
  const names = batch.flatMap((write) => wantedCompany(write, writing.view) ?? []);
  const matches: Matches =
    names.length === 0 ? new Map() : await writing.accounts.resolve(names, writing.options);
  const results: (Result | undefined)[] = batch.map(() => undefined);
  const ready: Prepared[] = [];
  batch.forEach((write, index) => {
    const prepared = prepare(writing, index, { write, matches });
    if ('status' in prepared) results[index] = prepared;
    else ready.push(prepared);
  });
  await sendAll(writing, toBatches(ready, WRITE_BATCH), results);
  const complete = results.map((result): Result => result ?? { status: 'unknown', kind: 'protocol' });
  const verdicts = await settle(writing, batch, complete);
  return batch.map((write, index): Outcome => {
    const result = complete[index] ?? 'missing';
    if (result !== 'missing') return result;
    if (write.op !== 'create') return toGone(verdicts.get(write.id));
    return { status: 'rejected', code: 'invalid', message: 'INVALID_CROSS_REFERENCE_KEY' };
  });
}
