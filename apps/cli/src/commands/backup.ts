import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createBackup, type Lock, restoreBackup, type Unlock } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { configPath } from '../session.ts';
import { createStepLine } from '../step-line.ts';
import { printable } from '../table.ts';
import { plural } from '../words.ts';

const LEAST = 12;

const refuse = (path: string, reason: string, remedy: string): never => {
  throw new UsageError([{ path, reason, remedy }]);
};

async function readText(cli: Cli, file: string, what: string): Promise<string> {
  try {
    return await readFile(resolve(cli.cwd, file), 'utf8');
  } catch {
    return refuse(file, 'cannot be read', `Name the file that holds the ${what}.`);
  }
}

async function askPassphrase(cli: Cli, twice: boolean): Promise<string> {
  const { ask } = cli.terminal;
  if (ask === null) {
    const remedy = 'Give --passphrase-file, or age keys: --recipient for a backup, --identity to restore.';
    return refuse('passphrase', 'nobody can be asked', remedy);
  }
  const given = await ask('Passphrase of the backup: ', true);
  if (twice && given !== (await ask('The same once more: ', true)))
    return refuse('passphrase', 'was not the same twice', 'Try again.');
  return given;
}

async function passphraseOf(cli: Cli, file: string | undefined, twice: boolean): Promise<string> {
  const text =
    file === undefined
      ? await askPassphrase(cli, twice)
      : (await readText(cli, file, 'passphrase')).replace(/\r?\n$/, '');
  if (text.length >= LEAST) return text;
  return refuse('passphrase', `is shorter than ${LEAST} characters`, 'Choose a longer one.');
}

/** Identities stand in a file one a line, between comments: what age-keygen writes. */
async function identitiesIn(cli: Cli, file: string): Promise<readonly string[]> {
  const text = await readText(cli, file, 'age identity');
  const found = text.split(/\r?\n/).filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  return found.length > 0 ? found : refuse(file, 'holds no age identity', 'Name what age-keygen wrote.');
}

const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

interface BackupFlags {
  readonly out: string;
  readonly recipient: readonly string[];
  readonly passphraseFile?: string;
}

async function lockOf(cli: Cli, { recipient, passphraseFile }: BackupFlags): Promise<Lock> {
  if (recipient.length > 0 && passphraseFile !== undefined)
    return refuse('--passphrase-file', 'stands beside --recipient', 'age knows the one or the other.');
  if (recipient.length > 0) return { recipients: recipient };
  return { passphrase: await passphraseOf(cli, passphraseFile, true) };
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function backupCommand(cli: Cli): Command {
  return new Command('backup')
    .description('configuration, secrets and state in one encrypted file, also while everything runs')
    .requiredOption('--out <file>', 'new file; never written over another one')
    .option('--recipient <age1...>', 'age key that may open it; more than once for several', collect, [])
    .option('--passphrase-file <file>', 'file with the passphrase, instead of asking')
    .addHelpText(
      'after',
      '\nThe file is age-encrypted tar.gz: age -d FILE | tar xz reads it without Tidelock. The key of the secret store is not in\nit: keep that elsewhere. Restore with: tidelock restore FILE',
    )
    .action(async (flags: BackupFlags) => {
      const lock = await lockOf(cli, flags);
      const line = createStepLine(cli);
      const place = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env };
      const report = await createBackup(place, {
        ...{ out: resolve(cli.cwd, flags.out), lock },
        onBytes: (bytes) => line.step(`${inMegabytes(bytes)} read`),
      }).finally(line.clear);
      cli.json(report);
      cli.say(
        `${printable(report.file)}  ${inMegabytes(report.bytes)}, ${plural(report.entries.length, 'entry', 'entries')}`,
      );
      for (const text of report.missing) cli.say(`${cli.style().warn('not in it')}  ${printable(text)}`);
    });
}

interface RestoreFlags {
  readonly identity?: string;
  readonly passphraseFile?: string;
}

async function unlockOf(cli: Cli, { identity, passphraseFile }: RestoreFlags): Promise<Unlock> {
  if (identity !== undefined) return { identities: await identitiesIn(cli, identity) };
  return { passphrase: await passphraseOf(cli, passphraseFile, false) };
}

export function restoreCommand(cli: Cli): Command {
  return new Command('restore')
    .description('put a backup where nothing is yet')
    .argument('<file>', 'what tidelock backup wrote')
    .option('--identity <file>', 'age identity that opens it')
    .option('--passphrase-file <file>', 'file with the passphrase, instead of asking')
    .addHelpText(
      'after',
      '\nWrites the configuration to --config unless one is there already, then secrets and state; never over something. Both\nsides are read completely at the next sync. Stop the installation that the backup is of first: two of them would both\nwrite. Repeating it after a failure is safe.',
    )
    .action(async (file: string, flags: RestoreFlags) => {
      const unlock = await unlockOf(cli, flags);
      const place = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env };
      const report = await restoreBackup(place, { file: resolve(cli.cwd, file), unlock });
      cli.json(report);
      cli.say(`Restored the backup of ${report.createdAt}: ${plural(report.lanes, 'mailbox', 'mailboxes')}.`);
      for (const path of report.kept)
        cli.say(
          `${cli.style().warn('kept')}  ${printable(path)}  was there already and differs from the backup's`,
        );
      cli.say(
        cli.style().dim('The next sync reads both sides completely: tidelock plan shows what it would do.'),
      );
    });
}
