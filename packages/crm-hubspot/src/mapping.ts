import { type Mapping, MappingSchema } from '@tidelock/core';

/**
 * The mapping that fits a fresh account. Names and numbers are the sales team's in both places, so the newer value wins;
 * the CRM wins where its value drives other things (company, e-mail). Contacts have no property for a second e-mail
 * address, a private phone, an assistant or notes: those rows take part where somebody has made the property.
 */
export const defaultMapping: Mapping = MappingSchema.parse({
  version: 1,
  kind: 'contact',
  fields: [
    { field: 'prefix', mailbox: 'title', crm: 'salutation' },
    { field: 'firstName', mailbox: 'givenName', crm: 'firstname' },
    { field: 'middleName', mailbox: 'middleName', crm: 'middle_name', optional: true },
    { field: 'lastName', mailbox: 'surname', crm: 'lastname' },
    { field: 'suffix', mailbox: 'generation', crm: 'name_suffix', optional: true },
    { field: 'company', mailbox: 'companyName', crm: 'company', conflict: 'crm', blank: 'keep' },
    { field: 'jobTitle', mailbox: 'jobTitle', crm: 'jobtitle' },
    { field: 'department', mailbox: 'department', crm: 'department', optional: true },
    { field: 'email', mailbox: 'email1', crm: 'email', conflict: 'crm', blank: 'keep' },
    { field: 'email2', mailbox: 'email2', crm: 'email_2', optional: true },
    { field: 'email3', mailbox: 'email3', crm: 'email_3', optional: true },
    { field: 'businessPhone', mailbox: 'businessPhone', crm: 'phone' },
    { field: 'businessPhone2', mailbox: 'businessPhone2', crm: 'phone_2', optional: true },
    { field: 'homePhone', mailbox: 'homePhone', crm: 'home_phone', optional: true },
    { field: 'mobilePhone', mailbox: 'mobilePhone', crm: 'mobilephone' },
    { field: 'businessAddress', mailbox: 'businessAddress', crm: 'postalAddress' },
    { field: 'birthday', mailbox: 'birthday', crm: 'date_of_birth', blank: 'keep' },
    { field: 'assistant', mailbox: 'assistantName', crm: 'assistant_name', optional: true },
    { field: 'manager', mailbox: 'manager', crm: 'manager_name', optional: true },
    { field: 'notes', mailbox: 'personalNotes', crm: 'contact_notes', merge: 'text', optional: true },
    { field: 'webPage', mailbox: 'businessHomePage', crm: 'website' },
  ],
});
