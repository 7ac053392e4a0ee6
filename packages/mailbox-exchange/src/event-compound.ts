import {
  type AdapterError,
  type CallOptions,
  isAdapterError,
  type Occurrences,
  type Outcome,
  reanchor,
  type Series,
  type StoreRecord,
  type Write,
  type WriteNote,
} from '@tidelock/core';
import type { BatchStep, StepAnswer } from './batch.ts';
import { findInstances, planChildren } from './event-children.ts';
import { findIds, stampFilter } from './event-list.ts';
import { type EventSession, PENDING, readOneEvent } from './event-read.ts';
import { WireEvent } from './event-wire.ts';
import { asRule, asTime, ProtectedBody, toGraphEvent } from './event-write-map.ts';
import { stampId } from './map.ts';
import { toOutcome } from './outcome.ts';
import { calendarPath, eventPath } from './paths.ts';
import { sendStep } from './write-batch.ts';

export const WRITE = 'events.write';

export const PROTECTED: Outcome = {
  status: 'rejected',
  code: 'protected',
  property: 'body',
  message: '"body" holds the link of an online meeting that could not be told apart from its text',
};

type Create = Extract<Write, { op: 'create' }>;
type Update = Extract<Write, { op: 'update' }>;

const asOccurrences = (value: unknown): Occurrences | null =>
  typeof value === 'object' && value !== null && 'byStart' in value ? (value as Occurrences) : null;

/** Does a write take more than one request: to a series, and to occurrences of it? */
export function isCompound(write: Write): boolean {
  if (write.op === 'delete') return false;
  const { occurrences } = write.op === 'create' ? write.fields : write.patch;
  if (write.op === 'create') return asOccurrences(occurrences) !== null;
  const wasSeries = asRule(write.current.fields.recurrence) !== undefined;
  const moves = write.patch.time !== undefined || write.patch.recurrence !== undefined;
  return occurrences !== undefined || (wasSeries && moves);
}

/** A request of several that failed. */
class StepFailure extends Error {
  readonly error: AdapterError;
  readonly sent: boolean;

  constructor(error: AdapterError, sent: boolean) {
    super(error.message);
    this.error = error;
    this.sent = sent;
  }
}

/** Writing one record in several requests. Nothing else is known of it until the last one has its answer. */
interface Work {
  readonly session: EventSession;
  readonly options: CallOptions;
  readonly op: Write['op'];
  /** Something was or may have been executed. */
  begun: boolean;
}

async function send(work: Work, step: BatchStep): Promise<unknown> {
  const answer: StepAnswer = await sendStep(work.session, { operation: WRITE, step }, work.options);
  if (!answer.ok) throw new StepFailure(answer.error, answer.sent);
  work.begun = true;
  return answer.answer.body;
}

const etagOf = (body: unknown): string | undefined => WireEvent.safeParse(body).data?.['@odata.etag'];

/** Brings the occurrences of a series to what is wanted. Keys that cannot be brought about are left and told. */
async function writeChildren(
  work: Work,
  given: {
    readonly record: StoreRecord;
    readonly wanted: Occurrences | null;
    readonly version: string | undefined;
  },
): Promise<readonly string[]> {
  const { record, wanted } = given;
  const { steps, lost } = planChildren(record, wanted);
  if (steps.length === 0) return lost;
  const { session, options } = work;
  const found = await findInstances(session, { record, keys: steps.map(({ key }) => key) }, options);
  let version = given.version ?? found.version;
  const missing: string[] = [];
  for (const { key, body } of steps) {
    const id = found.ids.get(key);
    if (id === undefined) {
      missing.push(key);
      continue;
    }
    const url = eventPath(session.mailbox, id);
    const headers: Record<string, string> = version === undefined ? {} : { 'If-Match': version };
    if (body === undefined) {
      await send(work, { method: 'DELETE', url, headers });
      // The answer to it tells no version.
      version = undefined;
    } else version = etagOf(await send(work, { method: 'PATCH', url, headers, body }));
  }
  return [...lost, ...missing];
}

function toOk(record: StoreRecord, lost: readonly string[]): Outcome {
  const { id, version, mono } = record;
  const notes: readonly WriteNote[] =
    lost.length === 0 ? [] : [{ property: 'occurrences', code: 'projected' }];
  return { status: 'ok', id, version, mono, record, ...(notes.length === 0 ? {} : { notes }) };
}

/** A failure after something was written leaves it open how much of the record is written. */
function toFailure(work: Work, error: unknown): Outcome {
  if (error instanceof ProtectedBody) return work.begun ? { status: 'unknown', kind: 'invalid' } : PROTECTED;
  if (!(error instanceof StepFailure) && !isAdapterError(error)) throw error;
  const [cause, sent] = error instanceof StepFailure ? [error.error, error.sent] : [error, false];
  if (work.begun) return { status: 'unknown', kind: cause.kind };
  return toOutcome(work.op, cause, { sent, noun: 'event' });
}

const stampProperty = (session: EventSession, value: string) => [{ id: stampId(session.layout), value }];

/** The series of this stamp that was begun and not ended, if there is one. */
async function findBegun(work: Work, stamp: string): Promise<string | undefined> {
  const { session, options } = work;
  const [ids = []] = await findIds(session, [stampFilter(session, `${stamp}${PENDING}`)], options);
  return ids[0];
}

async function begin(work: Work, write: Create, calendar: string): Promise<string> {
  const { session } = work;
  const stamp = write.stamp.toLowerCase();
  const begun = write.fresh === true ? undefined : await findBegun(work, stamp);
  if (begun !== undefined) return begun;
  const { occurrences: _, ...fields } = write.fields;
  const body = {
    ...toGraphEvent(fields),
    transactionId: stamp,
    singleValueExtendedProperties: stampProperty(session, `${stamp}${PENDING}`),
  };
  const url = `${calendarPath(session.mailbox, calendar)}/events`;
  const answer = await send(work, { method: 'POST', url, body });
  return WireEvent.parse(answer).id;
}

/**
 * A new series with occurrences that differ. Its stamp is complete only when all of them are there: a create that was cut off
 * is gone on with when it is sent again, and until then the event is nobody's.
 */
export async function createSeries(
  session: EventSession,
  given: { readonly write: Create; readonly calendar: string },
  options: CallOptions,
): Promise<Outcome> {
  const { write, calendar } = given;
  const work: Work = { session, options, op: 'create', begun: false };
  try {
    const id = await begin(work, write, calendar);
    const record = await readOneEvent(session, id, options);
    const wanted = asOccurrences(write.fields.occurrences);
    const lost = await writeChildren(work, { record, wanted, version: record.version });
    const body = { singleValueExtendedProperties: stampProperty(session, write.stamp.toLowerCase()) };
    await send(work, { method: 'PATCH', url: eventPath(session.mailbox, id), body });
    return toOk(await readOneEvent(session, id, options), lost);
  } catch (error) {
    return toFailure(work, error);
  }
}

function seriesOf(record: StoreRecord): Series | undefined {
  const [time, recurrence] = [asTime(record.fields.time), asRule(record.fields.recurrence)];
  if (time === undefined || recurrence === undefined) return undefined;
  return { time, recurrence, occurrences: asOccurrences(record.fields.occurrences) };
}

/** What the occurrences are to be: as written, else as they were, at their places in the series as it is now. */
function wantedOf(write: Update, after: StoreRecord): Occurrences | null {
  if (write.patch.occurrences !== undefined) return asOccurrences(write.patch.occurrences);
  const [before, now] = [seriesOf(write.current), seriesOf(after)];
  return before === undefined || now === undefined ? null : reanchor(before, now).occurrences;
}

/**
 * A change of a series and of occurrences of it. The service forgets what was changed of occurrences when a series is
 * rescheduled, so they are read afterwards and written anew.
 */
export async function updateSeries(
  session: EventSession,
  write: Update,
  options: CallOptions,
): Promise<Outcome> {
  const work: Work = { session, options, op: 'update', begun: false };
  const { occurrences: _, ...patch } = write.patch;
  const url = eventPath(session.mailbox, write.id);
  try {
    const stamp =
      write.stamp === undefined
        ? {}
        : { singleValueExtendedProperties: stampProperty(session, write.stamp.toLowerCase()) };
    const body = { ...toGraphEvent(patch, write.current), ...stamp };
    const isChildrenOnly = Object.keys(body).length === 0;
    if (!isChildrenOnly)
      await send(work, { method: 'PATCH', url, headers: { 'If-Match': write.version }, body });
    const record = await readOneEvent(session, write.id, options);
    const version = isChildrenOnly ? write.version : record.version;
    const lost =
      seriesOf(record) === undefined
        ? []
        : await writeChildren(work, { record, wanted: wantedOf(write, record), version });
    return toOk(await readOneEvent(session, write.id, options), lost);
  } catch (error) {
    return toFailure(work, error);
  }
}
