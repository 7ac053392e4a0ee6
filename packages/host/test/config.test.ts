import { readFile } from 'node:fs/promises';
import { InputError, type Problem } from '@tidelock/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configJsonSchema, loadConfig } from '../src/index.ts';
import { createFakeFolder, type FakeFolder, GOOD } from './fake-folder.ts';

let folder: FakeFolder;
beforeEach(async () => {
  folder = await createFakeFolder();
});
afterEach(() => folder.remove());

async function problemsOf(text: string, env: Record<string, string> = {}): Promise<readonly Problem[]> {
  const file = await folder.config(text);
  const error = await loadConfig(file, { env }).catch((thrown: unknown) => thrown);
  if (!(error instanceof InputError)) throw new Error('expected an InputError');
  return error.problems;
}

test('a good file gets its defaults and absolute paths', async () => {
  const config = await loadConfig(await folder.config(GOOD), { env: {} });
  expect(config.dataDir).toBe(`${folder.path}/.tidelock`);
  expect(config.mailboxes).toEqual([{ address: 'ann@contoso.example' }]);
  expect([config.profiles, config.assign, config.defaultProfile, config.match]).toEqual([
    {},
    [],
    'default',
    [],
  ]);
  expect(config.sync).toMatchObject({ master: 'crm', region: 'US', create: { mailbox: true, crm: true } });
  expect(config.mapping).toBeNull();
});

test('every problem is listed at once, with place, reason and remedy', async () => {
  const text = `version: 1
sycn: { master: crm }
secrets: { adapter: '@fake/secrets', optons: {} }
state: { adapter: 'Not A Package' }
token: { adapter: '@fake/token' }
mailbox: { adapter: '@fake/mailbox' }
mailboxes:
  - { address: ann@contoso.example, records: mine }
  - { address: ANN@contoso.example }
  - { address: nonsense }
sync: { region: usa, brake: { share: 5 } }
mapping: ./nowhere.yaml
network: { ca: [missing.pem] }
`;
  const problems = await problemsOf(text, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  const byPath = Object.fromEntries(problems.map((problem) => [problem.path, problem]));
  expect(Object.keys(byPath).sort()).toEqual(
    [
      'sycn (2:1)',
      'secrets.optons (3:38)',
      'state.adapter (4:19)',
      'crm (1:1)',
      'mailboxes[0].records (8:46)',
      'mailboxes[1].address (9:16)',
      'mailboxes[2].address (10:16)',
      'sync.region (11:17)',
      'sync.brake.share (11:38)',
      'mapping (12:10)',
      'network.ca[0] (13:17)',
      'NODE_TLS_REJECT_UNAUTHORIZED',
    ].sort(),
  );
  expect(byPath['sycn (2:1)']?.remedy).toBe('Did you mean "sync"?');
  expect(byPath['secrets.optons (3:38)']?.remedy).toBe('Did you mean "options"?');
  expect(byPath['crm (1:1)']?.reason).toBe('is missing');
  expect(byPath['mailboxes[1].address (9:16)']?.reason).toContain('listed twice');
  expect(problems.every((problem) => problem.reason !== '' && problem.remedy !== '')).toBe(true);
});

test.each([
  ['version: 2', 'version (1:10)', 'expected 1'],
  ['version: 1', 'mailboxes (1:1)', 'names no mailbox'],
  ["version: 1\nstate: '@fake/state'", 'state (2:8)', 'expected a block of keys, found a text'],
  [
    'version: 1\nmappingExtra: [{ field: email, mailbox: a, crm: b, direction: up }]',
    'mappingExtra[0].direction (2:63)',
    'possible',
  ],
])('%j is refused at %s', async (text, path, reason) => {
  const found = (await problemsOf(text)).find((problem) => problem.path === path);
  expect(found?.reason).toContain(reason);
});

test('an empty list says that no mailbox takes part yet', async () => {
  const paths = (await problemsOf('version: 1\nmailboxes: []')).map(({ path }) => path);
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => path.startsWith('mailboxes'))).toEqual([]);
});

test('a file that is no YAML or is not there is an input error with a remedy', async () => {
  expect((await problemsOf('version: [1\n  a: }'))[0]?.remedy).toBe('Correct the YAML.');
  const error = await loadConfig(`${folder.path}/none.yaml`, { env: {} }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).problems[0]?.remedy).toContain('tidelock init');
});

test('a repeated key is refused, as the later one would silently win', async () => {
  expect((await problemsOf(`${GOOD}version: 1\n`))[0]).toMatchObject({
    reason: 'the key "version" is there twice',
    remedy: 'Keep one of them.',
  });
});

const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcd'.split('').map((name, at) => {
    const before = 'abc'.charAt(at);
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join()}]`;
  }),
].join('\n');

test.each([
  ['', /empty/, /tidelock init/],
  ['# only a remark\n', /empty/, /tidelock init/],
  ['version: 1\n\tdata: x\n', /a tab/, /spaces/],
  ['version: 1\n---\nversion: 1\n', /second document/, /one document/],
  ['version: 1\n\0', /UTF-8/, /UTF-8/],
  [BOMB, /aliases/, /Write the values out/],
  [`version: 1\n# ${'x'.repeat(5 * 1024 * 1024)}`, /MiB/, /right file/],
  ['- a\n', /a block of keys, found a list/, /Write a block of keys/],
])('a file that can be no configuration says so in plain words (%#)', async (text, reason, remedy) => {
  const [problem] = await problemsOf(text);
  expect(problem?.reason).toMatch(reason);
  expect(problem?.remedy).toMatch(remedy);
});

test('a byte order mark is no problem', async () => {
  expect((await loadConfig(await folder.config(`\uFEFF${GOOD}`), { env: {} })).mailboxes).toHaveLength(1);
});

test('problems of the mapping file come with those of the configuration', async () => {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(
    `${folder.path}/map.yaml`,
    'version: 1\nkind: contact\nfields:\n  - { field: Email, mailbox: a, crm: b }\n',
  );
  const problems = await problemsOf(`${GOOD}mapping: ./map.yaml\nextra: 1\n`);
  expect(problems.map((problem) => problem.path)).toEqual([
    'extra (12:1)',
    `${folder.path}/map.yaml: fields[0].field (4:14)`,
  ]);
});

test('insecureForTests lets the insecure environment pass', async () => {
  const file = await folder.config(`${GOOD}network: { insecureForTests: true }\n`);
  const config = await loadConfig(file, { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
  expect(config.network.insecureForTests).toBe(true);
});

test('the shipped JSON Schema is the one the code makes', async () => {
  const shipped: unknown = JSON.parse(
    await readFile(new URL('../config.schema.json', import.meta.url), 'utf8'),
  );
  expect(shipped).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});
