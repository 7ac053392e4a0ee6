import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';

/** A way in which what this process has in memory could get out of it. */
export interface Weakness {
  readonly text: string;
  readonly remedy: string;
}

/** Flags that open this process, or write its memory down. */
const OPENING =
  /--(inspect|inspect-brk|inspect-wait|heapsnapshot-signal|heapsnapshot-near-heap-limit|abort-on-uncaught-exception)(?![\w-])/;

/** Bytes that a core file may have; null = this system does not say. */
function coreLimit(): string | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return /^Max core file size\s+(\S+)/m.exec(limits)?.[1] ?? null;
  } catch {
    return null;
  }
}

/**
 * What a program does first, before there is anything secret in it: no debugger opens on a signal, a report of Node's names no
 * variables of the environment, and a crash leaves no core file where the system lets a process say so itself.
 */
export function hardenProcess(): void {
  // Node opens its debugger on this signal where nobody listens for it.
  process.on('SIGUSR1', () => undefined);
  process.report.excludeEnv = true;
  const limit = coreLimit();
  if (limit === null || limit === '0') return;
  spawnSync('prlimit', ['--core=0:0', `--pid=${process.pid}`], { stdio: 'ignore', timeout: 2_000 });
}

interface Look {
  readonly core: string | null;
  readonly inspector: string | undefined;
  readonly flags: readonly string[];
}

const lookHere = (): Look => ({
  core: coreLimit(),
  inspector: inspectorUrl(),
  flags: [...process.execArgv, process.env.NODE_OPTIONS ?? ''],
});

/** What still stands open, as this process was started. Empty: nothing. */
export function weaknesses({ core, inspector, flags }: Look = lookHere()): readonly Weakness[] {
  const found: Weakness[] = [];
  if (core !== null && core !== '0')
    found.push({
      text: 'a crash can write all memory of this process, keys and tokens too, into a core file',
      remedy: 'Start it with ulimit -c 0 (systemd: LimitCORE=0; containers: --ulimit core=0).',
    });
  if (inspector !== undefined)
    found.push({
      text: 'a debugger can read this process',
      remedy: 'Start it without --inspect, also in NODE_OPTIONS.',
    });
  const flag = OPENING.exec(flags.join(' '))?.[0];
  if (flag !== undefined && !flag.startsWith('--inspect'))
    found.push({
      text: `${flag} writes memory of this process into a file`,
      remedy: `Start it without ${flag}, also in NODE_OPTIONS.`,
    });
  return found;
}
