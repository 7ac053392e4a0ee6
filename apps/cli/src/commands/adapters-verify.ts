import { type LoadedConformance, loadConformance, openAccount } from '@tidelock/host';
import { Command } from 'commander';
import { toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { configPath } from '../session.ts';
import { createStepLine, type StepLine } from '../step-line.ts';
import { printable } from '../table.ts';
import { plural } from '../words.ts';

interface Options {
  readonly only?: string;
  readonly faults: boolean;
  readonly account?: string | true;
  readonly patience: number;
}

type Suite = LoadedConformance['conformance']['suites'][number];

interface Verdict {
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it failed or does not apply. */
  readonly reason: string | null;
}

interface CaseReport extends Verdict {
  readonly id: string;
  readonly title: string;
}

interface FaultReport extends Verdict {
  readonly name: string;
  readonly noticedBy: string | null;
}

interface SuiteReport {
  readonly name: string;
  readonly cases: readonly CaseReport[];
  /** Null: not tried, because cases failed or `--no-faults` was given. */
  readonly faults: readonly FaultReport[] | null;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

async function runCase(item: Suite['cases'][number]): Promise<Verdict> {
  if (item.waived !== undefined) return { state: 'skipped', reason: `waived: ${item.waived}` };
  try {
    const reason = await item.run();
    return { state: reason === null ? 'passed' : 'skipped', reason };
  } catch (error) {
    return { state: 'failed', reason: firstLine(error) };
  }
}

async function runFault(fault: NonNullable<Suite['faults']>[number]): Promise<Omit<FaultReport, 'name'>> {
  const result = await fault.run();
  if ('skipped' in result) return { state: 'skipped', reason: result.skipped, noticedBy: null };
  const { noticedBy } = result;
  return noticedBy === null
    ? { state: 'failed', reason: 'no case notices it: the fixture is blind to it', noticedBy }
    : { state: 'passed', reason: null, noticedBy };
}

async function runSuite(
  suite: Suite,
  wanted: { readonly only: ReadonlySet<string> | null; readonly faults: boolean },
  at: { readonly progress: StepLine; readonly signal: AbortSignal },
): Promise<SuiteReport> {
  const cases: CaseReport[] = [];
  for (const item of suite.cases.filter(({ id }) => wanted.only?.has(id) ?? true)) {
    at.signal.throwIfAborted();
    at.progress.step(`${suite.name}  ${item.id} ${item.title}`);
    cases.push({ id: item.id, title: item.title, ...(await runCase(item)) });
  }
  const whole = wanted.only === null && cases.every(({ state }) => state !== 'failed');
  if (suite.faults === undefined || !wanted.faults || !whole)
    return { name: suite.name, cases, faults: null };
  const faults: FaultReport[] = [];
  for (const fault of suite.faults) {
    at.signal.throwIfAborted();
    at.progress.step(`${suite.name}  broken on purpose: ${fault.name}`);
    faults.push({ name: fault.name, ...(await runFault(fault)) });
  }
  return { name: suite.name, cases, faults };
}

const count = (of: readonly Verdict[], state: Verdict['state']): number =>
  of.filter((each) => each.state === state).length;

function sayReasons(cli: Cli, skipped: readonly Verdict[]): void {
  const groups = Map.groupBy(skipped, ({ reason }) => reason ?? '');
  for (const [reason, those] of groups)
    cli.say(cli.style().dim(`    skipped ${those.length}: ${printable(reason)}`));
}

function saySuite(cli: Cli, { name, cases, faults }: SuiteReport): void {
  const { bold, good, bad, dim } = cli.style();
  cli.say(bold(printable(name)));
  const failed = cases.filter(({ state }) => state === 'failed');
  const kept = `${plural(count(cases, 'passed'), 'clause', 'clauses')} kept`;
  cli.say(`  ${failed.length === 0 ? good(kept) : `${kept}, ${bad(`${failed.length} broken`)}`}`);
  for (const item of failed)
    cli.say(`    ${bad(item.id)} ${printable(item.title)}\n      ${printable(item.reason ?? '')}`);
  sayReasons(
    cli,
    cases.filter(({ state }) => state === 'skipped'),
  );
  if (faults === null) return;
  const blind = faults.filter(({ state }) => state === 'failed');
  const caught = `${plural(count(faults, 'passed'), 'mistake', 'mistakes')} built in on purpose, each noticed`;
  cli.say(`  ${blind.length === 0 ? good(caught) : bad(`${blind.length} built-in mistakes pass unnoticed`)}`);
  for (const fault of blind) cli.say(`    ${bad('unnoticed')} ${printable(fault.name)}`);
  const impossible = count(faults, 'skipped');
  if (impossible > 0) cli.say(dim(`    skipped ${impossible}: the adapter declares nothing to break there`));
}

function idsOf(only: string | undefined, suites: readonly Suite[]): ReadonlySet<string> | null {
  if (only === undefined) return null;
  const ids = new Set(only.split(',').map((id) => id.trim()));
  const known = new Set(suites.flatMap(({ cases }) => cases.map(({ id }) => id)));
  const strange = [...ids].filter((id) => !known.has(id));
  if (strange.length > 0)
    throw new UsageError([
      {
        path: '--only',
        reason: `the suites have no case ${strange.join(', ')}`,
        remedy: 'Ids stand before the titles: run it without --only and with --json to see them all.',
      },
    ]);
  return ids;
}

/** The suites on the emulated service, or on the account that the configuration connects to. */
async function suitesOf(
  cli: Cli,
  { name, conformance }: LoadedConformance,
  of: { readonly options: Options; readonly stack: AsyncDisposableStack },
): Promise<readonly Suite[]> {
  const { account, patience } = of.options;
  if (account === undefined) return conformance.suites;
  const refuse = (reason: string, remedy: string) => new UsageError([{ path: '--account', reason, remedy }]);
  if (conformance.account === undefined)
    throw refuse(`${name} cannot be held to its contract on a real account`, 'Leave --account out.');
  const connection = account === true ? 'crm' : account;
  const opened = await openAccount({
    configPath: configPath(cli),
    resolveFrom: import.meta.url,
    env: cli.env,
    signal: cli.signal,
    connection,
    patienceMs: patience * 1000,
  });
  of.stack.use(opened);
  if (opened.adapter !== name)
    throw refuse(
      `the connection ${connection} uses ${opened.adapter}, not ${name}`,
      'Name a connection that uses it.',
    );
  cli.say(
    cli
      .style()
      .warn(`On the account of the connection ${connection}; what is written there is deleted again.`),
  );
  return conformance.account(opened.account);
}

async function verify(cli: Cli, target: string, options: Options): Promise<void> {
  const places = [configPath(cli), import.meta.url];
  const loaded = await loadConformance(target, { cwd: cli.cwd, places });
  const { name, version, conformance } = loaded;
  await using stack = new AsyncDisposableStack();
  const chosen = await suitesOf(cli, loaded, { options, stack });
  const only = idsOf(options.only, chosen);
  const progress = createStepLine(cli);
  const suites: SuiteReport[] = [];
  cli.say(`${name}${version === null ? '' : ` ${version}`}, contract ${conformance.contract}\n`);
  for (const suite of chosen) {
    const report = await runSuite(suite, { only, faults: options.faults }, { progress, signal: cli.signal });
    progress.clear();
    suites.push(report);
    saySuite(cli, report);
    cli.say();
  }
  const all = suites.flatMap(({ cases, faults }) => [...cases, ...(faults ?? [])]);
  const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((state) =>
    count(all, state),
  );
  cli.json({ adapter: name, version, contract: conformance.contract, suites, passed, failed, skipped });
  cli.say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed !== 0) cli.exit(EXIT.partial);
}

export function verifyCommand(cli: Cli): Command {
  return new Command('verify')
    .description('hold an adapter to its contract, with the suites that its package ships')
    .argument('<package>', 'an installed adapter, or the folder of one ("." for the one you write)')
    .option('--only <ids>', 'these cases only, by id (record-store-041,crm-002)')
    .option(
      '--account [connection]',
      'on the CRM account that the configuration names (default: crm): one made for tests, and empty; what is written is deleted again',
    )
    .option(
      '--patience <seconds>',
      'with --account: longest single wait for what was written to be seen',
      toLimit,
      90,
    )
    .option('--no-faults', 'do not build mistakes into the adapter to see whether the suites notice them')
    .action((target: string, options: Options) => verify(cli, target, options));
}
