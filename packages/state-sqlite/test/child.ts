import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
  readonly exit: Promise<void>;
}

export function startChild(
  script: 'holder' | 'committer' | 'forgetful',
  args: readonly string[],
  uid?: number,
): Child {
  const file = fileURLToPath(new URL(`./child/${script}.ts`, import.meta.url));
  const flags = ['--conditions=@tidelock/source', '--disable-warning=ExperimentalWarning', file, ...args];
  const child = spawn(process.execPath, flags, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const lines = createInterface({ input: child.stdout });
  return { process: child, lines, exit: new Promise((done) => child.once('close', () => done())) };
}

export const firstLine = (child: Child): Promise<string> =>
  new Promise((done, fail) => {
    child.lines.once('line', done);
    child.process.once('close', () => fail(new Error('the child ended without a word')));
  });
