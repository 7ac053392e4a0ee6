import {
  type Attendee,
  isAdapterError,
  type Outcome,
  type People,
  type Write,
  type WriteNote,
} from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import { ATTENDING_OWNERS, PEOPLE, START, TIME } from './event-fields.ts';
import { findPeople, type GuestPlan, type Match, NO_GUESTS, planGuests } from './event-guests.ts';
import { type EventExtra, toEventBody } from './event-map.ts';
import type { EventReading } from './event-read.ts';
import { putOwner } from './map.ts';
import { type Draft, refused, writeObjects } from './store-write.ts';
import { AssociatedSchema, parseReply } from './wire.ts';

/** Pairs of one request. */
const PAIRS = 500;
/** From a meeting to a contact, as the service counts its sorts of associations. */
const TYPES = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 200 }] as const;

/** The people that a write asks for; undefined where it says nothing of them. */
function wantedPeople(write: Write): People | null | undefined {
  if (write.op === 'delete') return undefined;
  const value = (write.op === 'create' ? write.fields : write.patch)[PEOPLE];
  return value === undefined || value === null ? value : (value as People);
}

const guestsOf = (write: Write): EventExtra['guests'] =>
  write.op === 'update' ? ((write.current.extra as EventExtra | undefined)?.guests ?? []) : [];

function planOf(write: Write, matches: ReadonlyMap<string, Match>): GuestPlan {
  const wanted = wantedPeople(write);
  if (wanted === undefined) return NO_GUESTS;
  const ownerId =
    write.op === 'update' ? write.current.owner : write.op === 'create' ? write.owner : undefined;
  return planGuests({ wanted, present: guestsOf(write), matches, ownerId, property: PEOPLE });
}

/** A new meeting is made together with its contacts: no answer can be lost between the two. */
function draft({ view }: EventReading, write: Write, plan: GuestPlan): Draft | Outcome {
  if (write.op === 'delete') return { body: {} };
  const { body, refusal } = toEventBody(write.op === 'create' ? write.fields : write.patch, view);
  if (refusal) return refused(refusal);
  if (write.op === 'create' && body[START] === undefined)
    return refused({ property: TIME, code: 'required' });
  if (write.stamp !== undefined) body[view.stampProperty] = write.stamp;
  if (plan.owners !== undefined && (write.op === 'update' || plan.owners.length > 0))
    body[ATTENDING_OWNERS] = plan.owners.join(';');
  if (write.op === 'update')
    return Object.keys(body).length === 0 ? { status: 'ok', id: write.id } : { body };
  if (write.owner !== undefined) putOwner(body, write.owner);
  return { body, associations: plan.add.map((id) => ({ to: { id }, types: TYPES })) };
}

interface Pair {
  /** Which write it belongs to. */
  readonly index: number;
  readonly meetingId: string;
  readonly contactId: string;
}

/** `refused`: the service said no to that pair, and will again. `open`: nobody knows. */
type Verdict = 'refused' | 'open';

type Act = 'create' | 'archive';

async function callPairs(reading: EventReading, act: Act, pairs: readonly Pair[]): Promise<boolean> {
  const { client, options } = reading;
  const operation = `associations.${act}`;
  const answer = await client.request({
    operation,
    method: 'POST',
    generation: 'v4',
    path: `/associations/meetings/contacts/batch/${act}`,
    body: {
      inputs: pairs.map(({ meetingId, contactId }) => ({
        from: { id: meetingId },
        ...(act === 'create' ? { to: { id: contactId }, types: TYPES } : { to: [{ id: contactId }] }),
      })),
    },
    // What is there already stays, and what is gone is gone.
    repeatable: true,
    signal: options?.signal,
  });
  return answer.status === 204 || parseReply(AssociatedSchema, answer.body, operation).errors.length === 0;
}

/** Pairs that did not get through. One that is refused costs the others a request. */
async function sendPairs(
  reading: EventReading,
  act: Act,
  pairs: readonly Pair[],
): Promise<readonly (readonly [number, Verdict])[]> {
  if (pairs.length === 0) return [];
  const verdicts = (verdict: Verdict) => pairs.map(({ index }) => [index, verdict] as const);
  try {
    if (await callPairs(reading, act, pairs)) return [];
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    if (error.kind !== 'invalid') return verdicts('open');
  }
  if (pairs.length === 1) return verdicts('refused');
  const middle = Math.ceil(pairs.length / 2);
  const first = await sendPairs(reading, act, pairs.slice(0, middle));
  return [...first, ...(await sendPairs(reading, act, pairs.slice(middle)))];
}

async function relate(
  reading: EventReading,
  pairs: Readonly<Record<Act, readonly Pair[]>>,
): Promise<ReadonlyMap<number, Verdict>> {
  const worst = new Map<number, Verdict>();
  for (const act of ['archive', 'create'] as const)
    for (const group of chunk([...pairs[act]], PAIRS))
      for (const [index, verdict] of await sendPairs(reading, act, group))
        if (worst.get(index) !== 'open') worst.set(index, verdict);
  return worst;
}

/** A contact that was refused is left to a person; one that nobody knows of leaves the whole write open. */
function withVerdict(outcome: Outcome, verdict: Verdict | undefined, plan: GuestPlan): Outcome {
  if (outcome.status !== 'ok') return outcome;
  if (verdict === 'open') return { status: 'unknown', kind: 'unavailable' };
  const extra: readonly WriteNote[] = verdict === 'refused' ? [{ property: PEOPLE, code: 'unresolved' }] : [];
  const notes = [...plan.notes, ...extra];
  return notes.length === 0 ? outcome : { ...outcome, notes };
}

/** Attendees that a meeting does not show yet. */
function newcomers(write: Write): readonly Attendee[] {
  const shown = new Set(guestsOf(write).map(({ email }) => email.toLowerCase()));
  return wantedPeople(write)?.attendees.filter(({ email }) => !shown.has(email.toLowerCase())) ?? [];
}

async function matchPeople(
  reading: EventReading,
  batch: readonly Write[],
): Promise<ReadonlyMap<string, Match>> {
  const emails = batch.flatMap((write) => newcomers(write).map(({ email }) => email.toLowerCase()));
  return emails.length === 0 ? new Map() : await findPeople(reading, emails, reading.owners);
}

/** Whom these writes name and nobody in the account is. */
export async function findStrangers(
  reading: EventReading,
  batch: readonly Write[],
): Promise<readonly (readonly Attendee[])[]> {
  const matches = await matchPeople(reading, batch);
  const isStranger = ({ email }: Attendee): boolean =>
    (matches.get(email.toLowerCase()) ?? 'none') === 'none';
  return batch.map((write) => newcomers(write).filter(isStranger));
}

/** Meetings first, then who is on them: a meeting that was refused has nobody to be put on it. */
export async function writeEvents(
  reading: EventReading,
  batch: readonly Write[],
): Promise<readonly Outcome[]> {
  const matches = await matchPeople(reading, batch);
  const plans = batch.map((write) => planOf(write, matches));
  const planAt = (index: number): GuestPlan => plans[index] ?? NO_GUESTS;
  const outcomes = await writeObjects(reading, batch, (write, index) => draft(reading, write, planAt(index)));
  const pairsOf = (pick: (plan: GuestPlan) => readonly string[]): readonly Pair[] =>
    outcomes.flatMap((outcome, index) =>
      outcome.status === 'ok' && batch[index]?.op === 'update'
        ? pick(planAt(index)).map((contactId) => ({ index, meetingId: outcome.id, contactId }))
        : [],
    );
  const worst = await relate(reading, {
    archive: pairsOf(({ remove }) => remove),
    create: pairsOf(({ add }) => add),
  });
  return outcomes.map((outcome, index) => withVerdict(outcome, worst.get(index), planAt(index)));
}
