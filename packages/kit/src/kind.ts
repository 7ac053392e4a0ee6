import { AdapterError } from '@tidelock/core';

/** For adapters that have contacts and nothing else: throws `unsupported` for any other kind of records. */
export function requireContacts(kind: string): asserts kind is 'contact' {
  if (kind === 'contact') return;
  throw new AdapterError('unsupported', `this adapter has no records of kind "${kind}"`, {
    operation: 'open',
  });
}
