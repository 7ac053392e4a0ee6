import { createSalesforce, type Salesforce, type SalesforceOptions } from '../salesforce/index.ts';
import type { CrmEvent, CrmEventWrite, CrmRecord, CrmWrite, EmulatedCrm } from './emulated-crm.ts';
import { type NameTable, toCommon, toNative } from './names.ts';

const CONSUMER_KEY = '3MVG9.tidelock.emulated.consumer';
const INTEGRATION_USER = 'tidelock@crm.example';
const DAILY_REQUESTS = 10_000_000;

const NAMES: NameTable = {
  owner: 'OwnerId',
  prefix: 'Salutation',
  firstName: 'FirstName',
  middleName: 'MiddleName',
  lastName: 'LastName',
  suffix: 'Suffix',
  jobTitle: 'Title',
  department: 'Department',
  email: 'Email',
  email2: 'Email2__c',
  email3: 'Email3__c',
  businessPhone: 'Phone',
  businessPhone2: 'OtherPhone',
  homePhone: 'HomePhone',
  mobilePhone: 'MobilePhone',
  street: 'MailingStreet',
  city: 'MailingCity',
  region: 'MailingState',
  postalCode: 'MailingPostalCode',
  country: 'MailingCountry',
  homeStreet: 'OtherStreet',
  homeCity: 'OtherCity',
  homeRegion: 'OtherState',
  homePostalCode: 'OtherPostalCode',
  homeCountry: 'OtherCountry',
  birthday: 'Birthdate',
  assistant: 'AssistantName',
  manager: 'Manager__c',
  notes: 'Description',
  webPage: 'WebPage__c',
};

/** The stamp's field, the optional ones of the default mapping, and an integration user who may sign in. */
function setUp({ admin }: Salesforce): void {
  admin.enableNameFields();
  for (const object of ['Contact', 'Activity'] as const)
    admin.addField(object, {
      name: 'TidelockKey__c',
      label: 'TidelockKey',
      type: 'string',
      length: 64,
      unique: true,
      externalId: true,
    });
  admin.addField('Activity', { name: 'TidelockUid__c', type: 'string', label: 'TidelockUid', length: 255 });
  admin.enableSharedActivities();
  admin.addField('Contact', { name: 'Email2__c', type: 'email', label: 'Second email', length: 80 });
  admin.addField('Contact', { name: 'Email3__c', type: 'email', label: 'Third email', length: 80 });
  admin.addField('Contact', { name: 'WebPage__c', type: 'url', label: 'Web page', length: 255 });
  admin.addField('Contact', { name: 'Manager__c', type: 'string', label: 'Manager', length: 128 });
}

const OPERATIONS: Readonly<Record<string, CrmWrite['operation']>> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
};

function people(salesforce: Salesforce) {
  const { admin, oracle } = salesforce;
  const companies = new Map<string, string>();
  const added = new Set<string>();
  const input = (values: Parameters<EmulatedCrm['create']>[0]): Record<string, string | null> => {
    const { company, ...rest } = values;
    const account = company === undefined ? undefined : company === null ? null : companies.get(company);
    return { ...toNative(rest, NAMES), ...(account === undefined ? {} : { AccountId: account }) };
  };
  const names = new Map<string, string>();
  const living = () => oracle.contacts().filter((row) => row.IsDeleted !== true);
  const record = (row: Readonly<Record<string, unknown>>): CrmRecord => {
    const company = names.get(String(row.AccountId));
    const values = toCommon(row, NAMES, added);
    return {
      id: String(row.Id),
      owner: typeof row.OwnerId === 'string' ? row.OwnerId : null,
      values: company === undefined ? values : { ...values, company },
    };
  };
  return {
    addProperty(name: string, kind: 'text' | 'email' | 'phone'): string {
      const own = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}__c`;
      admin.addField('Contact', { name: own, type: kind === 'text' ? 'string' : kind });
      added.add(own);
      return own;
    },
    addCompany(name: string): string {
      const id = admin.createAccount({ Name: name });
      companies.set(name, id);
      names.set(id, name);
      return id;
    },
    create: (values: Parameters<EmulatedCrm['create']>[0]) => admin.createContact(input(values)),
    seed: (count: number, make: Parameters<EmulatedCrm['seed']>[1]) =>
      admin.seedContacts(count, (index) => input(make(index))),
    update: (id: string, values: Parameters<EmulatedCrm['update']>[1]) =>
      admin.updateContact(id, input(values)),
    records: () => living().map(record),
    picture: () => living().map((row) => JSON.stringify(row)),
    writes: () =>
      oracle.writes(CONSUMER_KEY).flatMap(({ object, operation, id }): CrmWrite[] => {
        const known = OPERATIONS[operation];
        return object === 'Contact' && known !== undefined ? [{ operation: known, id }] : [];
      }),
  };
}

const isCopy = (row: Readonly<Record<string, unknown>> | undefined): boolean => row?.IsChild === true;

/** Patterns of series and the copies of invited users are no events of their own. */
const isShown = (row: Readonly<Record<string, unknown>>): boolean =>
  row.IsDeleted !== true && !isCopy(row) && row.GroupEventType !== '3';

const toEvent = (row: Readonly<Record<string, unknown>>): CrmEvent => ({
  id: String(row.Id),
  owner: typeof row.OwnerId === 'string' ? row.OwnerId : null,
  subject: String(row.Subject ?? ''),
  location: String(row.Location ?? ''),
  start: Date.parse(String(row.StartDateTime).replace('+0000', 'Z')),
  isAllDay: row.IsAllDayEvent === true,
});

function calendar({
  admin,
  oracle,
}: Salesforce): Pick<EmulatedCrm, 'events' | 'updateEvent' | 'eventWrites'> {
  return {
    events: () =>
      oracle
        .events()
        .filter(isShown)
        .map(toEvent)
        .sort((left, right) => left.start - right.start),
    updateEvent: (id, { subject, location }) =>
      admin.updateEvent(id, {
        ...(subject === undefined ? {} : { Subject: subject }),
        ...(location === undefined ? {} : { Location: location }),
      }),
    eventWrites: () =>
      oracle.writes(CONSUMER_KEY).flatMap(({ object, operation, id, byItself }): CrmEventWrite[] => {
        const known = byItself === true || isCopy(oracle.event(id)) ? undefined : OPERATIONS[operation];
        if (object === 'EventRelation') return [{ operation: 'relate', id }];
        return object === 'Event' && known !== undefined ? [{ operation: known, id }] : [];
      }),
  };
}

/** A Salesforce org behind the face that all emulated CRMs share, and the emulator itself. */
export function createSalesforceCrm(
  options: SalesforceOptions,
): EmulatedCrm & { readonly emulator: Salesforce } {
  const emulator = createSalesforce({
    ...options,
    settings: { dailyApiRequests: DAILY_REQUESTS, ...options.settings },
  });
  const { admin, faults, log, listen, fetch } = emulator;
  setUp(emulator);
  return {
    vendor: 'salesforce',
    title: 'Salesforce',
    traits: { companyRecords: true, sharing: true, lagMs: 0 },
    adapter: '@tidelock/crm-salesforce',
    emulator,
    faults,
    log,
    mailRequests: () => emulator.oracle.mailRequests(),
    fetch,
    listen,
    options: ({ origin, key }) => ({
      loginUrl: origin,
      auth: { flow: 'jwt', consumerKey: CONSUMER_KEY, username: INTEGRATION_USER, key },
      endpoint: { allow: true },
    }),
    trust(certPem) {
      const userId = admin.addUser({ username: INTEGRATION_USER, firstName: 'Tide', lastName: 'Lock' });
      admin.registerApp({ consumerKey: CONSUMER_KEY, certPem, name: 'Tidelock' });
      admin.approve(userId, CONSUMER_KEY);
    },
    addUser({ email, name }) {
      const [firstName = '', ...rest] = name.split(' ');
      const last = rest.join(' ');
      return admin.addUser({
        username: email,
        email,
        ...(last === '' ? { lastName: firstName } : { firstName, lastName: last }),
      });
    },
    ...people(emulator),
    ...calendar(emulator),
    remove: (id) => admin.deleteContact(id),
    purge: (id) => admin.hardDelete(id),
    merge(id, other) {
      admin.merge(id, [other]);
      return id;
    },
    setShared: (id, shared) => admin.setShared(id, shared),
    refuseJobTitle: (title) =>
      admin.addValidationRule({
        object: 'Contact',
        message: `Nobody may be called ${title}`,
        field: 'Title',
        failsWhen: (values) => values.Title === title,
      }),
  };
}
