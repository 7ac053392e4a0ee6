import { SIDE_NAME } from '@tidelock/engine';

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const;

/** `3 minutes` */
export function sayDuration(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= size) ?? UNITS[3];
  return plural(Math.floor(ms / unit[0]), unit[1]);
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
export const sayRule = (rule: string): string =>
  RULES.reduce((text, [pattern, words]) => text.replace(pattern, words), rule);

/** What a side is called where a word is enough: `mailbox`, `CRM`. */
export const SIDE = SIDE_NAME;
