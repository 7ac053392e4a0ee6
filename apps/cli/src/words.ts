import type { FieldValue } from '@tidelock/core';
import { sayDuration as duration, plural, SIDE_NAME as SIDE, sayRule } from '@tidelock/host';
import { printable } from './table.ts';

/** A field's value on one line. */
export function shown(value: FieldValue): string {
  if (value === null) return '(blank)';
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printable).join('; ');
  return Object.values(value)
    .filter((part): part is string => typeof part === 'string')
    .map(printable)
    .join(', ');
}

/** The rule that decided, without the engine's letters for the two sides. */
export const ruleWords = (rule: string): string => printable(sayRule(rule));

export { duration, plural, SIDE };
