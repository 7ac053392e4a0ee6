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
  /**
   * The one JSON document of a run, printed at its end with the exit code in it; the last one given counts. `now`:
   * printed at once, for a command that goes on. Does nothing without --json.
   */
  json(document: object, when?: 'now'): void;
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
