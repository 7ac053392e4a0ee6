import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { Cli, Globals } from './cli.ts';
import { EXIT, EXIT_HELP } from './exit-code.ts';
import { reportFailure } from './failure.ts';
import { createStyle, type Terminal } from './terminal.ts';

export interface Surroundings {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

type CommandFactory = (cli: Cli) => Command;

/** Loaded one by one when asked for: `tidelock status` need not load the emulators. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandFactory>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  connect: async () => (await import('./commands/connect.ts')).connectCommand,
  disconnect: async () => (await import('./commands/connect.ts')).disconnectCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  reach: async () => (await import('./commands/reach.ts')).reachCommand,
  plan: async () => (await import('./commands/plan.ts')).planCommand,
  sync: async () => (await import('./commands/sync.ts')).syncCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  profiles: async () => (await import('./commands/profiles.ts')).profilesCommand,
  mailboxes: async () => (await import('./commands/mailboxes.ts')).mailboxesCommand,
  pause: async () => (await import('./commands/pause.ts')).pauseCommand,
  resume: async () => (await import('./commands/pause.ts')).resumeCommand,
  reset: async () => (await import('./commands/pause.ts')).resetCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  review: async () => (await import('./commands/review.ts')).reviewCommand,
  why: async () => (await import('./commands/why.ts')).whyCommand,
  history: async () => (await import('./commands/history.ts')).historyCommand,
  undo: async () => (await import('./commands/undo.ts')).undoCommand,
  users: async () => (await import('./commands/users.ts')).usersCommand,
  tokens: async () => (await import('./commands/tokens.ts')).tokensCommand,
  secrets: async () => (await import('./commands/secrets.ts')).secretsCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  restore: async () => (await import('./commands/backup.ts')).restoreCommand,
  adapters: async () => (await import('./commands/adapters.ts')).adaptersCommand,
  emulate: async () => (await import('./commands/emulate.ts')).emulateCommand,
};

/** The package's own manifest lies above the sources and above what is built from them. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  return `tidelock ${found === false ? '' : String(found)} (Node ${process.versions.node})`;
}

function createRoot(terminal: Terminal): Command {
  return (
    new Command('tidelock')
      .description('Keeps contacts and calendar events of Exchange Online and a CRM in step.')
      .option('-c, --config <file>', 'configuration file', 'tidelock.yaml')
      .option('--json', 'one JSON document on standard output, for programs', false)
      .option('-q, --quiet', 'errors only', false)
      .option('--no-color', 'no colours (also NO_COLOR)')
      .option('--debug', 'stack traces of errors', false)
      .version(version(), '-v, --version', 'version of Tidelock and of Node')
      .addHelpText('after', `\n${EXIT_HELP}`)
      // What is wrong with a command line is reported like any other failure.
      .configureOutput({
        writeOut: (text) => terminal.out(text),
        writeErr: (text) => terminal.err(text),
        outputError: () => {},
      })
      .exitOverride()
      .enablePositionalOptions()
  );
}

/** Global options may stand before or after the name of the command. */
function prepare(command: Command, root: Command): void {
  command.exitOverride().copyInheritedSettings(root).addHelpText('after', `\n${EXIT_HELP}`);
  for (const child of command.commands) prepare(child, root);
}

interface Running {
  readonly cli: Cli;
  code(): number;
  /** Prints the document, if there is one to print, and passes the exit code on. */
  end(code: number): number;
}

function createCli(root: Command, at: Surroundings): Running {
  let code: number = EXIT.ok;
  let document: object | null = {};
  const globals = (): Globals => root.opts<Globals>();
  const { terminal } = at;
  const print = (exitCode: number): void => {
    if (globals().json && document !== null)
      terminal.out(`${JSON.stringify({ ...document, exitCode }, null, 2)}\n`);
    document = null;
  };
  const cli: Cli = {
    ...at,
    globals,
    style: () => createStyle(terminal.outIsTty && globals().color && !at.env.NO_COLOR),
    say(text = '') {
      if (!globals().json && !globals().quiet) terminal.out(`${text}\n`);
    },
    json(given, when) {
      if (document === null) return;
      document = given;
      if (when === 'now') print(EXIT.ok);
    },
    exit(wanted) {
      if (code === EXIT.ok) code = wanted;
    },
  };
  return {
    cli,
    code: () => code,
    end(last) {
      print(last);
      return last;
    },
  };
}

/** `tidelock plan --json` and `tidelock --json plan` are the same. */
function hoistGlobals(argv: readonly string[]): { front: string[]; rest: string[] } {
  const flags = new Set(['--json', '-q', '--quiet', '--no-color', '--debug']);
  const valued = new Set(['-c', '--config']);
  const front: string[] = [];
  const rest: string[] = [];
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const mine = index < end && (flags.has(word) || valued.has(word) || word.startsWith('--config='));
    (mine ? front : rest).push(word);
    if (mine && valued.has(word) && index + 1 < argv.length) front.push(argv[++index] ?? '');
  }
  return { front, rest };
}

/** Runs one command line (without node and script) and resolves to the exit code. Never throws. */
export async function run(argv: readonly string[], at: Surroundings): Promise<number> {
  const root = createRoot(at.terminal);
  const { cli, code, end } = createCli(root, at);
  const { front, rest } = hoistGlobals(argv);
  try {
    const wanted = rest.find((word) => Object.hasOwn(COMMANDS, word));
    const named = wanted === undefined ? Object.values(COMMANDS) : [COMMANDS[wanted]];
    for (const load of named) {
      const command = (await load?.())?.(cli);
      if (command === undefined) continue;
      prepare(command, root);
      root.addCommand(command);
    }
    await root.parseAsync([...front, ...rest], { from: 'user' });
    return end(code());
  } catch (error) {
    // Help and the version were asked for, and are all there is to print.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (at.signal.aborted && !(error instanceof CommanderError)) return end(interrupted(cli));
    return end(reportFailure(cli, error));
  }
}

function interrupted(cli: Cli): number {
  cli.json({ interrupted: true });
  cli.terminal.err('\nInterrupted. Nothing is lost: the next run goes on from here.\n');
  return EXIT.interrupted;
}
