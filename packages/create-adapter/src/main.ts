#!/usr/bin/env node
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type Created, createAdapter, ScaffoldError } from './index.ts';

const HELP = `Writes a new Tidelock adapter that keeps its contract from its first run.

Usage: npm create @tidelock/adapter <name> [-- options]

  <name>               crm-acme, or @you/crm-acme: the word before the dash is the contract
  --directory <dir>    folder to make (default: the name without its scope)
  --workspace          a package of the Tidelock repository itself, under its rules
  --json               one JSON document, for programs
  -h, --help

Exit codes: 0 done; 2 bad input, nothing was written.
`;

function say({ packageName, directory, files }: Created, workspace: boolean): string {
  const folder = relative(process.cwd(), directory) || '.';
  const next = workspace
    ? ['npx --yes pnpm@12.21.0 install --no-frozen-lockfile', `npm test -- ${folder}`]
    : [`cd ${folder}`, 'npm install', 'npm test        # every clause of the contract, green from the start'];
  return `${packageName}: ${files.length} files in ${folder}

  ${next.join('\n  ')}

Then open ${folder}/README.md: it says what to change, in which order.
`;
}

function fail(error: unknown, json: boolean): void {
  if (!(error instanceof Error)) throw error;
  process.exitCode = 2;
  const remedy = error instanceof ScaffoldError ? error.remedy : 'See --help.';
  const code = 'code' in error ? String(error.code) : '';
  if (!(error instanceof ScaffoldError) && !code.startsWith('ERR_PARSE_ARGS')) throw error;
  if (json)
    process.stdout.write(`${JSON.stringify({ error: { message: error.message, remedy }, exitCode: 2 })}\n`);
  else process.stderr.write(`error ${error.message}\n  → ${remedy}\n`);
}

function main(argv: readonly string[]): void {
  const json = argv.includes('--json');
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        directory: { type: 'string' },
        workspace: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return;
    }
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) {
      throw new ScaffoldError('the command line', {
        reason: name === undefined ? 'names no adapter' : `names more than one (${positionals.join(', ')})`,
        remedy: 'Usage: npm create @tidelock/adapter crm-acme',
      });
    }
    const { directory, workspace } = values;
    const made = createAdapter({
      name,
      cwd: process.cwd(),
      workspace,
      ...(directory === undefined ? {} : { directory }),
    });
    process.stdout.write(json ? `${JSON.stringify({ ...made, exitCode: 0 })}\n` : say(made, workspace));
  } catch (error) {
    fail(error, json);
  }
}

main(process.argv.slice(2));
