import type { Schemas } from './documents-schemas.ts';
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

const profile = (name: string, description: string | null, of: object = {}): Schemas['Profile'] => ({
  ...{ name, description, crm: 'crm', mailboxes: 0, written: { description }, filter: 'none' },
  effective: { contacts: RULES, events: EVENTS },
  ...of,
});

const PROFILES: Schemas['Profile'][] = [
  profile('default', null, { written: null, effective: { contacts: RULES, events: null } }),
  profile('sales', 'Contacts that sales works with', { mailboxes: 7 }),
  profile('key-accounts', 'The whole book of key accounts', {
    ...{ mailboxes: 3, effective: { contacts: { ...RULES, records: 'all' }, events: EVENTS } },
  }),
  profile('board', 'Reads the CRM, never writes it', {
    mailboxes: 2,
    effective: {
      contacts: { ...RULES, direction: 'crm>mailbox', records: ['ceo@contoso.example'], categories: ['CRM'] },
      events: null,
    },
  }),
];

type Row = Schemas['MappingRow'];
type Names = readonly [string, string, string];

const row = ([field, mailbox, crm]: Names, change: Partial<Row> = {}): Row => ({
  ...{ field, mailbox, crm, direction: 'both', conflict: 'newer', merge: 'value', blank: 'propagate' },
  ...{ optional: false, fallback: [], ...change },
});

const ROWS = [
  row(['firstName', 'givenName', 'FirstName']),
  row(['lastName', 'surname', 'LastName'], { blank: 'keep' }),
  row(['email', 'emailAddresses', 'Email']),
  row(['company', 'companyName', 'Account.Name'], { direction: 'crm>mailbox' }),
  row(['jobTitle', 'jobTitle', 'Title']),
  row(['mobilePhone', 'mobilePhone', 'MobilePhone']),
  row(['notes', 'personalNotes', 'Description'], { merge: 'text' }),
];

const property = (name: string, type = 'text', writable = true) => ({
  ...{ name, label: name, type, writable, required: false, maxLength: null },
});

const FIELDS = {
  mailbox: [...ROWS.map(({ mailbox }) => property(mailbox)), property('birthday', 'date')],
  crm: [
    ...ROWS.map(({ crm }) => property(crm)),
    property('Birthdate', 'date'),
    property('OwnerId', 'text', false),
  ],
};

type Previewed = Schemas['MappingPreview']['fields'][number];

function previewed(
  names: Row,
  mailbox: Schemas['FieldValue'],
  crm: Schemas['FieldValue'] = mailbox,
): Previewed {
  return {
    ...{ field: names.field, type: 'text', mailboxProperty: names.mailbox, crmProperty: names.crm, lost: [] },
    ...{ mailbox: { value: mailbox }, crm: { value: crm }, same: mailbox === crm },
    ...{ mailboxInCrm: { value: mailbox }, crmInMailbox: { value: crm } },
  };
}

const VALUES: readonly (readonly Schemas['FieldValue'][])[] = [
  ['Maria'],
  ['Andersson'],
  ['maria.andersson@nordwind.example'],
  ['Nordwind AB'],
  ['Buyer', 'Head of purchasing'],
  ['+46 8 555 0199'],
  ['Prefers e-mail.', null],
];

const PREVIEW: Schemas['MappingPreview'] = {
  fields: ROWS.map((names, index) => previewed(names, ...(VALUES[index] as [string, string | undefined]))),
  ...{ findings: [], problems: [] },
};

/** A mapping that loses what it is given is told with the field, as the server tells it. */
const preview = ({ body }: FakeRequest): Schemas['MappingPreview'] => {
  const { rows = [] } = (body ?? {}) as { readonly rows?: readonly Row[] };
  const problems = rows
    .filter(({ crm }) => crm === 'OwnerId')
    .map(({ field }) => ({
      ...{ path: field, reason: 'what is written to OwnerId is not kept' },
      remedy: 'Let it flow from the CRM only, or choose another property.',
    }));
  return { ...PREVIEW, problems };
};

const VERSION = 'b'.repeat(64);
const SAVED = { version: VERSION, changed: true };

export const profileRoutes = {
  'GET /profiles': { version: VERSION, defaultProfile: 'default', items: PROFILES },
  'PUT /profiles/*': SAVED,
  'DELETE /profiles/*': SAVED,
  'GET /mapping/fields': FIELDS,
  'GET /mapping/*': { version: VERSION, rows: ROWS },
  'PUT /mapping/*': SAVED,
  'POST /mapping/*/preview': preview,
};
