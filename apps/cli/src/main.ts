#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { hardenProcess, keepMemoryLow } from '@tidelock/host';
import { EXIT } from './exit-code.ts';
import { run } from './program.ts';
import type { Terminal } from './terminal.ts';

const interruption = new AbortController();

hardenProcess();
// A server answers people and services; every other command works for whoever has started it.
keepMemoryLow({ atOnce: !process.argv.includes('serve') });

async function ask(question: string, hidden = false): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? silence : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  if (hidden) process.stderr.write(question);
  // In raw mode the terminal sends no signal; readline reports the key instead.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await lines.question(question, { signal: interruption.signal })).trim();
  } finally {
    lines.close();
    if (hidden) process.stderr.write('\n');
  }
}

const terminal: Terminal = {
  out: (chunk) => void process.stdout.write(chunk),
  err: (chunk) => void process.stderr.write(chunk),
  outIsTty: process.stdout.isTTY === true,
  errIsTty: process.stderr.isTTY === true,
  // A terminal that does not know its width says 0.
  get columns() {
    return process.stderr.columns || 80;
  },
  readInput: () => text(process.stdin),
  ask: process.stdin.isTTY === true ? ask : null,
};

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
