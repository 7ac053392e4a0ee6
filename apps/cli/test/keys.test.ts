import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { type Bench, createBench, EXIT } from './fake-sides.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.dispose());

const CONFIG = () => `${bench.path}/tidelock.yaml`;
const SECOND = { file: 'second.jwe', keys: [{ keyFile: 'second.key', create: true }] };

function edit(change: (document: ReturnType<typeof parseDocument>) => void): void {
  const document = parseDocument(readFileSync(CONFIG(), 'utf8'));
  change(document);
  writeFileSync(CONFIG(), String(document));
}

async function workedWith(): Promise<void> {
  await bench.sides.a.oracle.userCreate({ familyName: 'Adams', email: 'adams@customers.example' });
  expect((await bench.tidelock('sync')).code).toBe(EXIT.ok);
}

async function stillWorks(): Promise<void> {
  const second = (await bench.tidelock('--json sync')).json();
  expect(second).toMatchObject({ settled: true, exitCode: 0 });
  const history = await bench.tidelock('history --json');
  expect(history.out).toContain('Adams');
}

test('keys rewrap wraps anew, with a new wrapping key where it is asked, and data stays readable', async () => {
  await workedWith();
  const first = (await bench.tidelock('keys rewrap --json')).json();
  expect(first).toMatchObject({ keys: 1, rewrapped: 0, rotated: false, exitCode: 0 });
  const second = await bench.tidelock('keys rewrap --rotate');
  expect(second.code).toBe(EXIT.ok);
  expect(second.out).toContain('1 data key, 1 of them wrapped anew');
  await stillWorks();
  const audit = (await bench.tidelock('audit --json')).json();
  const acts = audit.acts as { act: string; after: unknown }[];
  expect(acts.filter(({ act }) => act === 'keys.rewrapped')).toHaveLength(2);
});

test('secrets migrate moves everything; both stores work until the old one is dropped', async () => {
  await workedWith();
  await bench.tidelock('secrets put crm/password', { input: 'swordfish' });
  edit((document) =>
    document.set('secretStores', { second: { adapter: '@tidelock/secrets-file', options: SECOND } }),
  );
  const moved = await bench.tidelock('secrets migrate --from file --to second');
  expect(moved.code).toBe(EXIT.ok);
  expect(moved.out).toContain('secret  crm/password  moved');
  expect(moved.out).toContain('1 wrapped for second as well');
  expect(moved.out).not.toContain('swordfish');
  await stillWorks();
  const again = (await bench.tidelock('secrets migrate --from secrets --to second --json')).json();
  expect(again).toMatchObject({ dataKeys: { keys: 1, rewrapped: 0 }, exitCode: 0 });
  edit((document) => {
    document.setIn(['secrets', 'options'], SECOND);
    document.delete('secretStores');
  });
  await stillWorks();
  expect((await bench.tidelock('keys rewrap --json')).json()).toMatchObject({ keys: 1, rewrapped: 1 });
  await stillWorks();
  const list = (await bench.tidelock('secrets list --json')).json();
  expect(list.secrets).toEqual(['crm/password']);
});

test('a store nobody configured is named, with those that are', async () => {
  const result = await bench.tidelock('secrets migrate --from secrets --to vault');
  expect(result.code).toBe(EXIT.input);
  expect(result.err).toMatch(/no secret store "vault"/);
  expect(result.err).toContain('secretStores');
  const same = await bench.tidelock('secrets migrate --from secrets --to file');
  expect(same.code).toBe(EXIT.input);
  expect(same.err).toContain('same secret store');
});

test('keys destroy forgets everything for good, when it is meant; the next sync matches anew and makes no copies', async () => {
  await workedWith();
  const asked = await bench.tidelock('keys destroy');
  expect(asked.code).toBe(EXIT.input);
  expect(asked.err).toContain('--yes');
  await stillWorks();
  const done = await bench.tidelock('keys destroy --yes');
  expect(done.out).toContain('1 data key destroyed, 1 mailbox forgotten');
  expect((await bench.tidelock('history --json')).out).not.toContain('Adams');
  const sync = (await bench.tidelock('--json sync')).json();
  expect(sync).toMatchObject({ settled: true, exitCode: 0 });
  expect((await bench.sides.b.oracle.all()).length).toBe(1);
  expect((await bench.sides.a.oracle.all()).length).toBe(1);
  expect((await bench.tidelock('audit --json')).out).toContain('tenant.erased');
});
