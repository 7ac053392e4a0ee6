import { type AdapterError, type Finding, isAdapterError } from '@tidelock/core';

/** One lane whose stores cannot be used keeps that lane off, not its neighbours. */
export function unprepared(error: AdapterError): readonly Finding[] {
  const { kind, message, remedy } = error;
  const text = `The stores of this lane cannot be used (${kind}): ${message}`;
  const finding: Finding = { code: 'probe-failed', severity: 'block', text };
  return [remedy === undefined ? finding : { ...finding, remedy }];
}

export function failedPreparing(error: unknown): AdapterError {
  if (!isAdapterError(error)) throw error;
  return error;
}
