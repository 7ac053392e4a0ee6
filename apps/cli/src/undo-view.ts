import {
  type LaneUndo,
  UNDO_MODE,
  type UndoItem,
  type UndoMode,
  type UndoScope,
  undoCounts,
  undoLines,
} from '@tidelock/host';
import type { Cli } from './cli.ts';
import { clip, printable, table } from './table.ts';
import { plural, SIDE } from './words.ts';

const LONGEST = 60;
/** Rows of a table; `--json` has them all. */
const ROWS = 200;

function tableOf(cli: Cli, reports: readonly LaneUndo[], of: readonly UndoItem['outcome'][]): void {
  const { bold, dim } = cli.style();
  const several = reports.length > 1;
  const rows = reports.flatMap(({ mailbox, items }) =>
    items
      .filter(({ outcome }) => of.includes(outcome))
      .flatMap((item) =>
        undoLines(item).map((line) => [
          clip(printable(item.title), 28),
          ...(several ? [printable(mailbox)] : []),
          SIDE[item.side],
          clip(printable(line), LONGEST),
        ]),
      ),
  );
  if (rows.length === 0) return;
  const titles = ['Record', ...(several ? ['Mailbox'] : []), 'Where', 'Change'];
  cli.say(
    table(
      titles.map((title) => ({ title })),
      rows.slice(0, ROWS),
      bold,
    ),
  );
  if (rows.length > ROWS) cli.say(dim(`... and ${rows.length - ROWS} more (--json has them all)`));
}

/** Values and records, as the table counts them. */
const sizeOf = (reports: readonly LaneUndo[], outcome: UndoItem['outcome']): number =>
  reports
    .flatMap(({ items }) => items.filter((item) => item.outcome === outcome))
    .reduce((sum, item) => sum + undoLines(item).length, 0);

/** What is left as it is, one line each, with the reason. */
function printLeft(cli: Cli, reports: readonly LaneUndo[]): void {
  const { warn, bad, dim } = cli.style();
  const label = { skipped: dim('stays '), failed: bad('failed'), open: warn('open  ') };
  const left = reports.flatMap(({ items }) =>
    items.flatMap((item) =>
      item.outcome === 'skipped' || item.outcome === 'failed' || item.outcome === 'open'
        ? [`${label[item.outcome]}  ${printable(item.title)}: ${printable(item.reason ?? '')}`]
        : [],
    ),
  );
  for (const line of left.slice(0, ROWS)) cli.say(line);
  if (left.length > ROWS) cli.say(dim(`... and ${left.length - ROWS} more`));
  for (const { mailbox, held } of reports) {
    if (held === null) continue;
    cli.say(
      `${warn('held  ')}  ${printable(mailbox)}: ${printable(held.reason)}. So many deletes want a person's word.`,
    );
    cli.say(`        ${dim('→')} the same command with --approve ${held.hash}`);
  }
}

/** Notes that several items share are said once. */
function printNotes(cli: Cli, reports: readonly LaneUndo[], outcome: 'planned' | 'done'): void {
  const notes = reports.flatMap(({ items }) =>
    items.flatMap((item) => (item.outcome === outcome && item.reason !== null ? [item.reason] : [])),
  );
  for (const note of new Set(notes)) cli.say(`${cli.style().warn('note  ')}  ${printable(note)}`);
}

export function printUndoPlan(
  cli: Cli,
  reports: readonly LaneUndo[],
  of: { readonly scope: UndoScope; readonly mode: UndoMode },
): void {
  const { bold, dim } = cli.style();
  const counts = undoCounts(reports);
  if (reports.every(({ items }) => items.length === 0)) {
    cli.say('There is nothing to undo: nothing that history still knows was written.');
    return;
  }
  tableOf(cli, reports, ['planned']);
  if (counts.planned > 0) cli.say();
  printNotes(cli, reports, 'planned');
  printLeft(cli, reports);
  if (counts.planned === 0) {
    cli.say(bold('Nothing is left to take back.'));
    return;
  }
  const what = { run: `run ${of.scope.title}`, item: of.scope.title, period: 'this period' }[of.scope.kind];
  cli.say(
    `${bold(plural(sizeOf(reports, 'planned'), 'change'))} of ${printable(what)} to take back. ${dim(UNDO_MODE[of.mode])}`,
  );
}

export function printUndone(cli: Cli, reports: readonly LaneUndo[]): void {
  const { good, dim } = cli.style();
  printLeft(
    cli,
    reports.map((report) => ({ ...report, held: null })),
  );
  cli.say(`${good(plural(sizeOf(reports, 'done'), 'change'))} taken back.`);
  const ids = reports.flatMap(({ runId }) => (runId === null ? [] : [runId.slice(0, 8)]));
  if (ids.length > 0) cli.say(dim(`This undo is itself a run: tidelock undo ${ids[0]}`));
  const paused = reports.filter((report) => report.paused).map(({ mailbox }) => printable(mailbox));
  if (paused.length === 0) return;
  cli.say(
    `Paused: ${paused.join(', ')}. The next sync would carry on as before, so change the configuration, or: tidelock resume`,
  );
  if (reports.some(({ items }) => items.some(({ holds }) => holds.length > 0)))
    cli.say(dim('Fields that differ now wait in: tidelock review'));
}
