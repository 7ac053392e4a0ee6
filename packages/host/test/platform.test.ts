import { writeFile } from 'node:fs/promises';
import { AdapterError, InputError } from '@tidelock/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checksOf, createPlatform, findAdapters, openSecrets } from '../src/index.ts';
import { createFakeFolder, type FakeFolder, GOOD, quiet, resetTrace, trace } from './fake-folder.ts';

let folder: FakeFolder;
beforeEach(async () => {
  resetTrace();
  folder = await createFakeFolder();
});
afterEach(() => folder.remove());

const NOW = Date.parse('2026-08-01T06:00:00Z');
const clock = { now: () => NOW, mono: () => 0, sleep: async () => {} };

const open = async (text: string = GOOD) =>
  createPlatform({ configPath: await folder.config(text), overrides: { log: quiet, clock }, env: {} });

async function failure(opening: Promise<unknown>): Promise<unknown> {
  return opening.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  );
}

async function problems(opening: Promise<unknown>) {
  const error = await failure(opening);
  if (!(error instanceof InputError)) throw new Error(`expected an InputError, got ${String(error)}`);
  return error.problems;
}

test('adapters are opened in order and closed in reverse, once', async () => {
  const platform = await open();
  await platform.close();
  await platform.close();
  const slots = ['secrets', 'state', 'token', 'mailbox', 'crm'];
  expect(trace().events).toEqual([
    ...slots.map((slot) => `open ${slot}`),
    ...slots.toReversed().map((slot) => `close ${slot}`),
  ]);
});

test('secret references are replaced before the adapter sees its options, at any depth', async () => {
  const text = GOOD.replace(
    '{ tenant: { secret: tenant-id } }',
    '{ tenant: { secret: tenant-id }, list: [{ a: { secret: tenant-id } }] }',
  );
  await using _platform = await open(text);
  expect(trace().options.mailbox).toEqual({
    tenant: 'tenant-secret-value',
    list: [{ a: 'tenant-secret-value' }],
  });
  expect(trace().options['state context']).not.toContain('secrets');
  expect(trace().options['crm context']).toContain('secrets token');
});

test('problems with options of several adapters are listed together with their full path', async () => {
  const text = GOOD.replace("'@fake/state' }", "'@fake/state', options: { speed: 1 } }").replace(
    '{ tenant: { secret: tenant-id } }',
    '{ tenant: { secret: nope }, tenat: 1 }',
  );
  const found = await problems(open(text));
  expect(found.map(({ path }) => path)).toEqual([
    'state.options.speed (3:52)',
    'mailbox.options.tenant (7:22)',
    'mailbox.options.tenat (7:47)',
  ]);
  expect(found[1]?.reason).toContain('no secret "nope"');
  expect(trace().events).toEqual(['open secrets', 'close secrets']);
});

test('a secret value never comes back in a problem', async () => {
  await folder.addPackage('mailbox', {
    text: `export const adapter = { contract: 'mailbox@1', name: '@fake/mailbox', title: '', create() {},
      options: { '~standard': { version: 1, vendor: 'x', validate: (v) => ({ issues: [{ message: 'bad: ' + v.tenant, path: ['tenant'] }] }) } } };`,
  });
  const found = await problems(open());
  expect(JSON.stringify(found)).not.toContain('tenant-secret-value');
  expect(found[0]?.reason).toBe('bad: [secret]');
});

test('every adapter that cannot be used is named with reason and remedy', async () => {
  await folder.addPackage('token', { text: 'export const nothing = 1;' });
  await folder.addPackage('crm', { contract: 'crm@9' });
  await folder.addPackage('state', { contract: 'stat@1' });
  await folder.addPackage('secrets', { contract: 'token@1' });
  const found = await problems(open(GOOD.replace("'@fake/mailbox'", "'@fake/absent'")));
  expect(found).toHaveLength(5);
  const text = found.map(({ path, reason, remedy }) => `${path}: ${reason} ${remedy}`);
  expect(text[0]).toContain('secrets.adapter (2:21): @fake/secrets is an adapter of the contract "token"');
  expect(text[1]).toContain('names the contract "stat@1", which this version does not know');
  expect(text[2]).toContain('exports no "adapter"');
  expect(text[3]).toContain('Run: npm install @fake/absent');
  expect(text[4]).toContain('speaks crm@9; this version supports crm@1 Update Tidelock.');
});

test('a package that breaks while loading is a problem, not a crash', async () => {
  await folder.addPackage('crm', { text: "throw new RangeError('inside');" });
  const [found] = await problems(open());
  expect(found?.reason).toBe('the package @fake/crm cannot be loaded (RangeError)');
});

test('adapters come from the program where the configuration has none beside it', async () => {
  const other = await createFakeFolder();
  const file = await other.config(GOOD);
  const { rm } = await import('node:fs/promises');
  await rm(`${other.path}/node_modules`, { recursive: true });
  await writeFile(`${folder.path}/main.js`, '');
  await using platform = await createPlatform({
    configPath: file,
    resolveFrom: `${folder.path}/main.js`,
    overrides: { log: quiet },
    env: {},
  });
  expect(platform.adapters.crm).toEqual({
    name: '@fake/crm',
    title: 'fake crm',
    contract: 'crm@1',
    version: '1.2.3',
  });
  await other.remove();
});

test('what an adapter throws while opening comes out unchanged, after everything was closed', async () => {
  await folder.addPackage('token', {
    extra:
      "throw Object.assign(new Error('locked'), { name: 'AdapterError', kind: 'conflict', remedy: 'Stop the other.' });",
  });
  const error = await failure(open());
  expect(error).toMatchObject({ kind: 'conflict', message: 'locked', remedy: 'Stop the other.' });
  expect(trace().events).toEqual(['open secrets', 'open state', 'close state', 'close secrets']);
});

test('lanes are stable, narrowed to the owner, and mailboxes that cannot take part are findings', async () => {
  const text = `${GOOD}  - { address: out@contoso.example }
  - { address: bob@contoso.example, owner: nobody@contoso.example }
  - { address: all@contoso.example, owner: nobody@contoso.example, records: all }
  - { address: alias.ann@contoso.example, owner: ann@contoso.example }
`;
  await using first = await open(text);
  const lanes = await first.lanes();
  expect(lanes.map(({ mailbox, owner }) => [mailbox, owner?.id ?? null])).toEqual([
    ['ann@contoso.example', 'user-ann@contoso.example'],
    ['all@contoso.example', null],
  ]);
  expect(first.findings.map(({ code, severity, mailbox }) => [code, severity, mailbox])).toEqual([
    ['mailbox-twice', 'block', 'alias.ann@contoso.example'],
    ['mailbox-out-of-scope', 'block', 'out@contoso.example'],
    ['owner-unknown', 'block', 'bob@contoso.example'],
    ['owner-unknown', 'warn', 'all@contoso.example'],
  ]);
  expect(await first.engine()).toBe(await first.engine());
  await using second = await open(text);
  expect((await second.lanes()).map((lane) => lane.id)).toEqual(lanes.map((lane) => lane.id));
});

test('the doctor goes on after a failure and counts days to expiry', async () => {
  const shared = globalThis as { tidelockCertificates?: unknown };
  const DAY = 86_400_000;
  const certificate = (keyName: string, days: number) => ({
    keyName,
    notBefore: 0,
    notAfter: NOW + days * DAY,
  });
  shared.tidelockCertificates = [61, 60, 30, 7, 0].map((days) => certificate(`key-${days}`, days));
  await using platform = await open();
  const checks = await platform.doctor();
  delete shared.tidelockCertificates;
  expect(checks.filter(({ name }) => name === 'keys').map(({ status }) => status)).toEqual([
    'ok',
    'warn',
    'warn',
    'fail',
    'fail',
  ]);
  const crm = checks.find(({ name }) => name === 'crm');
  expect(crm).toEqual({ name: 'crm', status: 'fail', text: 'the CRM refused', remedy: 'Sign in again.' });
  expect(checks.find(({ name }) => name === 'crm-setup')).toMatchObject({
    status: 'fail',
    remedy: 'Setup > New',
  });
  expect(checks.find(({ name }) => name === 'mailbox')?.status).toBe('ok');
  expect(checks.find(({ name }) => name === 'config')?.status).toBe('ok');
  const mapping = checks.filter(({ name }) => name === 'mapping');
  expect(mapping[0]?.text).toBe('1 of 2 fields are kept in step');
  expect(mapping[1]?.text).toContain('phone');
});

test('the status comes from the state store alone', async () => {
  await using platform = await open();
  const [{ id, mailboxId } = { id: '', mailboxId: '' }] = await platform.lanes();
  const shared = globalThis as { tidelockLanes?: unknown };
  shared.tidelockLanes = [
    { id, label: 'ann@contoso.example', storeA: `mailbox:${mailboxId}` },
    { id: 'of another configuration', label: 'x', storeA: 'mailbox:x' },
  ];
  const status = await platform.status();
  delete shared.tidelockLanes;
  expect(status).toMatchObject([
    {
      ...{ laneId: id, reviews: 2, parked: 1, lagMs: NOW - 1000, hints: 1, nextTryAt: 5000 },
      ...{ paused: null, removedAt: null, alarm: true, working: false, abandonedUntil: null },
    },
  ]);
});

test('secrets open alone, before the other options make sense', async () => {
  const file = await folder.config(GOOD.replace('{ tenant: { secret: tenant-id } }', '{ wrong: 1 }'));
  await using opened = await openSecrets({ configPath: file, overrides: { log: quiet }, env: {} });
  expect(await opened.secrets.store.list()).toEqual(['tenant-id']);
  expect(trace().events).toEqual(['open secrets']);
});

test('installed adapters are found among the dependencies', async () => {
  await folder.addPackage('crm', {}, 'crm-one');
  await folder.addPackage('crm', { contract: 'crm@7' }, '@x/crm-two');
  const manifest = { dependencies: { 'crm-one': '1', '@x/crm-two': '1', lodash: '1' } };
  await writeFile(`${folder.path}/package.json`, JSON.stringify(manifest));
  const found = await findAdapters([`${folder.path}/tidelock.yaml`], ['@fake/state']);
  expect(found.map(({ name, info }) => [name, info?.contract ?? null])).toEqual([
    ['@fake/state', 'state@1'],
    ['@x/crm-two', null],
    ['crm-one', 'crm@1'],
  ]);
  expect(found[1]?.problem?.reason).toContain('crm@7');
});

test('an error becomes checks, one per problem', () => {
  const input = new InputError('two', [
    { path: 'a', reason: 'x', remedy: 'y' },
    { path: 'b', reason: 'x', remedy: 'y' },
  ]);
  expect(checksOf('open', input)).toHaveLength(2);
  const adapter = new AdapterError('conflict', 'in use', { operation: 'state.lock', remedy: 'Stop it.' });
  expect(checksOf('open', adapter)).toEqual([
    { name: 'open', status: 'fail', text: 'in use', remedy: 'Stop it.' },
  ]);
  expect(() => checksOf('open', new TypeError('bug'))).toThrow(TypeError);
});
