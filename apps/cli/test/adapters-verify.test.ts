import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT, runIn } from './fake-sides.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-verify-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A package of a stranger, with what it exports as `./conformance`. */
async function install(proof: string, manifest: object = { name: 'crm-strange', version: '1.2.3' }) {
  const home = join(folder, 'node_modules', 'crm-strange');
  await mkdir(home, { recursive: true });
  const entries = { './conformance': './proof.mjs', './package.json': './package.json' };
  await writeFile(join(home, 'package.json'), JSON.stringify({ exports: entries, ...manifest }));
  await writeFile(join(home, 'proof.mjs'), proof);
  return home;
}

const suite = (parts: { cases: string; faults?: string }): string => `
export const conformance = {
  contract: 'crm@1',
  suites: [{ name: 'strange', cases: [${parts.cases}], ${parts.faults ?? ''} }],
};`;
const kept = "{ id: 'x-001', title: 'holds', run: async () => null }";
const impossible = "{ id: 'x-002', title: 'needs more', run: async () => 'nothing to hold it to' }";
const waived = "{ id: 'x-003', title: 'set aside', waived: 'see README', run: async () => 'see README' }";
const broken = "{ id: 'x-004', title: 'is broken', run: async () => { throw new Error('one too many') } }";
const noticed = "{ name: 'a page is lost', run: async () => ({ noticedBy: 'x-001' }) }";
const unnoticed = "{ name: 'a merge is a deletion', run: async () => ({ noticedBy: null }) }";

test('an adapter that keeps its contract: what was kept, what does not apply and why, what was noticed', async () => {
  await install(suite({ cases: [kept, impossible, waived].join(), faults: `faults: [${noticed}]` }));
  const result = await runIn(folder, 'adapters verify crm-strange');
  expect(result.err).toBe('');
  expect(result.out).toContain('crm-strange 1.2.3, contract crm@1');
  expect(result.out).toContain('1 clause kept');
  expect(result.out).toContain('skipped 1: nothing to hold it to');
  expect(result.out).toContain('skipped 1: waived: see README');
  expect(result.out).toContain('1 mistake built in on purpose, each noticed');
  expect(result.out).toContain('2 passed, 0 failed, 2 skipped');
  expect(result.code).toBe(EXIT.ok);
});

test('a broken clause is named with its reason; mistakes are not built into what is broken already', async () => {
  await install(suite({ cases: [kept, broken].join(), faults: `faults: [${noticed}]` }));
  const result = await runIn(folder, 'adapters verify crm-strange');
  expect(result.out).toContain('x-004 is broken\n      one too many');
  expect(result.out).not.toContain('on purpose');
  expect(result.code).toBe(EXIT.partial);
  const json = (await runIn(folder, 'adapters verify crm-strange --json')).json();
  expect(json).toMatchObject({
    adapter: 'crm-strange',
    version: '1.2.3',
    passed: 1,
    failed: 1,
    exitCode: EXIT.partial,
    suites: [{ faults: null, cases: [{ state: 'passed' }, { id: 'x-004', reason: 'one too many' }] }],
  });
});

test('suites that pass on a broken adapter fail', async () => {
  await install(suite({ cases: kept, faults: `faults: [${noticed}, ${unnoticed}]` }));
  const result = await runIn(folder, 'adapters verify crm-strange');
  expect(result.out).toContain('unnoticed a merge is a deletion');
  expect(result.code).toBe(EXIT.partial);
  expect((await runIn(folder, 'adapters verify crm-strange --no-faults')).code).toBe(EXIT.ok);
});

test('one case alone, by its id', async () => {
  await install(suite({ cases: [kept, broken].join() }));
  expect((await runIn(folder, 'adapters verify crm-strange --only x-001')).code).toBe(EXIT.ok);
  const strange = await runIn(folder, 'adapters verify crm-strange --only x-001,x-999');
  expect(strange.code).toBe(EXIT.input);
  expect(strange.err).toContain('x-999');
});

test('the folder of a package that is being written stands for it', async () => {
  const home = await install(suite({ cases: kept }));
  expect((await runIn(home, 'adapters verify .')).out).toContain('crm-strange 1.2.3');
  const empty = await runIn(folder, 'adapters verify ./nowhere');
  expect(empty.code).toBe(EXIT.input);
  expect(empty.err).toContain('There is no package in ./nowhere');
});

test.each([
  [
    "import '@tidelock/not-there'; export const conformance = {};",
    'npm install --save-dev @tidelock/not-there',
  ],
  ["throw new Error('at once')", 'cannot be loaded (Error: at once)'],
  ["export const conformance = { contract: 'crm@1', suites: [] };", 'exports no "conformance" with suites'],
])('a proof that cannot run: %s', async (proof, said) => {
  await install(proof);
  const result = await runIn(folder, 'adapters verify crm-strange');
  expect(result.code).toBe(EXIT.input);
  expect(result.err).toContain(said);
});

test('a package without a proof, and one that is not there', async () => {
  await install('', { name: 'crm-strange', exports: { './package.json': './package.json' } });
  expect((await runIn(folder, 'adapters verify crm-strange')).err).toContain('has no entry "./conformance"');
  expect((await runIn(folder, 'adapters verify crm-absent')).err).toContain('npm install crm-absent');
});

test('an adapter of ours, on the emulated service', async () => {
  const { passed, failed, suites } = (
    await runIn(folder, 'adapters verify @tidelock/crm-hubspot --json')
  ).json() as { passed: number; failed: number; suites: { faults: unknown[] | null }[] };
  expect(failed).toBe(0);
  expect(passed).toBeGreaterThan(100);
  expect(suites[0]?.faults?.length).toBeGreaterThan(15);
});
