import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const person = (name: string) => ({ familyName: name, email: `${name.toLowerCase()}@customers.example` });
const seed = async (...names: string[]): Promise<string[]> =>
  Promise.all(names.map((name) => bench.sides.a.oracle.userCreate(person(name))));
const inCrm = async () => (await bench.sides.b.oracle.all()).map(({ fields }) => fields.familyName).sort();
const path = (): string => join(bench.path, 'plan.jsonl');
const lines = async (): Promise<string[]> => (await readFile(path(), 'utf8')).trimEnd().split('\n');
const rewrite = (text: readonly string[]): Promise<void> => writeFile(path(), `${text.join('\n')}\n`);

async function madePlan(...names: string[]): Promise<void> {
  await seed(...names);
  const made = await bench.tidelock('plan --out plan.jsonl');
  expect(made.code, made.err).toBe(EXIT.ok);
  expect(made.out).toContain('→ tidelock sync --plan plan.jsonl');
}

describe('a plan in a file', () => {
  test('is readable by its owner only, and is carried out by sync --plan; the second time does nothing', async () => {
    await madePlan('Adams', 'Baker');
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await inCrm()).toEqual([]);
    const first = await bench.tidelock('sync --plan plan.jsonl');
    expect(first.code, first.err).toBe(EXIT.ok);
    expect(first.out).toContain('Done: 2 steps of 2 carried out.');
    expect(await inCrm()).toEqual(['Adams', 'Baker']);
    const second = await bench.tidelock('sync --plan plan.jsonl');
    expect(second.code).toBe(EXIT.ok);
    expect(second.out).toContain('Nothing to do: every step of this plan had taken effect before.');
  });

  test('has the same hash each time it is made of the same world, and replaces an older plan', async () => {
    await madePlan('Adams', 'Baker');
    const hash = (JSON.parse((await lines()).at(-1) ?? '') as { plan_hash: string }).plan_hash;
    const again = (await bench.tidelock('plan --json --out plan.jsonl')).json();
    expect(again).toMatchObject({ plan_hash: hash, file: path(), emails: 0 });
    expect((await bench.tidelock('plan --json')).json()).toMatchObject({ plan_hash: hash, file: null });
  });

  test('reports what changed meanwhile, does the rest, and leaves alone what is not in it', async () => {
    const [adams] = await seed('Adams');
    await bench.tidelock('sync');
    await bench.sides.a.oracle.userUpdate(adams ?? '', { city: 'Berlin' });
    await madePlan('Baker');
    await bench.sides.a.oracle.userUpdate(adams ?? '', { city: 'Bonn' });
    await seed('Clark');
    const result = await bench.tidelock('sync --plan plan.jsonl');
    expect(result.code).toBe(EXIT.drift);
    expect(result.out).toContain(
      'changed  adams@customers.example, change in the CRM: the record in the mailbox was changed',
    );
    expect(result.out).toContain('now it would: change in the CRM: city (blank) → Bonn (mailbox → CRM)');
    expect(result.out).toContain('1 step of 2 carried out.');
    expect(result.out).toContain('1 change not in this plan waits.');
    expect(await inCrm()).toEqual(['Adams', 'Baker']);
    expect((await bench.sides.b.oracle.all()).map(({ fields }) => fields.city ?? null)).toEqual([null, null]);
    const document = (await bench.tidelock('sync --json --plan plan.jsonl')).json();
    expect(document).toMatchObject({
      exitCode: EXIT.drift,
      lanes: [{ rows: { already: 1, drift: 1 }, beyond: 1 }],
    });
  });

  test('held deletes wait for --approve, and go with it', async () => {
    const ids = await seed('Adams', 'Baker', 'Clark', 'Davis');
    await bench.tidelock('sync');
    for (const id of ids.slice(0, 3)) await bench.sides.a.oracle.userDelete(id);
    const made = await bench.tidelock('plan --out plan.jsonl');
    expect(made.code).toBe(EXIT.partial);
    expect(made.out).toContain('delete from the CRM (held)  3');
    const held = await bench.tidelock('sync --plan plan.jsonl');
    expect(held.code).toBe(EXIT.partial);
    expect(await inCrm()).toHaveLength(4);
    const hash = /review decide (\S+) apply/.exec(held.out)?.[1] ?? '';
    const wrong = await bench.tidelock('sync --plan plan.jsonl --approve zzzz');
    expect(wrong.code).toBe(EXIT.input);
    expect(wrong.err).toContain('no deletes are held under this hash');
    const approved = await bench.tidelock(`sync --plan plan.jsonl --approve ${hash}`);
    expect(approved.code, approved.out).toBe(EXIT.ok);
    expect(await inCrm()).toEqual(['Davis']);
    expect((await bench.tidelock(`sync --plan plan.jsonl --approve ${hash}`)).code).toBe(EXIT.ok);
  });
});

describe('a file that is no good is refused before anything is written', () => {
  const cases: readonly (readonly [string, (text: string[]) => string[], string])[] = [
    [
      'a changed value',
      (text) => text.map((line) => line.replace('"Adams"', '"Evil"')),
      'it was changed after it was made',
    ],
    ['a row taken out', (text) => text.toSpliced(1, 1), 'it is cut off: 1 of 2 rows are there'],
    ['a row put in', (text) => text.toSpliced(1, 0, text[1] ?? ''), '3 rows instead of 2'],
    ['its end missing', (text) => text.slice(0, -1), 'it is cut off: its last line is missing'],
    [
      'cut in the middle of a line',
      (text) => [...text.slice(0, 2), (text[2] ?? '').slice(0, 40)],
      'is not complete JSON',
    ],
    [
      'a newer format',
      (text) => [(text[0] ?? '').replace('"version":1', '"version":2'), ...text.slice(1)],
      'its format is version 2',
    ],
    ['another file', () => ['{"hello":"world"}'], 'this is no plan of Tidelock'],
    ['an empty file', () => [''], 'this is no plan of Tidelock'],
    [
      'a very old one',
      (text) => [
        (text[0] ?? '').replace(/"createdAt":"[^"]+"/, '"createdAt":"2020-01-01T00:00:00.000Z"'),
        ...text.slice(1),
      ],
      'days old',
    ],
  ];
  test.each(cases)('%s', async (_name, damage, reason) => {
    await madePlan('Adams', 'Baker');
    await rewrite(damage(await lines()));
    const result = await bench.tidelock('sync --plan plan.jsonl');
    expect(result.code).toBe(EXIT.input);
    expect(result.err).toContain(reason);
    expect(result.err).toMatch(/→ \S/);
    expect(await inCrm()).toEqual([]);
  });

  test('a plan of another configuration, and no file at all', async () => {
    await madePlan('Adams');
    const config = join(bench.path, 'tidelock.yaml');
    await writeFile(config, (await readFile(config, 'utf8')).replace('ann@', 'bob@'));
    const foreign = await bench.tidelock('sync --plan plan.jsonl');
    expect(foreign.code).toBe(EXIT.input);
    expect(foreign.err).toContain('it was made for another configuration: ann@contoso.example');
    const missing = await bench.tidelock('sync --plan nothing.jsonl');
    expect(missing.code).toBe(EXIT.input);
    expect(missing.err).toContain('there is no such file');
  });

  test('--out does not overwrite what is no plan; --mailbox wants one that takes part', async () => {
    await seed('Adams');
    const refused = await bench.tidelock('plan --out tidelock.yaml');
    expect(refused.code).toBe(EXIT.input);
    expect(refused.err).toContain('exists already and is no plan');
    const unknown = await bench.tidelock('plan --mailbox eve@contoso.example');
    expect(unknown.code).toBe(EXIT.input);
    expect(unknown.err).toContain('Those that do: ann@contoso.example');
    expect((await bench.tidelock('plan --mailbox ANN@contoso.example')).out).toContain('1 step');
  });
});
