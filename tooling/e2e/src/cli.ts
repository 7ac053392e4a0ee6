import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

export interface CliRun {
  /** Exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** A shell command that runs the program with its limits: `ulimit -f 64; exec "$@"`. */
  readonly shell?: string;
  /** Runs it as this user, for rights that root does not lack. */
  readonly uid?: number;
  /** Given the process, to be stopped, woken or ended at once, as a power cut would. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The real program in a process of its own. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const node = [
    process.execPath,
    '--conditions=@tidelock/source',
    '--disable-warning=ExperimentalWarning',
    MAIN,
  ];
  const words = [...node, ...args];
  const [command = '', ...rest] =
    options.shell === undefined ? words : ['bash', '-c', options.shell, 'cli', ...words];
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...inherited } = process.env;
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { ...inherited, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  options.onStart?.(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ?? code, out, err }));
  });
}
