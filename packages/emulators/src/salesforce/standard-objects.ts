import { event, eventRelation } from './activity-objects.ts';
import { lead } from './lead-object.ts';
import {
  defineField,
  defineObject,
  type FieldDefinition,
  type FieldOptions,
  type ObjectDefinition,
} from './schema.ts';
import {
  audit,
  flag,
  moment,
  owner,
  phone,
  picklist,
  READ_ONLY,
  recordId,
  reference,
  text,
} from './standard-fields.ts';

// Names, lengths and flags follow the describe of a developer org (Contact) and the object reference.

const GEOCODE = [
  'Address',
  'NearAddress',
  'Block',
  'Street',
  'ExtendedZip',
  'Zip',
  'Neighborhood',
  'City',
  'County',
  'State',
  'Unknown',
];

/** The parts of one postal address and its read-only compound field. */
function address(prefix: string): FieldDefinition[] {
  const part: FieldOptions = { compoundFieldName: `${prefix}Address` };
  const degrees = { ...part, type: 'double' as const, precision: 18, scale: 15 };
  return [
    defineField(`${prefix}Street`, `${prefix} Street`, { type: 'textarea', length: 255, ...part }),
    text(`${prefix}City`, `${prefix} City`, { ...part, length: 40 }),
    text(`${prefix}State`, `${prefix} State/Province`, { ...part, length: 80 }),
    text(`${prefix}PostalCode`, `${prefix} Zip/Postal Code`, { ...part, length: 20 }),
    text(`${prefix}Country`, `${prefix} Country`, { ...part, length: 80 }),
    defineField(`${prefix}Latitude`, `${prefix} Latitude`, degrees),
    defineField(`${prefix}Longitude`, `${prefix} Longitude`, degrees),
    picklist(`${prefix}GeocodeAccuracy`, `${prefix} Geocode Accuracy`, {
      picklistValues: GEOCODE,
      ...part,
      length: 40,
      restrictedPicklist: true,
    }),
    defineField(`${prefix}Address`, `${prefix} Address`, { type: 'address' }),
  ];
}

function contact(): ObjectDefinition {
  const part: FieldOptions = { compoundFieldName: 'Name' };
  return defineObject({
    name: 'Contact',
    label: 'Contact',
    labelPlural: 'Contacts',
    keyPrefix: '003',
    writable: true,
    fields: [
      recordId('Contact ID'),
      flag('IsDeleted', 'Deleted'),
      reference('MasterRecordId', 'Master Record ID', { ...READ_ONLY, referenceTo: ['Contact'] }),
      reference('AccountId', 'Account ID', { referenceTo: ['Account'] }),
      text('LastName', 'Last Name', { length: 80, ...part, nillable: false }),
      text('FirstName', 'First Name', { ...part, length: 40 }),
      picklist('Salutation', 'Salutation', {
        picklistValues: ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.'],
        ...part,
        length: 40,
      }),
      text('Name', 'Full Name', { length: 121, ...READ_ONLY, nillable: false, nameField: true }),
      ...address('Other'),
      ...address('Mailing'),
      phone('Phone', 'Business Phone'),
      phone('Fax', 'Business Fax'),
      phone('MobilePhone', 'Mobile Phone'),
      phone('HomePhone', 'Home Phone'),
      phone('OtherPhone', 'Other Phone'),
      phone('AssistantPhone', 'Asst. Phone'),
      reference('ReportsToId', 'Reports To ID', { referenceTo: ['Contact'] }),
      defineField('Email', 'Email', { type: 'email', length: 80, idLookup: true }),
      text('Title', 'Title', { length: 128 }),
      text('Department', 'Department', { length: 80 }),
      text('AssistantName', "Assistant's Name", { length: 40 }),
      picklist('LeadSource', 'Lead Source', {
        picklistValues: ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'],
      }),
      defineField('Birthdate', 'Birthdate', { type: 'date' }),
      defineField('Description', 'Contact Description', { type: 'textarea', length: 32_000 }),
      owner,
      ...audit,
      defineField('LastActivityDate', 'Last Activity', { type: 'date', ...READ_ONLY }),
      moment('LastCURequestDate', 'Last Stay-in-Touch Request Date'),
      moment('LastCUUpdateDate', 'Last Stay-in-Touch Save Date'),
      moment('LastViewedDate', 'Last Viewed Date'),
      moment('LastReferencedDate', 'Last Referenced Date'),
      text('EmailBouncedReason', 'Email Bounced Reason', { length: 255 }),
      moment('EmailBouncedDate', 'Email Bounced Date', {}),
      flag('IsEmailBounced', 'Is Email Bounced'),
      defineField('PhotoUrl', 'Photo URL', { type: 'url', length: 255, ...READ_ONLY }),
      text('Jigsaw', 'Data.com Key', { length: 20 }),
    ],
  });
}

function account(): ObjectDefinition {
  return defineObject({
    name: 'Account',
    label: 'Account',
    labelPlural: 'Accounts',
    keyPrefix: '001',
    writable: true,
    fields: [
      recordId('Account ID'),
      flag('IsDeleted', 'Deleted'),
      reference('MasterRecordId', 'Master Record ID', { ...READ_ONLY, referenceTo: ['Account'] }),
      text('Name', 'Account Name', { length: 255, nillable: false, nameField: true }),
      picklist('Type', 'Account Type', {
        picklistValues: ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Other'],
      }),
      reference('ParentId', 'Parent Account ID', { referenceTo: ['Account'] }),
      ...address('Billing'),
      phone('Phone', 'Account Phone'),
      phone('Fax', 'Account Fax'),
      text('AccountNumber', 'Account Number', { length: 40 }),
      defineField('Website', 'Website', { type: 'url', length: 255 }),
      picklist('Industry', 'Industry', {
        picklistValues: ['Agriculture', 'Banking', 'Consulting', 'Technology', 'Other'],
      }),
      defineField('NumberOfEmployees', 'Employees', { type: 'int', precision: 8 }),
      defineField('Description', 'Account Description', { type: 'textarea', length: 32_000 }),
      owner,
      ...audit,
    ],
  });
}

function user(): ObjectDefinition {
  const own: FieldOptions = { ...READ_ONLY, nillable: false };
  return defineObject({
    name: 'User',
    label: 'User',
    labelPlural: 'Users',
    keyPrefix: '005',
    writable: false,
    fields: [
      recordId('User ID'),
      text('Username', 'Username', { length: 80, ...own, unique: true, idLookup: true }),
      text('LastName', 'Last Name', { ...own, length: 80 }),
      text('FirstName', 'First Name', { ...READ_ONLY, length: 40 }),
      text('Name', 'Full Name', { length: 121, ...own, nameField: true }),
      defineField('Email', 'Email', { type: 'email', length: 128, idLookup: true, ...own }),
      text('FederationIdentifier', 'SAML Federation ID', { length: 512, ...READ_ONLY, unique: true }),
      text('EmployeeNumber', 'Employee Number', { ...READ_ONLY, length: 20 }),
      text('Alias', 'Alias', { ...own, length: 8 }),
      flag('IsActive', 'Active'),
      picklist('UserType', 'User Type', {
        picklistValues: ['Standard', 'Guest', 'AutomatedProcess'],
        ...own,
        length: 40,
      }),
      picklist('TimeZoneSidKey', 'Time Zone', { picklistValues: [], ...own, length: 40 }),
      picklist('LocaleSidKey', 'Locale', { picklistValues: [], ...own, length: 40 }),
      picklist('LanguageLocaleKey', 'Language', { picklistValues: [], ...own, length: 40 }),
      ...audit,
    ],
  });
}

function organization(): ObjectDefinition {
  const own: FieldOptions = { ...READ_ONLY, nillable: true };
  return defineObject({
    name: 'Organization',
    label: 'Organization',
    labelPlural: 'Organizations',
    keyPrefix: '00D',
    writable: false,
    fields: [
      recordId('Organization ID'),
      text('Name', 'Name', { length: 80, ...own, nameField: true }),
      defineField('Street', 'Street', { type: 'textarea', length: 255, ...own }),
      text('City', 'City', { ...own, length: 40 }),
      text('State', 'State/Province', { ...own, length: 80 }),
      text('PostalCode', 'Zip/Postal Code', { ...own, length: 20 }),
      text('Country', 'Country', { ...own, length: 80 }),
      defineField('Address', 'Address', { type: 'address' }),
      picklist('TimeZoneSidKey', 'Time Zone', { picklistValues: [], ...own, length: 40 }),
      picklist('DefaultLocaleSidKey', 'Locale', { picklistValues: [], ...own, length: 40 }),
      picklist('LanguageLocaleKey', 'Language', { picklistValues: [], ...own, length: 40 }),
      picklist('OrganizationType', 'Edition', { picklistValues: [], ...own, length: 40 }),
      text('InstanceName', 'Instance Name', { ...own, length: 5 }),
      flag('IsSandbox', 'Is Sandbox'),
      text('NamespacePrefix', 'Namespace Prefix', { ...own, length: 15 }),
      ...audit,
    ],
  });
}

/** Fresh definitions: custom fields added to one emulated org do not show in another. */
export function createStandardObjects(): ObjectDefinition[] {
  return [contact(), account(), user(), organization(), lead(), event(), eventRelation()];
}
