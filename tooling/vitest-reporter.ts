import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const write = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

interface Described {
  readonly message?: string;
  readonly stack?: string;
  readonly diff?: string;
  readonly cause?: unknown;
}

const isError = (value: unknown): value is Described =>
  typeof value === 'object' && value !== null && 'message' in value;

function describeError(error: Described): string {
  const message = [error.message ?? 'an error without a message', error.diff].filter(Boolean).join('\n');
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !isForeign(line));
  const own = stripVTControlCharacters([message, ...frames].join('\n')).replaceAll(/^/gm, '    ');
  return isError(error.cause) ? `${own}\n    because of\n${describeError(error.cause)}` : own;
}

function isForeign(frame: string): boolean {
  return frame.includes('node_modules') || frame.includes('<anonymous>') || frame.includes('node:internal');
}

/** Why a test did not run: the note of `context.skip(note)`, or the `[skipped: reason]` in its own or its suite's name. */
function skipReason(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  const named = /\[skipped: ([^\]]+)\]/.exec(test.fullName)?.[1];
  if (named) return named;
  return test.options.mode === 'todo' ? 'not written yet' : 'NO REASON GIVEN';
}

/** A name says why a test may be skipped; where it ran, that is not true of it. */
const ranName = (test: TestCase): string => test.fullName.replace(/ \[skipped: [^\]]+\]/g, '');

/** Left out by `-t`, as a person asked. */
function isUnselected(test: TestCase): boolean {
  const pattern = test.project.config.testNamePattern;
  return pattern !== undefined && !pattern.test(test.fullName.replaceAll(' > ', ' '));
}

/**
 * Silent while tests pass. Prints each failure in full and each skipped test with its reason, and leaves the
 * counts as JSON in the file named by TIDELOCK_TEST_SUMMARY, for `tooling/run.mjs` to print as the last line.
 */
export default class QuietReporter implements Reporter {
  readonly #counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  readonly #skips: string[] = [];
  readonly #printed = new Map<string, string>();

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'pending') return;
    this.#counts[state] += 1;
    if (state === 'failed') this.#fail(test);
    if (state === 'skipped' && !isUnselected(test))
      this.#skips.push(`${place(test.module)} > ${test.fullName} (${skipReason(test)})`);
    this.#progress();
  }

  onTestModuleEnd(module: TestModule): void {
    for (const error of module.errors()) {
      this.#counts.failed += 1;
      write(`FAILED ${place(module)} (the file itself)\n${describeError(error)}`);
    }
    for (const suite of module.children.allSuites()) {
      for (const error of suite.errors()) {
        this.#counts.failed += 1;
        write(`FAILED ${place(module)} > ${suite.fullName} (the suite itself)\n${describeError(error)}`);
      }
    }
  }

  /** What a test prints is shown only when it fails. */
  onUserConsoleLog(log: { content: string; taskId?: string | undefined }): void {
    if (log.taskId === undefined) return;
    this.#printed.set(log.taskId, (this.#printed.get(log.taskId) ?? '') + log.content);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
    for (const error of errors) {
      this.#counts.failed += 1;
      write(`FAILED outside any test\n${describeError(error)}`);
    }
    for (const skip of this.#skips.toSorted()) write(`skipped: ${skip}`);
    const file = process.env.TIDELOCK_TEST_SUMMARY;
    if (file) writeFileSync(file, JSON.stringify(this.#counts));
  }

  #fail(test: TestCase): void {
    write(`FAILED ${place(test.module)} > ${ranName(test)}`);
    for (const error of test.result().errors ?? []) write(describeError(error));
    const printed = this.#printed.get(test.id);
    if (printed !== undefined) write(`  it printed:\n${printed.trimEnd()}`);
  }

  #progress(): void {
    if (!process.stdout.isTTY) return;
    const { passed, failed, skipped } = this.#counts;
    process.stdout.write(`\r${passed + failed + skipped} tests run, ${failed} failed\u001b[K`);
  }
}

function place(module: TestModule): string {
  return relative(process.cwd(), module.moduleId);
}
