import type { LaneStatus } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { duration, plural, SIDE } from '../words.ts';

const COLUMNS = [
  { title: 'Mailbox' },
  { title: 'In step', align: 'right' },
  { title: 'Waiting', align: 'right' },
  { title: 'Parked', align: 'right' },
  { title: 'Review', align: 'right' },
  { title: 'Unsettled', align: 'right' },
  { title: 'Held deletes', align: 'right' },
  { title: 'Last success' },
  { title: 'State' },
] as const;

function print(cli: Cli, rows: readonly LaneStatus[]): void {
  const { good, bad, warn, bold } = cli.style();
  if (rows.length === 0) {
    cli.say('Nothing was synchronised yet. Next: tidelock plan');
    return;
  }
  const stateOf = (row: LaneStatus): string => {
    if (row.errorKind !== null) return bad(`${row.errorKind} (${row.errorCount} in a row)`);
    if (row.held !== null || row.reviews > 0 || row.parked > 0) return warn('wants a look');
    return good('ok');
  };
  const cells = rows.map((row) => [
    printable(row.label),
    String(row.counts.live),
    String(row.counts.half + row.counts.dirty),
    String(row.parked),
    String(row.reviews),
    String(row.openOutcomes),
    String(row.held?.count ?? 0),
    row.lagMs === null ? 'never' : `${duration(row.lagMs)} ago`,
    stateOf(row),
  ]);
  cli.say(table(COLUMNS, cells, bold));
  for (const { held, label } of rows.filter((row) => row.held !== null)) {
    if (held === null) continue;
    cli.say(
      `\n${warn('held')}  ${printable(label)}: ${plural(held.count, 'delete')} in the ${SIDE[held.side]} (${printable(held.reason)})`,
    );
    cli.say(`      → tidelock review decide ${held.hash} apply|keep`);
  }
  if (rows.some((row) => row.reviews > 0)) cli.say('\nTo decide: tidelock review');
}

const wantsPerson = (row: LaneStatus): boolean =>
  row.held !== null || row.parked > 0 || row.openOutcomes > 0 || row.errorKind !== null;

export function statusCommand(cli: Cli): Command {
  return new Command('status')
    .description('what is in step, waiting, parked, held or failing, per mailbox')
    .addHelpText(
      'after',
      '\nReads the data folder only; makes no request. Exit code 5 when something wants a look.',
    )
    .action(async () => {
      const lanes = await withPlatform(cli, ({ platform }) => platform.status());
      const rows = [...lanes].sort((a, b) => a.label.localeCompare(b.label, 'en'));
      const code = rows.some(wantsPerson) ? EXIT.partial : EXIT.ok;
      cli.json({ lanes: rows, exitCode: code });
      print(cli, rows);
      cli.exit(code);
    });
}
