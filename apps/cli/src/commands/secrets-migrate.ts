import { type Moved, type MoveReport, openKeys } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { configPath } from '../session.ts';
import { createStepLine } from '../step-line.ts';
import { plural } from '../words.ts';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly replace: boolean;
}

const SAID: Readonly<Record<Moved['state'], string>> = {
  moved: 'moved',
  present: 'already there',
  kept: 'cannot leave its store: make a new key pair there, and upload its certificate',
  differs: 'is something else there: left as it is (--replace overwrites it)',
};

function sayReport(cli: Cli, { from, to }: Options, { items, dataKeys }: MoveReport): void {
  for (const { kind, name, state } of items) cli.say(`${kind.padEnd(6)}  ${name}  ${SAID[state]}`);
  cli.say(`${plural(dataKeys.keys, 'data key')}: ${dataKeys.rewrapped} wrapped for ${to} as well.`);
  cli.say();
  cli.say(`Nothing was taken away from ${from}. Next:`);
  cli.say('1. Name the other store under "secrets" in the configuration, and start again.');
  cli.say('2. tidelock keys rewrap   drops what the old store wrapped.');
  cli.say('3. Remove the old store with its keys and backups.');
}

/** `tidelock secrets migrate` */
export function migrateCommand(cli: Cli): Command {
  return new Command('migrate')
    .description(
      'move secrets, key pairs and wrapped data keys to another secret store; repeat it where it broke off',
    )
    .requiredOption('--from <store>', 'name under "secretStores", or "secrets" for the one in use')
    .requiredOption('--to <store>', 'likewise')
    .option('--replace', 'overwrite what is something else in the other store', false)
    .action(async (options: Options) => {
      const { from, to, replace } = options;
      const place = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env };
      await using keys = await openKeys(place);
      const line = createStepLine(cli);
      const report = await keys
        .migrate(
          { from, to },
          {
            ...{ replace, signal: cli.signal },
            onProgress: ({ what, done, all }) => line.step(`${what}  ${done} of ${all}`),
          },
        )
        .finally(line.clear);
      cli.json({ from, to, ...report });
      sayReport(cli, options, report);
      const stayed = report.items.some(({ state }) => state === 'differs' || state === 'kept');
      if (stayed) cli.exit(EXIT.partial);
    });
}
