import { DAY, HOUR, laneIdOf, MINUTE, NOW, PEOPLE } from './documents-people.ts';

const COUNTS = {
  live: 0,
  half: 0,
  out: 0,
  tomb: 0,
  merged: 0,
  detached: 0,
  dirty: 0,
  parked: 0,
  suspects: 0,
};

function laneOf(index: number, change: object = {}) {
  const one = PEOPLE[index] ?? PEOPLE[0];
  const address = one?.address ?? '';
  return {
    laneId: laneIdOf(address),
    label: address,
    counts: { ...COUNTS, live: 1240 - index * 83, out: 12 + index },
    lastOkAt: NOW - 12_000 - index * 3_000,
    lagMs: 12_000 + index * 3_000,
    errorKind: null,
    errorCount: 0,
    held: null,
    reviews: 0,
    openOutcomes: 0,
    parked: 0,
    backlog: index % 4 === 3 ? 6 : 0,
    nextTryAt: NOW + 48_000,
    paused: null,
    working: false,
    profile: one?.profile ?? null,
    removedAt: null,
    blocked: null,
    alarm: false,
    ...change,
  };
}

export const LANES = [
  laneOf(0, { working: true }),
  laneOf(1, { reviews: 2 }),
  laneOf(2),
  laneOf(3, { errorKind: 'rate_limited', errorCount: 3, lastOkAt: NOW - 18 * MINUTE, lagMs: 18 * MINUTE }),
  laneOf(4),
  laneOf(5),
  laneOf(6, { paused: { by: 'Ada Lindqvist', at: NOW - 2 * HOUR, reason: 'Moves to another department' } }),
  laneOf(7),
  laneOf(8),
  laneOf(9),
  laneOf(10, {
    held: { hash: 'bf9c46c8', count: 4, reason: '4 deletes are more than 2 of 11 linked records' },
  }),
  laneOf(11),
];

const KEYS = [
  { keyName: 'mailbox-1', notAfter: NOW + 21 * DAY, days: 21, stage: 'soon' },
  { keyName: 'mailbox-2', notAfter: NOW + 176 * DAY, days: 176, stage: 'ok' },
  { keyName: 'crm-1', notAfter: NOW + 96 * DAY, days: 96, stage: 'ok' },
];

const STATUS = { at: NOW, lanes: LANES, trouble: null, findings: [], keys: KEYS };

const REASONS = ['one e-mail address in common', 'different names'];

const QUESTIONS = [
  {
    ...{ id: 'bf9c46c8', kind: 'held-deletes', laneId: 'lane-karin', mailbox: 'karin.koch@contoso.example' },
    reasons: ['4 changes in the CRM: 4 deletes are more than 2 of 11 linked records'],
    ...{ score: null, decisions: ['apply', 'keep'], askedAt: null },
    records: ['Ann Adams', 'Bob Baker', 'Cem Clark', 'Dora Dunn'].map((title, index) => ({
      side: 'b',
      id: `003-${index}`,
      title: `${title}, ${title.split(' ')[0]?.toLowerCase()}@litware.example`,
    })),
  },
  {
    ...{ id: 'ccc87f36', kind: 'match', laneId: 'lane-ben', mailbox: 'ben.brown@contoso.example' },
    ...{ reasons: REASONS, score: 60, decisions: ['link', 'separate'], askedAt: NOW - 3 * HOUR },
    records: [
      { side: 'a', id: 'AAMk-7', title: 'Pat Young, office@alpine.example' },
      { side: 'b', id: '003-77', title: 'Zoe Zimmer, office@alpine.example' },
    ],
  },
  {
    ...{ id: 'f8f43a0d', kind: 'conflict', laneId: 'lane-ben', mailbox: 'ben.brown@contoso.example' },
    reasons: ['"birthday" was changed on both sides to different values; neither side is written'],
    ...{ score: null, decisions: ['mailbox', 'crm', 'keep'], askedAt: NOW - 26 * HOUR },
    records: [
      { side: 'a', id: 'AAMk-9', title: 'Łukasz Wójcik, lukasz@tailspin.example' },
      { side: 'b', id: '003-99', title: 'Łukasz Wójcik, lukasz@tailspin.example' },
    ],
  },
];

const PAT = {
  a: { firstName: 'Pat', lastName: 'Young', email: 'office@alpine.example', jobTitle: 'Office manager' },
  b: { firstName: 'Zoe', lastName: 'Zimmer', email: 'office@alpine.example', phone: '+1 202 555 0142' },
};

const questionFor = ({ url }: { readonly url: URL }) => {
  const question = QUESTIONS.find(({ id }) => url.pathname.endsWith(id)) ?? QUESTIONS[1];
  const records = question?.records.map((one) => ({ ...one, fields: one.side === 'a' ? PAT.a : PAT.b }));
  return { ...question, records };
};

const series = (name: string, of: (step: number) => number) => ({
  name,
  points: Array.from({ length: 49 }, (_, step) => ({
    at: NOW - (48 - step) * 30 * MINUTE,
    value: Math.max(0, of(step)),
  })),
});
const wave = (step: number, size: number): number =>
  Math.round(size * (1.2 + Math.sin(step / 5) + 0.5 * Math.sin(step * 1.7)));

const HEALTH = {
  ...{ at: NOW, uptimeMs: 9 * DAY + 4 * HOUR, version: '0.4.0', keys: KEYS },
  lag: [
    series('half of all', (step) => 180 + wave(step, 40)),
    series('99 of 100', (step) => 620 + wave(step, 190)),
  ],
  writes: [series('mailbox', (step) => wave(step, 14)), series('CRM', (step) => wave(step + 9, 9))],
  throttled: [
    series('Exchange', (step) => (step > 30 && step < 36 ? wave(step, 12) : 0)),
    series('CRM', () => 0),
  ],
  errors: [series('unavailable', (step) => (step === 31 || step === 32 ? 4 : 0))],
};

const CHECKS = [
  {
    name: 'keys',
    status: 'warn',
    text: 'Key mailbox-1 ends in 21 days.',
    remedy: 'Make a new one beside it: tidelock keys rotate mailbox-1',
  },
  {
    name: 'mailbox',
    status: 'ok',
    text: 'Exchange Online answers; the app holds Contacts.ReadWrite and Calendars.ReadWrite.',
    remedy: null,
  },
  {
    name: 'crm',
    status: 'ok',
    text: 'Salesforce answers; 12 % of the daily requests are used.',
    remedy: null,
  },
];

export const activeRoutes = {
  'GET /status': STATUS,
  'POST /sync': {},
  'GET /reviews': { questions: QUESTIONS },
  'GET /reviews/*': questionFor,
  'POST /reviews/*/decision': {},
  'GET /health': HEALTH,
  'GET /doctor': { checks: CHECKS },
  'POST /keys/rotate': { keyName: 'mailbox-3', next: 'Upload its certificate beside the old one.' },
};

export const LIVE = [
  {
    at: NOW - 52_000,
    kind: 'pass',
    mailbox: 'luis.lopez@contoso.example',
    text: 'In step: nothing to do',
    tone: 'ok',
    progress: null,
  },
  {
    at: NOW - 31_000,
    kind: 'throttled',
    mailbox: 'dora.davis@contoso.example',
    text: 'Exchange asks to wait 30 seconds',
    tone: 'warn',
    progress: null,
  },
  {
    at: NOW - 9_000,
    kind: 'written',
    mailbox: 'ben.brown@contoso.example',
    text: '3 records changed in the CRM',
    tone: 'ok',
    progress: null,
  },
  {
    ...{
      at: NOW - 4_000,
      kind: 'progress',
      mailbox: 'ann.archer@contoso.example',
      text: 'Writing to the mailbox',
      tone: 'info',
    },
    progress: { done: 140, total: 420 },
  },
];
