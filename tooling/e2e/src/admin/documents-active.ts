import { DAY, HOUR, iso, laneIdOf, MINUTE, NOW, PEOPLE } from './documents-people.ts';
import type { Schemas } from './documents-schemas.ts';

type Lane = Schemas['LaneStatus'];

function laneOf(index: number, change: Partial<Lane> = {}): Lane {
  const one = PEOPLE[index] ?? PEOPLE[0];
  const address = one?.address ?? '';
  const ago = 12_000 + index * 3_000;
  return {
    ...{ laneId: laneIdOf(address), label: address, profile: one?.profile ?? null, rule: 'group Sales' },
    ...{
      state: { tone: 'good', text: 'ok' },
      nextTry: 'in 48 seconds',
      nextTryAt: iso(NOW + 48_000),
      notes: [],
    },
    ...{
      pairs: 1240 - index * 83,
      frozen: 12 + index,
      backlog: index % 4 === 3 ? 6 : 0,
      reviews: 0,
      parked: 0,
    },
    ...{ openOutcomes: 0, hints: 0, lastOkAt: iso(NOW - ago), lagSeconds: ago / 1000, errorKind: null },
    ...{
      errorCount: 0,
      held: null,
      paused: null,
      removedAt: null,
      blocked: null,
      working: false,
      late: false,
    },
    wantsPerson: false,
    ...change,
  };
}

const LANES: Lane[] = [
  laneOf(0, { working: true }),
  laneOf(1, { reviews: 2 }),
  laneOf(2),
  laneOf(3, { errorKind: 'rate_limited', errorCount: 3, lastOkAt: iso(NOW - 18 * MINUTE), lagSeconds: 1080 }),
  laneOf(4),
  laneOf(6, {
    paused: { by: 'Ada Lindqvist', at: iso(NOW - 2 * HOUR), reason: 'Moves to another department' },
  }),
  laneOf(7),
  laneOf(8),
  laneOf(9),
  laneOf(10, {
    held: {
      hash: 'bf9c46c8',
      count: 4,
      side: 'crm',
      reason: '4 deletes are more than 2 of 11 linked records',
    },
  }),
  laneOf(11),
];

const STATUS: Schemas['Status'] = {
  ...{ at: iso(NOW), connected: true, lanes: LANES, refused: null, wantsPerson: true },
  keys: [
    { keyName: 'mailbox-1', days: 21, stage: 'soon', text: '21 days left' },
    { keyName: 'mailbox-2', days: 176, stage: 'ok', text: '176 days left' },
  ],
};

const PAIR = [
  { answer: 'link', effect: 'the next sync links them.' },
  { answer: 'separate', effect: 'it treats them as strangers, for good.' },
];

const QUESTIONS: Schemas['Review'][] = [
  {
    ...{ id: 'bf9c46c8', kind: 'held-deletes', laneId: 'lane-karin', mailbox: 'karin.koch@contoso.example' },
    ...{ heading: 'Held deletes', question: 'Are these deletes meant? None happens before an answer.' },
    reasons: ['4 changes in the CRM: 4 deletes are more than 2 of 11 linked records'],
    ...{ score: null, askedAt: null, linkIds: [] },
    answers: [
      { answer: 'apply', effect: 'the next sync deletes exactly these.' },
      { answer: 'keep', effect: 'the pairs are unlinked for good, and the records stay.' },
    ],
    records: ['Ann Adams', 'Bob Baker', 'Cem Clark', 'Dora Dunn'].map((title, index) => ({
      ...{ side: 'crm' as const, id: `003-${index}` },
      title: `${title}, ${title.split(' ')[0]?.toLowerCase()}@litware.example`,
    })),
  },
  {
    ...{ id: 'ccc87f36', kind: 'match', laneId: 'lane-ben', mailbox: 'ben.brown@contoso.example' },
    ...{ heading: 'Doubtful matches', question: 'Are these one person?' },
    ...{ reasons: ['one e-mail address in common', 'different names'], score: 60, answers: PAIR },
    ...{ askedAt: iso(NOW - 3 * HOUR), linkIds: [] },
    records: [
      { side: 'mailbox', id: 'AAMk-7', title: 'Pat Young, office@alpine.example' },
      { side: 'crm', id: '003-77', title: 'Zoe Zimmer, office@alpine.example' },
    ],
  },
  {
    ...{ id: 'f8f43a0d', kind: 'conflict', laneId: 'lane-ben', mailbox: 'ben.brown@contoso.example' },
    ...{ heading: 'Conflicts', question: 'Both sides changed this: whose value is right?' },
    reasons: ['"birthday" was changed on both sides to different values; neither side is written'],
    ...{ score: null, askedAt: iso(NOW - 26 * HOUR), linkIds: ['link-9'] },
    answers: [
      { answer: 'mailbox', effect: "the next sync carries the mailbox's value to the CRM." },
      { answer: 'crm', effect: "the next sync carries the CRM's value to the mailbox." },
      { answer: 'keep', effect: 'both stay as they are; the next edit flows again.' },
    ],
    records: [
      { side: 'mailbox', id: 'AAMk-9', title: 'Łukasz Wójcik, lukasz@tailspin.example' },
      { side: 'crm', id: '003-99', title: 'Łukasz Wójcik, lukasz@tailspin.example' },
    ],
  },
];

const FIELDS = {
  mailbox: {
    firstName: 'Pat',
    lastName: 'Young',
    email: 'office@alpine.example',
    jobTitle: 'Office manager',
  },
  crm: { firstName: 'Zoe', lastName: 'Zimmer', email: 'office@alpine.example', phone: '+1 202 555 0142' },
};

const wholeQuestion = ({ url }: { readonly url: URL }): object => {
  const question = QUESTIONS.find(({ id }) => url.pathname.endsWith(id)) ?? QUESTIONS[1];
  const shown = question?.records.map((one) => ({ ...one, fields: FIELDS[one.side] }));
  return { ...question, shown, unread: null };
};

const HEALTH: Schemas['Health'] = {
  ...{
    role: 'all',
    state: 'running',
    lanes: { total: 12, ready: 11, blocked: 1, untold: 0 },
    circuitOpenUntil: null,
  },
  lag: { late: 0, worstMs: 1_080_000, failing: 1, paused: 1, fresh: 0, held: 1 },
  ...{ reading: false, queue: { waiting: 2, working: 1, loading: 0 }, keys: [], lastEvent: 4 },
  counts: {
    ...{ passes: [], writes: [], errors: [], readings: [] },
    ...{ reviews: [], held: [], conflicts: [], refreshes: [] },
  },
};

const key = (keyName: string, days: number, stage: 'ok' | 'soon'): Omit<Schemas['Key'], 'signs'> => ({
  ...{ keyName, days, stage, text: `${days} days left`, sha256: '5F:1C:9A:20' },
  ...{ notBefore: iso(NOW - 60 * DAY), notAfter: iso(NOW + days * DAY) },
});
const KEYS: Schemas['Key'][] = [
  { ...key('mailbox-2', 176, 'ok'), signs: 'first' },
  { ...key('mailbox-1', 21, 'soon'), signs: 'as-well' },
  { ...key('crm-1', 96, 'ok'), signs: 'no' },
];

const ROTATED = {
  ...{ key: KEYS[0], names: ['mailbox-3', 'mailbox-2'], written: true },
  next: ['Upload its certificate to the app registration, next to the old one.', 'Check the keys.'],
};

export const activeRoutes = {
  'GET /status': STATUS,
  'GET /reviews': { items: QUESTIONS, total: QUESTIONS.length, next: null, counts: {}, unread: null },
  'GET /reviews/*': wholeQuestion,
  'POST /reviews/*/decide': { answered: ['ccc87f36'], effect: 'the next sync links them.' },
  'GET /health': HEALTH,
  'GET /keys': { items: KEYS },
  'POST /keys/rotate': ROTATED,
  'POST /keys/check': {
    connected: true,
    keys: [{ keyName: 'mailbox-2', state: 'accepted', text: 'accepted', remedy: null }],
  },
};

const lane = (index: number) => {
  const label = PEOPLE[index]?.address ?? '';
  return { laneId: laneIdOf(label), label };
};
const NONE = { created: 0, updated: 0, deleted: 0, linked: 0, conflicts: 0 };

/** A morning of events for the charts, and what happens at the moment of the picture. */
export const LIVE: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[] = [
  ...Array.from({ length: 160 }, (_, step) => ({
    ...{ type: 'item', at: NOW - (170 - step) * 40_000 + (step % 7) * 9_000, ...lane(step % 11) },
    ...{ linkId: `link-${step}`, side: step % 3 === 0 ? 'a' : 'b', op: 'update', title: 'Maria Andersson' },
    ...{ fields: ['mobilePhone'], rule: 'a>b', conflicts: 0 },
  })),
  ...Array.from({ length: 60 }, (_, step) => ({
    ...{
      type: 'run.ended',
      at: NOW - (62 - step) * 108_000,
      ...lane(step % 11),
      outcome: 'done',
      more: false,
    },
    ...{ counts: NONE, ms: 900 + Math.round(700 * (1 + Math.sin(step / 3))) },
  })),
  ...Array.from({ length: 7 }, (_, step) => ({
    ...{ type: 'error', at: NOW - 3_100_000 + step * 31_000, ...lane(3), kind: 'rate_limited' },
    ...{ message: 'Exchange asks to wait.', remedy: 'It goes on by itself.', retryAt: NOW },
  })),
  {
    ...{ type: 'error', at: NOW - 1_400_000, ...lane(7), kind: 'unavailable', retryAt: NOW },
    ...{ message: 'Salesforce does not answer.', remedy: 'It is tried again by itself.' },
  },
  { type: 'run.ended', at: NOW - 52_000, ...lane(11), outcome: 'done', counts: NONE, more: false, ms: 310 },
  { type: 'review.opened', at: NOW - 31_000, ...lane(1), count: 2 },
  {
    ...{ type: 'item', at: NOW - 9_000, ...lane(1), linkId: 'maria-andersson', side: 'b', op: 'update' },
    ...{ title: 'Maria Andersson', fields: ['mobilePhone', 'notes'], rule: 'a>b', conflicts: 0 },
  },
  {
    ...{ type: 'run.ended', at: NOW - 6_000, ...lane(1), outcome: 'done', more: false, ms: 1_240 },
    counts: { ...NONE, updated: 3, created: 1 },
  },
  { type: 'run.started', at: NOW - 5_000, ...lane(0) },
  { type: 'run.progress', at: NOW - 4_000, ...lane(0), phase: 'write', done: 140, total: 420 },
];
