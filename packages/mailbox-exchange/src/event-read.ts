import { type CallOptions, isAdapterError, type ReadResult, type StoreRecord } from '@tidelock/core';
import type { BatchStep, StepAnswer } from './batch.ts';
import type { CalendarSet } from './calendars.ts';
import { isItemGone, protocolError, requireLive } from './errors.ts';
import { toEventRecord } from './event-map.ts';
import { isInside } from './event-window.ts';
import { WireEvent } from './event-wire.ts';
import { stampId } from './map.ts';
import { eventInPath, eventPath, eventQuery } from './paths.ts';
import { sendReads, toFailed } from './read.ts';
import type { Session } from './session.ts';

const READ = 'events.read';

/** Ends the stamp of an event that is still being written: it is nobody's until all of its occurrences are there. */
export const PENDING = '~';
export const isPending = ({ stamp }: Pick<StoreRecord, 'stamp'>): boolean =>
  stamp?.endsWith(PENDING) === true;

export interface EventSession extends Session {
  readonly calendars: CalendarSet;
}

/** Throws `protocol` for what is no event, or is an occurrence, which is no record of its own. */
export function readEventRecord(
  session: Session,
  item: unknown,
  given: { readonly operation: string; readonly extended: boolean; readonly whole: boolean },
): StoreRecord {
  const { operation, extended, whole } = given;
  const parsed = WireEvent.safeParse(item);
  const isPart = /^(occurrence|exception)$/i.test(parsed.data?.type ?? '');
  const record =
    parsed.success && !isPart
      ? toEventRecord(parsed.data, { namespace: session.layout.namespace, extended, whole })
      : undefined;
  if (record === undefined) throw protocolError(operation, 'an item is not an event', 'item');
  return record;
}

export const wholeEvent = (session: Session): string => eventQuery([stampId(session.layout)]);

function toResult(session: EventSession, id: string, answer: StepAnswer): ReadResult {
  try {
    if (!answer.ok) throw answer.error;
    const given = { operation: READ, extended: true, whole: true };
    const record = readEventRecord(session, answer.answer.body, given);
    if (isPending(record)) return { state: 'failed', id, kind: 'unavailable', code: 'incomplete' };
    if (isInside(record.fields, session.calendars.window)) return { state: 'found', id, record };
    return { state: 'out', id, record };
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    return toFailed(id, error);
  }
}

async function readAt(
  session: EventSession,
  given: { readonly ids: readonly string[]; urlOf(id: string): string },
  options: CallOptions,
): Promise<ReadonlyMap<string, ReadResult>> {
  const query = wholeEvent(session);
  const steps = given.ids.map((id): BatchStep => ({ method: 'GET', url: `${given.urlOf(id)}${query}` }));
  const answers = await sendReads(session, { operation: READ, steps }, options);
  const results = given.ids.flatMap((id, index): (readonly [string, ReadResult])[] => {
    const answer = answers[index];
    return answer === undefined ? [] : [[id, toResult(session, id, answer)]];
  });
  return new Map(results);
}

/**
 * Events and whole series by id. What is in none of the opened calendars is asked for once more without one: only what the
 * mailbox does not know at all is gone.
 */
export async function readEvents(
  session: EventSession,
  ids: readonly string[],
  options: CallOptions = {},
): Promise<readonly ReadResult[]> {
  requireLive(options.signal, READ);
  const { mailbox, calendars } = session;
  const results = new Map<string, ReadResult>();
  const open = (): string[] =>
    [...new Set(ids)].filter((id) => (results.get(id)?.state ?? 'gone') === 'gone');
  for (const calendar of await calendars.keys(options)) {
    const urlOf = (id: string): string => eventInPath(mailbox, calendar, id);
    for (const [id, result] of await readAt(session, { ids: open(), urlOf }, options))
      results.set(id, result);
  }
  const elsewhere = await readAt(session, { ids: open(), urlOf: (id) => eventPath(mailbox, id) }, options);
  for (const [id, result] of elsewhere) {
    const out = result.state === 'found' ? ({ ...result, state: 'out' } as const) : result;
    results.set(id, out);
  }
  return ids.flatMap((id) => results.get(id) ?? []);
}

/** One event or series as it is now. Throws what the service answers. */
export async function readOneEvent(
  session: EventSession,
  id: string,
  options: CallOptions = {},
): Promise<StoreRecord> {
  const url = `${eventPath(session.mailbox, id)}${wholeEvent(session)}`;
  const { lane } = session;
  const answer = await session.graph.send({ operation: READ, url, lane, signal: options.signal });
  return readEventRecord(session, answer.body, { operation: READ, extended: true, whole: true });
}

export const isGone = (error: unknown): boolean => isAdapterError(error) && isItemGone(error);
