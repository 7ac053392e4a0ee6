/** `out`: mailbox to CRM. `in`: CRM to mailboxes. */
export type Direction = 'out' | 'in';

export const DIRECTIONS: Readonly<Record<Direction, string>> = {
  out: 'Exchange -> Salesforce',
  in: 'Salesforce -> Exchange',
};
