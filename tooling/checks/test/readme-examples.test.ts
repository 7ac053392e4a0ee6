import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { repository } from '../src/steps.ts';
import { SETUPS } from './readme-setups.ts';

/** Its package lists every package of ours, so examples find what they import. */
const place = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(`${repository}${path}`, 'utf8');
const readmes = ['README.md', ...globSync(['packages/*/README.md', 'apps/*/README.md'], { cwd: repository })];
const pages = [
  ...readmes,
  'CONTRIBUTING.md',
  'AGENTS.md',
  ...globSync(['docs/**/*.md', 'deploy/**/README.md', 'tooling/*/README.md'], { cwd: repository }),
].sort();

interface Example {
  readonly readme: string;
  readonly code: string;
  /** Why it is not run, from `<!-- not run: reason -->` above it. */
  readonly reason: string | undefined;
}

const BLOCK = /(?:<!-- not run: ([^\n]*?) -->\n)?```ts\n([\s\S]*?)```/g;

const examplesOf = (readme: string): Example[] =>
  [...read(readme).matchAll(BLOCK)].map(([, reason, code = '']) => ({ readme, code, reason }));

interface Ended {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

/** Runs TypeScript from standard input under our sources, as `node` would run a file in `place`. */
function runSource(source: string): Promise<Ended> {
  return new Promise((resolve) => {
    // The kind of input is told by what it says: the option that names it would be handed on to worker threads, which refuse it.
    const args = ['--conditions=@tidelock/source', '-'];
    const child = execFile(
      process.execPath,
      args,
      { cwd: place, timeout: 50_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
      },
    );
    child.stdin?.end(source);
  });
}

describe('examples in READMEs', () => {
  const examples = readmes.flatMap(examplesOf);

  it('are found', () => {
    expect(examples.length).toBeGreaterThan(5);
  });

  for (const { readme, code, reason } of examples) {
    if (reason !== undefined) it.skip(`${readme} [skipped: ${reason}]`, () => {});
    else
      it(`${readme} runs`, async () => {
        const { code: exit, output } = await runSource(`${SETUPS[readme] ?? ''}\n${code}`);
        expect(exit, output).toBe(0);
      });
  }

  it('that are wrong are noticed', async () => {
    const { code, output } = await runSource("import { nonsense } from '@tidelock/core';\nnonsense();");
    expect(code).not.toBe(0);
    expect(output).toContain('nonsense');
  });
});

describe('links', () => {
  const targetsOf = (page: string): string[] =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*$/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target));

  it.each(pages)('%s links to files that exist', (page) => {
    const missing = targetsOf(page).filter((target) => !existsSync(join(repository, dirname(page), target)));
    expect(missing).toEqual([]);
  });
});
