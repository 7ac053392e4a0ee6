import { sayCause, sayInstant, sayValue, type Trail, type TrailRow, type TrailRun } from '@tidelock/host';
import { Command, Option } from 'commander';
import { toInstant, toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { withPlatform } from '../session.ts';
import { clip, printable, table } from '../table.ts';
import { SIDE } from '../words.ts';

interface Options {
  readonly run?: string;
  readonly field?: string;
  readonly side?: 'mailbox' | 'crm';
  readonly since?: number;
  readonly runs?: boolean;
  readonly limit: number;
}

const LONGEST = 72;
const WHOLE: Readonly<Record<TrailRow['op'], string>> = {
  create: 'created',
  update: 'written, field by field unknown',
  delete: 'deleted',
  link: 'linked',
  unlink: 'unlinked for good',
  conflict: 'conflict',
  hold: 'left alone',
  gone: 'found deleted',
};

function changeOf(row: TrailRow): string {
  if (row.field === null) return WHOLE[row.op];
  if (row.expired === true) return `${row.field}: changed (values have expired)`;
  if (row.op === 'conflict') return `${row.field}: ${sayValue(row.new)} won over ${sayValue(row.old)}`;
  if (row.op === 'hold') return `${row.field}: released as it is`;
  if (row.op === 'create') return `${row.field}: created as ${sayValue(row.new)}`;
  if (row.op === 'delete') return `${row.field}: ${sayValue(row.old)} deleted with its record`;
  return `${row.field}: ${sayValue(row.old)} → ${sayValue(row.new)}`;
}

/** A pair is linked, unlinked or released as a whole. */
const whereOf = ({ op, side }: TrailRow): string =>
  op === 'link' || op === 'unlink' || op === 'hold' ? 'both' : SIDE[side];

function print(cli: Cli, trail: Trail, limit: number): void {
  const { bold, dim } = cli.style();
  if (trail.rows.length === 0) {
    cli.say('Nothing was changed, as far as history goes back.');
    return;
  }
  const several = new Set(trail.rows.map((row) => row.mailbox)).size > 1;
  const titles = ['When', 'Run', ...(several ? ['Mailbox'] : []), 'Record', 'Where', 'Change', 'Why'];
  const cells = trail.rows.map((row) => [
    sayInstant(row.at),
    row.runId.slice(0, 8),
    ...(several ? [printable(row.mailbox)] : []),
    clip(printable(row.title), 28),
    whereOf(row),
    clip(printable(changeOf(row)), LONGEST),
    printable(sayCause(row.rule, row.side).replace(/^because /, '')),
  ]);
  cli.say(
    table(
      titles.map((title) => ({ title })),
      cells,
      bold,
    ),
  );
  if (trail.more) cli.say(dim(`\nOlder changes are left out: --limit ${limit * 5}`));
}

const SIDE_OF = { mailbox: 'a', crm: 'b' } as const;
const KIND: Readonly<Record<TrailRun['kind'], string>> = { sync: 'sync', plan: 'plan', undo: 'undo' };

/** Runs that changed something; each can be undone. */
function printRuns(cli: Cli, runs: readonly TrailRun[]): void {
  const { bold, dim } = cli.style();
  if (runs.length === 0) {
    cli.say('No run changed anything, as far as history goes back.');
    return;
  }
  const titles = ['When', 'Run', 'What', 'Mailbox', 'Created', 'Changed', 'Deleted', 'Linked'];
  const right = { align: 'right' } as const;
  const columns = titles.map((title, index) => ({ title, ...(index > 3 ? right : {}) }));
  const count = (run: TrailRun, name: string): string => String(run.counts[name] ?? 0);
  const cells = runs.map((run) => [
    ...[sayInstant(run.startedAt), run.id.slice(0, 8), KIND[run.kind], printable(run.mailbox)],
    ...['created', 'updated', 'deleted', 'linked'].map((name) => count(run, name)),
  ]);
  cli.say(table(columns, cells, bold));
  cli.say(dim('\nField by field: tidelock history --run <id>. Taken back: tidelock undo <id>'));
}

function requireFound(trail: Trail, of: { query: string | undefined } & Options): void {
  const refuse = (path: string, reason: string, remedy: string): never => {
    throw new UsageError([{ path, reason, remedy }]);
  };
  if (trail.items === 0)
    refuse(
      of.query ?? '',
      'no pair that is synchronised here matches this',
      'Try the e-mail address or the last name. tidelock why also finds records that have no pair yet.',
    );
  if (trail.rows.length === 0 && of.run !== undefined)
    refuse(of.run, 'no run that starts like this changed it', 'List what was changed: tidelock history');
}

export function historyCommand(cli: Cli): Command {
  return new Command('history')
    .description('what was changed, from what to what, by which run and rule; newest first')
    .argument('[who...]', 'e-mail address, part of a name or subject, or an id; default: everything')
    .option('--run <id>', 'one run; the first letters will do')
    .option('--field <name>', 'one field')
    .addOption(new Option('--side <side>', 'only what was changed there').choices(['mailbox', 'crm']))
    .option('--since <when>', '30m, 2h, 3d, or a date', (text) => toInstant(text, Date.now()))
    .option('--runs', 'the runs that changed something, instead of the changes')
    .option('--limit <n>', 'rows shown', toLimit, 50)
    .addHelpText('after', '\nReads the data folder only; makes no request. Exit code 2 when nothing matches.')
    .action(async (words: readonly string[], options: Options) => {
      const text = words.join(' ').trim();
      const query = text === '' ? undefined : text;
      const { run, field, since, limit } = options;
      if (options.runs === true) {
        const runs = await withPlatform(cli, ({ platform }) => platform.runs({ since, limit }));
        cli.json({ runs });
        printRuns(cli, runs);
        return;
      }
      const side = options.side === undefined ? undefined : SIDE_OF[options.side];
      const trail = await withPlatform(cli, ({ platform }) =>
        platform.history({ query, run, field, since, side, limit }),
      );
      requireFound(trail, { query, ...options });
      const rows = trail.rows.map((row) => ({ ...row, because: sayCause(row.rule, row.side) }));
      cli.json({ rows, more: trail.more });
      print(cli, trail, limit);
    });
}
