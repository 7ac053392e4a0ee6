import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdapter, ScaffoldError } from '../src/index.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const ROOT = join(PACKAGE, '..', '..');
const SOURCE = '--conditions=@tidelock/source';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tidelock-create-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Done {
  readonly code: number;
  readonly out: string;
}

async function node(args: readonly string[], folder: string): Promise<Done> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, NO_COLOR: '1' };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args], { cwd: folder, env });
    return { code: 0, out: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

/** A new adapter with the packages of this repository in place of an installation. */
function scaffold(name: string): string {
  const { directory } = createAdapter({ name, cwd });
  symlinkSync(join(PACKAGE, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

const runTests = (folder: string): Promise<Done> =>
  node([SOURCE, '--test', '--test-reporter=tap', 'test/conformance.test.ts'], folder);
const counted = ({ out }: Done, what: string): number =>
  Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(out)?.[1] ?? Number.NaN);

/** Why clauses and mistakes were left out, each as often as it was. */
const skippedFor = ({ out }: Done): readonly string[] =>
  [...out.matchAll(/ # SKIP (.+)$/gm)].map(([, reason = '']) => reason).sort();

/** What a new adapter does not do at first, by the clauses and mistakes that are about it. Nothing else may be left out. */
const NOT_DONE = [
  'conditionalDelete is declared true',
  'conditionalUpdate is declared true',
  'modifiedBy is declared false',
  ...Array.from({ length: 2 }, () => 'nothing lies outside this store'),
  'the adapter does no set-up step by itself',
  'the adapter finds users by e-mail address only',
  ...Array.from({ length: 5 }, () => 'the adapter takes no pushes'),
  ...Array.from({ length: 2 }, () => 'the store declares that it does not merge'),
];

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Changes one place of the scaffold; returns what takes it back. */
function edit(folder: string, { file, from, to }: Edit): () => void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  expect(before.split(from)).toHaveLength(2);
  writeFileSync(path, before.replace(from, to));
  return () => writeFileSync(path, before);
}

describe('a new adapter', () => {
  let folder: string;
  beforeAll(() => {
    folder = scaffold('@you/crm-zoho-bigin');
  });

  it('keeps every clause of its contract at once, and its suites notice mistakes', async () => {
    const done = await runTests(folder);
    expect(counted(done, 'fail')).toBe(0);
    expect(counted(done, 'pass')).toBeGreaterThan(110);
    expect(skippedFor(done)).toEqual(NOT_DONE);
    expect(done.code).toBe(0);
  });

  it('has no type error, and builds', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const done = await node([tsc, '--customConditions', '@tidelock/source'], folder);
    expect(done).toEqual({ code: 0, out: '' });
  });

  it('is verified by the command that anybody has', async () => {
    const main = join(ROOT, 'apps/cli/src/main.ts');
    const done = await node([SOURCE, main, 'adapters', 'verify', '.', '--json'], folder);
    expect(JSON.parse(done.out)).toMatchObject({
      adapter: '@you/crm-zoho-bigin',
      contract: 'crm@1',
      failed: 0,
      exitCode: 0,
    });
  });

  it('bears its own name everywhere', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(manifest.name).toBe('@you/crm-zoho-bigin');
    expect(manifest.dependencies).toHaveProperty('@tidelock/kit');
    const index = readFileSync(join(folder, 'src/index.ts'), 'utf8');
    expect(index).toContain("name: '@you/crm-zoho-bigin'");
    expect(index).toContain('create: createZohoBigin');
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('dist/');
    expect(index + readFileSync(join(folder, 'README.md'), 'utf8')).not.toMatch(/acme/i);
  });

  const mistakes: readonly (readonly [what: string, edit: Edit])[] = [
    [
      'an id without an answer is gone',
      { file: 'src/store-read.ts', from: 'item?.status === 404', to: 'item?.status !== 200' },
    ],
    [
      'a write is sent again by the client',
      { file: 'src/client.ts', from: 'call.repeatable === true', to: 'call.path !== ""' },
    ],
    [
      'a refusal of the service means gone',
      { file: 'src/errors.ts', from: 'if (status === 404)', to: 'if (status === 422)' },
    ],
    [
      'creates forget the key',
      { file: 'src/store-write.ts', from: '{ external_key: write.stamp }', to: '{}' },
    ],
    [
      'updates go through on any version',
      { file: 'src/conformance/fake-table.ts', from: 'operation.version !== row.version', to: 'false' },
    ],
    [
      'the loop of a feed is followed',
      { file: 'src/store-read.ts', from: 'page.more && page.cursor === cursor', to: 'page.cursor === ""' },
    ],
  ];

  it.each(mistakes)('fails when %s', async (_what, change) => {
    const undo = edit(folder, change);
    try {
      const done = await runTests(folder);
      expect(counted(done, 'fail')).toBeGreaterThan(0);
      expect(done.code).not.toBe(0);
    } finally {
      undo();
    }
  });
});

describe('a package of the workspace', () => {
  it('follows the house: name, exports, references', () => {
    const house = join(cwd, 'house');
    mkdirSync(house);
    const references = ['packages/core', 'packages/kit', 'apps/cli'].map((path) => ({ path }));
    writeFileSync(join(house, 'tsconfig.json'), JSON.stringify({ references }));
    const { directory, packageName } = createAdapter({ name: 'crm-bigin', cwd: house, workspace: true });
    expect(directory).toBe(join(house, 'packages/crm-bigin'));
    expect(packageName).toBe('@tidelock/crm-bigin');
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      repository: { directory: 'packages/crm-bigin' },
      dependencies: { '@tidelock/core': 'workspace:^', zod: 'catalog:' },
    });
    expect(readFileSync(join(directory, 'test/conformance.test.ts'), 'utf8')).toContain("from 'vitest'");
    expect(JSON.parse(readFileSync(join(house, 'tsconfig.json'), 'utf8'))).toEqual({
      references: ['packages/core', 'packages/kit', 'packages/crm-bigin', 'apps/cli'].map((path) => ({
        path,
      })),
    });
  });
});

describe('what cannot be done', () => {
  it.each([
    ['Crm-Acme', 'is no name of a package'],
    ['crm acme', 'is no name of a package'],
    ['../crm-acme', 'is no name of a package'],
    ['acme', 'does not begin with a contract'],
    ['crm', 'names no vendor'],
    ['crm-2go', 'names no vendor'],
    ['state-redis', 'there is no template for the contract state yet'],
  ])('"%s": %s', (name, reason) => {
    expect(() => createAdapter({ name, cwd })).toThrow(ScaffoldError);
    expect(() => createAdapter({ name, cwd })).toThrow(reason);
  });

  it('a folder that holds something is left as it is', () => {
    const folder = join(cwd, 'crm-full');
    mkdirSync(folder);
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    expect(() => createAdapter({ name: 'crm-full', cwd })).toThrow('is not empty (mine.txt)');
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
  });
});

describe('the program', () => {
  const main = join(PACKAGE, 'src/main.ts');

  it('says what to do next', async () => {
    const done = await node([SOURCE, main, 'crm-next'], cwd);
    expect(done.code).toBe(0);
    expect(done.out).toContain('cd crm-next');
    expect(done.out).toContain('npm test');
  });

  it('speaks JSON', async () => {
    const done = await node([SOURCE, main, 'crm-json', '--json'], cwd);
    expect(JSON.parse(done.out)).toMatchObject({ packageName: 'crm-json', exitCode: 0 });
    const refused = await node([SOURCE, main, 'crm-json', '--json'], cwd);
    expect(JSON.parse(refused.out)).toMatchObject({ exitCode: 2, error: { remedy: expect.any(String) } });
  });

  it.each([[[]], [['crm-a', 'crm-b']], [['crm-a', '--nope']], [['nope']]])(
    '%j is bad input',
    async (args) => {
      const done = await node([SOURCE, main, ...args], cwd);
      expect(done.code).toBe(2);
      expect(done.out).toContain('→');
      expect(done.out).not.toContain('    at ');
    },
  );

  it('explains itself', async () => {
    const done = await node([SOURCE, main, '--help'], cwd);
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: npm create @tidelock/adapter'),
    });
  });
});
