import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../src/steps.ts';
import { plant } from './seed.ts';

interface Scripts {
  readonly test: string;
  readonly check: string;
  readonly pack: string;
}

const fine: Scripts = {
  test: "echo 'skipped: a (no ground)'; echo '5 passed, 0 failed, 1 skipped'",
  check: "echo 'ok     types (1 s)'; echo 'ok     structure (1 s)'",
  pack: "echo 'ok     build (1 s)'",
};

/** Runs `.ci/run` over scripts that only pretend. */
function judge(changes: Partial<Scripts>): { status: number | null; lines: string[] } {
  const { test, check, pack } = { ...fine, ...changes };
  const scripts = { test, check, 'pack:check': pack };
  const script = readFileSync(join(repository, '.ci/run'), 'utf8');
  using tree = plant({ '.ci/run': script, 'package.json': JSON.stringify({ scripts }) }, {});
  const run = spawnSync('bash', [join(tree.root, '.ci/run')], { encoding: 'utf8', cwd: '/' });
  return { status: run.status, lines: run.stdout.trimEnd().split('\n') };
}

describe('.ci/run', () => {
  it('sums tests and checks, shows skips, and is otherwise quiet', () => {
    expect(judge({})).toEqual({
      status: 0,
      lines: ['skipped: a (no ground)', '8 passed, 0 failed, 1 skipped'],
    });
  });

  it('shows a failed check with its findings', () => {
    const { status, lines } = judge({ check: "echo 'FAILED types (1 s)'; echo '  a.ts(1,1)'; exit 1" });
    expect(lines).toContain('  a.ts(1,1)');
    expect(lines.at(-1)).toBe('6 passed, 1 failed, 1 skipped');
    expect(status).toBe(1);
  });

  it.each([
    [
      'a failing test',
      { test: "echo '4 passed, 1 failed, 0 skipped'; exit 1" },
      '7 passed, 1 failed, 0 skipped',
    ],
    ['tests that end without a count', { test: 'echo killed; exit 137' }, '3 passed, 1 failed, 0 skipped'],
    [
      'tests that fail without saying so',
      { test: "echo '4 passed, 0 failed, 0 skipped'; exit 1" },
      '7 passed, 1 failed, 0 skipped',
    ],
    ['a check that dies', { pack: 'exit 9' }, '7 passed, 1 failed, 1 skipped'],
  ] satisfies [string, Partial<Scripts>, string][])('counts %s as a failure', (_title, changes, last) => {
    const { status, lines } = judge(changes);
    expect(lines.at(-1)).toBe(last);
    expect(status).toBe(1);
  });
});
