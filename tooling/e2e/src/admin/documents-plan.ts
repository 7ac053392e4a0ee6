import { HOUR, MINUTE, NOW } from './documents-people.ts';

const NOBODY = { held: null, emails: 0, withheld: 0, conflicts: [], match: null, question: null };

const step = (of: object) => ({ lane: 'lane-ann', linkId: null, changes: [], side: null, ...NOBODY, ...of });

const ROWS = [
  step({
    ...{ action: 'link', title: 'Ben Brown', rule: 'match', risk: 'link' },
    match: { score: 85, reasons: ['one e-mail address in common', 'same name'] },
  }),
  step({
    ...{ action: 'create', side: 'b', title: 'Eva Evans', rule: 'new in a', risk: 'create' },
    changes: [
      { field: 'firstName', to: 'b', old: null, new: 'Eva', rule: 'a>b' },
      { field: 'lastName', to: 'b', old: null, new: 'Evans', rule: 'a>b' },
      { field: 'email', to: 'b', old: null, new: 'eva@fabrikam.example', rule: 'a>b' },
    ],
  }),
  step({
    ...{ action: 'create', side: 'a', title: 'Zoë Žižek', rule: 'new in b', risk: 'create' },
    changes: [{ field: 'email', to: 'a', old: null, new: 'zoe@tailspin.example', rule: 'b>a' }],
  }),
  step({
    ...{ action: 'update', side: 'a', title: 'Maria Andersson', rule: 'changed', risk: 'overwrite' },
    changes: [
      { field: 'mobilePhone', to: 'a', old: '+46 8 555 0101', new: '+46 8 555 0199', rule: 'b>a' },
      { field: 'notes', to: 'a', old: 'Met in Boston.', new: null, rule: 'b>a' },
    ],
    conflicts: [
      {
        field: 'mobilePhone',
        winner: 'b',
        kept: '+46 8 555 0199',
        lost: '+46 8 555 0107',
        rule: 'conflict:b',
      },
    ],
  }),
  step({
    ...{ action: 'update', side: 'b', title: 'Łukasz Wójcik', rule: 'changed', risk: 'fill' },
    changes: [
      { field: 'homeAddress', to: 'b', old: null, new: { street: '1 Main St', city: 'Gdańsk' }, rule: 'a>b' },
    ],
  }),
  step({
    ...{
      action: 'create',
      side: 'a',
      title: 'Quarterly review',
      rule: 'new in b',
      risk: 'create',
      withheld: 5,
    },
  }),
  ...['Ann Adams', 'Bob Baker', 'Cem Clark', 'Dora Dunn'].map((title) =>
    step({ action: 'delete', side: 'b', title, rule: 'deleted in a', risk: 'delete', held: 'bf9c46c8' }),
  ),
  step({
    ...{ action: 'review', title: 'Pat Young ↔ Zoe Zimmer', rule: 'match', risk: 'review' },
    question: { id: 'ccc87f36', reasons: ['60 points', 'one e-mail address in common', 'different names'] },
  }),
];

const HEAD = {
  ...{
    id: 'p-1',
    state: 'ready',
    createdAt: NOW - 4 * MINUTE,
    by: 'Ada Lindqvist',
    job: null,
    failure: null,
  },
  ...{
    hash: '6c9e82197062f00dbabe0000000000000000000000000000000000000000cafe',
    steps: ROWS.length,
    emails: 0,
  },
};

const PLANS = [
  HEAD,
  {
    ...HEAD,
    id: 'p-0',
    state: 'applied',
    createdAt: NOW - 26 * HOUR,
    steps: 1_612,
    hash: `36646274a276${'0'.repeat(52)}`,
  },
];

export const planRoutes = {
  'GET /plans': { plans: PLANS },
  'POST /plans': { id: 'p-1' },
  'GET /plans/*': {
    ...HEAD,
    rows: ROWS,
    mailboxes: [{ id: 'lane-ann', mailbox: 'ann.archer@contoso.example' }],
  },
  'POST /plans/*/apply': {},
};
