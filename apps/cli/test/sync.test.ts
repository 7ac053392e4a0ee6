import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const requests = (): number => (bench.sides.a.requests?.() ?? 0) + (bench.sides.b.requests?.() ?? 0);

const person = (name: string) => ({ familyName: name, email: `${name.toLowerCase()}@customers.example` });

async function seedMailbox(...names: string[]): Promise<string[]> {
  return Promise.all(names.map((name) => bench.sides.a.oracle.userCreate(person(name))));
}

const inCrm = async () => (await bench.sides.b.oracle.all()).map(({ fields }) => fields.familyName).sort();

test('plan shows each change field by field and writes nothing', async () => {
  await seedMailbox('Adams', 'Baker');
  const result = await bench.tidelock('plan');
  expect(result.code).toBe(EXIT.ok);
  expect(result.out).toContain('ann@contoso.example  2 steps');
  expect(result.out).toContain('create in the CRM  2');
  expect(result.out).toContain('familyName Adams · email adams@customers.example');
  expect(result.out).toContain('0 e-mails would leave');
  expect(result.out).not.toContain('\x1b');
  expect(await inCrm()).toEqual([]);
});

test('plan --json is one document; --limit cuts the items, not the total', async () => {
  await seedMailbox('Adams', 'Baker', 'Clark');
  const document = (await bench.tidelock('plan --json --limit 1')).json();
  expect(document).toMatchObject({ emails: 0, exitCode: 0, interrupted: false, findings: [] });
  const [lane] = document.lanes as { total: number; plan: { action: string; side: string }[] }[];
  expect(lane?.total).toBe(3);
  expect(lane?.plan).toHaveLength(1);
  expect(lane?.plan[0]).toMatchObject({ action: 'create', side: 'b' });
});

test('every command that looks has a document with its exit code', async () => {
  await seedMailbox('Adams', 'Baker');
  for (const words of [
    'plan',
    'sync',
    'status',
    'review',
    'history',
    'why adams',
    'doctor',
    'adapters',
    'secrets list',
  ])
    expect((await bench.tidelock(`${words} --json`)).json(), words).toHaveProperty('exitCode');
});

test('sync writes, says what it did, and a second one finds nothing', async () => {
  await seedMailbox('Adams', 'Baker');
  const first = await bench.tidelock('sync');
  expect(first.code).toBe(EXIT.ok);
  expect(first.out).toMatch(/ann@contoso\.example +0 +2 +0 +0/);
  expect(first.out).toContain('Done: 2 writes');
  expect(await inCrm()).toEqual(['Adams', 'Baker']);
  const second = (await bench.tidelock('--json sync')).json();
  expect(second).toMatchObject({ settled: true, rounds: 1, exitCode: 0, interrupted: false });
  const [lane] = second.lanes as { counts: { created: number }; done: unknown[] }[];
  expect(lane?.counts.created).toBe(0);
  expect(lane?.done).toEqual([]);
});

test('status tells what is in step without a request to either side', async () => {
  await seedMailbox('Adams');
  await bench.tidelock('sync');
  const before = requests();
  expect(before).toBeGreaterThan(0);
  const result = await bench.tidelock('status --json');
  expect(result.code).toBe(EXIT.ok);
  expect((result.json().lanes as unknown[])[0]).toMatchObject({
    label: 'ann@contoso.example',
    counts: { live: 1 },
    held: null,
    errorKind: null,
  });
  expect(requests()).toBe(before);
  expect((await bench.tidelock('status')).out).toMatch(/In step.*\n.*ann@contoso\.example +default +1/);
});

test('held deletes are shown with their hash, and decided by it', async () => {
  const ids = await seedMailbox('Adams', 'Baker', 'Clark', 'Davis');
  await bench.tidelock('sync');
  for (const id of ids) await bench.sides.a.oracle.userDelete(id);
  const held = await bench.tidelock('sync');
  expect(held.code).toBe(EXIT.partial);
  expect(held.out).toMatch(/held .*4 deletes in the CRM/);
  expect(await inCrm()).toHaveLength(4);
  expect((await bench.tidelock('status')).code).toBe(EXIT.partial);
  const { questions } = (await bench.tidelock('review --json')).json() as {
    questions: { id: string; kind: string }[];
  };
  expect(questions).toMatchObject([{ kind: 'held-deletes' }]);
  const hash = questions[0]?.id ?? '';
  expect((await bench.tidelock(`review decide ${hash} link`)).code).toBe(EXIT.input);
  const answer = await bench.tidelock(`review decide ${hash.slice(0, 8)} apply`);
  expect(answer.out).toContain('Recorded. apply: the next sync deletes exactly these.');
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
  expect(await inCrm()).toEqual([]);
});

test('held deletes that a person refuses leave the records alone for good', async () => {
  const ids = await seedMailbox('Adams', 'Baker', 'Clark', 'Davis');
  await bench.tidelock('sync');
  for (const id of ids) await bench.sides.a.oracle.userDelete(id);
  await bench.tidelock('sync');
  const { questions } = (await bench.tidelock('review --json')).json() as { questions: { id: string }[] };
  expect((await bench.tidelock(`review decide ${questions[0]?.id} keep`)).code).toBe(EXIT.ok);
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
  expect(await inCrm()).toHaveLength(4);
  expect((await bench.tidelock('review')).out).toBe('Nothing waits for a decision.\n');
});

test('a mailbox that cannot take part blocks with exit code 3 and a remedy', async () => {
  bench.sides.mailboxState = 'out-of-scope';
  for (const words of ['plan', 'sync']) {
    const result = await bench.tidelock(words);
    expect(result.code).toBe(EXIT.blocked);
    expect(result.out).toContain('the app may not reach this mailbox');
    expect(result.out).toContain('→');
  }
});

test('a store that refuses the credential is exit code 4', async () => {
  await seedMailbox('Adams');
  await bench.tidelock('sync');
  bench.sides.b.faults.next('401');
  const result = await bench.tidelock('plan');
  expect(result.code).toBe(EXIT.auth);
});

test('doctor lists every check; a refused sign-in is exit code 4', async () => {
  const good = await bench.tidelock('doctor');
  expect(good.out).toContain('config');
  expect(good.code).toBe(EXIT.blocked);
  expect(good.out).toContain('there is no key pair');
  bench.sides.signIn = 'refused';
  const refused = await bench.tidelock('doctor --json');
  expect(refused.code).toBe(EXIT.auth);
  expect(refused.json().checks).toContainEqual({
    name: 'crm',
    status: 'fail',
    text: 'the CRM refused the sign-in',
    remedy: 'Upload the certificate.',
  });
});

test('an interrupted sync says that nothing is lost and exits with 130', async () => {
  await seedMailbox('Adams');
  const interruption = new AbortController();
  interruption.abort(new Error('interrupted'));
  const result = await bench.tidelock('sync', { signal: interruption.signal });
  expect(result.code).toBe(EXIT.interrupted);
  expect(result.out + result.err).toMatch(/[Nn]othing is lost/);
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
  expect(await inCrm()).toEqual(['Adams']);
});

test('two processes on one data folder: the second is busy', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  await bench.tidelock('status');
  const lock = new DatabaseSync(join(bench.path, '.tidelock/tidelock.lock'));
  lock.exec('begin exclusive');
  const result = await bench.tidelock('status');
  lock.close();
  expect(result.code).toBe(EXIT.busy);
  expect(result.err).toContain('in use by another Tidelock process');
  expect(result.err).toContain('→ Stop the other process');
});

test('the number of effects of a run is written where asked', async () => {
  await seedMailbox('Adams');
  const file = join(bench.path, 'effects');
  await bench.tidelock('sync', { env: { TIDELOCK_COUNT_EFFECTS: file } });
  expect(Number(await readFile(file, 'utf8'))).toBeGreaterThan(10);
  for (const name of ['TIDELOCK_CRASH_AT', 'TIDELOCK_STOP_AT']) {
    const bad = await bench.tidelock('sync', { env: { [name]: 'soon' } });
    expect(bad.code).toBe(EXIT.input);
    expect(bad.err).toContain(name);
  }
});

test('on a terminal there are colours and a bar that is cleared, unless refused', async () => {
  await seedMailbox('Adams');
  const coloured = await bench.tidelock('sync', { tty: true });
  expect(coloured.out).toContain('\x1b[');
  expect(coloured.err).toContain('\r\x1b[2K');
  expect((await bench.tidelock('status --no-color', { tty: true })).out).not.toContain('\x1b[');
  expect((await bench.tidelock('status', { tty: true, env: { NO_COLOR: '1' } })).out).not.toContain('\x1b[');
});

test('secrets go in by standard input and never come out', async () => {
  const put = await bench.tidelock('secrets put crm-password', { input: 'swordfish\n' });
  expect(put.code).toBe(EXIT.ok);
  const list = await bench.tidelock('secrets list --json');
  expect(list.json().secrets).toEqual(['crm-password']);
  expect(put.out + list.out).not.toContain('swordfish');
  expect((await bench.tidelock('secrets put empty', { input: '' })).code).toBe(EXIT.input);
  const audit = await bench.tidelock('audit --json');
  expect(audit.json().acts).toMatchObject([{ act: 'secret.put', subject: 'crm-password', before: null }]);
  expect(audit.out).not.toContain('swordfish');
});
