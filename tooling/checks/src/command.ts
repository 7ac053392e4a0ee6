import { spawn } from 'node:child_process';

export interface Outcome {
  readonly ok: boolean;
  /** stdout and stderr as they came. */
  readonly output: string;
  readonly stdout: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program without a shell and without input. A program that cannot start is a failure, not an exception. */
export function run({ program, args, cwd, env }: Command): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}`, stdout }));
    child.on('close', (code) => resolve({ ok: code === 0, output, stdout }));
  });
}
