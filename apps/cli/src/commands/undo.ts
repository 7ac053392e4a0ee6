import {
  type LaneUndo,
  type Platform,
  type UndoFound,
  type UndoMode,
  type UndoScope,
  undoCounts,
} from '@tidelock/host';
import { Command, Option } from 'commander';
import { toInstant } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { withPlatform } from '../session.ts';
import { printable } from '../table.ts';
import { printUndone, printUndoPlan } from '../undo-view.ts';

interface Options {
  readonly since?: number;
  readonly mode?: UndoMode;
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly approve?: string;
}

const MODES: readonly UndoMode[] = ['hold', 'revert-source', 'detach'];

const HELP = `
What becomes of the side that a value came from (--mode):
  hold           it keeps its value; the two differ, the field is written on neither side, and \`review\` lists it
                 until somebody edits one of the two or decides (default)
  revert-source  it gets its old value back too, where it still has the one that was carried over
  detach         the pair is unlinked for good; both records stay

The mailboxes concerned are paused first, so that the next sync does not repeat what was taken back. What was changed since
stays as it is and is named. An undo is a run: it can be undone.

Examples:
  tidelock history --runs             which runs changed something
  tidelock undo 3f2a --plan           what undoing that run would do
  tidelock undo ann@example.com       what the last run did to this contact
  tidelock undo --since 2h            everything of the last two hours

Exit code 5 when something was left as it is, 2 when nothing matches, 6 when another process works here.`;

function refuse(path: string, reason: string, remedy: string): never {
  throw new UsageError([{ path, reason, remedy }]);
}

function scopeOf(found: UndoFound, what: string): UndoScope {
  if (found.state === 'found') return found.scope;
  if (found.state === 'several') {
    const names = found.choices.slice(0, 5).map(({ title, linkId }) => `${printable(title)} (${linkId})`);
    return refuse(
      what,
      `${found.choices.length} contacts match`,
      `Name one by its id: ${names.join(', ')}${found.choices.length > 5 ? ' ...' : ''}.`,
    );
  }
  return refuse(
    what === '' ? 'undo' : what,
    what === '' ? 'says neither what nor since when' : 'no run starts like this, and no contact matches it',
    'List the runs: tidelock history --runs. For a contact, write its e-mail address or its name.',
  );
}

/** Asked once for the whole undo. */
async function askMode(cli: Cli): Promise<UndoMode> {
  const { ask } = cli.terminal;
  if (ask === null) return 'hold';
  const question =
    'The other side: hold its value for review, revert it too, or detach the pairs? [hold/revert-source/detach] ';
  for (;;) {
    const text = (await ask(question)).trim().toLowerCase();
    const mode = text === '' ? 'hold' : MODES.find((one) => one.startsWith(text));
    if (mode !== undefined) return mode;
  }
}

async function confirm(cli: Cli): Promise<boolean> {
  const { ask } = cli.terminal;
  if (ask === null)
    refuse(
      'undo',
      'asks before it writes, and there is nobody to ask',
      'Look at it with --plan, then add --yes.',
    );
  const answer = (await ask('Take this back? [y/N] ')).trim().toLowerCase();
  return answer === 'y' || answer === 'yes';
}

/** With `revert-source` or without, only pairs with an update are asked about. */
const hasSource = (reports: readonly LaneUndo[]): boolean =>
  reports.some(({ items }) =>
    items.some(({ op, outcome }) => outcome === 'planned' && (op === 'update' || op === 'create')),
  );

interface Prepared {
  readonly scope: UndoScope;
  readonly mode: UndoMode;
  readonly approved?: string | undefined;
}

async function modeFor(cli: Cli, platform: Platform, of: { scope: UndoScope } & Options): Promise<UndoMode> {
  if (of.mode !== undefined) return of.mode;
  if (of.yes === true || of.plan === true || cli.terminal.ask === null) return 'hold';
  const first = await platform.undo(of.scope, { mode: 'hold', preview: true, approved: of.approve });
  return hasSource(first) ? askMode(cli) : 'hold';
}

async function carryOut(cli: Cli, platform: Platform, of: Prepared): Promise<void> {
  const { scope, mode, approved } = of;
  const reports = await platform.undo(scope, { mode, preview: false, approved });
  const counts = undoCounts(reports);
  cli.json({ undone: true, mode, ...documentOf(reports) });
  printUndone(cli, reports);
  if (counts.done < counts.all) cli.exit(EXIT.partial);
}

const documentOf = (reports: readonly LaneUndo[]) => ({ lanes: reports, counts: undoCounts(reports) });

async function run(cli: Cli, what: string, options: Options): Promise<void> {
  await withPlatform(cli, async ({ platform, progress }) => {
    const query = { what: what === '' ? undefined : what, since: options.since };
    const scope = scopeOf(await platform.findUndo(query), what);
    progress.name(new Map(scope.lanes.map(({ laneId, mailbox }) => [laneId, mailbox])));
    const mode = await modeFor(cli, platform, { scope, ...options });
    const approved = options.approve;
    const plan = await platform.undo(scope, { mode, preview: true, approved });
    progress.clear();
    const counts = undoCounts(plan);
    const idle = counts.planned === 0 && !plan.some(({ unfinished }) => unfinished);
    if (options.plan === true || idle) cli.json({ undone: false, mode, ...documentOf(plan) });
    printUndoPlan(cli, plan, { scope, mode });
    if (counts.planned < counts.all) cli.exit(EXIT.partial);
    if (options.plan === true || idle) return;
    if (options.yes !== true && counts.planned > 0 && !(await confirm(cli))) {
      cli.json({ undone: false, mode, ...documentOf(plan) });
      cli.say('Nothing was changed.');
      return;
    }
    await carryOut(cli, platform, { scope, mode, approved });
  });
}

export function undoCommand(cli: Cli): Command {
  return new Command('undo')
    .description('takes back what a run, the last run on a contact or event, or a period has written')
    .argument(
      '[what...]',
      'id of a run (the first letters will do), e-mail address, part of a name or subject, or an id',
    )
    .option('--since <when>', 'everything since then: 30m, 2h, 3d, or a date', (text) =>
      toInstant(text, Date.now()),
    )
    .addOption(new Option('--mode <mode>', 'what becomes of the other side').choices(MODES))
    .option('--plan', 'says what it would do, and changes nothing')
    .option('-y, --yes', 'does not ask')
    .option('--approve <hash>', 'lets deletes beyond the brake through, under the hash that --plan prints')
    .addHelpText('after', HELP)
    .action((words: readonly string[], options: Options) => run(cli, words.join(' ').trim(), options));
}
