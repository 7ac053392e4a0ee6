import {
  type Connections,
  createDoor,
  type DisconnectReport,
  listenOnLoopback,
  openConnections,
  type Stage,
} from '@tidelock/host';
import { Command, Option } from 'commander';
import { toPort, toSeconds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { configPath } from '../session.ts';
import { printable } from '../table.ts';
import { duration, plural } from '../words.ts';

const BASE = '/connect';
/** For the browser to fetch the last page. */
const FAREWELL_MS = 4_000;

const open = (cli: Cli): Promise<Connections> =>
  openConnections({
    configPath: configPath(cli),
    resolveFrom: import.meta.url,
    env: cli.env,
    signal: cli.signal,
  });

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

interface Flags {
  readonly port: number;
  readonly timeout: number;
}

/** Ends with the attempt, with the time, or with Ctrl-C. */
async function attempt(cli: Cli, connections: Connections, { port, timeout }: Flags): Promise<Stage> {
  const served = new AbortController();
  const over = new AbortController();
  let ended = false;
  let flow: ReturnType<Connections['pages']>['flow'] | undefined;
  let door: ReturnType<typeof createDoor> | undefined;
  const loopback = await listenOnLoopback((origin) => {
    const who = cli.env.USER ?? cli.env.USERNAME ?? 'terminal';
    const entrance = createDoor({
      ...{ origin, base: BASE, account: connections.account, who },
      now: () => Date.now(),
    });
    const pages = connections.pages({ origin, base: BASE, visitor: (request) => entrance.visitor(request) });
    [flow, door] = [pages.flow, entrance];
    return async (request) => {
      const answer = entrance.enter(request) ?? (await pages.handler(request));
      if (ended && new URL(request.url).pathname === BASE) served.abort();
      return answer;
    };
  }, port);
  try {
    if (flow === undefined || door === undefined) throw new TypeError('the pages were not made');
    const show = cli.globals().json ? cli.terminal.err : (text: string) => cli.say(text.trimEnd());
    show(`Open this link in a browser on this machine, once, within ten minutes:\n\n  ${door.link}\n\n`);
    show('An administrator signs in there and approves. Waiting; Ctrl-C ends it.\n');
    const running = flow;
    const end = door.entered.then((visitor) => running.finished(visitor));
    const late = pause(timeout * 1000, AbortSignal.any([cli.signal, over.signal])).then(
      (): Stage => ({ at: 'idle' }),
    );
    const stage = await Promise.race([end, late]);
    ended = true;
    if (stage.at !== 'idle') await pause(FAREWELL_MS, AbortSignal.any([served.signal, cli.signal]));
    return stage;
  } finally {
    over.abort();
    await loopback.close();
  }
}

function report(cli: Cli, stage: Stage, timeout: number): number {
  const { good, bad, warn, dim } = cli.style();
  if (stage.at === 'connected') {
    const { tenant, findings } = stage;
    cli.json({ connected: true, tenant, findings });
    cli.say(`${good('connected')}  tenant ${tenant}`);
    for (const { severity, text, remedy } of findings.filter((one) => one.severity !== 'info')) {
      cli.say(`${severity === 'block' ? bad('blocked') : warn('note')}  ${printable(text)}`);
      if (remedy !== undefined) cli.say(`      ${dim('→')} ${printable(remedy)}`);
    }
    cli.say('\nNext: tidelock doctor');
    return EXIT.ok;
  }
  if (stage.at === 'refused') {
    const { code, said, text, remedy } = stage;
    cli.json({ connected: false, code, said, text, remedy });
    cli.say(`${bad('not connected')}  ${printable(text)}${said === null ? '' : ` (${said})`}`);
    cli.say(`               ${dim('→')} ${printable(remedy)}`);
    return EXIT.auth;
  }
  cli.json({ connected: false, code: 'timeout' });
  cli.say(`${bad('not connected')}  nobody came to an end within ${duration(timeout * 1000)}`);
  cli.say(`               ${dim('→')} Run tidelock connect again.`);
  return EXIT.auth;
}

export function connectCommand(cli: Cli): Command {
  return new Command('connect')
    .description('connect an organisation: its administrator signs in and approves, in a browser')
    .addOption(
      new Option('--port <port>', 'port of the setup page on this machine')
        .argParser(toPort)
        .default(0, 'any free one'),
    )
    .option('--timeout <seconds>', 'how long to wait for the administrator', toSeconds, 1800)
    .addHelpText(
      'after',
      '\nRegister http://localhost/connect/return as redirect URI of the app (web); the port does not matter. Stores nothing\nunless an administrator of that organisation approved, a token was issued and the service answered. Running it again is\nsafe, and asks for consent again. Exit code 4 when it came to nothing.',
    )
    .action(async (flags: Flags) => {
      await using connections = await open(cli);
      const stage = await attempt(cli, connections, flags);
      cli.signal.throwIfAborted();
      cli.exit(report(cli, stage, flags.timeout));
    });
}

const DESTROYS = 'History, undo and what was matched are destroyed for good; --keep keeps them.';

async function isAgreed(cli: Cli, { yes, keep }: LeaveFlags): Promise<boolean> {
  if (yes) return true;
  const { ask } = cli.terminal;
  if (ask === null) {
    const remedy = 'Add --yes.';
    throw new UsageError([{ path: '--yes', reason: 'nobody can be asked', remedy }]);
  }
  const question = keep ? 'Let go of the organisation?' : `${DESTROYS} Let go of the organisation?`;
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim());
}

interface LeaveFlags {
  readonly yes: boolean;
  readonly keep: boolean;
}

function sayLeft(cli: Cli, { disconnected, subscriptions, erased }: DisconnectReport): void {
  if (!disconnected && erased === null) {
    cli.say('Nothing was connected.');
    return;
  }
  cli.say(disconnected ? 'Disconnected.' : 'Nothing was connected; what was kept of an earlier connection:');
  const { ended, left } = subscriptions;
  if (ended > 0) cli.say(`  ${plural(ended, 'subscription')} for notifications taken back.`);
  if (left > 0)
    cli.say(`  ${plural(left, 'subscription')} could not be taken back: the service ends them within days.`);
  if (erased === null) cli.say('  What was remembered is kept. To destroy it: tidelock disconnect');
  else {
    cli.say(`  ${plural(erased.dataKeys, 'data key')} destroyed: nothing that was sealed opens again.`);
    cli.say('  Backups made before still hold the wrapped keys: delete them too.');
  }
  if (!disconnected) return;
  cli.say(
    'To take the consent back as well, remove Tidelock under Enterprise applications in Microsoft Entra.',
  );
  cli.say('Connect again: tidelock connect');
}

export function disconnectCommand(cli: Cli): Command {
  return new Command('disconnect')
    .description(
      'let go of the organisation: forgets tenant ID and tokens, takes subscriptions back, destroys its data keys',
    )
    .option('--yes', 'do not ask', false)
    .option('--keep', 'keep data keys and what was remembered, to connect the same organisation again', false)
    .addHelpText(
      'after',
      '\nRecords on both sides stay as they are. Safe to repeat: without --keep it destroys what an earlier --keep left. The app\nstays an enterprise application of the organisation until its administrator removes it there.',
    )
    .action(async (flags: LeaveFlags) => {
      if (!(await isAgreed(cli, flags))) {
        cli.json({ disconnected: false });
        cli.say('Nothing was changed.');
        return;
      }
      await using connections = await open(cli);
      const report = await connections.disconnect({ keep: flags.keep });
      cli.json({ ...report });
      sayLeft(cli, report);
    });
}
