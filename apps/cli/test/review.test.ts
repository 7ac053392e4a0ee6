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
  expect(list.out).toContain(`tidelock review decide ${question.id} link|separate`);
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
