import { defineField, type FieldDefinition, type FieldOptions } from './schema.ts';

export const READ_ONLY: FieldOptions = { createable: false, updateable: false };

export const text = (name: string, label: string, options: FieldOptions): FieldDefinition =>
  defineField(name, label, { type: 'string', ...options });
export const phone = (name: string, label: string): FieldDefinition =>
  defineField(name, label, { type: 'phone', length: 40 });
export const moment = (name: string, label: string, options: FieldOptions = READ_ONLY): FieldDefinition =>
  defineField(name, label, { type: 'datetime', ...options });
export const flag = (name: string, label: string, options: FieldOptions = READ_ONLY): FieldDefinition =>
  defineField(name, label, { type: 'boolean', nillable: false, defaultedOnCreate: true, ...options });
export const picklist = (name: string, label: string, options: FieldOptions): FieldDefinition =>
  defineField(name, label, { type: 'picklist', length: 255, ...options });
export const reference = (name: string, label: string, options: FieldOptions): FieldDefinition =>
  defineField(name, label, {
    type: 'reference',
    length: 18,
    relationshipName: name.replace(/Id$/, ''),
    ...options,
  });

export const recordId = (label: string): FieldDefinition =>
  defineField('Id', label, {
    type: 'id',
    length: 18,
    nillable: false,
    defaultedOnCreate: true,
    idLookup: true,
    ...READ_ONLY,
  });

const SET_BY_SERVER: FieldOptions = { ...READ_ONLY, nillable: false, defaultedOnCreate: true };

export const audit: readonly FieldDefinition[] = [
  moment('CreatedDate', 'Created Date', SET_BY_SERVER),
  reference('CreatedById', 'Created By ID', { ...SET_BY_SERVER, referenceTo: ['User'] }),
  moment('LastModifiedDate', 'Last Modified Date', SET_BY_SERVER),
  reference('LastModifiedById', 'Last Modified By ID', { ...SET_BY_SERVER, referenceTo: ['User'] }),
  moment('SystemModstamp', 'System Modstamp', SET_BY_SERVER),
];

export const owner = reference('OwnerId', 'Owner ID', {
  referenceTo: ['User'],
  nillable: false,
  defaultedOnCreate: true,
});
