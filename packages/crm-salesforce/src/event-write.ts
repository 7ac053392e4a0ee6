import {
  type Attendee,
  isAdapterError,
  type Outcome,
  type People,
  type Write,
  type WriteNote,
} from '@tidelock/core';
import { chunk, requireRunning } from '@tidelock/kit';
import type { EventReading } from './event-feeds.ts';
import { PEOPLE, SENSITIVITY } from './event-fields.ts';
import { findPeople, type GuestPlan, type Match, NO_GUESTS, planGuests, STATUSES } from './event-guests.ts';
import { type EventExtra, type EventView, toEventBody } from './event-map.ts';
import { type Prepared, type Result, toBatches, type Writing } from './store-batch.ts';
import { refused, sendAll, settle, toGone, WRITE_BATCH } from './store-write.ts';
import { SaveResultsSchema } from './wire.ts';

export interface EventWriting extends Writing, EventReading {
  readonly view: EventView;
  /** E-mail fields of Contact. */
  readonly emailFields: readonly string[];
}

const guestsOf = (write: Write): EventExtra['guests'] =>
  write.op === 'update' ? ((write.current.extra as EventExtra | undefined)?.guests ?? []) : [];

/** The people that a write asks for; undefined where it says nothing of them. */
function wantedPeople(write: Write): People | null | undefined {
  if (write.op === 'delete') return undefined;
  const value = (write.op === 'create' ? write.fields : write.patch)[PEOPLE];
  return value === undefined || value === null ? value : (value as People);
}

/** Private events take no relations: who is on them has to go before, and nobody can be put on them. */
function isPrivate(write: Write): boolean {
  if (write.op === 'delete') return false;
  const named = (write.op === 'create' ? write.fields : write.patch).IsPrivate;
  const value = named === undefined && write.op === 'update' ? write.current.fields.IsPrivate : named;
  return value === SENSITIVITY.private;
}

async function matchPeople(
  writing: EventWriting,
  batch: readonly Write[],
): Promise<ReadonlyMap<string, Match>> {
  const emails = batch.flatMap((write) => {
    const shown = new Set(guestsOf(write).map(({ email }) => email.toLowerCase()));
    const wanted = isPrivate(write) ? [] : (wantedPeople(write)?.attendees ?? []);
    return wanted.map(({ email }) => email.toLowerCase()).filter((email) => !shown.has(email));
  });
  const { client, emailFields, options } = writing;
  return emails.length === 0 ? new Map() : await findPeople(client, { emails, emailFields }, options);
}

/** Whom these writes name and nobody in the org is; nobody is put on a private event. */
export async function findStrangers(
  writing: EventWriting,
  batch: readonly Write[],
): Promise<readonly (readonly Attendee[])[]> {
  const matches = await matchPeople(writing, batch);
  return batch.map((write) => {
    if (isPrivate(write)) return [];
    const shown = new Set(guestsOf(write).map(({ email }) => email.toLowerCase()));
    const isStranger = ({ email }: Attendee): boolean =>
      !shown.has(email.toLowerCase()) && (matches.get(email.toLowerCase()) ?? 'none') === 'none';
    return wantedPeople(write)?.attendees.filter(isStranger) ?? [];
  });
}

function planOf(write: Write, matches: ReadonlyMap<string, Match>): GuestPlan {
  const wanted = wantedPeople(write);
  const present = guestsOf(write);
  if (isPrivate(write)) {
    const dropped: readonly WriteNote[] = wanted ? [{ property: PEOPLE, code: 'projected' }] : [];
    return { ...NO_GUESTS, remove: present.map(({ id }) => id), notes: dropped };
  }
  if (wanted === undefined) return NO_GUESTS;
  const ownerId =
    write.op === 'update' ? write.current.owner : write.op === 'create' ? write.owner : undefined;
  return planGuests({ wanted, present, matches, ownerId, property: PEOPLE });
}

/** Choices that cannot be blank fall back to the service's own. */
const fallbacks = (write: Write): readonly WriteNote[] =>
  write.op !== 'delete' && (write.op === 'create' ? write.fields : write.patch).IsPrivate === null
    ? [{ property: 'IsPrivate', code: 'projected' }]
    : [];

const READ_ONLY: Outcome = {
  status: 'rejected',
  code: 'read-only',
  message: 'an occurrence of a series of the CRM cannot be changed by itself',
};

/** A body, or the outcome where nothing has to be sent. */
function prepare(writing: EventWriting, index: number, write: Write): Prepared | Outcome {
  const { view, stampField } = writing;
  if (write.op === 'delete') return { index, write, body: {}, notes: [] };
  if (write.op === 'update' && write.current.writable === false) return READ_ONLY;
  if (write.stamp !== undefined && view.stampField === null)
    return refused({ property: stampField, code: 'unsupported' });
  const fields = write.op === 'create' ? write.fields : write.patch;
  const before = write.op === 'update' ? write.current.fields : {};
  const { body, refusal } = toEventBody(fields, view, before);
  if (refusal) return refused(refusal);
  if (write.op === 'create' && body.StartDateTime === undefined)
    return refused({ property: 'time', code: 'required' });
  if (write.stamp !== undefined) body[stampField] = write.stamp;
  if (write.op === 'create' && write.owner !== undefined) body.OwnerId = write.owner;
  if (write.op === 'update' && Object.keys(body).length === 0) return { status: 'ok', id: write.id };
  return { index, write, body, notes: fallbacks(write) };
}

type Row = Readonly<Record<string, unknown>>;

interface Relations {
  readonly op: 'POST' | 'PATCH' | 'DELETE';
  /** Bodies, or ids to delete. */
  readonly rows: readonly Row[];
  /** Which write each of them belongs to. */
  readonly owners: readonly number[];
}

/** `refused`: the service said no to that row, and will again. `open`: nobody knows. */
type Verdict = 'done' | 'refused' | 'open';

async function sendRelations(writing: EventWriting, { op, rows }: Relations): Promise<readonly Verdict[]> {
  const { client, options } = writing;
  const common = { operation: 'relations.write', path: '/composite/sobjects', signal: options?.signal };
  const verdicts: Verdict[] = [];
  for (const group of chunk([...rows], WRITE_BATCH)) {
    const records = group.map((row) => ({ attributes: { type: 'EventRelation' }, ...row }));
    const ids = group.map(({ Id }) => String(Id)).join(',');
    const call =
      op === 'DELETE'
        ? { ...common, query: { ids, allOrNone: 'false' } }
        : { ...common, body: { allOrNone: false, records } };
    try {
      const answer = await client.exchange({ ...call, method: op });
      const saved = answer.status < 300 ? SaveResultsSchema.safeParse(answer.body).data : undefined;
      const whole = saved?.length === group.length ? saved : undefined;
      verdicts.push(
        ...group.map(
          (_, at): Verdict =>
            whole === undefined ? 'open' : whole[at]?.success === true ? 'done' : 'refused',
        ),
      );
    } catch (error) {
      if (!isAdapterError(error)) throw error;
      verdicts.push(...group.map((): Verdict => 'open'));
    }
  }
  return verdicts;
}

interface Planned {
  readonly index: number;
  readonly eventId: string;
  readonly plan: GuestPlan;
}

function collect(planned: readonly Planned[], shared: boolean): readonly Relations[] {
  const gather = (op: Relations['op'], rowsOf: (one: Planned) => readonly Row[]): Relations => {
    const rows = planned.flatMap((one) => rowsOf(one).map((row) => [row, one.index] as const));
    return { op, rows: rows.map(([row]) => row), owners: rows.map(([, index]) => index) };
  };
  return [
    gather('DELETE', ({ plan }) => plan.remove.map((Id) => ({ Id }))),
    gather('PATCH', ({ plan }) =>
      plan.update.map(({ id, response }) => ({ Id: id, Status: STATUSES[response] })),
    ),
    gather('POST', ({ eventId, plan }) =>
      plan.create.map(({ personId, kind, response }) => ({
        EventId: eventId,
        RelationId: personId,
        Status: STATUSES[response],
        ...(shared ? { IsInvitee: true, IsParent: kind !== 'User' } : {}),
      })),
    ),
  ];
}

/** Brings relations to what is wanted; the worst verdict of each write's rows. */
async function relate(
  writing: EventWriting,
  planned: readonly Planned[],
): Promise<ReadonlyMap<number, Verdict>> {
  const worst = new Map<number, Verdict>();
  for (const relations of collect(planned, writing.view.shared)) {
    if (relations.rows.length === 0) continue;
    const verdicts = await sendRelations(writing, relations);
    for (const [at, verdict] of verdicts.entries()) {
      const index = relations.owners[at] ?? -1;
      if (verdict === 'open' || (verdict === 'refused' && worst.get(index) !== 'open'))
        worst.set(index, verdict);
    }
  }
  return worst;
}

/** A relation that was refused is left to a person; one that nobody knows of leaves the whole write open. */
function withVerdict(outcome: Outcome, verdict: Verdict | undefined, plan: GuestPlan): Outcome {
  if (outcome.status !== 'ok') return outcome;
  if (verdict === 'open') return { status: 'unknown', kind: 'unavailable' };
  const extra: readonly WriteNote[] = verdict === 'refused' ? [{ property: PEOPLE, code: 'unresolved' }] : [];
  const notes = [...(outcome.notes ?? []), ...plan.notes, ...extra];
  return notes.length === 0 ? outcome : { ...outcome, notes };
}

/** Events first, then those who take part in them: an event that was refused has no relations to write. */
export async function writeEvents(
  writing: EventWriting,
  batch: readonly Write[],
): Promise<readonly Outcome[]> {
  if (batch.length === 0) return [];
  requireRunning(writing.options?.signal, 'events.write');
  const matches = await matchPeople(writing, batch);
  const results: (Result | undefined)[] = batch.map(() => undefined);
  const ready: Prepared[] = [];
  batch.forEach((write, index) => {
    const prepared = prepare(writing, index, write);
    if ('status' in prepared) results[index] = prepared;
    else ready.push(prepared);
  });
  const plans = batch.map((write) => planOf(write, matches));
  const leaving = ready.flatMap(({ index, write }): readonly Planned[] => {
    const plan = plans[index] ?? NO_GUESTS;
    return isPrivate(write) && plan.remove.length > 0 && write.op === 'update'
      ? [{ index, eventId: write.id, plan }]
      : [];
  });
  const gone = await relate(writing, leaving);
  await sendAll(writing, toBatches(ready, WRITE_BATCH), results);
  const complete = results.map((result): Result => result ?? { status: 'unknown', kind: 'protocol' });
  const verdicts = await settle(writing, batch, complete);
  const outcomes = batch.map((write, index): Outcome => {
    const result = complete[index] ?? 'missing';
    if (result !== 'missing') return result;
    if (write.op !== 'create') return toGone(verdicts.get(write.id));
    return { status: 'rejected', code: 'invalid', message: 'INVALID_CROSS_REFERENCE_KEY' };
  });
  const planned = outcomes.flatMap((outcome, index): readonly Planned[] => {
    const plan = plans[index] ?? NO_GUESTS;
    const write = batch[index];
    return outcome.status === 'ok' && write !== undefined && !isPrivate(write)
      ? [{ index, eventId: outcome.id, plan }]
      : [];
  });
  const worst = new Map([...gone, ...(await relate(writing, planned))]);
  return outcomes.map((outcome, index) => withVerdict(outcome, worst.get(index), plans[index] ?? NO_GUESTS));
}
