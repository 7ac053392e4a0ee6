import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const EMAIL = 'adams@customers.example';
const OLD = '+12025550001';
const NEW = '+12025550002';

/** A pair whose phone number was changed in the mailbox and carried over. */
async function changed(): Promise<{ a: string; b: string }> {
  const a = await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: EMAIL, phone: OLD });
  await bench.tidelock('sync');
  await bench.sides.a.oracle.userUpdate(a, { phone: NEW });
  await bench.tidelock('sync');
  const [record] = await bench.sides.b.oracle.all();
  return { a, b: record?.id ?? '' };
}

const phones = async () => {
  const of = async (side: 'a' | 'b') =>
    (await bench.sides[side].oracle.all()).map(({ fields }) => fields.phone);
  return { a: await of('a'), b: await of('b') };
};

interface Run {
  readonly id: string;
  readonly kind: string;
}

async function lastRun(): Promise<Run> {
  const [run] = (await bench.tidelock('history --runs --json')).json().runs as readonly Run[];
  if (run === undefined) throw new Error('no run changed anything');
  return run;
}

describe('undo', () => {
  test('of a run: shown first, then taken back, then listed in review and as a run of its own', async () => {
    await changed();
    const { id } = await lastRun();
    const plan = await bench.tidelock(`undo ${id.slice(0, 8)} --plan`);
    expect(plan.code, plan.err).toBe(EXIT.ok);
    expect(plan.out).toMatch(
      /^Record +Where +Change\nadams@\S+ +CRM +phone: '\+12025550002' → '\+12025550001', then held\n/,
    );
    expect(await phones()).toEqual({ a: [NEW], b: [NEW] });

    const done = await bench.tidelock(`undo ${id.slice(0, 8)} --yes`);
    expect(done.code, done.err).toBe(EXIT.ok);
    expect(done.out).toMatch(
      /1 change taken back\.\nThis undo is itself a run: tidelock undo [0-9a-f]{8}\nPaused: ann@/,
    );
    expect(await phones()).toEqual({ a: [NEW], b: [OLD] });
    expect((await bench.tidelock('review')).out).toContain('"phone" was undone in the CRM');
    expect((await lastRun()).kind).toBe('undo');
    expect((await bench.tidelock('history --limit 1')).out).toMatch(
      /CRM +phone: '\+12025550002' → '\+12025550001' +a person took back an earlier change/,
    );
    await bench.tidelock('sync');
    expect(await phones()).toEqual({ a: [NEW], b: [OLD] });
  });

  test.each([
    ['hold', { a: [NEW], b: [OLD] }],
    ['revert-source', { a: [OLD], b: [OLD] }],
    ['detach', { a: [NEW], b: [OLD] }],
  ])('of a contact, with --mode %s', async (mode, expected) => {
    await changed();
    const { code, err } = await bench.tidelock(`undo ${EMAIL} --mode ${mode} --yes`);
    expect(code, err).toBe(EXIT.ok);
    expect(await phones()).toEqual(expected);
    const document = (await bench.tidelock(`why ${EMAIL} --json`)).json();
    const [item] = document.items as readonly { status: string; sentences: readonly { code: string }[] }[];
    expect(item?.status).toBe(mode === 'detach' ? 'detached' : 'live');
  });

  test('asks for the mode and for a yes when there is somebody to ask', async () => {
    await changed();
    const no = await bench.tidelock(`undo ${EMAIL}`, { answers: ['', 'n'] });
    expect(no.code).toBe(EXIT.ok);
    expect(no.out).toContain('Nothing was changed.');
    expect(await phones()).toEqual({ a: [NEW], b: [NEW] });
    const yes = await bench.tidelock(`undo ${EMAIL}`, { answers: ['revert', 'y'] });
    expect(yes.code).toBe(EXIT.ok);
    expect(await phones()).toEqual({ a: [OLD], b: [OLD] });
    const again = await bench.tidelock(`undo ${EMAIL}`);
    expect(again.code).toBe(EXIT.ok);
    expect(again.out).toContain('as it was already');
  });

  test('without --yes and with nobody to ask it is bad input, and nothing happens', async () => {
    await changed();
    const { code, err } = await bench.tidelock(`undo ${EMAIL}`);
    expect(code).toBe(EXIT.input);
    expect(err).toContain('--yes');
    expect(await phones()).toEqual({ a: [NEW], b: [NEW] });
  });

  test('names what was changed since, leaves it, and says so with exit code 5', async () => {
    const { b } = await changed();
    await bench.sides.b.oracle.userUpdate(b, { phone: '+12025550099' });
    const { code, out } = await bench.tidelock(`undo ${EMAIL} --yes`);
    expect(code).toBe(EXIT.partial);
    expect(out).toMatch(/stays +adams@\S+: "phone" was changed since in the CRM: it shows '\+12025550099'/);
    expect((await phones()).b).toEqual(['+12025550099']);
  });

  test('of a period takes the new records away again, beyond the brake with approval only', async () => {
    for (let n = 1; n <= 4; n++)
      await bench.sides.a.oracle.userCreate({ familyName: `New${n}`, email: `new${n}@customers.example` });
    await bench.tidelock('sync');
    const held = await bench.tidelock('undo --since 1h --yes --json');
    expect(held.code).toBe(EXIT.partial);
    const [lane] = held.json().lanes as readonly { held: { hash: string; count: number } }[];
    expect(lane?.held.count).toBe(4);
    expect(await bench.sides.b.oracle.all()).toHaveLength(4);
    const done = await bench.tidelock(`undo --since 1h --yes --approve ${lane?.held.hash}`);
    expect(done.code, done.err).toBe(EXIT.ok);
    expect(done.out).toContain('4 changes taken back');
    expect(await bench.sides.b.oracle.all()).toEqual([]);
    expect(await bench.sides.a.oracle.all()).toHaveLength(4);
  });

  test('of an undo puts it back', async () => {
    await changed();
    await bench.tidelock(`undo ${EMAIL} --yes`);
    await bench.tidelock(`undo ${(await lastRun()).id} --yes`);
    expect(await phones()).toEqual({ a: [NEW], b: [NEW] });
    expect((await bench.tidelock('review --json')).json().questions).toEqual([]);
  });

  test('nothing that matches, and nothing said, are bad input with the way on', async () => {
    await changed();
    for (const words of [
      'undo nobody@nowhere.example',
      'undo',
      'undo --since yesterday',
      'undo x --mode both',
    ])
      expect((await bench.tidelock(words)).code, words).toBe(EXIT.input);
    expect((await bench.tidelock('undo')).err).toContain('tidelock history --runs');
  });

  test('several contacts of that name are listed with their ids', async () => {
    await bench.sides.a.oracle.userCreate({ familyName: 'Adamson', email: 'one@customers.example' });
    await bench.sides.a.oracle.userCreate({ familyName: 'Adamski', email: 'two@customers.example' });
    await bench.tidelock('sync');
    const { code, err } = await bench.tidelock('undo adam --yes');
    expect(code).toBe(EXIT.input);
    expect(err).toMatch(/2 contacts match[\s\S]*one@customers\.example \([0-9a-f-]{36}\)/);
  });

  test('the pause ends when the configuration changes', async () => {
    await changed();
    await bench.tidelock(`undo ${EMAIL} --yes`);
    const paused = (await bench.tidelock('sync --json')).json();
    expect(JSON.stringify(paused)).toContain('"paused"');
    const file = join(bench.path, 'tidelock.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('least: 2', 'least: 3'));
    const after = (await bench.tidelock('sync --json')).json();
    expect(JSON.stringify(after)).not.toContain('"paused"');
    expect(await phones()).toEqual({ a: [NEW], b: [OLD] });
  });
});

describe('history', () => {
  test('narrowed to a side and a time', async () => {
    await changed();
    const rows = async (words: string) =>
      ((await bench.tidelock(`history ${words} --json`)).json().rows as readonly { side: string }[]).length;
    expect(await rows('--side crm')).toBe(2);
    expect(await rows('--side mailbox')).toBe(0);
    expect(await rows('--since 1h')).toBe(2);
    expect(await rows('--since 2100-01-01')).toBe(0);
  });
});
