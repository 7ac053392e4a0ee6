import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AdapterError } from '@tidelock/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const EMAIL = 'adams@customers.example';

async function linked(): Promise<{ a: string; b: string }> {
  const a = await bench.sides.a.oracle.userCreate({
    familyName: 'Adams',
    email: EMAIL,
    phone: '+12025550001',
  });
  await bench.tidelock('sync');
  const [record] = await bench.sides.b.oracle.all();
  return { a, b: record?.id ?? '' };
}

const requests = (): number => (bench.sides.a.requests?.() ?? 0) + (bench.sides.b.requests?.() ?? 0);

interface Item {
  readonly linkId: string;
  readonly status: string;
  readonly sentences: readonly { readonly code: string; readonly decide: string | null }[];
}

async function itemsOf(words: string): Promise<readonly Item[]> {
  return (await bench.tidelock(`why ${words} --json`)).json().items as readonly Item[];
}

describe('why', () => {
  test('a pair in step, by address, name and every id, without a request', async () => {
    const { a, b } = await linked();
    const before = requests();
    const [item] = await itemsOf(EMAIL);
    expect(item).toMatchObject({ status: 'live', sentences: [{ code: 'in-step' }] });
    for (const query of ['adam', 'ADAMS', a, b, item?.linkId ?? '']) {
      expect(
        (await itemsOf(query)).map(({ linkId }) => linkId),
        query,
      ).toEqual([item?.linkId]);
    }
    expect(requests()).toBe(before);
    const shown = await bench.tidelock(`why ${EMAIL}`);
    expect(shown.code).toBe(EXIT.ok);
    expect(shown.out).toMatch(
      /✓ In step since .* UTC: then it was created in the CRM, because the record was new in the mailbox\./,
    );
    expect(shown.out).not.toContain('CRM.phone');
  });

  test('a field walked back, in full', async () => {
    const { a } = await linked();
    await bench.sides.a.oracle.userUpdate(a, { phone: '+12025550002' });
    await bench.tidelock('sync');
    expect((await bench.tidelock(`why ${EMAIL}`)).out).toMatch(/Fields\n {2}✓ CRM\.phone '\+12025550001' → /);
    const { out } = await bench.tidelock(`why ${EMAIL} --field phone`);
    expect(out).toMatch(/CRM\.phone was created as '\+12025550001' on .*, because the record was new/);
    expect(out).toMatch(
      /CRM\.phone '\+12025550001' → '\+12025550002' on .* by run [\da-f]{8}, because the mailbox changed \(version .*\); it had been left alone since/,
    );
    expect((await bench.tidelock(`why ${EMAIL} --field shoe`)).out).toContain(
      'No rule of the mapping is called "shoe"',
    );
  });

  test('a store that does not answer costs exactness, not the answer', async () => {
    await linked();
    const down = new AdapterError('unavailable', 'The service is down.', { operation: 'probe' });
    Object.assign(bench.sides.b.store, { probe: () => Promise.reject(down) });
    const { code, out } = await bench.tidelock(`why ${EMAIL} --field phone`);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("Both sides last showed '+12025550001'.");
    expect(out).toContain(
      'note  The stores could not be asked what their fields hold (The service is down.)',
    );
  });

  test('long sentences are wrapped on a terminal, under their mark', async () => {
    await linked();
    const { out } = await bench.tidelock(`why ${EMAIL} --no-color`, { tty: true });
    const lines = out.split('\n').filter((line) => line !== '' && !line.includes('pair '));
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(out).toMatch(/\n {2}✓ In step since [^\n]*\n {4}\S/);
  });

  test('what is only on one side, and a doubt, although no content of them is kept', async () => {
    await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: 'office@customers.example' });
    await bench.sides.b.oracle.userCreate({ familyName: 'Zuckermann', email: 'office@customers.example' });
    await bench.sides.a.oracle.userCreate({ familyName: 'Baker', email: 'baker@customers.example' });
    await bench.tidelock('plan');
    expect((await itemsOf('baker@customers.example'))[0]?.sentences[0]?.code).toBe('unmatched');
    const doubts = await itemsOf('office@customers.example');
    expect(doubts.map(({ sentences }) => sentences[0]?.code)).toEqual(['doubtful', 'doubtful']);
    const decide = doubts[0]?.sentences[0]?.decide ?? '';
    const text = await bench.tidelock('why office@customers.example');
    expect(text.out).toContain(`→ tidelock review decide ${decide} link|separate`);
    expect(text.out).toContain('office@customers.example, no pair yet  ann@contoso.example');
    expect(await itemsOf(decide.slice(0, 8))).toHaveLength(2);
  });

  test('deletes that the brake holds', async () => {
    const ids = [];
    for (const name of ['Adams', 'Baker', 'Clark', 'Davis'])
      ids.push(
        await bench.sides.a.oracle.userCreate({
          familyName: name,
          email: `${name.toLowerCase()}@customers.example`,
        }),
      );
    await bench.tidelock('sync');
    for (const id of ids) await bench.sides.a.oracle.userDelete(id);
    await bench.tidelock('sync');
    const { out } = await bench.tidelock(`why ${EMAIL}`);
    expect(out).toMatch(
      /! The record was deleted from the mailbox \(a read proved it on .*The brake holds that, with 3 more, under hash/,
    );
    expect(out).toMatch(/→ tidelock review decide \S+ apply\|keep/);
  });

  test('nothing found, and too little to look for, are bad input', async () => {
    await linked();
    const none = await bench.tidelock('why nobody@nowhere.example');
    expect(none.code).toBe(EXIT.input);
    expect(none.err).toContain('nothing that is synchronised here matches this');
    expect(none.err).toContain('belongs to another owner');
    expect((await bench.tidelock('why x')).code).toBe(EXIT.input);
    expect((await bench.tidelock('why nobody --json')).json()).toMatchObject({ exitCode: EXIT.input });
  });
});

test('a mailbox that the configuration names no longer rests, before and after a sync noticed it', async () => {
  await linked();
  const file = join(bench.path, 'tidelock.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll('ann@', 'bob@'));
  const before = (await bench.tidelock(`why ${EMAIL}`)).out;
  expect(before).toContain(
    'No rule names the mailbox ann@contoso.example any more. Its pairs rest as they are',
  );
  await bench.tidelock('sync');
  expect((await bench.tidelock(`why ${EMAIL}`)).out).toContain(
    'No rule names the mailbox ann@contoso.example since',
  );
  const status = await bench.tidelock('status');
  expect(status.out).toMatch(/ann@contoso.example .* removed\n/);
  expect(status.out).toContain('no rule names it for');
  await writeFile(file, text);
  await bench.tidelock('sync');
  expect((await bench.tidelock('status --json')).json()).toMatchObject({
    lanes: [
      { label: 'ann@contoso.example', profile: 'default', removedAt: null },
      { label: 'bob@contoso.example' },
    ],
  });
});

describe('history', () => {
  test('old and new value, side, run and cause, newest first', async () => {
    const { a } = await linked();
    await bench.sides.a.oracle.userUpdate(a, { phone: '+12025550002', city: 'Bonn' });
    await bench.tidelock('sync');
    const before = requests();
    const shown = await bench.tidelock(`history ${EMAIL}`);
    expect(shown.code).toBe(EXIT.ok);
    const lines = shown.out.trim().split('\n');
    expect(lines[0]).toMatch(/^When +Run +Record +Where +Change +Why$/);
    expect(lines).toHaveLength(4);
    expect(shown.out).toMatch(/CRM +phone: '\+12025550001' → '\+12025550002' +the mailbox changed/);
    expect(lines.at(-1)).toMatch(/created +the record was new in the mailbox$/);
    const { rows } = (await bench.tidelock('history --field phone --json')).json() as {
      rows: readonly { runId: string; old: string | null; because: string }[];
    };
    expect(rows.map(({ old }) => old)).toEqual(['+12025550001', null]);
    const run = (await bench.tidelock(`history --run ${rows[0]?.runId.slice(0, 8)} --json`)).json();
    expect(run.rows).toHaveLength(2);
    const cut = (await bench.tidelock('history --limit 1 --json')).json();
    expect(cut).toMatchObject({ more: true });
    expect(cut.rows).toHaveLength(1);
    expect(requests()).toBe(before);
  });

  test('an empty history is fine; an unknown person or run is bad input', async () => {
    expect((await bench.tidelock('history')).out).toContain('Nothing was changed');
    await linked();
    const none = await bench.tidelock('history nobody@nowhere.example');
    expect(none.code).toBe(EXIT.input);
    expect(none.err).toContain('no pair that is synchronised here');
    expect((await bench.tidelock('history --run zzzz')).code).toBe(EXIT.input);
  });
});
