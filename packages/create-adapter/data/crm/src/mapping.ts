import { type Mapping, MappingSchema } from '@tidelock/core';

/** The mapping for a fresh account. Where both sides changed the newer value wins, unless a rule says otherwise. */
export const defaultMapping: Mapping = MappingSchema.parse({
  version: 1,
  kind: 'contact',
  fields: [
    { field: 'firstName', mailbox: 'givenName', crm: 'first_name' },
    { field: 'lastName', mailbox: 'surname', crm: 'last_name' },
    { field: 'company', mailbox: 'companyName', crm: 'company', conflict: 'crm', blank: 'keep' },
    { field: 'jobTitle', mailbox: 'jobTitle', crm: 'job_title' },
    { field: 'email', mailbox: 'email1', crm: 'email', conflict: 'crm', blank: 'keep' },
    { field: 'businessPhone', mailbox: 'businessPhone', crm: 'phone' },
    { field: 'mobilePhone', mailbox: 'mobilePhone', crm: 'mobile' },
    { field: 'businessAddress', mailbox: 'businessAddress', crm: 'address' },
    { field: 'birthday', mailbox: 'birthday', crm: 'birthday', blank: 'keep' },
    { field: 'notes', mailbox: 'personalNotes', crm: 'notes', merge: 'text' },
    { field: 'webPage', mailbox: 'businessHomePage', crm: 'website' },
  ],
});
