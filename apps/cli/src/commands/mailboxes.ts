import { listMembers, type Member } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { plural } from '../words.ts';

const COLUMNS = [
  { title: 'Mailbox' },
  { title: 'Name' },
  { title: 'Profile' },
  { title: 'By' },
  { title: 'CRM user' },
  { title: 'Matched by' },
  { title: 'State' },
] as const;

const NONE = '–';

function print(cli: Cli, rows: readonly Member[]): void {
  const { bold, good, warn, bad, dim } = cli.style();
  const paint = { 'takes part': good, paused: warn, blocked: bad, removed: dim, 'not named': dim };
  const several = (row: Member): string =>
    row.candidates.length > 1 ? `${row.candidates.length} fit` : NONE;
  const cells = rows.map((row) => [
    ...[row.address, row.name, row.profile ?? NONE, row.rule ?? NONE].map(printable),
    ...[row.crmUser?.name ?? several(row), row.matchedBy ?? NONE].map(printable),
    paint[row.state](row.state),
  ]);
  cli.say(table(COLUMNS, cells, bold));
  for (const row of rows) printReasons(cli, row);
}

function printReasons(cli: Cli, row: Member): void {
  const { bad, warn, dim } = cli.style();
  for (const { text, remedy } of row.reasons) {
    cli.say(`\n${row.state === 'blocked' ? bad('blocked') : warn('note')}  ${printable(text)}`);
    for (const { id, name, active } of row.candidates)
      cli.say(`         ${id}  ${printable(name)}${active ? '' : ' (inactive)'}`);
    if (remedy !== null) cli.say(`         ${dim('→')} ${printable(remedy)}`);
  }
}

async function list(cli: Cli, all: boolean): Promise<void> {
  const rows = await withPlatform(cli, ({ platform }) => listMembers(platform, { all, signal: cli.signal }));
  const code = rows.some((row) => row.state === 'blocked') ? EXIT.partial : EXIT.ok;
  cli.json({ mailboxes: rows, exitCode: code });
  print(cli, rows);
  cli.exit(code);
}

async function match(
  cli: Cli,
  of: { address: string; user: string | undefined; none: boolean },
): Promise<void> {
  const { address, user, none } = of;
  if ((user === undefined) === !none) {
    const remedy = 'Write the e-mail or id of a CRM user, or --none to take the decision back.';
    throw new UsageError([{ path: 'user', reason: 'is missing', remedy }]);
  }
  const found = await withPlatform(cli, ({ platform }) =>
    platform.administration.match(address, none ? null : (user ?? null)),
  );
  cli.json({ mailbox: address, crmUser: found });
  if (found === null) cli.say(`${printable(address)} is matched by the keys of the configuration again.`);
  else
    cli.say(
      `${printable(address)} belongs to ${printable(found.name)} (${found.id}). Remembered; the next sync uses it.`,
    );
}

export function mailboxesCommand(cli: Cli): Command {
  const command = new Command('mailboxes')
    .description('which mailboxes take part, by which rule, and whose they are in the CRM')
    .option('--all', 'also the mailboxes of the directory that no rule names', false)
    .addHelpText(
      'after',
      '\nAsks directory and CRM; writes to neither. Exit code 5 when a mailbox is blocked.',
    )
    .action(({ all }: { all: boolean }) => list(cli, all));
  command
    .command('match')
    .description('decide whose a mailbox is in the CRM; remembered until decided anew')
    .argument('<address>', 'the mailbox')
    .argument('[user]', 'e-mail address or id of the CRM user')
    .option('--none', 'take the decision back', false)
    .action((address: string, user: string | undefined, { none }: { none: boolean }) =>
      match(cli, { address, user, none }),
    );
  return command;
}

export const countMailboxes = (count: number): string => plural(count, 'mailbox', 'mailboxes');
