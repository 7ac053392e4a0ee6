import { createFailure } from './errors.ts';

const NAME = /^(?!.*--)[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;
const MAX_NAME = 127;

/** The form of names that all secret stores share. The name itself stays out of the message: it was not checked. */
export function assertName(name: string, operation: string): void {
  if (name.length <= MAX_NAME && NAME.test(name)) return;
  const remedy =
    'Use small letters, digits and single "-", in segments joined by "/", at most 127 characters.';
  throw createFailure('BAD_NAME', {
    operation,
    text: 'the name has another form than all stores can keep',
    remedy,
  });
}
