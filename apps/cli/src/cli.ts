import type { Style, Terminal } from './terminal.ts';

/** What every command is given: the outside world, and the global options. */
export interface Cli {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Global options, known once the command line was read. */
  globals(): Globals;
  style(): Style;
  /** One line for people; nothing with --json or --quiet. */
  say(text?: string): void;
  /** The one JSON document of a run. Does nothing without --json. */
  json(document: unknown): void;
  /** Sets the exit code; the first failure wins. */
  exit(code: number): void;
}

export interface Globals {
  readonly config: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}
