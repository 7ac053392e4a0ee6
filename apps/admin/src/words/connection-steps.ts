import type { Connections } from '../api/connections.ts';
import type { Check } from '../api/records.ts';

/** `open`: it is this one's turn; `waits`: another one comes first. */
export type StepState = 'done' | 'open' | 'failed' | 'waits';

const fails = (checks: readonly Check[]): boolean => checks.some(({ status }) => status === 'fail');

/** Microsoft, the CRM, and what comes then. */
export function stepStates({ mailbox, crms }: Connections): readonly [StepState, StepState, StepState] {
  const microsoft: StepState = !mailbox.connected ? 'open' : fails(mailbox.checks) ? 'failed' : 'done';
  const checked = crms.length > 0 && crms.every(({ checks }) => checks.length > 0);
  const crm: StepState = crms.some(({ checks }) => fails(checks)) ? 'failed' : checked ? 'done' : 'open';
  return [microsoft, crm, microsoft === 'done' && crm === 'done' ? 'open' : 'waits'];
}
