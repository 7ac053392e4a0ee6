import { type Mapping, MappingSchema } from '@tidelock/core';

/**
 * The mapping of events that fits a fresh org. The mailbox is where meetings are made: who takes part, and when, flows from
 * there; subject, place and description are edited on both sides.
 */
export const defaultEventMapping: Mapping = MappingSchema.parse({
  version: 1,
  kind: 'event',
  fields: [
    { field: 'subject', mailbox: 'subject', crm: 'Subject' },
    { field: 'time', mailbox: 'time', crm: 'time', conflict: 'mailbox' },
    { field: 'location', mailbox: 'location', crm: 'Location' },
    { field: 'body', mailbox: 'body', crm: 'Description', conflict: 'mailbox' },
    { field: 'showAs', mailbox: 'showAs', crm: 'ShowAs', direction: 'mailbox>crm' },
    { field: 'sensitivity', mailbox: 'sensitivity', crm: 'IsPrivate', conflict: 'mailbox' },
    { field: 'people', mailbox: 'people', crm: 'people', direction: 'mailbox>crm', merge: 'set' },
    // Without it every mailbox of a meeting would make an event of its own.
    { field: 'uid', mailbox: 'uid', crm: 'TidelockUid__c', direction: 'mailbox>crm' },
    { field: 'reminder', mailbox: 'reminder', crm: 'reminder', direction: 'mailbox>crm', optional: true },
  ],
});
