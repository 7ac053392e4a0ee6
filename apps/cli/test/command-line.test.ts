import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT, runIn } from './fake-sides.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-line-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const NAMES = [
  'init',
  'doctor',
  'plan',
  'sync',
  'status',
  'review',
  'secrets',
  'adapters',
  'emulate',
  'demo',
];

test.each(NAMES)('%s --help explains itself and the exit codes', async (name) => {
  const result = await runIn(folder, `${name} --help`);
  expect(result.code).toBe(EXIT.ok);
  expect(result.out).toContain(`Usage: tidelock ${name}`);
  expect(result.out).toContain('Exit codes:');
});

test('--help lists every command', async () => {
  const result = await runIn(folder, '--help');
  expect(result.code).toBe(EXIT.ok);
  for (const name of NAMES) expect(result.out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
});

test.each(['nonsense', 'plan --limit many', 'sync --rounds 0', 'review decide', 'plan --nope'])(
  '"%s" is bad input',
  async (words) => {
    const result = await runIn(folder, words);
    expect(result.code).toBe(EXIT.input);
    expect(result.err).toContain('error');
    expect(result.err).not.toContain('    at ');
  },
);

test.each(['nonsense', '', '--nope', 'why', 'plan --nope', 'sync --rounds 0', 'status extra', 'secrets'])(
  '"%s" with --json is one document that says what is wrong',
  async (words) => {
    const result = await runIn(folder, `${words} --json`.trim());
    expect(result.code).toBe(EXIT.input);
    expect(result.json()).toMatchObject({ exitCode: EXIT.input, error: { kind: 'input', problems: [{}] } });
  },
);

test.each(['--version', '-v'])('%s says which Tidelock this is, and nothing else', async (words) => {
  const result = await runIn(folder, words);
  expect(result).toMatchObject({ code: EXIT.ok, err: '' });
  expect(result.out).toMatch(/^tidelock \d+\.\d+\.\d+ \(Node 24\.[\d.]+\)\n$/);
});

test('a configuration with several mistakes: all of them, what, why and remedy, and no stack', async () => {
  await writeFile(
    join(folder, 'tidelock.yaml'),
    'version: 1\nsycn: {}\nstate: { adapter: "A B" }\nmailboxes: [{ address: nobody }]\n',
  );
  const result = await runIn(folder, 'plan');
  expect(result.code).toBe(EXIT.input);
  expect(result.out).toBe('');
  expect(result.err).toContain('sycn (2:1)\n    unknown key "sycn"\n    → Did you mean "sync"?');
  expect(result.err).toContain('state.adapter (3:19)');
  expect(result.err).toContain('mailboxes[0].address (4:24)');
  expect(result.err).not.toContain('    at ');
  expect((await runIn(folder, 'plan --debug')).err).toContain('    at ');
});

test('with --json a failure is one document too', async () => {
  const result = await runIn(folder, 'status --json');
  expect(result.code).toBe(EXIT.input);
  expect(result.json()).toMatchObject({ exitCode: 2, error: { kind: 'input', problems: [{}] } });
});

test('doctor turns a bad configuration into failed checks', async () => {
  const result = await runIn(folder, 'doctor --json');
  expect(result.code).toBe(EXIT.input);
  expect(result.json().checks).toMatchObject([{ name: 'open', status: 'fail' }]);
});

test('adapters lists what is installed with contract and version', async () => {
  const result = await runIn(folder, 'adapters --json');
  expect(result.code).toBe(EXIT.ok);
  const names = (result.json().adapters as { name: string; contract: string | null }[]).map(
    ({ name }) => name,
  );
  expect(names).toContain('@tidelock/state-sqlite');
  expect(result.json().adapters).toContainEqual({
    name: '@tidelock/state-sqlite',
    contract: 'state@1',
    version: '0.0.0',
    title: 'Tenants and sync state in one SQLite file',
    inUse: false,
    problem: null,
  });
});

const FLAGS =
  '--tenant 7f1b0c7e-0c1f-4d2f-9a55-2f6a6f1f9d10 --client-id 0a3ad1e5-7f0c-4c7e-8a52-5d8c2a3f4b6c ' +
  '--consumer-key KEY --crm-user bot@contoso.example --mailbox ann@contoso.example --mailbox bob@contoso.example';

test('init writes a configuration, keys and public certificates, says what to click, and never overwrites', async () => {
  const result = await runIn(folder, `init ${FLAGS}`);
  expect(result.err).toBe('');
  expect(result.code).toBe(EXIT.ok);
  expect(result.out).toContain('Grant admin consent');
  expect(result.out).toContain('TidelockKey');
  const config = await readFile(join(folder, 'tidelock.yaml'), 'utf8');
  expect(config).toContain('secret: tenant-id');
  expect(config).not.toContain('7f1b0c7e-0c1f-4d2f-9a55-2f6a6f1f9d10');
  expect(await readFile(join(folder, 'tidelock-mailbox.cer'), 'utf8')).toContain('BEGIN CERTIFICATE');
  const again = await runIn(folder, `init ${FLAGS}`);
  expect(again.code).toBe(EXIT.input);
  expect(again.err).toContain('is not overwritten');
  expect(await readFile(join(folder, 'tidelock.yaml'), 'utf8')).toBe(config);
});

test('init without a tenant leaves it to the consent, and says so', async () => {
  const flags = FLAGS.replace(/--tenant \S+ /, '');
  const result = await runIn(folder, `init ${flags}`);
  expect([result.code, result.err]).toEqual([EXIT.ok, '']);
  expect(result.out).toContain('Then: tidelock connect');
  expect(result.out).not.toContain('Grant admin consent');
  expect((await runIn(folder, 'secrets list')).out).not.toContain('tenant-id');
  const doctor = await runIn(folder, 'doctor');
  expect(doctor.out + doctor.err).toContain('tenant-id');
});

test('init that fails half-way leaves no configuration behind, and keys that exist are not replaced', async () => {
  await runIn(folder, `init ${FLAGS}`);
  for (const name of ['tidelock.yaml', 'tidelock-mailbox.cer', 'tidelock-crm.cer'])
    await rm(join(folder, name));
  const result = await runIn(folder, `init ${FLAGS}`);
  expect(result.code).toBe(EXIT.input);
  expect(result.err).toContain('mailbox-1');
  await expect(readFile(join(folder, 'tidelock.yaml'))).rejects.toThrow('ENOENT');
});

test('init names every missing flag at once where nobody can be asked', async () => {
  const result = await runIn(folder, 'init --tenant nonsense');
  expect(result.code).toBe(EXIT.input);
  for (const flag of ['--tenant', '--client-id', '--consumer-key', '--crm-user', '--mailbox']) {
    expect(result.err).toContain(flag);
  }
});

test('init asks a person for what is missing, after saying what to prepare', async () => {
  const answers = ['', 'KEY', 'bot@contoso.example', 'ann@contoso.example, bob@contoso.example'];
  const flags = FLAGS.split(' ').slice(0, 4).join(' ');
  const result = await runIn(folder, `init ${flags}`, { answers });
  expect(result.code).toBe(EXIT.ok);
  expect(result.err).toContain('App registrations > New registration');
  expect(await readFile(join(folder, 'tidelock.yaml'), 'utf8')).toContain('bob@contoso.example');
});
