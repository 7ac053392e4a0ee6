import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

interface Question {
  readonly id: string;
  readonly kind: string;
  readonly decisions: readonly string[];
}

async function questions(): Promise<readonly Question[]> {
  return (await bench.tidelock('review --json')).json().questions as readonly Question[];
}

/** One address, two different people by name: the engine does not decide that. */
async function doubt(): Promise<Question> {
  await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: 'office@customers.example' });
  await bench.sides.b.oracle.userCreate({ familyName: 'Zuckermann', email: 'office@customers.example' });
  await bench.tidelock('sync');
  const [question] = await questions();
  if (question === undefined) throw new Error('nothing was asked');
  return question;
}

const sizes = async () => [
  (await bench.sides.a.oracle.all()).length,
  (await bench.sides.b.oracle.all()).length,
];

test('a doubtful match is asked, with reasons, and nothing is written meanwhile', async () => {
  const question = await doubt();
  expect(question).toMatchObject({ kind: 'match', decisions: ['link', 'separate'] });
  expect(await sizes()).toEqual([1, 1]);
  const list = await bench.tidelock('review');
  expect(list.code).toBe(EXIT.ok);
  expect(list.out).toContain('Are these one person?');
  expect(list.out).toContain(`tidelock review decide ${question.id.slice(0, 8)} link|separate`);
  expect((await bench.tidelock('sync')).out).toContain('ann@contoso.example');
  expect(await questions()).toHaveLength(1);
});

test.each([
  ['link', [1, 1]],
  ['separate', [2, 2]],
])('"%s" is carried out by the next sync and not asked again', async (decision, expected) => {
  const question = await doubt();
  expect((await bench.tidelock(`review decide ${question.id} ${decision}`)).code).toBe(EXIT.ok);
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
  expect(await sizes()).toEqual(expected);
  expect(await questions()).toEqual([]);
});

test('an unknown id and an answer of another kind are bad input', async () => {
  const question = await doubt();
  const unknown = await bench.tidelock('review decide zzzz link');
  expect(unknown.code).toBe(EXIT.input);
  expect(unknown.err).toContain('no open question has this id');
  const wrong = await bench.tidelock(`review decide ${question.id} apply`);
  expect(wrong.code).toBe(EXIT.input);
  expect(wrong.err).toContain('Use one of: link, separate.');
});

const PHONES = ['+12025551111', '+12025552222'] as const;

/** Both sides changed a field whose rule asks. */
async function conflict(): Promise<Question> {
  const rule = 'mappingExtra: [{ field: phone, mailbox: phone, crm: phone, conflict: hold }]\n';
  await appendFile(join(bench.path, 'tidelock.yaml'), rule);
  const id = await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: 'adams@customers.example' });
  await bench.tidelock('sync');
  const [other] = await bench.sides.b.oracle.all();
  await bench.sides.a.oracle.userUpdate(id, { phone: PHONES[0] });
  await bench.sides.b.oracle.userUpdate(other?.id ?? '', { phone: PHONES[1] });
  await bench.tidelock('sync');
  const [question] = await questions();
  if (question === undefined) throw new Error('nothing was asked');
  return question;
}

const phones = async () => {
  const records = [await bench.sides.a.oracle.all(), await bench.sides.b.oracle.all()];
  return records.map(([record]) => record?.fields.phone);
};

test.each([
  ['mailbox', [PHONES[0], PHONES[0]]],
  ['crm', [PHONES[1], PHONES[1]]],
  ['keep', PHONES],
])('a held field: "%s" is carried out, and never asked again', async (decision, expected) => {
  const question = await conflict();
  expect(question).toMatchObject({ kind: 'conflict', decisions: ['mailbox', 'crm', 'keep'] });
  expect(await phones()).toEqual(PHONES);
  const why = await bench.tidelock(`why ${question.id.slice(0, 8)}`);
  expect(why.out).toContain('"phone" was changed on both sides to different values');
  expect(why.out).toContain(`→ tidelock review decide ${question.id} mailbox|crm|keep`);
  expect(why.out).toContain(`"phone" is now '${PHONES[0]}' in the mailbox and '${PHONES[1]}' in the CRM.`);
  const decided = await bench.tidelock(`review decide ${question.id} ${decision}`);
  expect(decided.code, decided.err).toBe(EXIT.ok);
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
  expect(await phones()).toEqual(expected);
  expect(await questions()).toEqual([]);
  const again = (await bench.tidelock('sync --json')).json();
  expect(again).toMatchObject({ settled: true, rounds: 1 });
  expect((await bench.tidelock('history')).out).toMatch(/a person decided (for|that both)/);
});

test('a refused record is tried again on "retry", and the question ends', async () => {
  const { store } = bench.sides.b;
  const { write } = store;
  const refusal = { status: 'rejected', code: 'validation-rule', message: 'The rule "Adults" says no.' };
  Object.assign(store, { write: async (batch: readonly unknown[]) => batch.map(() => refusal) });
  await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: 'adams@customers.example' });
  await bench.tidelock('sync');
  const [question] = await questions();
  expect(question).toMatchObject({ kind: 'parked', decisions: ['retry', 'dismiss'] });
  const why = await bench.tidelock('why adams@customers.example');
  expect(why.out).toMatch(
    /Parked: .* validation-rule: The rule "Adults" says no\. It is tried again with the first sync after/,
  );
  Object.assign(store, { write });
  const retry = await bench.tidelock(`review decide ${question?.id} retry`);
  expect(retry.out).toContain('the next sync tries it again');
  await bench.tidelock('sync');
  expect(await sizes()).toEqual([1, 1]);
  expect(await questions()).toEqual([]);
});

/** Two pairs whose CRM halves are merged: one winner, two partners. */
async function merge(): Promise<void> {
  for (const name of ['adams', 'baker'])
    await bench.sides.a.oracle.userCreate({ familyName: name, email: `${name}@customers.example` });
  await bench.tidelock('sync');
  const [winner, loser] = await bench.sides.b.oracle.all();
  await bench.sides.b.oracle.userMerge?.(winner?.id ?? '', loser?.id ?? '');
  await bench.tidelock('sync');
}

async function massDelete(): Promise<void> {
  for (let n = 0; n < 8; n++)
    await bench.sides.a.oracle.userCreate({ familyName: `Customer${n}`, email: `c${n}@customers.example` });
  await bench.tidelock('sync');
  for (const { id } of (await bench.sides.a.oracle.all()).slice(0, 7))
    await bench.sides.a.oracle.userDelete(id);
  await bench.tidelock('sync');
}

test('the list names the records, says what each answer does, and groups by kind', async () => {
  const question = await doubt();
  const { out } = await bench.tidelock('review');
  expect(out).toContain('Doubtful matches  1');
  expect(out).toContain('separate: it treats them as strangers, for good.');
  expect(out).toMatch(/mailbox +office@customers\.example\n +CRM +office@customers\.example/);
  expect(out).toContain(question.id.slice(0, 8));
  const [listed] = await questions();
  expect(listed).toMatchObject({ records: [{ side: 'a' }, { side: 'b' }] });
});

test('names that cannot be read are said to be missing; the questions are there all the same', async () => {
  await doubt();
  await bench.sides.b.faults.next('403', 'read');
  const { out, code } = await bench.tidelock('review');
  expect(code).toBe(EXIT.ok);
  expect(out).toContain('Some names cannot be read now');
  expect(out).toContain('(cannot be read)');
  expect(out).toMatch(/review decide \S+ link\|separate/);
});

test('show puts the records side by side and marks what differs', async () => {
  const question = await doubt();
  const { out, code } = await bench.tidelock(`review show ${question.id.slice(0, 8)}`);
  expect(code).toBe(EXIT.ok);
  expect(out).toMatch(/familyName +≠ +Adams +Zuckermann/);
  expect(out).toMatch(/email {3,}office@customers\.example +office@customers\.example/);
  const document = (await bench.tidelock(`review show ${question.id} --json`)).json();
  expect(document).toMatchObject({
    kind: 'match',
    shown: [{ fields: { familyName: 'Adams' } }, { side: 'b' }],
  });
  expect((await bench.tidelock('review show zzzz')).code).toBe(EXIT.input);
});

test('a merge is told with both names, and is dismissed for good', async () => {
  await merge();
  const [question] = await questions();
  expect(question).toMatchObject({ kind: 'merged', decisions: ['dismiss'] });
  expect((await bench.tidelock('review')).out).toContain('Merged records  1');
  expect((await bench.tidelock(`review decide ${question?.id} dismiss`)).code).toBe(EXIT.ok);
  await bench.tidelock('sync');
  expect(await questions()).toEqual([]);
});

test('held deletes show a sample of names; "keep" is remembered', async () => {
  await massDelete();
  const { out } = await bench.tidelock('review');
  expect(out).toContain('Held deletes  1');
  expect(out).toMatch(/c\d@customers\.example; .*; and 2 more/);
  const [question] = await questions();
  const all = await bench.tidelock(`review show ${question?.id}`);
  expect(all.out.match(/c\d@customers\.example/g)).toHaveLength(7);
  await bench.tidelock(`review decide ${question?.id.slice(0, 8)} keep`);
  for (let n = 0; n < 2; n++) {
    expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
    expect(await questions()).toEqual([]);
  }
  expect(await sizes()).toEqual([1, 8]);
});

test('many are answered at once, with their number as confirmation', async () => {
  for (const name of ['one', 'two', 'three']) {
    await bench.sides.a.oracle.userCreate({ familyName: `A${name}`, email: `${name}@customers.example` });
    await bench.sides.b.oracle.userCreate({ familyName: `Z${name}`, email: `${name}@customers.example` });
  }
  await bench.tidelock('sync');
  const blind = await bench.tidelock('review decide --kind match --all separate');
  expect(blind.code).toBe(EXIT.input);
  expect(blind.err).toContain('add --count 3');
  expect((await bench.tidelock('review decide --kind match --all separate --count 2')).code).toBe(EXIT.input);
  expect((await bench.tidelock('review decide --kind match --all apply --count 3')).code).toBe(EXIT.input);
  expect((await bench.tidelock('review decide --all link')).code).toBe(EXIT.input);
  expect(await questions()).toHaveLength(3);
  const asked = await bench.tidelock('review decide --kind match --all separate', { answers: ['3'] });
  expect(asked.code, asked.err).toBe(EXIT.ok);
  expect(asked.out).toContain('Recorded for 3 questions.');
  await bench.tidelock('sync');
  expect(await sizes()).toEqual([6, 6]);
  expect(await questions()).toEqual([]);
});

test('questions of a plan can be answered before the first write', async () => {
  await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: 'office@customers.example' });
  await bench.sides.b.oracle.userCreate({ familyName: 'Zuckermann', email: 'office@customers.example' });
  expect((await bench.tidelock('plan')).out).toContain('ask a person');
  const [question] = await questions();
  await bench.tidelock(`review decide ${question?.id} link`);
  expect((await bench.tidelock('plan')).out).toContain('link, as one person on both sides  1');
  expect(await questions()).toEqual([]);
});
