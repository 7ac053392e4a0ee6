import type { SharedReading } from '@tidelock/engine';
import { markFailed, traced } from '../tracing.ts';
import type { Attached, Machine } from './machine.ts';

/**
 * Readings that hints ask for begin so long one after the other (milliseconds), however many hints there are, and whether one
 * comes during a reading or after it: what changes meanwhile is told together, and mailboxes have the processor between.
 */
const GAP_MS = 100;

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

/**
 * Reads the feeds that mailboxes share where they are due, one reading after the other while there is more. `told`: called
 * after each reading that may have told lanes something. Answers at once where a reading is under way: it is followed by another.
 */
export async function readHub(on: Machine, told: () => Promise<void>): Promise<void> {
  if (on.reading !== null) {
    on.reading = true;
    return;
  }
  on.reading = false;
  try {
    for (let more = false; ; ) {
      const wait = on.readAt + GAP_MS - on.clock.mono();
      if (!more && wait > 0) await on.clock.sleep(wait);
      const at = on.attached;
      if (at === null || !at.complete || on.stopping) return;
      on.reading = false;
      on.readAt = on.clock.mono();
      const readings = await readOnce(on, at);
      if (readings.some(({ changes }) => changes > 0) || on.untold.size > 0) await told();
      more = readings.some((reading) => reading.more && reading.error === null);
      // It may have been asked for while this reading was under way.
      if (!more && !(on.reading as boolean)) return;
    }
  } finally {
    on.reading = null;
  }
}
