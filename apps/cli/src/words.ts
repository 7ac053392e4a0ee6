import type { FieldValue } from '@tidelock/core';
import { printable } from './table.ts';

export const SIDE = { a: 'mailbox', b: 'CRM' } as const;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

/** `3 minutes` */
export function duration(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= size) ?? UNITS[3];
  return plural(Math.floor(ms / unit[0]), unit[1]);
}

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

const RULES: readonly (readonly [RegExp, string])[] = [
  [/\ba>b\b/, 'mailbox → CRM'],
  [/\bb>a\b/, 'CRM → mailbox'],
  [/^conflict:a$/, 'conflict: the mailbox wins'],
  [/^conflict:b$/, 'conflict: the CRM wins'],
  [/^conflict:/, 'conflict: '],
  [/\b(?:on|in) a\b/g, 'in the mailbox'],
  [/\b(?:on|in) b\b/g, 'in the CRM'],
];

/** The rule that decided, without the engine's letters for the two sides. */
export function ruleWords(rule: string): string {
  return printable(RULES.reduce((text, [pattern, words]) => text.replace(pattern, words), rule));
}
