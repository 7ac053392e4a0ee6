import { HOUR, iso, MINUTE, NOW } from './documents-people.ts';
import type { Schemas } from './documents-schemas.ts';

type Step = Schemas['PlanStep'];

const step = (of: Partial<Step> & Pick<Step, 'action' | 'heading' | 'title'>): Step => ({
  ...{ mailbox: 'ann.archer@contoso.example', side: null, rule: 'changed', risk: 'none', held: null },
  ...{
    emails: 0,
    withheld: 0,
    mailboxIds: [],
    crmIds: [],
    changes: [],
    conflicts: [],
    match: null,
    question: null,
  },
  ...of,
});

type Value = Schemas['FieldValue'];

const row = ([field, old, now]: readonly [string, Value, Value], rule: string): Step['changes'][number] => ({
  ...{ field, old, new: now, rule },
});

const ROWS: Step[] = [
  step({
    ...{ action: 'link', heading: 'link, as one person on both sides', title: 'Ben Brown', risk: 'link' },
    match: { score: 85, reasons: ['one e-mail address in common', 'same name'] },
  }),
  step({
    ...{ action: 'create', side: 'crm', heading: 'create in the CRM', title: 'Eva Evans', risk: 'create' },
    rule: 'new in the mailbox',
    changes: [
      row(['firstName', null, 'Eva'], 'mailbox → CRM'),
      row(['lastName', null, 'Evans'], 'mailbox → CRM'),
      row(['email', null, 'eva@fabrikam.example'], 'mailbox → CRM'),
    ],
  }),
  step({
    ...{ action: 'create', side: 'mailbox', heading: 'create in the mailbox', title: 'Zoë Žižek' },
    ...{ rule: 'new in the CRM', risk: 'create' },
    changes: [row(['email', null, 'zoe@tailspin.example'], 'CRM → mailbox')],
  }),
  step({
    ...{ action: 'create', side: 'mailbox', heading: 'create in the mailbox', title: 'Quarterly review' },
    ...{ rule: 'new in the CRM', risk: 'create', withheld: 5 },
  }),
  step({
    ...{ action: 'update', side: 'mailbox', heading: 'change in the mailbox', title: 'Maria Andersson' },
    risk: 'overwrite',
    changes: [
      row(['mobilePhone', '+46 8 555 0101', '+46 8 555 0199'], 'CRM → mailbox'),
      row(['notes', 'Met in Boston.', null], 'CRM → mailbox'),
    ],
    conflicts: [
      {
        ...{ field: 'mobilePhone', winner: 'crm', kept: '+46 8 555 0199', lost: '+46 8 555 0107' },
        rule: 'conflict: the CRM wins',
      },
    ],
  }),
  step({
    ...{ action: 'update', side: 'crm', heading: 'change in the CRM', title: 'Łukasz Wójcik', risk: 'fill' },
    changes: [row(['homeAddress', null, { street: '1 Main St', city: 'Gdańsk' }], 'mailbox → CRM')],
  }),
  ...['Ann Adams', 'Bob Baker', 'Cem Clark', 'Dora Dunn'].map((title) =>
    step({
      ...{ action: 'delete', side: 'crm', heading: 'delete from the CRM', title, risk: 'delete' },
      ...{ rule: 'deleted in the mailbox', held: 'bf9c46c8' },
    }),
  ),
  step({
    ...{
      action: 'review',
      heading: 'ask a person; nothing is done until then',
      title: 'Pat Young ↔ Zoe Zimmer',
    },
    risk: 'review',
    question: { kind: 'match', reasons: ['60 points', 'one e-mail address in common', 'different names'] },
  }),
];

const PLAN: Schemas['Plan'] = {
  ...{ id: 'p-1', createdAt: iso(NOW - 4 * MINUTE), by: 'Ada Lindqvist', state: 'open', steps: ROWS.length },
  ...{ hash: `6c9e82197062${'0'.repeat(52)}`, emails: 0, withheld: 5, approved: null, outcome: null },
  mailboxes: [{ laneId: 'lane-ann', mailbox: 'ann.archer@contoso.example', steps: ROWS.length }],
  actions: [],
};

const OLD: Schemas['Plan'] = {
  ...PLAN,
  ...{ id: 'p-0', state: 'carried-out', createdAt: iso(NOW - 26 * HOUR), steps: 1_612 },
  ...{ hash: `36646274a276${'0'.repeat(52)}`, approved: { by: 'Ada Lindqvist', at: iso(NOW - 25 * HOUR) } },
  outcome: { at: iso(NOW - 25 * HOUR), settled: true, rows: { done: 1_604, drift: 8 } },
};

export const planRoutes = {
  'GET /plans': { items: [PLAN, OLD], total: 2, next: null },
  'GET /plans/*': PLAN,
  'GET /plans/*/steps': { items: ROWS, total: ROWS.length, next: null },
};
