import type { FakeRequest } from './fake-server.ts';

const RULES = {
  ...{ sync: true, direction: 'both', records: 'own', categories: null, master: 'crm' },
  ...{ create: { mailbox: true, crm: true }, onDelete: { mailbox: 'delete', crm: 'delete' } },
};
const EVENTS = {
  ...{
    direction: 'both',
    window: { pastDays: 30, futureDays: 365 },
    notify: 'hold',
    mailBudget: 50,
    private: 'skip',
  },
};

const PROFILES = [
  {
    name: 'default',
    description: null,
    crm: 'main',
    contacts: RULES,
    events: null,
    mailboxes: 0,
    isDefault: true,
  },
  {
    name: 'sales',
    description: 'Contacts that sales works with',
    crm: 'main',
    contacts: RULES,
    events: EVENTS,
    mailboxes: 7,
    isDefault: false,
  },
  {
    ...{
      name: 'key-accounts',
      description: 'The whole book of key accounts',
      crm: 'main',
      events: EVENTS,
      mailboxes: 3,
      isDefault: false,
    },
    contacts: { ...RULES, records: 'all' },
  },
  {
    ...{
      name: 'board',
      description: 'Reads the CRM, never writes it',
      crm: 'main',
      events: null,
      mailboxes: 2,
      isDefault: false,
    },
    contacts: { ...RULES, direction: 'crm>mailbox', records: ['ceo@contoso.example'], categories: ['CRM'] },
  },
];

const rule = ([field, mailbox, crm]: readonly [string, string, string], change: object = {}) => ({
  ...{
    field,
    mailbox,
    crm,
    direction: 'both',
    conflict: 'newer',
    merge: 'value',
    blank: 'propagate',
    ...change,
  },
});

const MAPPING_RULES = [
  rule(['firstName', 'givenName', 'FirstName']),
  rule(['lastName', 'surname', 'LastName'], { blank: 'keep' }),
  rule(['email', 'emailAddresses', 'Email']),
  rule(['company', 'companyName', 'Account.Name'], { direction: 'crm>mailbox' }),
  rule(['jobTitle', 'jobTitle', 'Title']),
  rule(['mobilePhone', 'mobilePhone', 'MobilePhone']),
  rule(['notes', 'personalNotes', 'Description'], { merge: 'text' }),
];

const info = (name: string, type = 'text', writable = true) => ({ name, type, writable });

const mapping = ({ url }: FakeRequest) => ({
  ...{ profile: url.searchParams.get('profile'), kind: url.searchParams.get('kind'), rules: MAPPING_RULES },
  mailboxFields: [
    ...MAPPING_RULES.map((one) => info(one.mailbox)),
    info('birthday', 'date'),
    info('homeAddress', 'address'),
  ],
  crmFields: [
    ...MAPPING_RULES.map((one) => info(one.crm)),
    info('Birthdate', 'date'),
    info('OwnerId', 'text', false),
  ],
});

const PREVIEW = {
  title: 'Maria Andersson, maria.andersson@nordwind.example',
  rows: [
    ...[
      ['firstName', 'Maria'],
      ['lastName', 'Andersson'],
      ['email', 'maria.andersson@nordwind.example'],
      ['company', 'Nordwind AB'],
    ].map(([field, value]) => ({ field, mailbox: value, crm: value, mailboxAfter: value, crmAfter: value })),
    {
      field: 'jobTitle',
      mailbox: 'Buyer',
      crm: 'Head of purchasing',
      mailboxAfter: 'Head of purchasing',
      crmAfter: 'Head of purchasing',
    },
    {
      field: 'notes',
      mailbox: 'Prefers e-mail.',
      crm: null,
      mailboxAfter: 'Prefers e-mail.',
      crmAfter: 'Prefers e-mail.',
    },
  ],
};

const LAWS = MAPPING_RULES.map(({ field }) => ({
  field,
  ok: true,
  text: 'comes back as it was',
  remedy: null,
}));

export const profileRoutes = {
  'GET /profiles': { profiles: PROFILES },
  'PUT /profiles/*': {},
  'DELETE /profiles/*': {},
  'GET /mapping': mapping,
  'POST /mapping/preview': PREVIEW,
  'POST /mapping/check': { findings: [], laws: LAWS },
  'PUT /mapping': {},
};
