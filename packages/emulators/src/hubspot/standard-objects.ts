import { type Property, type PropertyOption, standardProperty } from './property.ts';

/** What the service knows of one object type. */
export interface ObjectType {
  /** In paths: `contacts`. */
  readonly name: string;
  /** Also accepted in paths of associations: `contact`. */
  readonly singular: string;
  readonly typeId: string;
  /** Property that holds the time of the last change, and is searched for changes. */
  readonly stamp: string;
  readonly created: string;
  /** Always in answers. */
  readonly defaults: readonly string[];
  /** Unknown and read-only properties of a write are ignored instead of refused. */
  readonly lenient: boolean;
  /** A create needs one of these. */
  readonly oneOf: readonly string[];
  readonly scopes: { readonly read: string; readonly write: string };
  readonly properties: readonly Property[];
}

const text = (name: string, label: string, fieldType = 'text'): Property =>
  standardProperty(name, label, { fieldType });

const computed = (name: string, label: string, more: Partial<Property> = {}): Property =>
  standardProperty(name, label, { readOnly: true, ...more });

const choice = (name: string, label: string, values: readonly string[]): Property => {
  const options = values.map((value): PropertyOption => ({ label: value, value }));
  return standardProperty(name, label, { type: 'enumeration', fieldType: 'select', options });
};

/** In the order in which a contact moves through them; only forward by the API. */
export const LIFECYCLE = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
] as const;

const stamps = (created: string, stamp: string): Property[] => [
  computed(created, 'Create date', { type: 'datetime', fieldType: 'date' }),
  computed(stamp, 'Last modified date', { type: 'datetime', fieldType: 'date' }),
  computed('hs_object_id', 'Record ID', { type: 'number', fieldType: 'number' }),
  computed('hs_merged_object_ids', 'Merged record IDs'),
  computed('hs_object_source', 'Record creation source'),
];

const CONTACT_PROPERTIES: readonly Property[] = [
  ...stamps('createdate', 'lastmodifieddate'),
  text('firstname', 'First name'),
  text('lastname', 'Last name'),
  text('email', 'Email'),
  text('hs_additional_emails', 'Additional email addresses'),
  text('salutation', 'Salutation'),
  text('jobtitle', 'Job title'),
  text('company', 'Company name'),
  text('phone', 'Phone number', 'phonenumber'),
  text('mobilephone', 'Mobile phone number', 'phonenumber'),
  text('fax', 'Fax number'),
  text('website', 'Website URL'),
  text('address', 'Street address'),
  text('city', 'City'),
  text('state', 'State/Region'),
  text('zip', 'Postal code'),
  text('country', 'Country/Region'),
  text('date_of_birth', 'Date of birth'),
  text('hs_timezone', 'Time zone'),
  text('message', 'Message', 'textarea'),
  text('hubspot_owner_id', 'Contact owner'),
  choice('lifecyclestage', 'Lifecycle stage', LIFECYCLE),
  choice('hs_lead_status', 'Lead status', ['NEW', 'OPEN', 'IN_PROGRESS', 'CONNECTED']),
];

const OUTCOMES = ['SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED'] as const;

const instant = (name: string, label: string): Property =>
  standardProperty(name, label, { type: 'datetime', fieldType: 'date' });

const MEETING_PROPERTIES: readonly Property[] = [
  ...stamps('hs_createdate', 'hs_lastmodifieddate'),
  instant('hs_timestamp', 'Activity date'),
  instant('hs_meeting_start_time', 'Meeting start time'),
  instant('hs_meeting_end_time', 'Meeting end time'),
  text('hs_meeting_title', 'Meeting name'),
  text('hs_meeting_body', 'Meeting description', 'html'),
  text('hs_internal_meeting_notes', 'Internal meeting notes', 'html'),
  text('hs_meeting_location', 'Meeting location'),
  text('hs_meeting_location_type', 'Meeting location type'),
  text('hs_meeting_external_url', 'External URL'),
  choice('hs_meeting_outcome', 'Meeting outcome', OUTCOMES),
  text('hubspot_owner_id', 'Activity assigned to'),
  text('hs_attendee_owner_ids', 'Attendee owner IDs'),
  text('hs_activity_type', 'Call and meeting type'),
  text('hs_attachment_ids', 'Attached file IDs'),
].map((property) => ({ ...property, groupName: 'engagement' }));

// One pair of scopes covers contacts and meetings.
const scopes = { read: 'crm.objects.contacts.read', write: 'crm.objects.contacts.write' } as const;

export const CONTACTS: ObjectType = {
  name: 'contacts',
  singular: 'contact',
  typeId: '0-1',
  stamp: 'lastmodifieddate',
  created: 'createdate',
  defaults: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  lenient: false,
  oneOf: ['email', 'firstname', 'lastname'],
  scopes,
  properties: CONTACT_PROPERTIES,
};

export const MEETINGS: ObjectType = {
  name: 'meetings',
  singular: 'meeting',
  typeId: '0-47',
  stamp: 'hs_lastmodifieddate',
  created: 'hs_createdate',
  defaults: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  lenient: true,
  oneOf: ['hs_timestamp', 'hs_meeting_start_time'],
  scopes,
  properties: MEETING_PROPERTIES,
};

export const OBJECT_TYPES: readonly ObjectType[] = [CONTACTS, MEETINGS];
