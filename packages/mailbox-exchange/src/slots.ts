import type { Fields, FieldValue } from '@tidelock/core';

/** A value of an array whose elements are properties of the catalogue. */
export interface SlotRule {
  /** Names by position. */
  readonly slots: readonly string[];
  /** Whole array as the service shows it now, blanks left out. */
  readonly current: readonly string[];
}

const textOf = (value: FieldValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const isTouched = (slots: readonly string[], patch: Fields): boolean =>
  slots.some((slot) => patch[slot] !== undefined);

/**
 * The whole array after a patch: what the named slots hold then, in order and without gaps, and behind it whatever
 * the service holds beyond them. The service keeps no gaps, so a blank in front moves the later values up; the answer
 * to the write shows where they are.
 */
export function composeSlots({ slots, current }: SlotRule, patch: Fields): string[] {
  const kept = slots.map((slot, index) => {
    const value = patch[slot];
    return value === undefined ? current[index] : textOf(value);
  });
  return [...kept, ...current.slice(slots.length)].filter((value) => value !== undefined);
}

/** Sets one property per slot; those past the end are blank. `values` undefined: nothing is known of any of them. */
export function readSlots(
  fields: Record<string, FieldValue>,
  slots: readonly string[],
  values: readonly string[] | null | undefined,
): void {
  let index = 0;
  for (const slot of slots) {
    if (values === undefined) delete fields[slot];
    else fields[slot] = values?.[index++] ?? null;
  }
}
