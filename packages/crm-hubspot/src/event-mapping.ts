import { type Mapping, MappingSchema } from '@tidelock/core';

/**
 * The mapping of events that fits a fresh account. The mailbox is where meetings are made: who takes part, and when, flows
 * from there; title, place and description are edited on both sides.
 */
export const defaultEventMapping: Mapping = MappingSchema.parse({
  version: 1,
  kind: 'event',
  fields: [
    { field: 'subject', mailbox: 'subject', crm: 'hs_meeting_title' },
    { field: 'time', mailbox: 'time', crm: 'time', conflict: 'mailbox' },
    { field: 'location', mailbox: 'location', crm: 'hs_meeting_location' },
    { field: 'body', mailbox: 'body', crm: 'hs_meeting_body', conflict: 'mailbox' },
    { field: 'people', mailbox: 'people', crm: 'people', direction: 'mailbox>crm', merge: 'set' },
    // Without it every mailbox of a meeting would make an event of its own.
    { field: 'uid', mailbox: 'uid', crm: 'tidelock_uid', direction: 'mailbox>crm' },
  ],
});
