import type { Fields, FieldValue } from '@tidelock/core';

/** Properties of a store's records, and a record that has all of them, blank. Made once, and copied for each record. */
export interface BlankFields {
  readonly properties: readonly string[];
  readonly blank: Fields;
}

export function createBlankFields(properties: readonly string[]): BlankFields {
  return { properties, blank: Object.fromEntries(properties.map((property) => [property, null])) };
}

/**
 * The fields of a record: what `read` answers for each property, without those for which it answers undefined. An object that grows
 * to a dozen and a half properties one by one becomes a hash table of several times its size; a copy that is filled does not.
 */
export function fillFields(
  { properties, blank }: BlankFields,
  read: (property: string) => FieldValue | undefined,
): Fields {
  const fields: Record<string, FieldValue> = { ...blank };
  const absent: string[] = [];
  for (const property of properties) {
    const value = read(property);
    if (value === undefined) absent.push(property);
    else fields[property] = value;
  }
  return absent.length === 0 ? fields : omit(fields, absent);
}

/** Made anew: an object from which something is deleted is a hash table from then on. */
function omit(fields: Fields, names: readonly string[]): Fields {
  const left = Object.entries(fields).filter(([name]) => !names.includes(name));
  return Object.fromEntries(left);
}
