import { AdapterError } from '@tidelock/core';

const NAME = /^(?!.*--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const MAX_NAME = 127;

/** Most bytes that every secret store can keep under one name. */
export const MAX_SECRET_BYTES = 25_000;

/**
 * The form of names that all secret stores share (contract `secrets@1`). `prefix` is what the store puts in front and
 * cannot be had twice. Throws `invalid`, code `BAD_NAME`; the name itself stays out of the message: it was not checked.
 */
export function requireSecretName(name: string, operation: string, prefix = 0): void {
  if (name.length + prefix <= MAX_NAME && NAME.test(name)) return;
  const remedy =
    'Use small letters, digits and single "-" between them, in segments joined by "/", at most ' +
    `${MAX_NAME - prefix} characters.`;
  const text = `${operation}: the name has another form than all stores can keep`;
  throw new AdapterError('invalid', text, { operation, code: 'BAD_NAME', remedy });
}

/** Throws `invalid`, code `TOO_LARGE`, for more bytes than every store can keep. */
export function requireSecretSize(name: string, value: Uint8Array, operation: string): void {
  if (value.length <= MAX_SECRET_BYTES) return;
  const text = `${operation}: "${name}" has ${value.length} bytes, more than ${MAX_SECRET_BYTES}`;
  throw new AdapterError('invalid', text, {
    ...{ operation, code: 'TOO_LARGE', remedy: 'Store the large part elsewhere.' },
  });
}
