import { isAdapterError } from '@tidelock/core';

/** A store could not be asked at this moment: what it would have told is missing, and nothing else is wrong. */
export const isUnreadable = (error: unknown): error is Error => isAdapterError(error);
