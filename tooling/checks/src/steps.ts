import { fileURLToPath } from 'node:url';
import type { Outcome } from './command.ts';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A program of the root's node_modules. */
export function binary(name: string): string {
  return `${repository}node_modules/.bin/${name}`;
}

export interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

/** Runs every step, one line each, and prints the output of those that fail. Sets the exit code. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  for (const { name, run } of steps) {
    const started = performance.now();
    const { ok, output } = await run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (ok) continue;
    console.log(output.trimEnd().replaceAll(/^/gm, '  '));
    process.exitCode = 1;
  }
}
