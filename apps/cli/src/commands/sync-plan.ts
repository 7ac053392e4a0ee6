import { resolve } from 'node:path';
import type { ApplyReport, LaneFates, RowFate } from '@tidelock/host';
import { driftWords, headingOf, type PlanFile, readPlan, requireKnown, sayInstant } from '@tidelock/host';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { exitCodeOfReports, printTrouble } from '../reports.ts';
import { prepareEngine, printFindings, type Session } from '../session.ts';
import { printable, table, widthFor, wrap } from '../table.ts';
import { plural, ruleWords, shown } from '../words.ts';

const FATES = ['done', 'already', 'drift', 'held', 'parked', 'open', 'pending'] as const;
type Fate = (typeof FATES)[number];
const TITLES: Readonly<Record<Fate, string>> = {
  done: 'Done',
  already: 'Already',
  drift: 'Drifted',
  held: 'Held',
  parked: 'Parked',
  open: 'Open',
  pending: 'Left',
};
const SHOWN_DRIFT = 20;

const countsOf = (rows: readonly RowFate[]): Record<Fate, number> => {
  const counts = { done: 0, already: 0, drift: 0, held: 0, parked: 0, open: 0, pending: 0 };
  for (const { fate } of rows) counts[fate]++;
  return counts;
};

interface Carried {
  readonly plan: PlanFile;
  readonly report: ApplyReport;
  readonly code: number;
}

function codeOf(cli: Cli, report: ApplyReport, at: { open: number; blocked: number }): number {
  if (cli.signal.aborted) return EXIT.interrupted;
  const counts = countsOf(report.fates.flatMap((lane) => lane.rows));
  const code = exitCodeOfReports(report.lanes, { ...at, settled: true });
  if (code !== EXIT.ok && code !== EXIT.partial) return code;
  if (counts.drift > 0) return EXIT.drift;
  return counts.held + counts.parked + counts.open + counts.pending > 0 ? EXIT.partial : code;
}

function printFates(cli: Cli, { plan, report }: Carried): void {
  const { bold } = cli.style();
  const all = countsOf(report.fates.flatMap((lane) => lane.rows));
  const used = FATES.filter((fate) => fate === 'done' || all[fate] > 0);
  const nameOf = (lane: LaneFates): string =>
    plan.lanes.find((one) => one.laneId === lane.laneId)?.mailbox ?? lane.laneId;
  const rows = report.fates.map((lane) => {
    const counts = countsOf(lane.rows);
    const numbers = [...used.map((fate) => counts[fate]), lane.beyond];
    return [printable(nameOf(lane)), ...numbers.map((number) => number.toLocaleString('en'))];
  });
  const columns = [...used.map((fate) => TITLES[fate]), 'Not in plan'];
  cli.say(
    table(
      [{ title: 'Mailbox' }, ...columns.map((title) => ({ title, align: 'right' as const }))],
      rows,
      bold,
    ),
  );
  cli.say();
}

/** What a new plan would hold in place of a row that no longer does. */
function instead(now: RowFate['row']): string {
  const changes = now.changes
    .slice(0, 3)
    .map(
      (change) => `${change.field} ${shown(change.old)} → ${shown(change.new)} (${ruleWords(change.rule)})`,
    );
  const more = now.changes.length > 3 ? ['…'] : [];
  const what = changes.length === 0 ? '' : `: ${[...changes, ...more].join(', ')}`;
  return printable(`now it would: ${headingOf(now)}${what}`);
}

function printDrift(cli: Cli, rows: readonly RowFate[]): void {
  const { warn, dim } = cli.style();
  const drifted = rows.filter((row) => row.fate === 'drift');
  const width = widthFor(cli);
  for (const fate of drifted.slice(0, SHOWN_DRIFT)) {
    const { row, obstacle } = fate;
    const text = `${printable(row.title)}, ${headingOf(row)}: ${driftWords(fate)}`;
    for (const [index, line] of wrap(text, width - 9).entries())
      cli.say(`${index === 0 ? warn('changed') : '       '}  ${line}`);
    for (const now of obstacle?.now ?? [])
      for (const line of wrap(instead(now), width - 9)) cli.say(`         ${dim(line)}`);
  }
  if (drifted.length > 0 && drifted.length <= SHOWN_DRIFT) cli.say();
  if (drifted.length > SHOWN_DRIFT)
    cli.say(
      dim(`         and ${(drifted.length - SHOWN_DRIFT).toLocaleString('en')} more (--json has all)\n`),
    );
}

function printEnd(cli: Cli, carried: Carried): void {
  const { good, warn, dim } = cli.style();
  const rows = carried.report.fates.flatMap((lane) => lane.rows);
  const counts = countsOf(rows);
  const beyond = carried.report.fates.reduce((sum, lane) => sum + lane.beyond, 0);
  if (cli.signal.aborted) {
    const left = plural(counts.pending, 'step is', 'steps are');
    cli.say(
      warn(`Stopped at a safe point; ${left} left. Nothing is lost: the same command goes on from here.`),
    );
    return;
  }
  if (counts.already === rows.length)
    cli.say(good('Nothing to do: every step of this plan had taken effect before.'));
  else {
    const text = `${plural(counts.done, 'step')} of ${rows.length.toLocaleString('en')} carried out.`;
    cli.say(counts.done + counts.already === rows.length ? good(`Done: ${text}`) : warn(text));
  }
  if (counts.drift > 0)
    cli.say(
      `${plural(counts.drift, 'step')} no longer held and did nothing. ${dim('→')} tidelock plan --out FILE`,
    );
  if (beyond > 0)
    cli.say(
      `${plural(beyond, 'change')} not in this plan ${beyond === 1 ? 'waits' : 'wait'}. ${dim('→')} tidelock plan, or: tidelock sync`,
    );
}

function documentOf({ plan, report }: Carried) {
  return report.fates.map((lane) => {
    const pass = report.lanes.find((one) => one.laneId === lane.laneId);
    const mailbox = plan.lanes.find((one) => one.laneId === lane.laneId)?.mailbox ?? lane.laneId;
    const drift = lane.rows
      .filter((row) => row.fate === 'drift')
      .map((fate) => ({ ...fate.row, why: driftWords(fate), now: fate.obstacle?.now ?? [] }));
    return {
      mailbox,
      laneId: lane.laneId,
      status: pass?.status ?? 'pending',
      counts: pass?.counts ?? null,
      done: pass?.done ?? [],
      rows: countsOf(lane.rows),
      drift,
      beyond: lane.beyond,
      held: lane.held,
      error: pass?.error ?? null,
    };
  });
}

/** Reads and checks the file before anything is asked of the network. */
export async function runSyncPlan(
  cli: Cli,
  session: Session,
  of: {
    readonly file: string;
    readonly approve: (ids: readonly string[]) => Promise<void>;
    readonly maxRounds?: number | undefined;
  },
): Promise<void> {
  const path = resolve(cli.cwd, of.file);
  const plan = await readPlan(path, session.platform.clock.now());
  const { engine, names, lanes, findings, open } = await prepareEngine(session);
  const ids = lanes.map((lane) => lane.id);
  requireKnown(path, plan, ids);
  const concerned = plan.lanes.filter((lane) => lane.rows.length > 0);
  await of.approve(concerned.map((lane) => lane.laneId));
  const rows = new Map(concerned.map((lane) => [lane.laneId, lane.rows]));
  const rounds = of.maxRounds === undefined ? {} : { maxRounds: of.maxRounds };
  const report = await engine.apply(rows, rounds);
  session.progress.clear();
  const code = codeOf(cli, report, { open, blocked: 0 });
  const carried: Carried = { plan, report, code };
  cli.json({
    plan_hash: plan.hash,
    lanes: documentOf(carried),
    rounds: report.rounds,
    settled: report.settled,
    findings,
    interrupted: cli.signal.aborted,
    exitCode: code,
  });
  printFindings(cli, findings);
  const count = plan.lanes.reduce((sum, lane) => sum + lane.rows.length, 0);
  cli.say(`Plan ${plan.hash.slice(0, 12)} of ${sayInstant(plan.createdAt)}, ${plural(count, 'step')}\n`);
  if (count > 0) printFates(cli, carried);
  printDrift(
    cli,
    report.fates.flatMap((lane) => lane.rows),
  );
  if (printTrouble(cli, report.lanes, names)) cli.say();
  printEnd(cli, carried);
  cli.exit(code);
}
