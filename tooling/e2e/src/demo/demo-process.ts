import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../../apps/cli/src/main.ts', import.meta.url));
/** Building the page and starting, on a machine that does other things as well. */
const START_MS = 150_000;

export interface Demo {
  /** The printed link. */
  readonly link: URL;
  /** The services' pages for people. */
  readonly outlook: string;
  readonly crm: string;
  /** Everything that it has said so far. */
  said(): string;
  /** Asks it to end, as Ctrl-C does; its exit code. */
  stop(): Promise<number | null>;
}

/** The words behind `npm run demo`. */
function scriptOfDemo(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    readonly scripts: { readonly demo: string };
  };
  const [node, ...words] = scripts.demo.split(' ');
  if (node !== 'node') throw new Error(`npm run demo starts ${node}, and not Node`);
  return words;
}

const PROGRAM = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', MAIN, 'demo'];

/** `npm run demo` as somebody reads it on a terminal; without `page` the same program, whose page is not built. */
export async function openDemo({ page }: { readonly page: boolean }): Promise<Demo> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  const child = spawn(process.execPath, page ? scriptOfDemo() : PROGRAM, {
    cwd: ROOT,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  const hear = (text: string): void => {
    out += text;
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const ended = once(child, 'exit');
  await until('it is up', () => out.includes('Ctrl-C ends everything') || child.exitCode !== null, START_MS);
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(out)?.[1];
    if (found === undefined) throw new Error(`it did not say ${pattern}: ${out}`);
    return found;
  };
  return {
    link: new URL(find(/(http:\/\/localhost:\d+\/setup#\S+)/)),
    outlook: find(/Exchange Online\s+(http:\S+\d)/),
    crm: find(/Salesforce\s+(http:\S+\d)/),
    said: () => out,
    async stop() {
      child.kill('SIGINT');
      const [code] = await ended;
      return code as number | null;
    },
  };
}

export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  ms = 120_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${ms / 1000} seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
