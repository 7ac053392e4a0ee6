import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AdapterError, InputError } from '@tidelock/core';
import type { PlatformOptions } from '../platform.ts';
import { type ReadArchive, readArchive, type Unlock } from './archive.ts';
import { CONFIG, SECRETS, STATE } from './contents.ts';
import { type Grounds, openGrounds } from './create.ts';

export interface RestoreReport {
  /** When the backup was made, ISO 8601. */
  readonly createdAt: string;
  readonly configPath: string;
  /** Files of the configuration that were put there. */
  readonly written: readonly string[];
  /** Files of the configuration that were there already and differ: they were left as they are. */
  readonly kept: readonly string[];
  readonly secrets: boolean;
  /** Mailboxes that the state knows; each is read completely at the next sync. */
  readonly lanes: number;
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [x, y] = await Promise.all([readFile(one), readFile(other)]);
  return x.equals(y);
}

/** What is there already is never written over: on another machine it may have to differ. */
async function putConfig(
  { contents, files }: ReadArchive,
  configPath: string,
): Promise<{ written: string[]; kept: string[] }> {
  const written: string[] = [];
  const kept: string[] = [];
  const folder = dirname(configPath);
  for (const [name, file] of files) {
    if (!name.startsWith(CONFIG)) continue;
    const target = name === contents.config ? configPath : join(folder, name.slice(CONFIG.length));
    await mkdir(dirname(target), { recursive: true });
    try {
      await copyFile(file, target, constants.COPYFILE_EXCL);
      written.push(target);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      if (!(await isSame(file, target))) kept.push(target);
    }
  }
  return { written, kept };
}

function requireSameKind(what: string, of: { had: string; has: string }): void {
  if (of.had === of.has) return;
  const reason = `the backup's ${what} is one of ${of.had}, the configuration names ${of.has}`;
  throw new InputError(reason, [
    {
      path: what,
      reason,
      remedy: `Name ${of.had} in the configuration, restore, and change over afterwards.`,
    },
  ]);
}

/**
 * Cursors are as old as the backup. Both sides are enumerated anew, so that what happened since is met as it is, and nothing is
 * concluded from what an old cursor does not tell.
 */
async function readEverythingAgain(grounds: Grounds): Promise<number> {
  const { adapters, context } = grounds;
  const state = await adapters.state.manifest.create(await grounds.stateOptions(), context);
  try {
    const lanes = await state.sync.lanes();
    const stores = new Set(lanes.flatMap(({ storeA, storeB }) => [storeA, storeB]));
    for (const store of stores) await state.sync.resetFeeds(store);
    for (const { id } of lanes) await state.sync.hintLane(id, context.clock.now());
    return lanes.length;
  } finally {
    await state.close();
  }
}

async function restoreStores(grounds: Grounds, { contents, files }: ReadArchive): Promise<void> {
  const { adapters, context } = grounds;
  const { secrets, state } = adapters;
  if (contents.secrets !== null)
    requireSameKind('secrets', { had: contents.secrets, has: secrets.info.name });
  requireSameKind('state', { had: contents.state, has: state.info.name });
  const [kept, copy] = [files.get(SECRETS), files.get(STATE)];
  if (copy === undefined || state.manifest.restore === undefined) {
    throw new AdapterError('unsupported', `${state.info.name} restores no copies.`, {
      operation: 'backup.restore',
    });
  }
  if (kept !== undefined) await secrets.manifest.restore?.(await grounds.secretOptions(), context, kept);
  await state.manifest.restore(await grounds.stateOptions(), context, copy);
}

/**
 * Puts a backup where nothing is yet: the configuration where there is none, the secrets and the state. May be repeated where it broke
 * off. The installation that it was made of must not run any more: two of them would both write.
 */
export async function restoreBackup(
  options: PlatformOptions,
  of: { readonly file: string; readonly unlock: Unlock },
): Promise<RestoreReport> {
  const configPath = resolve(options.configPath);
  await mkdir(dirname(configPath), { recursive: true });
  const folder = await mkdtemp(join(dirname(configPath), `.${basename(configPath)}-restore-`));
  try {
    const archive = await readArchive(resolve(of.file), folder, of.unlock);
    const { written, kept } = await putConfig(archive, configPath);
    await using grounds = await openGrounds({ ...options, configPath });
    await restoreStores(grounds, archive);
    const lanes = await readEverythingAgain(grounds);
    const { createdAt, secrets } = archive.contents;
    return { createdAt, configPath, written, kept, secrets: secrets !== null, lanes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
