import type { Link } from '@tidelock/core';
import { shortHash } from './features.ts';
import type { PlannedWrite } from './link-plan.ts';
import { toOrderedJson } from './ordered-json.ts';

/** Codes under which a write waits because people would get mail, and after a person let it go. */
export const WOULD_NOTIFY = 'would-notify';
export const MAY_NOTIFY = 'may-notify';

export const FIRST_SYNC = 'nobody gets mail because of a first sync';
export const OVER_BUDGET = 'that this run may still notify';

/** A refused input is recognised by this: another input is tried at once. */
export const inputHash = (write: PlannedWrite): string =>
  shortHash(toOrderedJson([write.side, write.op, write.patch]));

/** A run before withheld just this, for itself and not for the policy: whatever the policy is, it is not for the next run to send. */
export function isWithheld({ quarantine }: Pick<Link, 'quarantine'>, write: PlannedWrite): boolean {
  const { code, message = '', inputHash: held } = quarantine ?? {};
  const ofRun = message.includes(FIRST_SYNC) || message.includes(OVER_BUDGET);
  return code === WOULD_NOTIFY && ofRun && held === inputHash(write);
}
