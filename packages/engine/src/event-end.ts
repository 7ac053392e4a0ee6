import { boundsOf, type Fields, seriesEnd } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import type { CompiledMapping } from './lens.ts';

/**
 * When the last of an event is over, in milliseconds since the epoch; null for a series without an end, and where the
 * values do not say. Dates end at midnight in UTC.
 */
export function endOf(mapping: CompiledMapping, values: Fields): number | null {
  const ofType = (kind: 'time' | 'recurrence' | 'occurrences') => {
    const name = mapping.fields.find((field) => field.type === kind)?.name ?? '';
    const value = values[name];
    return isEventValue(value) ? value : null;
  };
  const [time, recurrence, occurrences] = [ofType('time'), ofType('recurrence'), ofType('occurrences')];
  if (time?.kind !== 'time') return null;
  try {
    if (recurrence?.kind !== 'recurrence') return boundsOf(time).to;
    const children = occurrences?.kind === 'occurrences' ? occurrences : null;
    return seriesEnd({ time, recurrence, occurrences: children });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
