import type { LaneStatus, Platform } from '@tidelock/host';
import { Command } from 'commander';
import { toSeconds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { exitCodeOf } from '../failure.ts';
import { withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { duration, plural, SIDE } from '../words.ts';

const COLUMNS = [
  { title: 'Mailbox' },
  { title: 'Profile' },
  { title: 'In step', align: 'right' },
  { title: 'Frozen', align: 'right' },
  { title: 'Waiting', align: 'right' },
  { title: 'Review', align: 'right' },
  { title: 'Parked', align: 'right' },
  { title: 'Last success' },
  { title: 'Next try' },
  { title: 'State' },
] as const;

/** What a mailbox is in, worst first; the tone that it is painted in. */
type Tone = 'good' | 'warn' | 'bad' | 'dim';

function stateOf(row: LaneStatus, now: number): readonly [Tone, string] {
  if (row.removedAt !== null) return ['dim', 'removed'];
  if (row.paused !== null) return ['warn', 'paused'];
  if (row.blocked !== null) return ['bad', 'blocked'];
  if (row.errorKind !== null) return ['bad', `${row.errorKind} (${row.errorCount} in a row)`];
  if (row.abandonedUntil !== null)
    return [
      'warn',
      row.abandonedUntil > now
        ? `worker gone, free in ${duration(row.abandonedUntil - now)}`
        : 'worker gone, free now',
    ];
  if (row.alarm) return ['bad', 'late'];
  if (row.working) return ['good', 'working'];
  if (row.held !== null || row.reviews > 0 || row.parked > 0 || row.openOutcomes > 0)
    return ['warn', 'wants a look'];
  return ['good', 'ok'];
}

function nextTry(row: LaneStatus, now: number): string {
  if (row.nextTryAt === null) return '–';
  return row.nextTryAt <= now ? 'next sync' : `in ${duration(row.nextTryAt - now)}`;
}

const since = (at: number, now: number): string => `for ${duration(Math.max(0, now - at))}`;

type UndoOrder = NonNullable<NonNullable<LaneStatus['paused']>['undo']>;

/** An undo in the middle of which a process ended. */
const unfinishedNote = ({ runId, stopped }: UndoOrder): [Tone, string, string, string] =>
  stopped
    ? ['warn', 'undo', `run ${runId.slice(0, 8)} was stopped before its end`, 'repeat the same tidelock undo']
    : [
        'warn',
        'undo',
        `run ${runId.slice(0, 8)} has not come to its end; the next sync goes on`,
        'tidelock sync',
      ];

/** Why a mailbox rests or fails, and what to do: one line each, below the table. */
function notesOf(row: LaneStatus, now: number): readonly (readonly [Tone, string, string, string | null])[] {
  const notes: [Tone, string, string, string | null][] = [];
  const { paused, removedAt, blocked, held, lagMs } = row;
  if (removedAt !== null)
    notes.push([
      'dim',
      'removed',
      `no rule names it ${since(removedAt, now)}; its pairs rest and nothing is deleted`,
      null,
    ]);
  if (paused !== null) {
    const because = paused.reason === '' ? '' : ` (${paused.reason})`;
    const hints = row.hints > 0 ? `, ${plural(row.hints, 'hint')} counted meanwhile` : '';
    const text = `by ${paused.by} ${since(paused.at, now)}${because}${hints}; nothing is lost`;
    notes.push(['warn', 'paused', text, `tidelock resume ${row.label}`]);
    if (paused.undo !== undefined) notes.push(unfinishedNote(paused.undo));
  }
  if (blocked !== null) notes.push(['bad', 'blocked', blocked, 'tidelock doctor']);
  if (row.alarm) {
    const text = lagMs === null ? 'was never in step' : `was not in step for ${duration(lagMs)}`;
    notes.push(['bad', 'late', text, blocked === null ? 'tidelock sync' : null]);
  }
  if (held !== null) {
    const text = `${plural(held.count, 'delete')} in the ${SIDE[held.side]} (${held.reason})`;
    notes.push(['warn', 'held', text, `tidelock review decide ${held.hash} apply|keep`]);
  }
  return notes;
}

function print(cli: Cli, rows: readonly LaneStatus[], now: number): void {
  const style = cli.style();
  if (rows.length === 0) {
    cli.say('Nothing was synchronised yet. Next: tidelock plan');
    return;
  }
  const cells = rows.map((row) => {
    const [tone, state] = stateOf(row, now);
    return [
      printable(row.label),
      printable(row.profile ?? '–'),
      String(row.counts.live),
      String(row.counts.out),
      String(row.backlog),
      String(row.reviews),
      String(row.parked),
      row.lagMs === null ? 'never' : `${duration(row.lagMs)} ago`,
      nextTry(row, now),
      style[tone](state),
    ];
  });
  cli.say(table(COLUMNS, cells, style.bold));
  for (const row of rows) {
    for (const [tone, word, text, command] of notesOf(row, now)) {
      cli.say(`\n${style[tone](word)}  ${printable(row.label)}: ${printable(text)}`);
      if (command !== null) cli.say(`${' '.repeat(word.length)}  ${style.dim('→')} ${printable(command)}`);
    }
  }
  if (rows.some((row) => row.reviews > 0)) cli.say('\nTo decide: tidelock review');
}

const wantsPerson = (row: LaneStatus): boolean =>
  row.removedAt === null &&
  (row.held !== null ||
    row.parked > 0 ||
    row.openOutcomes > 0 ||
    row.errorKind !== null ||
    row.blocked !== null ||
    row.alarm);

type KeyLeft = Platform['keys'][number];

/** From sixty days on; what is left is said again each time, louder as it gets less. */
function printKeys(cli: Cli, keys: readonly KeyLeft[]): void {
  const { warn, bad, dim } = cli.style();
  for (const { keyName, days, stage } of keys.filter((key) => key.stage !== 'ok')) {
    const paint = stage === 'notice' ? warn : bad;
    const left = stage === 'expired' ? 'its certificate has expired' : `${plural(days, 'day')} left`;
    cli.say(`\n${paint('key')}  ${printable(keyName)}: ${stage === 'early' ? 'not valid yet' : left}`);
    cli.say(`     ${dim('→')} tidelock keys rotate`);
  }
}

type Trouble = Look['trouble'];

/** The directory refused when somebody last asked: every mailbox waits for the same thing. */
function printTrouble(cli: Cli, trouble: Trouble, now: number): void {
  if (trouble === null) return;
  const { bad, dim } = cli.style();
  const { code, text, remedy } = trouble;
  cli.say(`\n${bad('refused')}  ${printable(text)} ${since(trouble.since, now)}; nothing is lost`);
  cli.say(`         ${dim('→')} ${printable(remedy ?? `tidelock doctor (${code})`)}`);
}

const wantsKey = ({ stage }: KeyLeft): boolean =>
  stage === 'urgent' || stage === 'expired' || stage === 'early';

interface Look {
  readonly trouble: Awaited<ReturnType<Platform['trouble']>>;
  readonly keys: readonly KeyLeft[];
  readonly rows: readonly LaneStatus[];
  readonly now: number;
  readonly code: number;
}

async function look(cli: Cli): Promise<Look> {
  return withPlatform(cli, async ({ platform }) => {
    const lanes = await platform.status();
    const rows = [...lanes].sort((a, b) => a.label.localeCompare(b.label, 'en'));
    const { keys, clock } = platform;
    const trouble = await platform.trouble();
    const isPartial = rows.some(wantsPerson) || keys.some(wantsKey) || trouble !== null;
    return { rows, keys, trouble, now: clock.now(), code: isPartial ? EXIT.partial : EXIT.ok };
  });
}

const CLEAR = '\u001b[H\u001b[2J';

/** Draws again and again until Ctrl-C. While another process has the data folder, the last picture stays, and says so. */
async function watch(cli: Cli, seconds: number): Promise<void> {
  let last: Look | null = null;
  while (!cli.signal.aborted) {
    let note = '';
    try {
      last = await look(cli);
    } catch (error) {
      if (exitCodeOf(error) !== EXIT.busy) throw error;
      note = 'Another process works in the data folder; this is how it stood before.';
    }
    cli.json({
      lanes: last?.rows ?? [],
      keys: last?.keys ?? [],
      stale: note !== '',
      exitCode: last?.code ?? EXIT.busy,
    });
    if (cli.terminal.outIsTty) cli.say(CLEAR);
    if (last !== null) {
      print(cli, last.rows, last.now);
      printTrouble(cli, last.trouble, last.now);
      printKeys(cli, last.keys);
    }
    if (note !== '') cli.say(`\n${cli.style().warn(note)}`);
    cli.say(cli.style().dim(`\nEvery ${plural(seconds, 'second')}; Ctrl-C ends it.`));
    await pause(seconds * 1000, cli.signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

export function statusCommand(cli: Cli): Command {
  return new Command('status')
    .description('what is in step, waiting, paused, late or failing, per mailbox')
    .option('--watch [seconds]', 'draw again every so many seconds (default 5)', toSeconds)
    .addHelpText(
      'after',
      '\nReads the data folder only; makes no request. Exit code 5 when something wants a look, or a mailbox was not in step\nfor longer than alarm.lagMinutes.',
    )
    .action(async (options: { watch?: number | boolean }) => {
      if (options.watch !== undefined) {
        await watch(cli, typeof options.watch === 'number' ? options.watch : 5);
        return;
      }
      const { rows, keys, trouble, now, code } = await look(cli);
      cli.json({ lanes: rows, keys, refused: trouble, exitCode: code });
      print(cli, rows, now);
      printTrouble(cli, trouble, now);
      printKeys(cli, keys);
      cli.exit(code);
    });
}
