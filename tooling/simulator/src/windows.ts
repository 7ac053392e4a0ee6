import { boundsOf, type EventTime, expandSeries, type ReadResult } from '@tidelock/core';
import { seriesIn } from './calendar.ts';
import type { ModelStore, Row } from './model-store.ts';
import { steadyIds } from './scope.ts';
import type { Sim } from './sim.ts';
import type { Target } from './targets.ts';
import { ALL_DATES, VIEWS, type View } from './view.ts';

/** Does the event, or a date of the series, lie in the window? */
export function isInView({ fields }: Pick<Row, 'fields'>, view: View): boolean {
  if (view.index === 0) return true;
  const series = seriesIn({ fields });
  if (series !== null) return expandSeries(series, view).length > 0;
  const time = fields.when as EventTime | null | undefined;
  if (time == null) return true;
  const { from, to } = boundsOf(time);
  return from < view.to && to > view.from;
}

/** What a mailbox answers to somebody who looks at these dates. */
export const seenThrough = (view: View, read: ReadResult): ReadResult =>
  read.state === 'found' && !isInView(read.record, view)
    ? { state: 'out', id: read.id, record: read.record }
    : read;

/** The window goes on: everybody is configured with other dates, which is another scope of all calendars (6.7). */
export function slide(sim: Sim): void {
  const view = VIEWS[sim.tape.choice(VIEWS.length)] ?? ALL_DATES;
  if (view === sim.view) return;
  sim.count('window moved');
  const scanning = [...sim.state.tables.feeds.values()].some((feed) => feed.scanning);
  if (scanning) sim.count('window moved over an enumeration');
  lookThrough(sim, view);
}

function leftBy(sim: Sim, store: ModelStore, to: View): void {
  const steady = steadyIds(sim);
  for (const row of store.rows.values()) {
    const inside = isInView(row, to);
    if (inside && !store.hidden.has(row.id) && sim.leftOut.delete(row.id)) sim.count('window let in');
    if (inside || row.state !== 'live' || !isInView(row, sim.view) || !steady.has(row.id)) continue;
    sim.leftOut.add(row.id);
    sim.count('window left out');
  }
}

/** Another window for everybody: what it leaves out of pairs in step is frozen, and nothing else (S11). */
export function lookThrough(sim: Sim, view: View): void {
  sim.ledger.expected.clear();
  for (const store of sim.a) leftBy(sim, store, view);
  // What is not made in a mailbox for its dates is looked at again as well.
  for (const store of sim.stores) if (sim.settings.mutant !== 'window-rebase') store.scope++;
  sim.view = view;
  sim.note(() => `the window is ${new Date(view.from).toISOString()} to ${new Date(view.to).toISOString()}`);
}

/**
 * Somebody deletes what a window has left out before any pass has seen that. A GET that answers 404 is a proof whatever the window is
 * (6.3, 6.7), so the delete goes on; only a pair that is frozen already ends without one.
 */
export function leavesForGood(sim: Sim, { store, row }: Target): void {
  const isFrozen = [...sim.state.tables.lanes.values()].some((lane) =>
    [...lane.links.values()].some(
      ({ link: { a, b, status } }) => status === 'out' && [a?.id, b?.id].includes(row.id),
    ),
  );
  if (!store.hidden.has(row.id) && !isFrozen && sim.leftOut.delete(row.id))
    sim.count('window deleted unseen');
}

/** Somebody moved an event back into the window. */
export function showsAgain(sim: Sim, { store, row }: Target): void {
  if (!store.hidden.has(row.id) && isInView(row, sim.view)) sim.leftOut.delete(row.id);
}
