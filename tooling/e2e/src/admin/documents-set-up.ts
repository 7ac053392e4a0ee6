import { DAY, HOUR, iso, MINUTE, NOW, OUTSIDE, PEOPLE } from './documents-people.ts';
import type { Schemas } from './documents-schemas.ts';
import type { FakeRequest } from './fake-server.ts';

const CONNECTIONS: Schemas['Connections'] = {
  ...{
    connected: true,
    problems: [],
    crms: [{ name: 'crm', adapter: '@tidelock/crm-salesforce', main: true }],
  },
  mailbox: {
    ...{ adapter: '@tidelock/mailbox-exchange', connectUrl: '/connect', refused: null },
    ...{ state: 'connected', disconnected: null },
  },
  crmAdapters: [
    { name: '@tidelock/crm-salesforce', title: 'Salesforce', version: '0.4.0' },
    { name: '@tidelock/crm-hubspot', title: 'HubSpot', version: '0.4.0' },
  ],
};

const TRIED = {
  checks: [
    {
      name: 'crm',
      status: 'ok',
      text: 'Salesforce takes the assertion of integration@contoso.example.',
      remedy: null,
    },
    {
      ...{ name: 'crm', status: 'fail', text: 'The field Tidelock_Stamp__c is missing on Contact.' },
      remedy: 'Have it made below, or create it by hand: text, 36 letters, external id, unique.',
    },
  ] satisfies Schemas['Check'][],
  steps: [
    { code: 'stamp', text: 'A field for the stamp on Contact', manual: [], done: false, automatic: true },
    { code: 'rights', text: 'The right to edit contacts', manual: [], done: true, automatic: false },
  ] satisfies Schemas['SetupStep'][],
};

const CRM = {
  ...{ name: 'crm', adapter: CONNECTIONS.crmAdapters[0], version: 'b'.repeat(64), schema: null },
  options: { auth: { flow: 'jwt', username: 'integration@contoso.example', key: 'crm-1' } },
};

type Verdict = Schemas['Reach']['rows'][number]['verdict'];
const reached = (address: string, name: string, [intended, verdict]: readonly [boolean, Verdict]) => ({
  ...{ address, name, intended, verdict, text: verdict },
});

const REACH: Schemas['Reach'] = {
  ...{ at: iso(NOW - 3 * HOUR), asIntended: false, findings: [] },
  counts: { open: 11, closed: 2, 'too-wide': 1, missing: 1, 'no-mailbox': 0, unknown: 0 },
  rows: [
    ...PEOPLE.map(({ name, address }, index) =>
      reached(address, name, [true, index === 8 ? 'missing' : 'open']),
    ),
    ...OUTSIDE.map(({ name, address }, index) =>
      reached(address, name, [false, index === 2 ? 'too-wide' : 'closed']),
    ),
  ],
};

const CHECKS: Schemas['Check'][] = [
  { name: 'keys', status: 'warn', text: 'mailbox-1: 21 days left', remedy: 'Change the key, beside here.' },
  { name: 'mailbox', status: 'ok', text: '12 mailboxes can be reached', remedy: null },
  {
    name: 'crm',
    status: 'ok',
    text: 'Salesforce answers; 12 % of the daily requests are used',
    remedy: null,
  },
];

const job = (kind: string, result: Schemas['Job']['result']): Schemas['Job'] => ({
  ...{
    id: `job-${kind}`,
    kind,
    subject: '',
    by: 'Ada Lindqvist',
    state: 'done',
    progress: null,
    result,
    failure: null,
  },
  ...{ createdAt: iso(NOW - 3 * HOUR), startedAt: iso(NOW - 3 * HOUR), endedAt: iso(NOW - 3 * HOUR) },
});

const JOBS = [
  job('reach', REACH),
  job('doctor', { checks: CHECKS }),
  job('plan', { planId: 'p-1', hash: '', steps: 11, troubles: [], findings: [] }),
  job('apply', { planId: 'p-1', settled: true, lanes: [], troubles: [] }),
  job('undo', { counts: {}, lanes: [] }),
  job('sync', { rounds: 1, settled: true, lanes: [], troubles: [], findings: [] }),
];
const jobOf = (kind: string): Schemas['Job'] => ({
  ...job(kind, null),
  state: 'waiting',
  startedAt: null,
  endedAt: null,
});
const found = ({ url }: FakeRequest): unknown => JOBS.find(({ id }) => url.pathname.endsWith(id));

function mailboxOf(index: number): Schemas['Mailbox'] {
  const { name = '', address = '', profile = null } = PEOPLE[index] ?? {};
  const isOpen = index === 5;
  return {
    ...{ address, name, profile, rule: index % 3 === 0 ? 'group Sales' : 'list assign[0]' },
    crmUser: isOpen ? null : { id: `005-${index}`, name, email: address },
    matchedBy: isOpen ? null : index === 2 ? 'decided' : 'address = email',
    candidates: isOpen
      ? [
          { id: '005-5', name: 'Farid Fahmy', active: true },
          { id: '005-6', name: 'Farida Fahmy', active: true },
        ]
      : [],
    state: isOpen ? 'blocked' : index === 6 ? 'paused' : 'takes part',
    reasons: isOpen
      ? [{ text: `${address}: 2 CRM users fit, and none is chosen for you`, remedy: 'Choose one.' }]
      : [],
  };
}

const NAMED = PEOPLE.map((_, index) => mailboxOf(index));
const UNNAMED = OUTSIDE.map(({ name, address }): Schemas['Mailbox'] => ({
  ...{ address, name, profile: null, rule: null, crmUser: null, matchedBy: null, candidates: [] },
  ...{ state: 'not named', reasons: [] },
}));

const roster = ({ url }: FakeRequest) => {
  const items = url.searchParams.get('all') === 'true' ? [...NAMED, ...UNNAMED] : NAMED;
  return { items, total: items.length, next: null };
};

type Subject = readonly [string, string];
const act = (
  seq: number,
  [name, subject]: Subject,
  of: Partial<Schemas['AuditEntry']> = {},
): Schemas['AuditEntry'] => ({
  ...{
    seq,
    id: `a-${seq}`,
    at: iso(NOW - (60 - seq) * 37 * MINUTE),
    who: 'Ada Lindqvist',
    act: name,
    subject,
  },
  ...{ laneId: null, before: null, after: null, ...of },
});

const AUDIT = [
  act(59, ['pause', 'grace.gill@contoso.example'], { after: { reason: 'Moves to another department' } }),
  act(58, ['review.decided', 'ccc87f36'], {
    after: { kind: 'match', decision: 'separate' },
    who: 'Ben Operator',
  }),
  act(57, ['mailbox.moved', 'cem.cakir@contoso.example'], {
    ...{ before: { profile: 'sales' }, after: { profile: 'key-accounts' } },
  }),
  act(56, ['profile.changed', 'board'], {
    before: { direction: 'both' },
    after: { direction: 'crm>mailbox' },
  }),
  act(55, ['mailbox.matched', 'cem.cakir@contoso.example'], { after: { user: 'Cem Cakir' } }),
  act(54, ['tenant.revealed', 'default']),
];

const user = (id: string, [name, via]: Subject, of: Partial<Schemas['User']>): Schemas['User'] => ({
  ...{ id, name, via, role: 'viewer', roleBy: 'person', hasPassword: via === 'local', disabledAt: null },
  ...{ createdAt: iso(NOW - 60 * DAY), signedInAt: iso(NOW - 5 * HOUR), ...of },
});

const USERS = [
  user('u-1', ['Ada Lindqvist', 'local'], { role: 'setup', signedInAt: iso(NOW - 20_000) }),
  user('u-2', ['Ben Operator', 'contoso'], { role: 'operator' }),
  user('u-3', ['Cora Auditor', 'contoso'], { signedInAt: null }),
];

const TOKEN: Schemas['ApiToken'] = {
  ...{
    id: '3f9a1c0d2b4e6f80',
    name: 'Nightly report',
    role: 'viewer',
    ownerId: 'u-1',
    owner: 'Ada Lindqvist',
  },
  ...{ state: 'valid', createdAt: iso(NOW - 40 * DAY), endsAt: iso(NOW + 50 * DAY) },
  ...{ usedAt: iso(NOW - 7 * HOUR), revokedAt: null },
};

const VERSION = 'b'.repeat(64);
const SETTINGS: Schemas['Settings'] = {
  ...{ version: VERSION, file: 'tidelock.yaml' },
  settings: {
    sync: { conflictSkewSeconds: 300, auditHours: 168, region: 'US', brake: { least: 10, share: 0.05 } },
    ...{
      history: { keepDays: 90, valueDays: 30 },
      alarm: { lagMinutes: 60 },
      match: [],
      defaultProfile: 'default',
    },
  },
};
const FILE =
  'mailbox:\n  adapter: "@tidelock/mailbox-exchange"\ncrm:\n  adapter: "@tidelock/crm-salesforce"\n';

export const setUpRoutes = {
  'GET /connections': CONNECTIONS,
  'GET /connections/crm/*': CRM,
  'POST /connections/crm/*/check': TRIED,
  'POST /tenant/reveal': { tenant: '8c1f3a90-0000-4000-8000-1f2e3d4c5b6a' },
  'GET /jobs': { items: JOBS, total: JOBS.length, next: null },
  'GET /jobs/*': found,
  'POST /reach': jobOf('reach'),
  'POST /doctor': jobOf('doctor'),
  'POST /plans': jobOf('plan'),
  'POST /plans/*/apply': jobOf('apply'),
  'POST /sync': jobOf('sync'),
  'POST /undo': jobOf('undo'),
  'GET /mailboxes': roster,
  'POST /mailboxes/match': { results: [{ address: '', crmUser: null, problem: null }] },
  'POST /mailboxes/assign': { version: VERSION, changed: true },
  'POST /mailboxes/pause': { changed: [] },
  'POST /mailboxes/resume': { changed: [] },
  'GET /audit': { items: AUDIT, next: '54' },
  'GET /users': { users: USERS },
  'GET /tokens': { tokens: [TOKEN] },
  'POST /tokens': {
    token: 'tdl_3f9a1c0d2b4e6f80_Zm9yIHNob3cgb25seSwgbm90IGEgc2VjcmV0IGF0IGFsbA',
    info: TOKEN,
  },
  'GET /settings': SETTINGS,
  'PUT /settings': { version: VERSION, changed: true },
  'GET /settings/file': { version: VERSION, text: FILE },
  'GET /settings/versions': { items: [{ id: 'v-1', until: iso(NOW - 3 * DAY) }] },
};
