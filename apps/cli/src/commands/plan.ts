import { resolve } from 'node:path';
import { hashOfPlan, type PlannedLane, writePlan } from '@tidelock/host';
import { Command } from 'commander';
import { toLimit, toList } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { printLane, printSums } from '../plan-screen.ts';
import { exitCodeOfReports, type PassReport, printTrouble } from '../reports.ts';
import { prepareEngine, printFindings, type Session, withPlatform } from '../session.ts';
import { plural } from '../words.ts';

interface Options {
  readonly limit?: number;
  readonly mailbox?: readonly string[];
  readonly out?: string;
}

/** Lanes of the mailboxes that were asked for; undefined = all. */
function lanesFor(
  names: ReadonlyMap<string, string>,
  wanted: readonly string[] | undefined,
): string[] | undefined {
  if (wanted === undefined) return undefined;
  return wanted.flatMap((address) => {
    const asked = [address.toLowerCase(), `${address.toLowerCase()} (calendar)`];
    const own = [...names].filter(([, name]) => asked.includes(name.toLowerCase()));
    if (own.length > 0) return own.map(([id]) => id);
    const known = [...names.values()].slice(0, 5).join(', ');
    const remedy = known === '' ? 'tidelock doctor says why none takes part.' : `Those that do: ${known}`;
    throw new UsageError([{ path: address, reason: 'no such mailbox takes part', remedy }]);
  });
}

interface Planned {
  readonly reports: readonly PassReport[];
  readonly lanes: readonly PlannedLane[];
  readonly hash: string;
  /** Where it was written, or null. */
  readonly file: string | null;
}

type Prepared = Awaited<ReturnType<typeof prepareEngine>>;

async function make(
  cli: Cli,
  at: { readonly session: Session; readonly prepared: Prepared },
  options: Options,
): Promise<Planned & { readonly code: number }> {
  const { session } = at;
  const { engine, names, open } = at.prepared;
  const only = lanesFor(names, options.mailbox);
  const reports = open === 0 ? [] : await engine.plan(only === undefined ? {} : { lanes: only });
  session.progress.clear();
  const lanes = reports
    .filter((report) => report.status === 'done')
    .map(({ laneId, plan }) => ({ laneId, mailbox: names.get(laneId) ?? laneId, rows: plan }));
  const blocked = only === undefined ? at.prepared.blocked : 0;
  const interrupted = cli.signal.aborted;
  const code = interrupted ? EXIT.interrupted : exitCodeOfReports(reports, { open, blocked, settled: true });
  const wanted = options.out !== undefined && lanes.length > 0 && !interrupted;
  const file = wanted ? resolve(cli.cwd, options.out ?? '') : null;
  const createdAt = session.platform.clock.now();
  const hash = file === null ? hashOfPlan(lanes) : await writePlan(file, { createdAt, lanes });
  return { reports, lanes, hash, file, code };
}

function printEnd(cli: Cli, planned: Planned, options: Options): void {
  const { good, warn, dim } = cli.style();
  const waiting = planned.reports.reduce((sum, report) => sum + report.waiting, 0);
  if (waiting > 0) {
    cli.say(
      warn(`${plural(waiting, 'pair')} could not be planned now (a write is not settled, or a read failed).`),
    );
  }
  if (cli.signal.aborted) {
    cli.say(warn('Interrupted: this is a part of the plan only. No file was written.'));
    return;
  }
  const short = planned.hash.slice(0, 12);
  if (planned.file === null) {
    cli.say(good(`Nothing was written to either side. Plan ${short}`));
    cli.say(`${dim('→')} tidelock sync`);
    cli.say(`${dim('→')} tidelock plan --out FILE, which tidelock sync --plan FILE carries out exactly`);
    return;
  }
  cli.say(good(`Nothing was written to either side. Plan ${short} is in ${options.out}`));
  cli.say(dim('  It holds names and values of people; only you can read it.'));
  cli.say(`${dim('→')} tidelock sync --plan ${options.out}`);
}

function documentOf(report: PassReport, at: { name: string; limit: number | null }) {
  const { laneId, status, counts, held, openOutcomes, waiting, degraded, error } = report;
  const plan = at.limit === null ? report.plan : report.plan.slice(0, at.limit);
  const total = report.plan.length;
  return {
    mailbox: at.name,
    laneId,
    status,
    counts,
    total,
    plan,
    held,
    openOutcomes,
    waiting,
    degraded,
    error,
  };
}

async function runPlan(cli: Cli, session: Session, options: Options): Promise<void> {
  const prepared = await prepareEngine(session);
  const { names, findings, lanes, open } = prepared;
  const planned = await make(cli, { session, prepared }, options);
  const nameOf = (report: PassReport): string => names.get(report.laneId) ?? report.laneId;
  const limit = options.limit ?? null;
  const items = planned.lanes.flatMap((lane) => lane.rows);
  cli.json({
    lanes: planned.reports.map((report) => documentOf(report, { name: nameOf(report), limit })),
    mailboxes: lanes.length,
    emails: items.reduce((sum, item) => sum + item.emails, 0),
    withheld: items.reduce((sum, item) => sum + item.withheld, 0),
    plan_hash: planned.hash,
    file: planned.file,
    findings,
    interrupted: cli.signal.aborted,
    exitCode: planned.code,
  });
  printFindings(cli, findings);
  for (const { mailbox, rows } of planned.lanes)
    printLane(cli, { name: mailbox, items: rows, limit: limit ?? 20 });
  if (printTrouble(cli, planned.reports, names)) cli.say();
  if (items.length > 0) printSums(cli, items);
  if (open > 0) printEnd(cli, planned, options);
  cli.exit(planned.code);
}

export function planCommand(cli: Cli): Command {
  return new Command('plan')
    .description('what a sync would change, field by field; writes to neither side')
    .option('--mailbox <address>', 'only this mailbox (may be given several times)', toList)
    .option('--out <file>', 'write the whole plan to a file, for: tidelock sync --plan <file>')
    .option('--limit <n>', 'steps shown per kind (with --json: per mailbox, default all)', toLimit)
    .action((options: Options) => withPlatform(cli, (session) => runPlan(cli, session, options)));
}
