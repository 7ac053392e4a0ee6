#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { EXIT } from './exit-code.ts';
import { run } from './program.ts';
import type { Terminal } from './terminal.ts';

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

const terminal: Terminal = {
  out: (chunk) => void process.stdout.write(chunk),
  err: (chunk) => void process.stderr.write(chunk),
  outIsTty: process.stdout.isTTY === true,
  errIsTty: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
  readInput: () => text(process.stdin),
  ask: process.stdin.isTTY === true ? ask : null,
};

const interruption = new AbortController();
const stop = (): void => {
  if (interruption.signal.aborted) process.exit(EXIT.interrupted);
  terminal.err('\nStopping at the next safe point. Once more stops at once.\n');
  interruption.abort(new Error('interrupted'));
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// A reader that closed the pipe (`| head`) wants no more.
process.stdout.on('error', () => process.exit(EXIT.ok));

process.exitCode = await run(process.argv.slice(2), {
  terminal,
  env: process.env,
  cwd: process.cwd(),
  signal: interruption.signal,
});
process.off('SIGINT', stop);
process.off('SIGTERM', stop);
