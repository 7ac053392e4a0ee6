import type { CallOptions, Outcome, StoreRecord, Write } from '@tidelock/core';
import { isAdapterError } from '@tidelock/core';
import type { BatchStep } from './batch.ts';
import type { Answer } from './errors.ts';
import { EVENT_CATALOGUE } from './event-catalogue.ts';
import { checkEvent } from './event-check.ts';
import { createSeries, isCompound, PROTECTED, updateSeries, WRITE } from './event-compound.ts';
import { findIds, stampFilter } from './event-list.ts';
import { type EventSession, readEventRecord, readEvents } from './event-read.ts';
import { asRule, ProtectedBody, toGraphEvent } from './event-write-map.ts';
import { stampId } from './map.ts';
import { notesOf } from './outcome.ts';
import { calendarPath, eventPath } from './paths.ts';
import { type WriteKind, writeRecords } from './write-batch.ts';

const READ_ONLY: Outcome = {
  status: 'rejected',
  code: 'read-only',
  message: 'only the copy of the organizer can be changed',
};

const PERSONAL: ReadonlySet<string> = new Set(
  Object.entries(EVENT_CATALOGUE).flatMap(([name, { personal }]) => (personal === true ? [name] : [])),
);

/** Somebody else's meeting takes what is the mailbox owner's own, and nothing else. */
function checkCopy(write: Write): Outcome | undefined {
  if (write.op !== 'update' || write.current.writable !== false) return undefined;
  return Object.keys(write.patch).every((name) => PERSONAL.has(name)) ? undefined : READ_ONLY;
}

/** Bodies are made once, before anything is sent: one that cannot be made is an outcome of its write alone. */
function checkBody(write: Write): Outcome | undefined {
  if (write.op !== 'update') return undefined;
  try {
    toGraphEvent(write.patch, write.current);
    return undefined;
  } catch (error) {
    if (error instanceof ProtectedBody) return PROTECTED;
    throw error;
  }
}

const check = (write: Write): Outcome | undefined =>
  checkEvent(write, EVENT_CATALOGUE) ?? checkCopy(write) ?? checkBody(write);

function toStep(session: EventSession, write: Write, calendar: string): BatchStep {
  const { mailbox, layout } = session;
  const stamped = (stamp: string) => ({
    singleValueExtendedProperties: [{ id: stampId(layout), value: stamp.toLowerCase() }],
  });
  if (write.op === 'create') {
    const transactionId = write.stamp.toLowerCase();
    const body = { ...toGraphEvent(write.fields), transactionId, ...stamped(write.stamp) };
    return { method: 'POST', url: `${calendarPath(mailbox, calendar)}/events`, body };
  }
  const url = eventPath(mailbox, write.id);
  const headers = { 'If-Match': write.version };
  if (write.op === 'delete') return { method: 'DELETE', url, headers };
  const stamp = write.stamp === undefined ? {} : stamped(write.stamp);
  return { method: 'PATCH', url, headers, body: { ...toGraphEvent(write.patch, write.current), ...stamp } };
}

function stampAfter(write: Exclude<Write, { op: 'delete' }>): string | null | undefined {
  if (write.stamp !== undefined) return write.stamp.toLowerCase();
  return write.op === 'update' ? write.current.stamp : undefined;
}

/** A success. An answer that cannot be read was applied, but nobody can say to what. */
function toSuccess(session: EventSession, write: Write, answer: Answer): Outcome {
  if (write.op === 'delete') return { status: 'ok', id: write.id };
  try {
    const given = { operation: WRITE, extended: false, whole: write.op === 'create' };
    const shown = readEventRecord(session, answer.body, given);
    const stamp = stampAfter(write);
    const record: StoreRecord = { ...shown, ...(stamp === undefined ? {} : { stamp }) };
    const { id, version, mono } = record;
    // Answers do not show the occurrences of a series: it is read once more.
    if (write.op === 'update' && asRule(record.fields.recurrence) !== undefined)
      return { status: 'ok', id, version, mono };
    const notes = notesOf(write.op === 'create' ? write.fields : write.patch, record.fields);
    return { status: 'ok', id, version, mono, record, ...(notes.length === 0 ? {} : { notes }) };
  } catch (error) {
    if (isAdapterError(error)) return { status: 'unknown', kind: error.kind };
    throw error;
  }
}

/** Completes what answers left out: changed series are read. */
async function completed(
  session: EventSession,
  given: { readonly writes: readonly Write[]; readonly outcomes: readonly Outcome[] },
  options: CallOptions,
): Promise<readonly Outcome[]> {
  const { writes, outcomes } = given;
  const open = outcomes.flatMap((outcome, at) =>
    outcome.status === 'ok' && outcome.record === undefined && writes[at]?.op === 'update'
      ? [outcome.id]
      : [],
  );
  if (open.length === 0) return outcomes;
  const results = await readEvents(session, open, options).catch((error: unknown) => {
    if (isAdapterError(error)) return [];
    throw error;
  });
  const records = new Map(
    results.flatMap((result) =>
      'record' in result && result.record ? [[result.id, result.record] as const] : [],
    ),
  );
  return outcomes.map((outcome) => {
    const record =
      outcome.status === 'ok' && outcome.record === undefined ? records.get(outcome.id) : undefined;
    if (outcome.status !== 'ok' || record === undefined) return outcome;
    return { ...outcome, version: record.version, mono: record.mono, record };
  });
}

/** A transaction that was used before names its event by the stamp. */
async function withHolders(
  session: EventSession,
  given: { readonly writes: readonly Write[]; readonly outcomes: readonly Outcome[] },
  options: CallOptions,
): Promise<readonly Outcome[]> {
  const { writes, outcomes } = given;
  const stamps = outcomes.flatMap((outcome, at) => {
    const write = writes[at];
    const isOpen = outcome.status === 'duplicate' && outcome.id === undefined && write?.op === 'create';
    return isOpen ? [write.stamp.toLowerCase()] : [];
  });
  if (stamps.length === 0) return outcomes;
  const filters = stamps.map((stamp) => stampFilter(session, stamp));
  const found = await findIds(session, filters, options).catch((error: unknown) => {
    if (isAdapterError(error)) return [];
    throw error;
  });
  const holders = new Map(stamps.map((stamp, at) => [stamp, found[at]?.[0]]));
  return outcomes.map((outcome, at) => {
    const write = writes[at];
    const id = write?.op === 'create' ? holders.get(write.stamp.toLowerCase()) : undefined;
    return outcome.status === 'duplicate' && outcome.id === undefined && id !== undefined
      ? { ...outcome, id }
      : outcome;
  });
}

function kindOf(session: EventSession): WriteKind & { calendar(options: CallOptions): Promise<string> } {
  let calendar = '';
  const prepare = async (options: CallOptions): Promise<string> => {
    calendar = (await session.calendars.keys(options))[0] ?? calendar;
    return calendar;
  };
  return {
    operation: WRITE,
    noun: 'event',
    check,
    holders: (stamps, options) =>
      findIds(
        session,
        stamps.map((stamp) => stampFilter(session, stamp)),
        options,
      ),
    prepare: async (options) => void (await prepare(options)),
    calendar: prepare,
    toStep: (write) => toStep(session, write, calendar),
    toSuccess: (write, answer) => toSuccess(session, write, answer),
  };
}

async function writeCompound(
  session: EventSession,
  given: { readonly kind: ReturnType<typeof kindOf>; readonly write: Write },
  options: CallOptions,
): Promise<Outcome> {
  const { kind, write } = given;
  const refused = kind.check(write);
  if (refused !== undefined) return refused;
  if (write.op === 'update') return await updateSeries(session, write, options);
  if (write.op !== 'create') return { status: 'retry', kind: 'unsupported' };
  const [holder] =
    write.fresh === true ? [] : ((await kind.holders([write.stamp.toLowerCase()], options))[0] ?? []);
  if (holder !== undefined) return { status: 'duplicate', id: holder };
  return await createSeries(session, { write, calendar: await kind.calendar(options) }, options);
}

/** One outcome per write. What takes one request goes in batches; series with occurrences of their own one after the other. */
export async function writeEvents(
  session: EventSession,
  writes: readonly Write[],
  options: CallOptions = {},
): Promise<readonly Outcome[]> {
  const kind = kindOf(session);
  const plain = writes.filter((write) => !isCompound(write));
  const sent = await writeRecords(session, { kind, writes: plain }, options);
  const named = await withHolders(session, { writes: plain, outcomes: sent }, options);
  const done = await completed(session, { writes: plain, outcomes: named }, options);
  const outcomes: Outcome[] = [];
  let at = 0;
  for (const write of writes) {
    if (!isCompound(write)) {
      const outcome = done[at] ?? { status: 'retry', kind: 'unavailable' };
      outcomes.push(outcome);
      at += 1;
    } else outcomes.push(await writeCompound(session, { kind, write }, options));
  }
  return outcomes;
}
