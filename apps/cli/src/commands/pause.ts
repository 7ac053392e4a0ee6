import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { withPlatform } from '../session.ts';
import { printable } from '../table.ts';
import { plural } from '../words.ts';

/** Nobody stops or starts everything by forgetting an argument. */
function toAddresses(words: readonly string[], all: boolean | undefined): readonly string[] {
  const refuse = (reason: string, remedy: string): never => {
    throw new UsageError([{ path: 'address', reason, remedy }]);
  };
  if (all === true && words.length > 0) return refuse('stands beside --all', 'Write the one or the other.');
  if (all !== true && words.length === 0)
    return refuse('is missing', 'Write addresses of mailboxes, or --all.');
  return words;
}

function report(
  cli: Cli,
  of: { changed: readonly string[]; did: string; already: string; next: string },
): void {
  const { changed, did, already, next } = of;
  if (changed.length === 0) {
    cli.say(already);
    return;
  }
  const names = changed.slice(0, 5).map(printable).join(', ');
  const more = changed.length > 5 ? ` and ${changed.length - 5} more` : '';
  cli.say(`${did} ${plural(changed.length, 'mailbox', 'mailboxes')}: ${names}${more}.`);
  cli.say(cli.style().dim(next));
}

export function pauseCommand(cli: Cli): Command {
  return new Command('pause')
    .description('stop one mailbox or all; nothing is lost meanwhile')
    .argument('[address...]', 'mailboxes')
    .option('--all', 'every mailbox')
    .option('--reason <text>', 'why, for status, why and the audit trail', '')
    .action(async (words: readonly string[], options: { all?: boolean; reason: string }) => {
      const addresses = toAddresses(words, options.all);
      const changed = await withPlatform(cli, ({ platform }) =>
        platform.administration.pause(addresses, options.reason),
      );
      cli.json({ paused: changed });
      report(cli, {
        changed,
        did: 'Paused',
        already: 'Nothing to do: paused already.',
        next: 'Changes on both sides go on being counted. To go on: tidelock resume',
      });
    });
}

export function resumeCommand(cli: Cli): Command {
  return new Command('resume')
    .description('let one mailbox or all go on where they stood')
    .argument('[address...]', 'mailboxes')
    .option('--all', 'every mailbox')
    .action(async (words: readonly string[], options: { all?: boolean }) => {
      const addresses = toAddresses(words, options.all);
      const changed = await withPlatform(cli, ({ platform }) => platform.administration.resume(addresses));
      cli.json({ resumed: changed });
      report(cli, {
        changed,
        did: 'Resumed',
        already: 'Nothing to do: not paused.',
        next: 'The next sync goes on from where they stood: tidelock sync',
      });
    });
}

export function resetCommand(cli: Cli): Command {
  return new Command('reset')
    .description('read one mailbox and its CRM records completely again; pairs stay')
    .argument('<address>', 'the mailbox')
    .addHelpText(
      'after',
      '\nDrops where the reading stood, and nothing else: pairs, questions and history stay, so the next sync creates and\ndeletes nothing because of it. Doing it twice is doing it once.',
    )
    .action(async (address: string) => {
      await withPlatform(cli, ({ platform }) => platform.administration.reset(address));
      cli.json({ reset: address });
      cli.say(`Reset ${printable(address)}: the next sync reads both sides completely. All pairs stay.`);
    });
}
