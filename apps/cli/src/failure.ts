import type { ErrorKind, Problem } from '@tidelock/core';
import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { printable } from './table.ts';

interface AdapterFailure extends Error {
  readonly kind: ErrorKind;
  readonly code?: string | undefined;
  readonly remedy?: string | undefined;
  readonly operation?: string | undefined;
  readonly requestId?: string | undefined;
}

interface InputFailure extends Error {
  readonly problems: readonly Problem[];
}

export const isInput = (error: unknown): error is InputFailure =>
  error instanceof Error && error.name === 'InputError' && 'problems' in error;
export const isAdapter = (error: unknown): error is AdapterFailure =>
  error instanceof Error && error.name === 'AdapterError' && 'kind' in error;

/** Bad input on the command line itself. */
export class UsageError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      problems.length === 1 ? 'The command line has a problem.' : 'The command line has several problems.',
    );
    this.problems = problems;
  }
}

const BY_KIND: Partial<Record<ErrorKind, ExitCode>> = {
  auth: EXIT.auth,
  forbidden: EXIT.auth,
  conflict: EXIT.input,
  invalid: EXIT.input,
  unavailable: EXIT.unavailable,
  rate_limited: EXIT.unavailable,
};

export function exitCodeOfKind(kind: ErrorKind): ExitCode {
  return BY_KIND[kind] ?? EXIT.unexpected;
}

const FILE_CODES = new Set(['INSECURE_FILE', 'DENIED', 'NO_KEY', 'TAMPERED', 'CORRUPT', 'NEWER_FORMAT']);
/** The state store is a file of this machine too. */
const isFile = ({ code, operation, kind }: AdapterFailure): boolean =>
  FILE_CODES.has(code ?? '') || (kind === 'forbidden' && (operation ?? '').startsWith('state.'));

/** A conflict over a lock or a lease, and not over a name that is taken or a hash that is old. */
const isBusy = (operation: string | undefined): boolean =>
  operation !== undefined &&
  (operation.startsWith('state.') || ['held.keep', 'review.answer.lane'].includes(operation));

export function exitCodeOf(error: unknown): number {
  if (isInput(error)) return EXIT.input;
  if (!isAdapter(error)) return EXIT.unexpected;
  if (error.code === 'LOCK_TIMEOUT') return EXIT.busy;
  // A file of this machine that cannot be opened is a matter of setting up, not of consent.
  if (isFile(error)) return EXIT.input;
  if (error.kind === 'conflict' && isBusy(error.operation)) return EXIT.busy;
  return exitCodeOfKind(error.kind);
}

function printInput(cli: Cli, error: InputFailure): void {
  const { bad, dim, bold } = cli.style();
  const { err } = cli.terminal;
  err(`${bad('error')} ${printable(error.message)}\n`);
  for (const { path, reason, remedy } of error.problems) {
    err(`\n  ${bold(printable(path))}\n    ${printable(reason)}\n    ${dim('→')} ${printable(remedy)}\n`);
  }
}

function printAdapter(cli: Cli, error: AdapterFailure): void {
  const { bad, dim } = cli.style();
  const { err } = cli.terminal;
  err(`${bad('error')} ${printable(error.message)}\n`);
  const facts = [error.kind, error.operation, error.code, error.requestId && `request ${error.requestId}`];
  err(`  ${dim(facts.filter(Boolean).join(', '))}\n`);
  if (error.remedy !== undefined) err(`  ${dim('→')} ${printable(error.remedy)}\n`);
}

function documentOf(error: unknown): Record<string, unknown> {
  if (isInput(error)) return { kind: 'input', message: error.message, problems: error.problems };
  if (isAdapter(error)) {
    const { kind, message, operation, code, requestId, remedy } = error;
    return { kind, message, operation, code, requestId, remedy };
  }
  return { kind: 'unexpected', message: error instanceof Error ? error.message : String(error) };
}

/** What the parser of the command line found. After a bare `tidelock` it has printed the help already. */
function toUsageError({ code, message }: CommanderError): UsageError {
  const reason = code.startsWith('commander.help') ? 'no command was named' : message.replace(/^error: /, '');
  const remedy = 'See: tidelock --help, or tidelock <command> --help';
  return new UsageError([{ path: 'tidelock', reason, remedy }]);
}

/** What went wrong, why, and what to do; a stack only with --debug. Returns the exit code. */
export function reportFailure(cli: Cli, failure: unknown): number {
  const error = failure instanceof CommanderError ? toUsageError(failure) : failure;
  const code = exitCodeOf(error);
  cli.json({ error: documentOf(error) });
  if (isInput(error)) printInput(cli, error);
  else if (isAdapter(error)) printAdapter(cli, error);
  else {
    const message = error instanceof Error ? error.message : String(error);
    cli.terminal.err(`${cli.style().bad('error')} ${printable(message)}\n`);
    cli.terminal.err(
      '  → This should not happen. Run again with --debug and report it with what it prints.\n',
    );
  }
  if (cli.globals().debug && error instanceof Error) cli.terminal.err(`${error.stack ?? ''}\n`);
  return code;
}
