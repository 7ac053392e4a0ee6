import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { accessAttacks } from '../src/access/attacks.ts';
import { accessMutants } from '../src/access/mutants.ts';

vi.setConfig({ testTimeout: 600_000 });

const RUN = fileURLToPath(new URL('../src/access/mutant-run.ts', import.meta.url));

interface Line {
  readonly check: string;
  readonly attack: string;
  readonly expected: string;
  readonly outcome: string;
}

/** Refused by the library, or by two checks of ours of which either is enough. */
const REFUSED_TWICE = [
  ...[
    'unsigned',
    'changed',
    'absent',
    'issuer',
    'audience',
    'nonce',
    'no-nonce',
    'expired',
    'tenant-changed',
  ],
  ...['no-role', 'no-state', 'mix-up', 'declined', 'replayed-return', 'bare-return', 'disabled-person'],
  ...['disabled', 'no-type', 'login-text-plain', 'setup-twice', 'setup-parallel', 'link-late'],
  ...['link-of-disabled', 'owner-kept-out', 'other-spelling', 'hash-as-token', 'malformed'],
];

/** In a process of its own: modules are loaded anew for each mutant, with Node's own hooks. */
test('without any one check, the attack on the way in comes out differently', async () => {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  const args = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', RUN];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 2 ** 24 });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(lines.map(({ check }) => check)).toEqual(accessMutants.map(({ check }) => check));
  expect(lines.filter(({ outcome, expected }) => outcome === expected)).toEqual([]);
  expect(lines.filter(({ outcome }) => /\b500\b/.test(outcome))).toEqual([]);
  const covered = new Set([...accessMutants.map(({ attack }) => attack), ...REFUSED_TWICE]);
  expect(accessAttacks.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});
