import type { AccessRole } from '@tidelock/core';
import type { TokenInfo } from '@tidelock/host';
import { Command } from 'commander';
import { day, findUser, ROLE_WORDS, toRole, withAccess } from '../accounts.ts';
import { toRounds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { printable, table } from '../table.ts';

const COLUMNS = [
  { title: 'Id' },
  { title: 'Name' },
  { title: 'Of' },
  { title: 'Role' },
  { title: 'Ends' },
  { title: 'Last used' },
  { title: 'State' },
] as const;
const MOST_DAYS = 365;

const rowOf = (token: TokenInfo): readonly string[] => [
  ...[token.id, printable(token.name), printable(token.owner), token.role],
  ...[day(token.endsAt), day(token.usedAt), token.state],
];

function listCommand(cli: Cli): Command {
  return new Command('list').description('API tokens, never their secrets').action(async () => {
    const tokens = await withAccess(cli, ({ access }) => access.tokens(null));
    cli.json({ tokens });
    if (tokens.length === 0) cli.say('No API token was made yet.');
    else cli.say(table(COLUMNS, tokens.map(rowOf), cli.style().bold));
  });
}

interface Minting {
  readonly for: string;
  readonly role: AccessRole;
  readonly days: number;
}

function mintCommand(cli: Cli): Command {
  return new Command('mint')
    .description('make an API token; it is printed this once')
    .argument('<name>', 'what it is for')
    .requiredOption('--for <user>', 'whose it is; it may never do more than they may')
    .requiredOption('--role <role>', ROLE_WORDS.join(', '), toRole)
    .option('--days <n>', `how long it is valid, at most ${MOST_DAYS}`, toRounds, 90)
    .action(async (name: string, options: Minting) => {
      const { role } = options;
      const days = Math.min(options.days, MOST_DAYS);
      const minted = await withAccess(cli, async (desk) => {
        const { id: ownerId } = await findUser(desk, options.for);
        return desk.access.mintToken({ who: desk.who, ownerId }, { name, role, days });
      });
      cli.json(minted);
      cli.say(`  ${minted.token}`);
      cli.say(cli.style().dim(`Only its hash is kept. Valid until ${day(minted.info.endsAt)}.`));
    });
}

function revokeCommand(cli: Cli): Command {
  return new Command('revoke')
    .description('end an API token at once')
    .argument('<id>', 'as "tokens list" shows it')
    .action(async (id: string) => {
      await withAccess(cli, ({ access, who }) => access.revokeToken({ who, ownerId: null }, id));
      cli.json({ revoked: id });
      cli.say(`${printable(id)} is revoked.`);
    });
}

export function tokensCommand(cli: Cli): Command {
  return new Command('tokens')
    .description('API tokens of the server: list, mint, revoke')
    .addCommand(listCommand(cli))
    .addCommand(mintCommand(cli))
    .addCommand(revokeCommand(cli))
    .addHelpText(
      'after',
      '\nA server holds an embedded database while it runs: stop it first, or use its page. With PostgreSQL both may run.',
    );
}
