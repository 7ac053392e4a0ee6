import type { AccessRole } from '@tidelock/core';
import type { Invitation, UserInfo } from '@tidelock/host';
import { Command } from 'commander';
import {
  type Desk,
  day,
  findUser,
  ROLE_WORDS,
  requireOrigin,
  toRole,
  toRoleOrNone,
  withAccess,
} from '../accounts.ts';
import type { Cli } from '../cli.ts';
import { printable, table } from '../table.ts';

const COLUMNS = [
  { title: 'Name' },
  { title: 'Signs in with' },
  { title: 'Role' },
  { title: 'Last' },
  { title: 'Id' },
] as const;
const ORIGIN = ['--origin <url>', 'address of the server. Default: server.origin'] as const;

interface Linked {
  readonly origin?: string;
}

const roleOf = ({ role, disabledAt }: UserInfo): string =>
  disabledAt === null ? (role ?? 'none') : `${role ?? 'none'}, disabled`;

function sayLink(cli: Cli, { link, endsAt }: Invitation): void {
  const until = new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ');
  cli.say(`  ${link}`);
  cli.say(cli.style().dim(`Works once, until ${until} UTC.`));
}

function listCommand(cli: Cli): Command {
  return new Command('list').description('who may sign in, and as what').action(async () => {
    const users = await withAccess(cli, ({ access }) => access.users());
    cli.json({ users });
    if (users.length === 0) {
      cli.say('Nobody yet. This prints a link for the first one: tidelock users first-link');
      return;
    }
    const rows = users.map((user) => [
      ...[printable(user.name), user.via, roleOf(user), day(user.signedInAt), user.id],
    ]);
    cli.say(table(COLUMNS, rows, cli.style().bold));
  });
}

function addCommand(cli: Cli): Command {
  return new Command('add')
    .description('add a local account; prints the link with which its owner chooses a password')
    .argument('<name>', 'under which they sign in')
    .requiredOption('--role <role>', ROLE_WORDS.join(', '), toRole)
    .option(...ORIGIN)
    .action(async (name: string, { role, origin }: Linked & { readonly role: AccessRole }) => {
      const add = async (desk: Desk) => {
        requireOrigin(desk);
        return desk.access.addUser(desk.who, { name, role });
      };
      const added = await withAccess(cli, add, { origin });
      cli.json(added);
      cli.say(`${printable(added.user.name)} is added as ${role}. The password is chosen here:`);
      sayLink(cli, added.invitation);
    });
}

function roleCommand(cli: Cli): Command {
  return new Command('role')
    .description('give somebody another role; all of their sessions end')
    .argument('<user>', 'name or id')
    .argument('<role>', `${ROLE_WORDS.join(', ')}, none`, toRoleOrNone)
    .action(async (called: string, role: AccessRole | null) => {
      const user = await withAccess(cli, async (desk) => {
        const { id } = await findUser(desk, called);
        return desk.access.changeUser(desk.who, { id, role });
      });
      cli.json({ user });
      cli.say(`${printable(user.name)} has the role ${user.role ?? 'none'}.`);
    });
}

function disableCommand(cli: Cli, of: { readonly word: string; readonly disabled: boolean }): Command {
  const { word, disabled } = of;
  const what = disabled
    ? 'keep somebody out; sessions and API tokens of theirs end at once'
    : 'let somebody in again';
  return new Command(word)
    .description(what)
    .argument('<user>', 'name or id')
    .action(async (called: string) => {
      const user = await withAccess(cli, async (desk) => {
        const { id } = await findUser(desk, called);
        return desk.access.changeUser(desk.who, { id, disabled });
      });
      cli.json({ user });
      cli.say(`${printable(user.name)} is ${disabled ? 'disabled' : 'enabled'}.`);
    });
}

function signOutCommand(cli: Cli): Command {
  return new Command('sign-out')
    .description('end all sessions of somebody')
    .argument('<user>', 'name or id')
    .action(async (called: string) => {
      const done = await withAccess(cli, async (desk) => {
        const { id, name } = await findUser(desk, called);
        return { name, ended: await desk.access.signOutUser(desk.who, id) };
      });
      cli.json(done);
      cli.say(`${done.ended} sessions of ${printable(done.name)} ended.`);
    });
}

function linkCommand(cli: Cli): Command {
  return new Command('link')
    .description('print a link with which a local account gets a new password')
    .argument('<user>', 'name or id')
    .option(...ORIGIN)
    .action(async (called: string, { origin }: Linked) => {
      const invite = async (desk: Desk) => {
        requireOrigin(desk);
        const { id, name } = await findUser(desk, called);
        return { name, ...(await desk.access.invite(desk.who, id)) };
      };
      const invited = await withAccess(cli, invite, { origin });
      cli.json(invited);
      cli.say(`A password for ${printable(invited.name)} is chosen here:`);
      sayLink(cli, invited);
    });
}

function firstLinkCommand(cli: Cli): Command {
  return new Command('first-link')
    .description('print the link of the first start again, while nobody has the role setup')
    .option(...ORIGIN)
    .action(async ({ origin }: Linked) => {
      const invite = async (desk: Desk) => {
        requireOrigin(desk);
        return desk.access.inviteFirst();
      };
      const invitation = await withAccess(cli, invite, { origin });
      cli.json({ invitation });
      if (invitation === null) cli.say('Somebody has the role setup already: tidelock users list');
      else sayLink(cli, invitation);
    });
}

export function usersCommand(cli: Cli): Command {
  return new Command('users')
    .description('who may sign in at the server: list, add, role, disable, link')
    .addCommand(listCommand(cli))
    .addCommand(addCommand(cli))
    .addCommand(roleCommand(cli))
    .addCommand(disableCommand(cli, { word: 'disable', disabled: true }))
    .addCommand(disableCommand(cli, { word: 'enable', disabled: false }))
    .addCommand(signOutCommand(cli))
    .addCommand(linkCommand(cli))
    .addCommand(firstLinkCommand(cli))
    .addHelpText(
      'after',
      '\nA server holds an embedded database while it runs: stop it first, or use its page. With PostgreSQL both may run.',
    );
}
