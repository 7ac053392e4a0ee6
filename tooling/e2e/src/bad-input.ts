import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemClock } from '@tidelock/emulators';
import type { ConfigInput } from '@tidelock/host';
import { type CliOptions, type CliRun, runCli } from './cli.ts';
import { type KeyFolder, sharedKeyFolder } from './key-folder.ts';
import { pictureOf, syncHere } from './kill/scene.ts';
import { range, toCrm, toOutlook } from './people.ts';
import { createStage, type Stage } from './stage.ts';

export interface BadScene extends AsyncDisposable {
  readonly stage: Stage;
  readonly config: ConfigInput;
  /** `tidelock sync`, unless told otherwise. */
  run(args?: readonly string[], options?: Partial<CliOptions>): Promise<CliRun>;
  /** What both sides hold: nothing of it may get lost. */
  picture(): ReturnType<typeof pictureOf>;
}

/** Two services in step, a person who is new in the mailbox, and a configuration that is about to be spoilt. */
export async function createBadScene(
  options: {
    readonly key?: KeyFolder;
    readonly synced?: boolean;
    readonly mailboxes?: readonly string[];
  } = {},
): Promise<BadScene> {
  const { key = await sharedKeyFolder(Date.now() - 3_600_000), synced = true, mailboxes = ['ann'] } = options;
  const stage = await createStage(createSystemClock(), key, { stateFile: 'tidelock.db', mailboxes });
  const { mailboxId } = stage.people.ann ?? { mailboxId: '' };
  stage.graph.admin.seedContacts(
    mailboxId,
    range(5).map((n) => toOutlook(n)),
  );
  stage.salesforce.admin.seedContacts(5, (n) => toCrm(10 + n));
  if (synced) await syncHere(stage);
  stage.graph.admin.createContact(mailboxId, toOutlook(30));
  return {
    stage,
    config: stage.config,
    run: (args = ['sync'], more = {}) => runCli(args, { cwd: stage.folder, ...more }),
    picture: () => pictureOf(stage),
    [Symbol.asyncDispose]: () => stage.close(),
  };
}

/** An adapter package beside the configuration, as somebody may have installed it. */
export function installAdapter(stage: Stage, name: string, source: string): void {
  const folder = join(stage.folder, 'node_modules', ...name.split('/'));
  mkdirSync(folder, { recursive: true });
  const manifest = { name, version: '1.0.0', type: 'module', exports: './index.js' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'index.js'), source);
}
