import {
  type LaneStatus,
  openConnections,
  type Platform,
  type Standing,
  sayKeyLeft,
  sayNextTry,
  sayNotes,
  saySince,
  sayState,
  wantsKey,
  wantsPerson,
} from '@tidelock/host';
import { Command } from 'commander';
import { toSeconds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { exitCodeOf, isInput } from '../failure.ts';
import { configPath, withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { duration, plural } from '../words.ts';

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

function print(cli: Cli, rows: readonly LaneStatus[], now: number): void {
  const style = cli.style();
  if (rows.length === 0) {
    cli.say('Nothing was synchronised yet. Next: tidelock plan');
    return;
  }
  const cells = rows.map((row) => {
    const { tone, text: state } = sayState(row, now);
    return [
      printable(row.label),
      printable(row.profile ?? '–'),
      String(row.counts.live),
      String(row.counts.out),
      String(row.backlog),
      String(row.reviews),
      String(row.parked),
      row.lagMs === null ? 'never' : `${duration(row.lagMs)} ago`,
      sayNextTry(row, now),
      style[tone](state),
    ];
  });
  cli.say(table(COLUMNS, cells, style.bold));
  for (const row of rows) {
    for (const { tone, code: word, text, command } of sayNotes(row, now)) {
      cli.say(`\n${style[tone](word)}  ${printable(row.label)}: ${printable(text)}`);
      if (command !== null) cli.say(`${' '.repeat(word.length)}  ${style.dim('→')} ${printable(command)}`);
    }
  }
  if (rows.some((row) => row.reviews > 0)) cli.say('\nTo decide: tidelock review');
}

type KeyLeft = Platform['keys'][number];

/** From sixty days on; what is left is said again each time, louder as it gets less. */
function printKeys(cli: Cli, keys: readonly KeyLeft[]): void {
  const { warn, bad, dim } = cli.style();
  for (const { keyName, days, stage } of keys.filter((key) => key.stage !== 'ok')) {
    const paint = stage === 'notice' ? warn : bad;
    cli.say(`\n${paint('key')}  ${printable(keyName)}: ${sayKeyLeft({ stage, days })}`);
    cli.say(`     ${dim('→')} tidelock keys rotate`);
  }
}

type Trouble = Look['trouble'];

/** The directory refused when somebody last asked: every mailbox waits for the same thing. */
function printTrouble(cli: Cli, trouble: Trouble, now: number): void {
  if (trouble === null) return;
  const { bad, dim } = cli.style();
  const { code, text, remedy } = trouble;
  cli.say(`\n${bad('refused')}  ${printable(text)} ${saySince(trouble.since, now)}; nothing is lost`);
  cli.say(`         ${dim('→')} ${printable(remedy ?? `tidelock doctor (${code})`)}`);
}

/** Nobody is connected: said here, since nothing of the rest can be opened then. */
function printStanding(cli: Cli, { state, left }: Standing, now: number): void {
  if (state !== 'disconnected') return;
  const { bad, dim } = cli.style();
  const since = left === null ? '' : ` by ${printable(left.who)} ${saySince(left.at, now)}`;
  cli.say(`${bad('disconnected')}  the organisation was let go${since}`);
  cli.say(`              ${dim('→')} tidelock connect`);
}

interface Look {
  readonly standing: Standing;
  readonly trouble: Awaited<ReturnType<Platform['trouble']>>;
  readonly keys: readonly KeyLeft[];
  readonly rows: readonly LaneStatus[];
  readonly now: number;
  readonly code: number;
}

/** Without a tenant there is no platform, and that is worth saying where somebody let go of it. */
async function lookAtNobody(cli: Cli, error: Error): Promise<Look> {
  const options = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env };
  await using connections = await openConnections(options).catch(() => {
    throw error;
  });
  const standing = await connections.standing();
  if (standing.state !== 'disconnected') throw error;
  return { standing, rows: [], keys: [], trouble: null, now: Date.now(), code: EXIT.auth };
}

function look(cli: Cli): Promise<Look> {
  return lookAtPlatform(cli).catch((error: unknown) => {
    if (isInput(error)) return lookAtNobody(cli, error);
    throw error;
  });
}

function lookAtPlatform(cli: Cli): Promise<Look> {
  return withPlatform(cli, async ({ platform }) => {
    const lanes = await platform.status();
    const rows = [...lanes].sort((a, b) => a.label.localeCompare(b.label, 'en'));
    const { keys, clock } = platform;
    const [trouble, standing] = [await platform.trouble(), await platform.standing()];
    const isPartial = rows.some(wantsPerson) || keys.some(wantsKey) || trouble !== null;
    return { standing, rows, keys, trouble, now: clock.now(), code: isPartial ? EXIT.partial : EXIT.ok };
  });
}

function printAll(cli: Cli, { standing, rows, keys, trouble, now }: Look): void {
  if (standing.state === 'disconnected') {
    printStanding(cli, standing, now);
    return;
  }
  print(cli, rows, now);
  printTrouble(cli, trouble, now);
  printKeys(cli, keys);
}

const documentOf = (seen: Look | null) => ({
  ...{ lanes: seen?.rows ?? [], keys: seen?.keys ?? [], refused: seen?.trouble ?? null },
  ...{ connection: seen?.standing ?? null, exitCode: seen?.code ?? EXIT.busy },
});

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
    cli.json({ ...documentOf(last), stale: note !== '' });
    if (cli.terminal.outIsTty) cli.say(CLEAR);
    if (last !== null) printAll(cli, last);
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
      '\nReads the data folder only; makes no request. Exit code 5 when something wants a look, or a mailbox was not in step\nfor longer than alarm.lagMinutes; 4 when no organisation is connected.',
    )
    .action(async (options: { watch?: number | boolean }) => {
      if (options.watch !== undefined) {
        await watch(cli, typeof options.watch === 'number' ? options.watch : 5);
        return;
      }
      const seen = await look(cli);
      cli.json(documentOf(seen));
      printAll(cli, seen);
      cli.exit(seen.code);
    });
}
