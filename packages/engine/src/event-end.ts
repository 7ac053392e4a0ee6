import {
  boundsOf,
  type EventTime,
  type EventWindow,
  expandSeries,
  type Fields,
  type Series,
  seriesEnd,
} from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import type { CompiledMapping } from './lens.ts';

/** When an event is, and by which rule again, where it is a series; null = the values do not say. */
function whenOf(mapping: CompiledMapping, values: Fields): { time: EventTime; series: Series | null } | null {
  const ofType = (kind: 'time' | 'recurrence' | 'occurrences') => {
    const name = mapping.fields.find((field) => field.type === kind)?.name ?? '';
    const value = values[name];
    return isEventValue(value) ? value : null;
  };
  const [time, recurrence, occurrences] = [ofType('time'), ofType('recurrence'), ofType('occurrences')];
  if (time?.kind !== 'time') return null;
  if (recurrence?.kind !== 'recurrence') return { time, series: null };
  return {
    time,
    series: { time, recurrence, occurrences: occurrences?.kind === 'occurrences' ? occurrences : null },
  };
}

/** What cannot be reckoned (a zone without a name, a rule that nothing can expand) answers `otherwise`. */
function reckoned<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return otherwise;
    throw error;
  }
}

/**
 * When the last of an event is over, in milliseconds since the epoch; null for a series without an end, and where the
 * values do not say. Dates end at midnight in UTC.
 */
export function endOf(mapping: CompiledMapping, values: Fields): number | null {
  const when = whenOf(mapping, values);
  if (when === null) return null;
  const { time, series } = when;
  return reckoned(() => (series === null ? boundsOf(time).to : seriesEnd(series)), null);
}

/** Does an event, or a date of its series, touch the window? True where the values do not say. */
export function touches(mapping: CompiledMapping, values: Fields, { from, to }: EventWindow): boolean {
  const when = whenOf(mapping, values);
  if (when === null) return true;
  const window = { from: Date.parse(`${from}T00:00:00Z`), to: Date.parse(`${to}T00:00:00Z`) };
  return reckoned(() => {
    if (when.series !== null) return expandSeries(when.series, window).length > 0;
    const at = boundsOf(when.time);
    return at.from < window.to && (at.to > window.from || at.from >= window.from);
  }, true);
}
