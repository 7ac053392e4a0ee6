import { Command } from 'commander';
import { toList, toRounds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { exitCodeOfReports, type PassReport, printTrouble } from '../reports.ts';
import { prepareEngine, printFindings, type Session, withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { plural } from '../words.ts';
import { runSyncPlan } from './sync-plan.ts';

const COLUMNS = [
  { title: 'Mailbox' },
  { title: 'Linked', align: 'right' },
  { title: 'Created', align: 'right' },
  { title: 'Changed', align: 'right' },
  { title: 'Deleted', align: 'right' },
  { title: 'Conflicts', align: 'right' },
  { title: 'Review', align: 'right' },
  { title: 'Parked', align: 'right' },
  { title: 'Held', align: 'right' },
  { title: 'State' },
] as const;

function printTable(cli: Cli, reports: readonly PassReport[], names: ReadonlyMap<string, string>): void {
  const { good, warn, bad, bold } = cli.style();
  const stateOf = (report: PassReport): string => {
    if (report.status === 'failed') return bad(report.error?.kind ?? 'failed');
    if (report.status === 'busy') return warn('busy');
    if (report.status === 'paused') return warn('paused');
    const attention = report.held !== null || report.openOutcomes > 0 || report.counts.parked > 0;
    if (attention) return warn('wants a look');
    return report.more ? warn('more to do') : good('in step');
  };
  const rows = reports.map((report) => {
    const { linked, created, updated, deleted, conflicts, reviews, parked, held } = report.counts;
    const numbers = [linked, created, updated, deleted, conflicts, reviews, parked, held];
    const name = printable(names.get(report.laneId) ?? report.laneId);
    return [name, ...numbers.map((number) => number.toLocaleString('en')), stateOf(report)];
  });
  cli.say(table(COLUMNS, rows, bold));
  cli.say();
}

interface Run {
  readonly reports: readonly PassReport[];
  readonly rounds: number;
  readonly settled: boolean;
}

function printEnd(cli: Cli, run: Run): void {
  const { good, warn } = cli.style();
  const written = run.reports.reduce(
    (sum, { counts }) => sum + counts.created + counts.updated + counts.deleted,
    0,
  );
  if (cli.signal.aborted) {
    cli.say(
      warn(
        `Stopped at a safe point after ${plural(written, 'write')}. Nothing is lost: sync goes on from here.`,
      ),
    );
    return;
  }
  const rounds = plural(run.rounds, 'round');
  if (run.settled)
    cli.say(good(`Done: ${plural(written, 'write')} in ${rounds}, and a last look found nothing to do.`));
  else cli.say(warn(`${plural(written, 'write')} in ${rounds}; there is more to do. Run sync again.`));
}

interface SyncOptions {
  readonly rounds?: number;
  readonly audit?: boolean;
}

async function runSync(cli: Cli, session: Session, options: SyncOptions): Promise<void> {
  const { engine, names, findings, open, blocked } = await prepareEngine(session);
  const { rounds: maxRounds, audit = false } = options;
  const how = maxRounds === undefined ? { audit } : { maxRounds, audit };
  const result = open === 0 ? { lanes: [], rounds: 0, settled: false } : await engine.sync(how);
  session.progress.clear();
  const run: Run = { reports: result.lanes, rounds: result.rounds, settled: result.settled };
  const interrupted = cli.signal.aborted;
  const code = interrupted
    ? EXIT.interrupted
    : exitCodeOfReports(run.reports, { open, blocked, settled: run.settled });
  cli.json({
    lanes: run.reports.map((report) => {
      const { laneId, status, counts, done, held, openOutcomes, degraded, error } = report;
      const mailbox = names.get(laneId) ?? laneId;
      return { mailbox, laneId, status, counts, done, held, openOutcomes, degraded, error };
    }),
    rounds: run.rounds,
    settled: run.settled,
    findings,
    interrupted,
    exitCode: code,
  });
  printFindings(cli, findings);
  if (open > 0) {
    printTable(cli, run.reports, names);
    printTrouble(cli, run.reports, names);
    printEnd(cli, run);
  }
  cli.exit(code);
}

interface Options {
  readonly rounds?: number;
  readonly plan?: string;
  readonly audit?: boolean;
  readonly approve?: readonly string[];
}

/** Approves held deletes by the first letters of their hash. What was approved before stays so. */
async function approveHeld(session: Session, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  const rows = await session.platform.state.sync.lanes();
  const engine = await session.platform.engine();
  for (const hash of hashes) {
    const held = rows.filter((row) => row.held?.hash.startsWith(hash) === true);
    const [lane] = held;
    if (lane?.held != null && held.length === 1) {
      await engine.decideHeld(lane.id, lane.held.hash, 'apply');
      await session.platform.administration.record({
        ...{ act: 'held.decided', subject: lane.held.hash, laneId: lane.id },
        ...{ before: { held: lane.held.reason }, after: { decision: 'apply' } },
      });
    } else if (!rows.some((row) => row.approved.some((one) => one.hash.startsWith(hash)))) {
      const reason =
        held.length > 1 ? 'several held sets start like this' : 'no deletes are held under this hash';
      const remedy = 'tidelock review lists what is held; tidelock plan looks anew.';
      throw new UsageError([{ path: `--approve ${hash}`, reason, remedy }]);
    }
  }
}

export function syncCommand(cli: Cli): Command {
  return new Command('sync')
    .description('bring mailboxes and CRM in step, until there is nothing left to do')
    .option('--rounds <n>', 'at most so many rounds (default 30)', toRounds)
    .option('--plan <file>', 'carry out exactly this plan, as far as it still holds, and nothing else')
    .option('--approve <hash>', 'let deletes go that the brake holds under this hash', toList)
    .option('--audit', 'reads everything again first, and finds what feeds missed or what drifted apart')
    .addHelpText(
      'after',
      '\nCtrl-C stops at the next safe point; nothing is lost. A second Ctrl-C stops at once.',
    )
    .action((options: Options) =>
      withPlatform(cli, async (session) => {
        const { plan: file, rounds: maxRounds, approve = [] } = options;
        if (file !== undefined) {
          await runSyncPlan(cli, session, { file, maxRounds, approve: () => approveHeld(session, approve) });
          return;
        }
        await approveHeld(session, approve);
        await runSync(cli, session, options);
      }),
    );
}
