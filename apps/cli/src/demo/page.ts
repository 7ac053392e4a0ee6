import { freePort, serve } from '@tidelock/server';
import type { Cli } from '../cli.ts';
import { eventLine } from '../event-line.ts';
import { printable } from '../table.ts';
import type { Imported } from './contacts-file.ts';
import { tellImport } from './import-words.ts';
import type { Narration } from './narration.ts';
import { DEMO_USERS } from './population.ts';
import type { Services } from './services.ts';
import { connect, type Folder } from './setup.ts';

interface Showing {
  readonly cli: Cli;
  readonly say: Narration;
  readonly folder: Folder;
  readonly services: Services;
  readonly imported: Imported;
}

/** What a newcomer does there, in the order in which the page offers it. */
const STEPS = [
  'Make the first account by the link above.',
  `Connections: connect Microsoft 365. At the emulated sign-in you are ${DEMO_USERS[0].address}; no password is asked for.`,
  'Mailboxes: let some of them take part.',
  'Plan: see what the first sync would do, and approve it.',
  'Open Exchange Online and the CRM below, edit somebody in one, and watch it arrive in the other.',
];

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * Serves the administrators' page over the two emulated services, with nothing connected yet, until the signal; one line for what
 * happens meanwhile.
 */
export async function showPage({ cli, say, folder, services, imported }: Showing): Promise<void> {
  const { bold, dim } = cli.style();
  const { reach, crm } = services;
  tellImport(say, imported);
  const port = await freePort('127.0.0.1');
  await connect(folder, services, { page: `http://localhost:${port}` });
  const serving = await serve({
    ...{ role: 'all', host: '127.0.0.1', port, configPath: folder.configPath },
    ...{ resolveFrom: import.meta.url, env: cli.env },
  });
  const leave = serving.runner?.events.listen((event) => {
    const line = eventLine(cli, event);
    if (line !== null) cli.say(line);
  });
  try {
    say.step('Open this', 'once, in a browser on this machine');
    say.line(bold(serving.invitation?.link ?? serving.origin));
    say.step('What to do there');
    STEPS.forEach((text, index) => {
      say.line(`${index + 1}. ${printable(text)}`);
    });
    say.step('The two services', 'emulated at wire level; their pages for people');
    say.line(`Exchange Online  ${bold(reach.microsoft365.page)}`);
    say.line(`${crm.title.padEnd(15)}  ${bold(reach.crm.page)}`);
    say.line(dim(`Configuration and data: ${folder.path}. Ctrl-C ends everything.`));
    cli.say();
    await stopped(cli.signal);
  } finally {
    leave?.();
    await serving.close();
  }
}
