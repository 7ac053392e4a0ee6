import {
  boundsOf,
  type EventTime,
  type EventWindow,
  expandSeries,
  type Fields,
  type Occurrences,
  type Recurrence,
} from '@tidelock/core';

const DAY_MS = 86_400_000;

export interface Bounds {
  /** Milliseconds since the epoch; `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

export const windowBounds = ({ from, to }: EventWindow): Bounds => ({
  from: Date.parse(`${from}T00:00:00Z`),
  to: Date.parse(`${to}T00:00:00Z`),
});

/** What is asked for: a day more on both sides, because an all-day event may begin a day earlier or later elsewhere. */
export function viewBounds(window: EventWindow): { readonly start: string; readonly end: string } {
  const { from, to } = windowBounds(window);
  return { start: new Date(from - DAY_MS).toISOString(), end: new Date(to + DAY_MS).toISOString() };
}

const touches = (at: Bounds, of: Bounds): boolean =>
  at.from < of.to && (at.to > of.from || (at.to === at.from && at.from >= of.from));

const kindOf = (value: Fields[string] | undefined): string =>
  typeof value === 'object' && value !== null && 'kind' in value ? value.kind : '';

/** Does the event, or an occurrence of the series, touch the window? True where that cannot be told. */
export function isInside(fields: Fields, window: EventWindow): boolean {
  const { time, recurrence, occurrences } = fields;
  if (kindOf(time) !== 'time') return true;
  const bounds = windowBounds(window);
  try {
    if (kindOf(recurrence) !== 'recurrence') return touches(boundsOf(time as EventTime), bounds);
    const series = {
      time: time as EventTime,
      recurrence: recurrence as Recurrence,
      occurrences: kindOf(occurrences) === 'occurrences' ? (occurrences as Occurrences) : null,
    };
    return expandSeries(series, bounds).length > 0;
  } catch {
    return true;
  }
}
