import { createHubSpot, type HubSpot, type HubSpotOptions } from '../hubspot/index.ts';
import type { CrmEvent, CrmEventWrite, CrmRecord, CrmWrite, EmulatedCrm } from './emulated-crm.ts';
import { type NameTable, toCommon, toNative } from './names.ts';

const APP = 'Tidelock';
const DAILY_REQUESTS = 10_000_000;

const NAMES: NameTable = {
  owner: 'hubspot_owner_id',
  prefix: 'salutation',
  firstName: 'firstname',
  middleName: 'middle_name',
  lastName: 'lastname',
  suffix: 'name_suffix',
  company: 'company',
  jobTitle: 'jobtitle',
  department: 'department',
  email: 'email',
  email2: 'email_2',
  email3: 'email_3',
  businessPhone: 'phone',
  businessPhone2: 'phone_2',
  homePhone: 'home_phone',
  mobilePhone: 'mobilephone',
  street: 'address',
  city: 'city',
  region: 'state',
  postalCode: 'zip',
  country: 'country',
  birthday: 'date_of_birth',
  assistant: 'assistant_name',
  manager: 'manager_name',
  notes: 'contact_notes',
  webPage: 'website',
};

const OPTIONAL: Readonly<Record<string, string>> = {
  middle_name: 'Middle name',
  name_suffix: 'Name suffix',
  department: 'Department',
  email_2: 'Second email',
  email_3: 'Third email',
  phone_2: 'Second phone number',
  home_phone: 'Home phone number',
  assistant_name: 'Assistant',
  manager_name: 'Manager',
  contact_notes: 'Notes',
};

const FIELD_TYPES: Readonly<Record<string, string>> = {
  phone_2: 'phonenumber',
  home_phone: 'phonenumber',
  contact_notes: 'textarea',
};

/** The stamp's property, the optional ones of the default mapping, and a private app. */
function setUp({ admin }: HubSpot): string {
  for (const type of ['contacts', 'meetings'] as const)
    admin.addProperty(type, { name: 'tidelock_key', label: 'Tidelock key', hasUniqueValue: true });
  admin.addProperty('meetings', { name: 'tidelock_uid', label: 'Tidelock meeting' });
  admin.addProperty('meetings', { name: 'tidelock_all_day', label: 'All day' });
  for (const [name, label] of Object.entries(OPTIONAL))
    admin.addProperty('contacts', { name, label, fieldType: FIELD_TYPES[name] ?? 'text' });
  return admin.createPrivateApp({ name: APP }).token;
}

const OPERATIONS: Readonly<Record<string, CrmWrite['operation']>> = {
  create: 'create',
  update: 'update',
  archive: 'delete',
};

function people({ admin, oracle }: HubSpot) {
  const added = new Set<string>();
  const record = ({ id, properties }: ReturnType<HubSpot['oracle']['contacts']>[number]): CrmRecord => ({
    id,
    owner: properties.hubspot_owner_id ?? null,
    values: toCommon(properties, NAMES, added),
  });
  const create = (values: Parameters<EmulatedCrm['create']>[0]): string =>
    admin.createContact(toNative(values, NAMES));
  return {
    addProperty(name: string, kind: 'text' | 'email' | 'phone'): string {
      const own = name.toLowerCase();
      admin.addProperty('contacts', { name: own, fieldType: kind === 'phone' ? 'phonenumber' : 'text' });
      added.add(own);
      return own;
    },
    create,
    seed: (count: number, make: Parameters<EmulatedCrm['seed']>[1]) =>
      Array.from({ length: count }, (_, index) => create(make(index))),
    update: (id: string, values: Parameters<EmulatedCrm['update']>[1]) =>
      admin.updateContact(id, toNative(values, NAMES)),
    records: () => oracle.contacts().map(record),
    picture: () => oracle.contacts().map((row) => JSON.stringify(row)),
    writes: () =>
      oracle.writes(APP).flatMap(({ objectType, operation, id }): CrmWrite[] => {
        const known = OPERATIONS[operation];
        return objectType === 'contacts' && known !== undefined ? [{ operation: known, id }] : [];
      }),
  };
}

const toEvent = ({ id, properties }: ReturnType<HubSpot['oracle']['meetings']>[number]): CrmEvent => ({
  id,
  owner: properties.hubspot_owner_id ?? null,
  subject: properties.hs_meeting_title ?? '',
  location: properties.hs_meeting_location ?? '',
  start: Date.parse(properties.hs_meeting_start_time ?? ''),
  isAllDay: properties.tidelock_all_day === 'true',
});

const isRelation = (operation: string): boolean => operation === 'associate' || operation === 'dissociate';

function calendar({ admin, oracle }: HubSpot): Pick<EmulatedCrm, 'events' | 'updateEvent' | 'eventWrites'> {
  return {
    events: () =>
      oracle
        .meetings()
        .map(toEvent)
        .sort((left, right) => left.start - right.start),
    updateEvent: (id, { subject, location }) =>
      admin.updateMeeting(id, {
        ...(subject === undefined ? {} : { hs_meeting_title: subject }),
        ...(location === undefined ? {} : { hs_meeting_location: location }),
      }),
    eventWrites: () =>
      oracle.writes(APP).flatMap(({ objectType, operation, id }): CrmEventWrite[] => {
        const known = OPERATIONS[operation];
        if (isRelation(operation)) return [{ operation: 'relate', id }];
        return objectType === 'meetings' && known !== undefined ? [{ operation: known, id }] : [];
      }),
  };
}

/** A HubSpot account behind the face that all emulated CRMs share, and the emulator itself. */
export function createHubSpotCrm(options: HubSpotOptions): EmulatedCrm & { readonly emulator: HubSpot } {
  const emulator = createHubSpot({
    ...options,
    settings: { requestsPerDay: DAILY_REQUESTS, ...options.settings },
  });
  const { admin, faults, log, listen, fetch } = emulator;
  const token = setUp(emulator);
  return {
    vendor: 'hubspot',
    title: 'HubSpot',
    traits: { companyRecords: false, sharing: false, lagMs: admin.settings.searchLagMs },
    adapter: '@tidelock/crm-hubspot',
    emulator,
    faults,
    log,
    mailRequests: () => emulator.oracle.mailRequests(),
    fetch,
    listen,
    options: ({ origin }) => ({ token, baseUrl: origin, endpoint: { allow: true } }),
    trust() {},
    addUser({ email, name }) {
      const [firstName = '', ...rest] = name.split(' ');
      return admin.addOwner({ email, firstName, lastName: rest.join(' ') });
    },
    addCompany: () => '',
    ...people(emulator),
    ...calendar(emulator),
    remove: (id) => admin.archiveContact(id),
    purge: (id) => admin.purgeContact(id),
    merge: (id, other) => admin.mergeContacts(id, other),
    setShared() {
      throw new Error('there is no sharing here');
    },
    refuseJobTitle: (title) => admin.refuseValue({ property: 'jobtitle', value: title }),
  };
}
