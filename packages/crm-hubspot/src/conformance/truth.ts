import type { Address, Fields, FieldValue } from '@tidelock/core';

const PARTS: Readonly<Record<string, string>> = {
  street: 'address',
  city: 'city',
  state: 'state',
  postalCode: 'zip',
  country: 'country',
};

/** Written apart from the adapter's own converters: this is the oracle. */
export function toTruth(properties: Readonly<Record<string, string>>): Fields {
  const fields: Record<string, FieldValue> = { ...properties };
  const address = Object.entries(PARTS).flatMap(([part, name]) => {
    const value = properties[name];
    return value === undefined ? [] : [[part, value]];
  });
  fields.postalAddress = address.length === 0 ? null : (Object.fromEntries(address) as Address);
  return fields;
}

/** What a person would type. */
export function toProperties(fields: Fields): Record<string, string | null> {
  const properties: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'postalAddress') {
      const address = (value ?? {}) as Readonly<Record<string, string | undefined>>;
      for (const [part, property] of Object.entries(PARTS)) properties[property] = address[part] ?? null;
    } else if (value === null || typeof value === 'string') properties[name] = value;
    else if (Array.isArray(value)) properties[name] = value.join(';');
  }
  return properties;
}
