import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

export interface ServedOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command that runs the program with its limits: `ulimit -c unlimited; exec "$@"`. */
  readonly shell?: string;
  /** Where a core file would lie. */
  readonly cwd: string;
}

/** `tidelock serve` in a process of its own, that a test may do anything to. */
export interface Served extends AsyncDisposable {
  readonly origin: string;
  readonly child: ChildProcess;
  /** Everything that it wrote for people so far. */
  said(): string;
  /** Asks again and again until it is so. */
  until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void>;
  /** Resolves with exit code or signal once it has ended. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const LONGEST_MS = 90_000;

export async function startServed(configPath: string, options: ServedOptions): Promise<Served> {
  const node = [process.execPath, '--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning'];
  const words = [...node, MAIN, 'serve', '--json', '--port', '0', '--config', configPath];
  const [command = '', ...args] =
    options.shell === undefined ? words : ['bash', '-c', options.shell, 'serve', ...words];
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...inherited, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'exit').then(
    ([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null,
  );
  const until: Served['until'] = async (what, isSo) => {
    const end = performance.now() + LONGEST_MS;
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error(`not in time: ${what}\n${err}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await until('it listens', () => {
      if (child.exitCode !== null) throw new Error(`it did not start: ${err}`);
      return /^\}$/m.test(out);
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  const { origin } = JSON.parse(out) as { origin: string };
  return { origin, child, said: () => out + err, until, ended, [Symbol.asyncDispose]: dispose };
}
