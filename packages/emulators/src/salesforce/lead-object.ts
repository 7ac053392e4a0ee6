import { defineField, defineObject, type ObjectDefinition } from './schema.ts';
import {
  audit,
  flag,
  moment,
  phone,
  picklist,
  READ_ONLY,
  recordId,
  reference,
  text,
} from './standard-fields.ts';

/** What a person who is not yet a contact has: enough of it to be invited and looked up. */
export function lead(): ObjectDefinition {
  const part = { compoundFieldName: 'Name' };
  return defineObject({
    name: 'Lead',
    label: 'Lead',
    labelPlural: 'Leads',
    keyPrefix: '00Q',
    writable: true,
    fields: [
      recordId('Lead ID'),
      flag('IsDeleted', 'Deleted'),
      reference('MasterRecordId', 'Master Record ID', { ...READ_ONLY, referenceTo: ['Lead'] }),
      text('LastName', 'Last Name', { length: 80, ...part, nillable: false }),
      text('FirstName', 'First Name', { ...part, length: 40 }),
      text('Name', 'Full Name', { length: 121, ...READ_ONLY, nillable: false, nameField: true }),
      text('Title', 'Title', { length: 128 }),
      text('Company', 'Company', { length: 255, nillable: false }),
      phone('Phone', 'Phone'),
      phone('MobilePhone', 'Mobile Phone'),
      defineField('Email', 'Email', { type: 'email', length: 80, idLookup: true }),
      defineField('Description', 'Description', { type: 'textarea', length: 32_000 }),
      picklist('Status', 'Status', {
        picklistValues: [
          'Open - Not Contacted',
          'Working - Contacted',
          'Closed - Converted',
          'Closed - Not Converted',
        ],
        nillable: false,
        defaultedOnCreate: true,
      }),
      reference('OwnerId', 'Owner ID', {
        referenceTo: ['Group', 'User'],
        nillable: false,
        defaultedOnCreate: true,
      }),
      flag('IsConverted', 'Converted', { createable: true, updateable: false }),
      defineField('ConvertedDate', 'Converted Date', { type: 'date', ...READ_ONLY }),
      reference('ConvertedContactId', 'Converted Contact ID', { ...READ_ONLY, referenceTo: ['Contact'] }),
      ...audit,
      moment('LastViewedDate', 'Last Viewed Date'),
    ],
  });
}
