import { LANES } from './documents-active.ts';
import { DAY, HOUR, MINUTE, NOW, OUTSIDE, PEOPLE } from './documents-people.ts';
import type { FakeRequest } from './fake-server.ts';

const CHECKS = {
  mailbox: [
    {
      name: 'token',
      status: 'ok',
      text: 'Microsoft gives tokens; the last one 14 minutes ago.',
      remedy: null,
    },
    {
      name: 'rights',
      status: 'ok',
      text: 'Contacts.ReadWrite and Calendars.ReadWrite are granted, and nothing beyond.',
      remedy: null,
    },
    {
      name: 'keys',
      status: 'warn',
      text: 'Key mailbox-1 ends in 21 days.',
      remedy: 'Make a new one beside it under Health.',
    },
  ],
  crm: [
    {
      name: 'sign-in',
      status: 'ok',
      text: 'Salesforce takes the assertion of integration@contoso.example.',
      remedy: null,
    },
    {
      ...{ name: 'fields', status: 'fail', text: 'The field Tidelock_Stamp__c is missing on Contact.' },
      remedy:
        'Let Tidelock make it: tidelock connect crm --prepare. Or create it by hand: text, 36 letters, external id, unique.',
    },
  ],
};

const CONNECTIONS = {
  mailbox: {
    ...{
      adapter: '@tidelock/mailbox-exchange',
      label: 'Exchange Online',
      connectUrl: '/connect',
      connected: true,
    },
    ...{
      organisation: 'Contoso',
      consentedAt: NOW - 64 * DAY,
      consentedBy: 'admin@contoso.example',
      checks: CHECKS.mailbox,
    },
  },
  crms: [{ name: 'main', adapter: '@tidelock/crm-salesforce', label: 'Salesforce', checks: CHECKS.crm }],
  checkedAt: NOW - 2 * MINUTE,
};

const reachRows = [
  ...PEOPLE.map(({ name, address }, index) => ({
    address,
    name,
    intended: true,
    verdict: index === 8 ? 'missing' : 'open',
  })),
  ...OUTSIDE.map(({ name, address }, index) => ({
    address,
    name,
    intended: false,
    verdict: index === 2 ? 'too-wide' : 'closed',
  })),
];

const REACH = {
  ...{ at: NOW - 3 * HOUR, rows: reachRows, asIntended: false },
  counts: { open: 11, closed: 2, 'too-wide': 1, missing: 1, 'no-mailbox': 0, unknown: 0 },
  findings: [],
};

const userOf = (name: string, index: number) => ({
  ...{ id: `005-${index}`, name, email: PEOPLE[index]?.address ?? null, active: true },
});
const USERS = PEOPLE.map(({ name }, index) => userOf(name, index));

const blocked = (address: string, text: string, remedy: string) => [
  { code: 'owner-unknown', severity: 'block', text: `${address}: ${text}`, remedy, mailbox: address },
];

const rows = PEOPLE.map(({ name, address, profile }, index) => ({
  ...{
    mailboxId: `m-${index}`,
    address,
    name,
    profile,
    rule: index % 3 === 0 ? 'group Sales' : 'list assign[0]',
  },
  ...{
    user: index === 5 ? null : (USERS[index] ?? null),
    matchedBy: index === 2 ? 'decided' : index === 5 ? null : 'address = email',
  },
  candidates: index === 5 ? USERS.slice(5, 7) : [],
  findings: index === 5 ? blocked(address, '2 CRM users fit, and none is chosen for you', 'Choose one.') : [],
  lane: index === 5 ? null : LANES[index],
}));

const outside = OUTSIDE.map(({ name, address }, index) => ({
  ...{ mailboxId: `o-${index}`, address, name, profile: null, rule: null, user: null, matchedBy: null },
  ...{ candidates: [], findings: [], lane: null },
}));

const roster = ({ url }: FakeRequest) => ({
  rows: url.searchParams.get('all') === 'true' ? [...rows, ...outside] : rows,
  findings: [],
});

const act = (seq: number, [name, subject]: readonly [string, string], of: object = {}) => ({
  ...{
    seq,
    at: NOW - (60 - seq) * 37 * MINUTE,
    who: 'Ada Lindqvist',
    act: name,
    subject,
    before: null,
    after: null,
    ...of,
  },
});

const AUDIT = [
  act(59, ['pause', 'grace.gill@contoso.example'], { after: { reason: 'Moves to another department' } }),
  act(58, ['review.decided', 'ccc87f36'], {
    after: { kind: 'match', decision: 'separate' },
    who: 'Ben Operator',
  }),
  act(57, ['mailbox.moved', 'cem.cakir@contoso.example'], {
    before: { profile: 'sales' },
    after: { profile: 'key-accounts' },
  }),
  act(56, ['profile.changed', 'board'], {
    before: { direction: 'both' },
    after: { direction: 'crm>mailbox' },
  }),
  act(55, ['mailbox.matched', 'cem.cakir@contoso.example'], { after: { user: 'Cem Cakir' } }),
  act(54, ['tenant.revealed', 'contoso']),
];

const USER_ROWS = [
  {
    id: 'u-1',
    name: 'Ada Lindqvist',
    role: 'setup',
    via: 'local',
    lastSeenAt: NOW - 20_000,
    disabled: false,
  },
  {
    id: 'u-2',
    name: 'Ben Operator',
    role: 'operator',
    via: 'oidc',
    lastSeenAt: NOW - 5 * HOUR,
    disabled: false,
  },
  { id: 'u-3', name: 'Cora Auditor', role: 'viewer', via: 'oidc', lastSeenAt: null, disabled: false },
];

const TOKENS = [
  {
    ...{
      id: '3f9a1c0d2b4e6f80',
      name: 'Nightly report',
      role: 'viewer',
      owner: 'Ada Lindqvist',
      createdAt: NOW - 40 * DAY,
    },
    ...{ expiresAt: NOW + 50 * DAY, lastUsedAt: NOW - 7 * HOUR },
  },
];

const SETTINGS = {
  sync: { conflictSkewSeconds: 300, auditHours: 168, region: 'US', brake: { least: 10, share: 0.05 } },
  ...{ history: { keepDays: 90, valueDays: 30 }, alarm: { lagMinutes: 60 }, path: 'tidelock.yaml' },
  text: 'mailbox:\n  adapter: "@tidelock/mailbox-exchange"\ncrm:\n  adapter: "@tidelock/crm-salesforce"\nsync:\n  master: crm\n',
};

export const setUpRoutes = {
  'GET /connections': CONNECTIONS,
  'POST /connections/check': CONNECTIONS,
  'POST /connections/tenant': { tenantId: '8c1f3a90-0000-4000-8000-1f2e3d4c5b6a' },
  'GET /reach': { report: REACH },
  'POST /reach': { report: REACH },
  'GET /mailboxes': roster,
  'GET /mailboxes/users': { users: USERS },
  'POST /mailboxes/match': {},
  'POST /mailboxes/assign': {},
  'POST /mailboxes/pause': {},
  'POST /mailboxes/resume': {},
  'POST /mailboxes/reset': {},
  'GET /audit': { entries: AUDIT, more: true },
  'GET /users': { users: USER_ROWS },
  'GET /tokens': { tokens: TOKENS },
  'POST /tokens': { token: 'tdl_3f9a1c0d2b4e6f80_Zm9yIHNob3cgb25seSwgbm90IGEgc2VjcmV0IGF0IGFsbA' },
  'GET /settings': SETTINGS,
  'PUT /settings': {},
};
