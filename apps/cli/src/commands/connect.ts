import { type Connections, createDoor, listenOnLoopback, openConnections, type Stage } from '@tidelock/host';
import { Command } from 'commander';
import { toPort, toSeconds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { configPath } from '../session.ts';
import { printable } from '../table.ts';
import { duration } from '../words.ts';

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
    .option('--port <port>', 'port of the setup page on this machine (default: any free one)', toPort, 0)
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

async function isAgreed(cli: Cli, yes: boolean): Promise<boolean> {
  if (yes) return true;
  const { ask } = cli.terminal;
  if (ask === null) {
    const remedy = 'Add --yes.';
    throw new UsageError([{ path: '--yes', reason: 'nobody can be asked', remedy }]);
  }
  return /^y(es)?$/i.test((await ask('Let go of the organisation? [y/N] ')).trim());
}

export function disconnectCommand(cli: Cli): Command {
  return new Command('disconnect')
    .description('let go of the organisation: forgets its tenant ID and its token')
    .option('--yes', 'do not ask', false)
    .addHelpText(
      'after',
      '\nWhat was synchronised stays on both sides. The app stays an enterprise application of the organisation until its\nadministrator removes it there.',
    )
    .action(async ({ yes }: { readonly yes: boolean }) => {
      if (!(await isAgreed(cli, yes))) {
        cli.json({ disconnected: false });
        cli.say('Nothing was changed.');
        return;
      }
      await using connections = await open(cli);
      const disconnected = await connections.disconnect();
      cli.json({ disconnected });
      if (!disconnected) cli.say('Nothing was connected.');
      else
        cli.say(
          'Disconnected. To take the consent back as well, remove Tidelock under Enterprise applications in Microsoft Entra.\nConnect again: tidelock connect',
        );
    });
}
