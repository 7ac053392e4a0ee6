import { extname, resolve } from 'node:path';
import { formatReach, type Platform, type ReachFormat, type ReachReport, sayVerdict } from '@tidelock/host';
import { Command } from 'commander';
import { toList, toRounds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { writeNewFile } from '../new-file.ts';
import { withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { plural } from '../words.ts';

interface Flags {
  readonly outside: readonly string[];
  readonly out: readonly string[];
  readonly all: boolean;
  readonly every?: number;
}

const COLUMNS = [{ title: 'Mailbox' }, { title: 'Name' }, { title: 'Intended' }, { title: 'Reach' }] as const;
const FORMATS: readonly ReachFormat[] = ['csv', 'html', 'json'];
const HOUR_MS = 3_600_000;

function formatOf(file: string): ReachFormat {
  const format = FORMATS.find((one) => extname(file).toLowerCase() === `.${one}`);
  if (format !== undefined) return format;
  const reason = 'has no known ending';
  throw new UsageError([
    { path: file, reason, remedy: `One of: ${FORMATS.map((one) => `.${one}`).join(', ')}.` },
  ]);
}

/** `{date}` in a name: one file per proof. */
const nameAt = (file: string, at: number): string =>
  file.replaceAll('{date}', new Date(at).toISOString().slice(0, 19).replaceAll(':', ''));

const isPlain = (verdict: string): boolean => verdict === 'closed' || verdict === 'open';

function print(cli: Cli, report: ReachReport, all: boolean): void {
  const { bold, good, bad, warn, dim } = cli.style();
  const { rows, counts, findings } = report;
  const shown = all ? rows : rows.filter(({ verdict, intended }) => intended || !isPlain(verdict));
  const cells = shown.map(({ address, name, intended, verdict }) => [
    printable(address),
    printable(name),
    intended ? 'yes' : 'no',
    (isPlain(verdict) ? good : verdict === 'no-mailbox' ? dim : bad)(sayVerdict(verdict)),
  ]);
  cli.say(table(COLUMNS, cells, bold));
  for (const { text, remedy } of findings) {
    cli.say(`\n${warn('note')}  ${printable(text)}`);
    if (remedy !== undefined) cli.say(`      ${dim('→')} ${printable(remedy)}`);
  }
  cli.say(
    `\n${plural(counts.open, 'mailbox', 'mailboxes')} open as intended, ${counts.closed} closed as intended, ${counts['too-wide']} open without a rule, ${counts.missing} closed in spite of one.`,
  );
  if (counts['too-wide'] > 0) cli.say(`${dim('→')} To narrow it: tidelock reach setup --group <group>`);
}

async function prove(cli: Cli, flags: Flags): Promise<number> {
  const report = await withPlatform(cli, ({ platform }) => platform.reach(flags.outside));
  const files = flags.out.map((file) => resolve(cli.cwd, nameAt(file, report.at)));
  for (const file of files) await writeNewFile(file, formatReach(report, formatOf(file)), 0o600);
  const code = report.asIntended ? EXIT.ok : EXIT.partial;
  cli.json({ ...report, at: new Date(report.at).toISOString(), files, exitCode: code });
  print(cli, report, flags.all);
  for (const file of files) cli.say(`Written: ${file}`);
  return code;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });

async function repeat(cli: Cli, flags: Flags, hours: number): Promise<number> {
  let code: number = EXIT.ok;
  while (!cli.signal.aborted) {
    const last = await prove(cli, flags);
    if (code === EXIT.ok) code = last;
    cli.say(cli.style().dim(`\nAgain in ${plural(hours, 'hour')}; Ctrl-C ends it.`));
    await pause(hours * HOUR_MS, cli.signal);
  }
  return code;
}

async function setup(cli: Cli, group: string): Promise<void> {
  const steps = await withPlatform(cli, async ({ platform }) => narrow(platform, group));
  cli.json({ steps });
  const { bold, dim } = cli.style();
  for (const [index, { text, commands }] of steps.entries()) {
    cli.say(`${index === 0 ? '' : '\n'}${bold(`${index + 1}.`)} ${printable(text)}`);
    for (const command of commands) cli.say(`   ${printable(command)}`);
  }
  cli.say(dim('\nThen prove it: tidelock reach'));
}

async function narrow(platform: Platform, group: string) {
  const { mailbox, config } = platform;
  if (mailbox.narrowing === undefined)
    throw new UsageError([
      {
        path: platform.adapters.mailbox.name,
        reason: 'offers no way to narrow what the app may open',
        remedy: 'Look for one at the service itself.',
      },
    ]);
  const probe = config.mailboxes.slice(0, 1).map(({ address }) => address);
  return mailbox.narrowing({ group, probe });
}

export function reachCommand(cli: Cli): Command {
  const command = new Command('reach')
    .description('prove, mailbox by mailbox, what the app can open and what it cannot')
    .option('--outside <address>', 'one that must stay closed; may be given several times', toList, [])
    .option(
      '--out <file>',
      'report as .html, .csv or .json; {date} stands for the time; may be given several times',
      toList,
      [],
    )
    .option('--all', 'show those that are closed as intended, too', false)
    .option('--every <hours>', 'prove it again and again, until Ctrl-C', toRounds)
    .addHelpText(
      'after',
      '\nReads one folder of each mailbox and writes to none. Each proof stands in the audit trail. Exit code 5 when the reach\nis not what the configuration means.',
    )
    .action(async (flags: Flags) => {
      for (const file of flags.out) formatOf(file);
      cli.exit(flags.every === undefined ? await prove(cli, flags) : await repeat(cli, flags, flags.every));
    });
  command
    .command('setup')
    .description('the commands by which an administrator lets the app into the mailboxes of one group only')
    .requiredOption('--group <group>', 'name, address or distinguished name of the group')
    .action(({ group }: { group: string }) => setup(cli, group));
  return command;
}
