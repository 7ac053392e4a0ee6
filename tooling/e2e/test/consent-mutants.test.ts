import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { attacks } from '../src/consent/attacks.ts';
import { mutants } from '../src/consent/mutants.ts';

vi.setConfig({ testTimeout: 300_000 });

const RUN = fileURLToPath(new URL('../src/consent/mutant-run.ts', import.meta.url));

interface Line {
  readonly check: string;
  readonly attack: string;
  readonly expected: string;
  readonly without: string;
  readonly outcome: string;
}

/** In a process of its own: modules are loaded anew for each mutant, with Node's own hooks. */
test('without any one check, the attack that it refuses comes out differently', async () => {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  const args = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', RUN];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 2 ** 24 });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(lines.map(({ check }) => check)).toEqual(mutants.map(({ check }) => check));
  expect(lines.map(({ check, outcome }) => [check, outcome])).toEqual(
    lines.map(({ check, without }) => [check, without]),
  );
  expect(lines.filter(({ outcome, expected }) => outcome === expected)).toEqual([]);
  // An attack that nothing of ours refuses would prove nothing: those left are refused by the library or by Entra.
  const refusedElsewhere = [
    'unsigned',
    'other-app',
    'issuer-of-another',
    'old-token',
    'replayed-callback',
    'consent-for-sign-in',
  ];
  const covered = new Set([...mutants.map(({ attack }) => attack), ...refusedElsewhere, 'forwarded-name']);
  expect(attacks.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});
