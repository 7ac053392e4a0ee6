import { type Mapping, MappingSchema } from '@tidelock/core';

/**
 * The mapping that fits a fresh org. Names and numbers are the sales team's in both places, so the newer value wins;
 * the CRM wins where its value drives other things (company, department); notes are merged line by line.
 */
export const defaultMapping: Mapping = MappingSchema.parse({
  version: 1,
  kind: 'contact',
  fields: [
    { field: 'prefix', mailbox: 'title', crm: 'Salutation' },
    { field: 'firstName', mailbox: 'givenName', crm: 'FirstName' },
    { field: 'middleName', mailbox: 'middleName', crm: 'MiddleName', optional: true },
    { field: 'lastName', mailbox: 'surname', crm: 'LastName', fallback: ['company', 'email'] },
    { field: 'suffix', mailbox: 'generation', crm: 'Suffix', optional: true },
    { field: 'company', mailbox: 'companyName', crm: 'Account.Name', conflict: 'crm', blank: 'keep' },
    { field: 'jobTitle', mailbox: 'jobTitle', crm: 'Title' },
    { field: 'department', mailbox: 'department', crm: 'Department' },
    { field: 'email', mailbox: 'email1', crm: 'Email', conflict: 'crm', blank: 'keep' },
    { field: 'email2', mailbox: 'email2', crm: 'Email2__c', optional: true },
    { field: 'email3', mailbox: 'email3', crm: 'Email3__c', optional: true },
    { field: 'businessPhone', mailbox: 'businessPhone', crm: 'Phone' },
    { field: 'businessPhone2', mailbox: 'businessPhone2', crm: 'OtherPhone' },
    { field: 'homePhone', mailbox: 'homePhone', crm: 'HomePhone' },
    { field: 'mobilePhone', mailbox: 'mobilePhone', crm: 'MobilePhone' },
    { field: 'businessAddress', mailbox: 'businessAddress', crm: 'MailingAddress' },
    { field: 'homeAddress', mailbox: 'homeAddress', crm: 'OtherAddress' },
    { field: 'birthday', mailbox: 'birthday', crm: 'Birthdate', blank: 'keep' },
    { field: 'assistant', mailbox: 'assistantName', crm: 'AssistantName' },
    { field: 'manager', mailbox: 'manager', crm: 'Manager__c', optional: true },
    { field: 'notes', mailbox: 'personalNotes', crm: 'Description', merge: 'text' },
    { field: 'webPage', mailbox: 'businessHomePage', crm: 'WebPage__c', optional: true },
  ],
});
