import { describe, expect, it } from 'vitest';
import { Refused, sayFailure, Unreached } from '../src/api/failure.ts';
import type { Lane, Status } from '../src/api/status.ts';
import { actText, changeText } from '../src/words/audit-words.ts';
import { frameOf, gridOf, niceCeiling, pathOf } from '../src/words/chart-geometry.ts';
import { fromNow, plural, shortDuration } from '../src/words/figures.ts';
import { laneState } from '../src/words/lane-state.ts';
import { passwordProblem } from '../src/words/password.ts';
import { fieldName, valueText } from '../src/words/values.ts';
import { verdictOf } from '../src/words/verdict.ts';

const lane = (change: Partial<Lane> = {}): Lane => ({
  ...{
    laneId: 'l-1',
    label: 'ann@contoso.example',
    profile: 'sales',
    rule: null,
    nextTry: '',
    nextTryAt: null,
  },
  ...{
    state: { tone: 'good', text: 'ok' },
    notes: [],
    pairs: 3,
    frozen: 0,
    backlog: 0,
    reviews: 0,
    parked: 0,
  },
  ...{ openOutcomes: 0, hints: 0, lastOkAt: '2026-11-28T09:00:00.000Z', lagSeconds: 1, errorKind: null },
  ...{ errorCount: 0, held: null, paused: null, removedAt: null, blocked: null, working: false, late: false },
  wantsPerson: false,
  ...change,
});

const paused = { by: 'Ada', at: '2026-11-28T09:00:00.000Z', reason: '' };
const removedAt = '2026-11-28T09:00:00.000Z';

const status = (change: Partial<Status> = {}): Status => ({
  ...{ at: '2026-11-28T09:00:00.000Z', connected: true, lanes: [lane()], keys: [], refused: null },
  wantsPerson: false,
  ...change,
});

describe('how a mailbox is', () => {
  it.each([
    ['In step', lane()],
    ['Working', lane({ working: true })],
    ['First sync waits', lane({ lastOkAt: null })],
    ['Asks', lane({ reviews: 2 })],
    ['Asks', lane({ held: { hash: 'h', count: 4, side: 'crm', reason: 'many' } })],
    ['Refused records', lane({ parked: 1 })],
    ['Late', lane({ late: true, reviews: 1 })],
    ['Asked to wait', lane({ errorKind: 'rate_limited', late: true })],
    ['Sign-in refused', lane({ errorKind: 'auth' })],
    ['Failing', lane({ errorKind: 'protocol' })],
    ['Paused', lane({ paused, errorKind: 'auth' })],
    ['First sync waits', lane({ paused: { ...paused, by: 'tidelock' }, lastOkAt: null })],
    ['Blocked', lane({ blocked: 'no owner', paused })],
    ['Removed', lane({ removedAt, blocked: 'no owner' })],
  ])('%s: what stops most comes first', (word, of) => {
    expect(laneState(of).word).toBe(word);
  });
});

describe('is all well?', () => {
  it('says so where it is', () => {
    expect(verdictOf(status())).toMatchObject({ tone: 'ok', title: 'All is well', concerns: [] });
  });
  it('leads to the plan that the first sync waits for, and to what somebody paused', () => {
    const first = lane({ paused: { ...paused, by: 'tidelock' }, lastOkAt: null });
    expect(verdictOf(status({ lanes: [first, lane({ paused })] }))).toMatchObject({
      ...{ tone: 'info', title: 'A plan waits for you', text: '0 of 2 mailboxes in step, 1 paused.' },
      concerns: [{ href: '/plan' }, { href: '/mailboxes' }],
    });
  });
  it('takes nobody for all well', () => {
    expect(verdictOf(status({ lanes: [] })).title).toBe('Nothing takes part yet');
  });
  it('puts what stops most first, and mailboxes in one trouble together', () => {
    const lanes = [
      lane({ reviews: 1 }),
      lane({ errorKind: 'auth' }),
      lane({ label: 'ben@contoso.example', reviews: 3 }),
    ];
    const { tone, concerns } = verdictOf(status({ lanes }));
    expect(tone).toBe('bad');
    expect(concerns.map(({ title }) => title)).toEqual([
      '1 mailbox is refused at sign-in',
      '2 mailboxes have questions',
    ]);
  });
  it('counts a key that ends, and plans for one that will', () => {
    const key = (days: number, stage: 'notice' | 'urgent') => ({ keyName: 'k', days, stage, text: '' });
    expect(verdictOf(status({ keys: [key(5, 'urgent')] })).tone).toBe('bad');
    expect(verdictOf(status({ keys: [key(50, 'notice')] })).title).toBe('All is well');
  });
  it('says what the directory says when it refuses everybody', () => {
    const refused = {
      since: removedAt,
      for: '',
      text: 'AADSTS7000222: the key has ended.',
      remedy: 'Upload the new one.',
    };
    expect(verdictOf(status({ refused })).concerns[0]?.text).toBe(
      'AADSTS7000222: the key has ended. Upload the new one.',
    );
  });
});

describe('values and rules for people', () => {
  it.each([
    [null, ''],
    ['Ann', 'Ann'],
    [['a@x.example', 'b@x.example'], 'a@x.example; b@x.example'],
    [{ street: '1 Main St', city: 'Gdańsk', state: '' }, '1 Main St, Gdańsk'],
    [{ address: 'a@x.example', name: 'Ann' }, 'Ann <a@x.example>'],
    [{ start: { dateTime: '2026-11-28T09:00' } }, '{"dateTime":"2026-11-28T09:00"}'],
  ])('%j is “%s”', (value, text) => {
    expect(valueText(value)).toBe(text);
  });
  it('names fields in words', () => {
    expect(fieldName('homeAddress')).toBe('Home address');
  });
  it('tells times and figures', () => {
    expect(fromNow(1_000, 181_000)).toBe('3 minutes ago');
    expect(fromNow(7_201_000, 1_000)).toBe('in 2 hours');
    expect(plural(1_200, 'mailbox', 'mailboxes')).toBe('1,200 mailboxes');
    expect([45, 1_240, 90_000, 5_400_000].map(shortDuration)).toEqual(['45 ms', '1.2 s', '2 min', '1.5 h']);
  });
  it('tells acts, and of changes only what differs', () => {
    expect(actText('mailbox.moved')).toBe('Moved a mailbox');
    expect(actText('key.created')).toBe('Key created');
    expect(changeText({ profile: 'a', rule: 'x' }, { profile: 'b', rule: 'x' })).toBe('profile: a → b');
    expect(changeText(null, null)).toBe('');
  });
});

describe('failures for people', () => {
  it('are the server’s words where it has some', () => {
    const problems = [{ path: 'contacts.records', reason: 'nobody is called x', remedy: 'Write another.' }];
    const refused = new Refused(422, { detail: 'The profile cannot work.', problems });
    expect(sayFailure(refused)).toEqual({ title: 'The profile cannot work.', problems, remedy: null });
  });
  it.each([
    new Refused(403, {}),
    new Refused(429, {}),
    new Refused(500, { detail: 'Something unexpected went wrong.' }),
    new Unreached('/status'),
    new Error('a bug'),
  ])('always end in a remedy: %s', (error) => {
    expect(sayFailure(error).remedy).toMatch(/\w{3}/);
  });
});

describe('drawings', () => {
  it('ends an axis with a round number whose half is round', () => {
    expect([0, 1, 3, 5, 37, 41, 950].map(niceCeiling)).toEqual([2, 2, 4, 6, 40, 60, 1000]);
  });
  it('puts the first point left, the last right, and nought on the axis', () => {
    const series = [
      {
        name: 'x',
        points: [
          { at: 0, value: 0 },
          { at: 10, value: 2 },
        ],
      },
    ];
    const scale = frameOf(series, { width: 520, height: 180 });
    if (scale === null) throw new Error('there are points');
    expect(pathOf(series[0]?.points ?? [], scale, false)).toBe('M58 154L512 10');
    expect(gridOf(scale).map(({ value }) => value)).toEqual([0, 1, 2]);
  });
  it('draws nothing of nothing', () => {
    expect(frameOf([], { width: 520, height: 180 })).toBeNull();
  });
});

describe('passwords', () => {
  it.each([
    ['short', 'ada', /12 characters/],
    ['aaaaaaaaaaaaaaaa', 'ada', /repeats/],
    ['my-name-is-ada-lindqvist', 'Ada', /hold your name/],
  ])('%s is refused with the reason', (password, name, reason) => {
    expect(passwordProblem(password, name)).toMatch(reason);
  });
  it('takes a sentence', () => {
    expect(passwordProblem('the tide comes in at nine', 'ada')).toBeNull();
  });
});
