import { weaknesses } from '@tidelock/host';
import { SERVE_ROLES, type ServeRole, type Serving, serve } from '@tidelock/server';
import { Command, Option } from 'commander';
import { toPort } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { configPath } from '../session.ts';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly role: ServeRole;
  readonly page: boolean;
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** What operators would not want, said at every start: on standard error, so that no program takes it for the answer. */
function tellWeaknesses(cli: Cli): void {
  const { warn, dim } = cli.style();
  for (const { text, remedy } of weaknesses())
    cli.terminal.err(`${warn('note')}  ${text}\n      ${dim('→')} ${remedy}\n`);
}

function tell(cli: Cli, serving: Serving): void {
  const { origin, address, invitation } = serving;
  const { bold, dim } = cli.style();
  cli.json({ origin, address, setupLink: invitation?.link ?? null }, 'now');
  cli.say(`Tidelock serves ${bold(origin)} ${dim(`(listens on ${address})`)}`);
  if (invitation !== null)
    cli.say(
      `\nNobody can sign in yet. Make the first account, once, within an hour:\n\n  ${bold(invitation.link)}\n`,
    );
  cli.say(dim('Ctrl-C stops at the next safe point.'));
}

/** `tidelock serve` */
export function serveCommand(cli: Cli): Command {
  return new Command('serve')
    .description("works day and night, with the administrators' page and the API")
    .option(
      '--host <address>',
      'address to listen on; beyond this machine server.origin has to be set',
      '127.0.0.1',
    )
    .option('--port <port>', 'port to listen on; 0: any free one', toPort, 8443)
    .addOption(
      new Option(
        '--role <role>',
        'all: everything; api: page and API only; worker: the work only, with health and metrics',
      )
        .choices(SERVE_ROLES)
        .default('all'),
    )
    .option('--no-page', 'API without the page')
    .addHelpText(
      'after',
      '\nSpeaks http: put a proxy in front that ends TLS, and name the address that browsers know under server.origin. Several\nprocesses need their state in PostgreSQL. SIGTERM and Ctrl-C stop at the next safe point; nothing is lost by a kill.',
    )
    .action(async ({ host, port, role, page }: Flags) => {
      const serving = await serve({
        ...{ host, port, role, page: page ? undefined : null },
        ...{ configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env },
      });
      tell(cli, serving);
      tellWeaknesses(cli);
      await stopped(cli.signal);
      const finished = await serving.close();
      cli.say(finished ? 'Stopped.' : 'Stopped. What was under way goes on after the next start.');
      cli.exit(EXIT.ok);
    });
}
