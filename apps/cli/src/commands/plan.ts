import { Command } from 'commander';
import { toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { exitCodeOfReports, type PassReport, printTrouble } from '../reports.ts';
import { prepareEngine, printFindings, withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { plural, ruleWords, SIDE, shown } from '../words.ts';

type Item = PassReport['plan'][number];

const ACTION: Record<Item['action'], string> = {
  create: 'create in',
  update: 'change in',
  delete: 'delete from',
  link: 'link: one person on both sides',
  review: 'ask a person',
  unlink: 'unlink, both stay',
  freeze: 'leave alone: out of reach of the filter',
};

function headingOf(item: Item): string {
  const where = item.side === null ? '' : ` the ${SIDE[item.side]}`;
  return `${ACTION[item.action]}${where}${item.held === null ? '' : ' (held)'}`;
}

function groups(items: readonly Item[]): Map<string, Item[]> {
  const byHeading = new Map<string, Item[]>();
  for (const item of items.toSorted((a, b) => a.title.localeCompare(b.title))) {
    const heading = headingOf(item);
    byHeading.set(heading, [...(byHeading.get(heading) ?? []), item]);
  }
  return byHeading;
}

function printItem(cli: Cli, item: Item): void {
  const { dim, warn } = cli.style();
  cli.say(`      ${printable(item.title)}  ${dim(ruleWords(item.rule))}`);
  const rows = item.changes.map((change) => [
    `        ${change.field}`,
    item.action === 'create' ? shown(change.new) : `${shown(change.old)} → ${shown(change.new)}`,
    dim(change.rule === item.action ? '' : ruleWords(change.rule)),
  ]);
  if (rows.length > 0) cli.say(table([{ title: '' }, { title: '' }, { title: '' }], rows).replace(/^\n/, ''));
  for (const conflict of item.conflicts) {
    const text = `${conflict.field}: ${shown(conflict.kept)} wins over ${shown(conflict.lost)} (${ruleWords(conflict.rule)})`;
    cli.say(`        ${warn('conflict')} ${text}`);
  }
}

function printLane(cli: Cli, report: PassReport, at: { name: string; limit: number }): void {
  const { bold, dim } = cli.style();
  const changes = report.plan.length;
  cli.say(
    `${bold(printable(at.name))}  ${changes === 0 ? 'in step, nothing to do' : plural(changes, 'change')}`,
  );
  for (const [heading, items] of groups(report.plan)) {
    cli.say(`  ${heading}  ${bold(items.length.toLocaleString('en'))}`);
    for (const item of items.slice(0, at.limit)) printItem(cli, item);
    const more = items.length - at.limit;
    if (more > 0) cli.say(`      ${dim(`and ${more.toLocaleString('en')} more (--limit ${items.length})`)}`);
  }
  cli.say();
}

const total = (reports: readonly PassReport[], of: (report: PassReport) => number): number =>
  reports.reduce((sum, report) => sum + of(report), 0);

function printSums(cli: Cli, reports: readonly PassReport[]): void {
  const conflicts = total(reports, (report) => conflictsIn(report.plan));
  const deletes = total(reports, (report) => report.plan.filter((item) => item.action === 'delete').length);
  const held = total(reports, (report) => report.plan.filter((item) => item.held !== null).length);
  const reviews = total(reports, (report) => report.counts.reviews);
  const parts = [
    plural(conflicts, 'conflict'),
    plural(deletes, 'delete'),
    `${held} held`,
    plural(reviews, 'doubtful match', 'doubtful matches'),
  ];
  cli.say(parts.join(', '));
  cli.say('0 e-mails would leave: contacts cause none.');
  cli.say(cli.style().good('Nothing was written. Next: tidelock sync'));
}

const conflictsIn = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + item.conflicts.length, 0);

function documentOf(report: PassReport, at: { name: string; limit: number | null }) {
  const { laneId, status, counts, held, openOutcomes, degraded, error } = report;
  const plan = at.limit === null ? report.plan : report.plan.slice(0, at.limit);
  const total = report.plan.length;
  return { mailbox: at.name, laneId, status, counts, total, plan, held, openOutcomes, degraded, error };
}

export function planCommand(cli: Cli): Command {
  return new Command('plan')
    .description('what a sync would change, field by field; writes nothing')
    .option('--limit <n>', 'changes shown per kind (with --json: per mailbox, default all)', toLimit)
    .action(async (options: { limit?: number }) => {
      await withPlatform(cli, async (session) => {
        const { engine, names, findings, lanes, open } = await prepareEngine(session);
        const reports = open === 0 ? [] : await engine.plan();
        session.progress.clear();
        const blocked = session.platform.config.mailboxes.length - open;
        const code = exitCodeOfReports(reports, { open, blocked, settled: true });
        const nameOf = (report: PassReport): string => names.get(report.laneId) ?? report.laneId;
        const limit = options.limit ?? null;
        cli.json({
          lanes: reports.map((report) => documentOf(report, { name: nameOf(report), limit })),
          mailboxes: lanes.length,
          emails: 0,
          findings,
          interrupted: cli.signal.aborted,
          exitCode: code,
        });
        printFindings(cli, findings);
        for (const report of reports.filter((one) => one.status === 'done')) {
          printLane(cli, report, { name: nameOf(report), limit: limit ?? 20 });
        }
        printTrouble(cli, reports, names);
        if (open > 0) printSums(cli, reports);
        cli.exit(code);
      });
    });
}
