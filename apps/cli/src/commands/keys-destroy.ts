import { openKeys } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { configPath } from '../session.ts';
import { plural } from '../words.ts';

/** `tidelock keys destroy` */
export function destroyCommand(cli: Cli): Command {
  return new Command('destroy')
    .description('destroy the keys of sealed data and forget everything remembered of the mailboxes')
    .option('--yes', 'you mean it: history and undo are gone for good', false)
    .action(async ({ yes }: { readonly yes: boolean }) => {
      if (!yes) {
        const remedy =
          'Say --yes. Records in mailboxes and CRM are not touched; the next sync matches them anew.';
        throw new UsageError([{ path: '--yes', reason: 'this cannot be taken back', remedy }]);
      }
      const options = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env };
      await using keys = await openKeys(options);
      const report = await keys.erase();
      cli.json({ ...report });
      cli.say(
        `${plural(report.dataKeys, 'data key')} destroyed, ${plural(report.lanes, 'mailbox', 'mailboxes')} forgotten.`,
      );
      cli.say('Backups of the database made before still hold the wrapped keys: delete them too.');
    });
}
