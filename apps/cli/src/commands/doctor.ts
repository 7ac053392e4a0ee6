import { type CheckResult, checksOf } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { exitCodeOf } from '../failure.ts';
import { prepareCrms } from '../prepare-crm.ts';
import { withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { plural } from '../words.ts';

function print(cli: Cli, checks: readonly CheckResult[]): void {
  const { good, warn, bad, dim } = cli.style();
  const mark = { ok: good('ok'), warn: warn('warn'), fail: bad('FAIL') };
  const columns = [{ title: '' }, { title: 'Check' }, { title: 'Result' }];
  const rows = checks.flatMap((check) => [
    [mark[check.status], check.name, printable(check.text)],
    ...(check.remedy === null ? [] : [['', '', `${dim('→')} ${printable(check.remedy)}`]]),
  ]);
  cli.say(table(columns, rows, cli.style().bold));
  const failed = checks.filter((check) => check.status === 'fail').length;
  const warned = checks.filter((check) => check.status === 'warn').length;
  cli.say();
  if (failed > 0) cli.say(bad(`${plural(failed, 'check')} failed.`));
  else if (warned > 0) cli.say(`Ready, with ${plural(warned, 'warning')}.`);
  else cli.say(good('Everything is ready. Next: tidelock plan'));
}

/** What kept the platform from opening is a failed check as well; the exit code says which kind. */
async function examine(cli: Cli, yes: boolean): Promise<{ checks: readonly CheckResult[]; code: number }> {
  try {
    const checks = await withPlatform(cli, async ({ platform }) => {
      const found = await platform.doctor();
      const isOpen = found.some(({ name, status }) => name === 'crm-setup' && status === 'fail');
      return isOpen && (await prepareCrms(cli, platform, yes)) ? platform.doctor() : found;
    });
    const failed = checks.filter((check) => check.status === 'fail').map((check) => check.name);
    const signIn = failed.includes('connection') || failed.includes('crm');
    if (failed.length === 0) return { checks, code: EXIT.ok };
    return { checks, code: signIn ? EXIT.auth : EXIT.blocked };
  } catch (error) {
    return { checks: checksOf('open', error), code: exitCodeOf(error) };
  }
}

export function doctorCommand(cli: Cli): Command {
  return new Command('doctor')
    .description('check everything that can be wrong, and say how to mend it')
    .addHelpText(
      'after',
      '\nLooks at configuration, data folder, clock, keys, sign-in, mailboxes, pushes, CRM fields and mapping. Reads only, except for what\nit creates in the CRM after asking, or with --yes. Exit code 3 when a check failed.',
    )
    .option('--yes', 'create what is missing in the CRM and can be created, without asking', false)
    .action(async (flags: { readonly yes: boolean }) => {
      const { checks, code } = await examine(cli, flags.yes);
      cli.json({ checks, exitCode: code });
      print(cli, checks);
      cli.exit(code);
    });
}
