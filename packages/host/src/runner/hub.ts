import type { SharedReading } from '@tidelock/engine';
import { markFailed, traced } from '../tracing.ts';
import type { Attached, Machine } from './machine.ts';

/**
 * Readings that hints ask for begin so long one after the other (milliseconds), however many hints there are, and whether one
 * comes during a reading or after it: what changes meanwhile is told together, and mailboxes have the processor between.
 */
const GAP_MS = 100;

/** Of more records of a store than this its feed tells at less cost than reads by id. */
export const MOST_NAMED = 200;

/** Notes records for the next reading, or that there are too many of them to be read by name. */
export function noteNamed(on: Machine, named: ReadonlyMap<string, readonly string[]>): void {
  for (const [store, ids] of named) {
    const all = new Set([...(on.named.get(store) ?? []), ...ids]);
    if (all.size <= MOST_NAMED) on.named.set(store, all);
    else {
      on.named.delete(store);
      on.dueAsked = true;
    }
  }
}

async function tellReading(on: Machine, { store, error, busy }: SharedReading): Promise<void> {
  on.tally.add('readings', [error !== null ? 'failed' : busy ? 'busy' : 'done']);
  if (error === null) return;
  const retryAt = on.clock.now() + on.sharedPace.failed(store);
  // The reading left the feed due when its lease would end; it is to be tried earlier than that.
  await on.state.hintFeeds(store, retryAt);
  on.tally.add('errors', [error.kind]);
  const { kind, message, remedy = null } = error;
  on.feed.publish({ type: 'error', laneId: null, label: store, kind, message, remedy, retryAt });
}

async function readOnce(on: Machine, at: Attached): Promise<readonly SharedReading[]> {
  const pace = (store: string, changes: number): number => {
    const poll = on.pushes.store(store) ? at.pace.pushedCrm : at.pace.crm;
    return on.sharedPace.next(store, { changes, poll });
  };
  const readings = await traced('shared feeds', { attributes: {} }, async (span) => {
    const of = await at.scheduled.engine.readShared({ due: true, pace });
    span.setAttribute(
      'tidelock.changes',
      of.reduce((sum, { changes }) => sum + changes, 0),
    );
    const failed = of.find(({ error }) => error !== null)?.error;
    if (failed) markFailed(span, failed.kind);
    return of;
  });
  for (const reading of readings) await tellReading(on, reading);
  return readings;
}

/** Records that were named are looked at by their ids: feeds can be behind, and searches are few. What fails here the feed tells. */
async function readNamed(on: Machine, at: Attached): Promise<boolean> {
  const named = new Map([...on.named].map(([store, ids]) => [store, [...ids]]));
  on.named.clear();
  if (named.size === 0) return false;
  const readings = await traced('named records', { attributes: {} }, (span) => {
    span.setAttribute(
      'tidelock.records',
      [...named.values()].reduce((sum, ids) => sum + ids.length, 0),
    );
    return at.scheduled.engine.readNamed(named);
  });
  for (const { error, busy } of readings) {
    on.tally.add('readings', [error !== null ? 'failed' : busy ? 'busy' : 'done']);
    if (error !== null) on.dueAsked = true;
  }
  return readings.some(({ changes }) => changes > 0);
}

/** One reading. Answers whether feeds that were due have more to tell. */
async function lookOnce(on: Machine, at: Attached, told: () => Promise<void>): Promise<boolean> {
  if (await readNamed(on, at)) await told();
  if (!on.dueAsked) return false;
  on.dueAsked = false;
  const readings = await readOnce(on, at);
  if (readings.some(({ changes }) => changes > 0) || on.untold.size > 0) await told();
  return readings.some(({ more, error }) => more && error === null);
}

/**
 * Reads the feeds that mailboxes share where they are due, and records of them that were named, one reading after the other while
 * there is more, or somebody asked meanwhile. `told`: called after each that may have told lanes something. Answers at once where a
 * reading is under way.
 */
export async function readHub(on: Machine, told: () => Promise<void>): Promise<void> {
  if (on.reading) return;
  on.reading = true;
  try {
    for (let more = false; more || on.dueAsked || on.named.size > 0; ) {
      const wait = on.readAt + GAP_MS - on.clock.mono();
      if (!more && wait > 0) await on.clock.sleep(wait);
      const at = on.attached;
      if (at === null || !at.complete || on.stopping) return;
      on.readAt = on.clock.mono();
      on.dueAsked ||= more;
      more = await lookOnce(on, at, told);
    }
  } finally {
    on.reading = false;
  }
}
