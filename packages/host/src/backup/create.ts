import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AdapterError, type ContextOf, InputError, type Secrets } from '@tidelock/core';
import { type LoadedAdapters, loadAdapters } from '../adapters.ts';
import type { Config } from '../config.ts';
import { opened, openGround, openSecretStore, secretOptionsOf, stateOptionsOf } from '../opening.ts';
import type { PlatformOptions } from '../platform.ts';
import { type Entry, hashOfFile, type Lock, type OnBytes, writeArchive } from './archive.ts';
import { CONFIG, type Contents, SECRETS, STATE } from './contents.ts';

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly createdAt: string;
  readonly entries: readonly { readonly name: string; readonly bytes: number }[];
  /** What has to be kept elsewhere, for people. */
  readonly missing: readonly string[];
}

/** Everything of an installation that its adapters can be asked about, opened far enough for that. */
export interface Grounds extends AsyncDisposable {
  readonly config: Config;
  readonly adapters: LoadedAdapters;
  readonly context: ContextOf['secrets'];
  secretOptions(): Promise<unknown>;
  /** Opens the secret store when first asked for: there may be none before it was restored. */
  stateOptions(): Promise<unknown>;
}

export const openGrounds = (options: PlatformOptions): Promise<Grounds> =>
  opened(async (stack) => {
    const ground = await openGround(options, stack, loadAdapters);
    const { config, adapters, context, env } = ground;
    let secrets: Promise<Secrets> | undefined;
    return {
      ...{ config, adapters, context: { ...context, env }, secretOptions: () => secretOptionsOf(ground) },
      async stateOptions() {
        secrets ??= openSecretStore(ground);
        return stateOptionsOf(ground, await secrets);
      },
    };
  });

const without = (what: string, name: string): AdapterError =>
  new AdapterError('unsupported', `${name} cannot be copied by this program.`, {
    operation: 'backup.create',
    remedy: `Back the ${what} up with its own tools, and the configuration file as it is.`,
  });

/** The files that the configuration names, where they lie in its folder; others are named to whoever asks. */
function configEntries(config: Config): { readonly inside: Entry[]; readonly outside: string[] } {
  const inside: Entry[] = [];
  const outside: string[] = [];
  for (const file of [config.file, ...config.files]) {
    const path = relative(config.directory, file);
    if (isAbsolute(path) || path.split(/[\\/]/).includes('..')) outside.push(file);
    else inside.push({ name: CONFIG + path.replaceAll('\\', '/'), file });
  }
  return { inside, outside };
}

/** Copies into the folder; what cannot be copied, or is of no use without something else, is named. */
async function copy(grounds: Grounds, folder: string): Promise<{ entries: Entry[]; missing: string[] }> {
  const { adapters, context, config } = grounds;
  const { inside, outside } = configEntries(config);
  const missing = outside.map((file) => `${file}: it lies outside of the configuration's folder.`);
  const entries: Entry[] = [...inside];
  const { secrets, state } = adapters;
  if (secrets.manifest.snapshot === undefined) {
    missing.push(`The secrets: they are kept by ${secrets.info.title}; back them up there.`);
  } else {
    const file = join(folder, SECRETS);
    await secrets.manifest.snapshot(await grounds.secretOptions(), context, file);
    entries.push({ name: SECRETS, file });
    missing.push(
      'The key of the secret store: without it nothing in the backup can be read. Keep it elsewhere.',
    );
  }
  if (state.manifest.snapshot === undefined) throw without('state store', state.info.name);
  const file = join(folder, STATE);
  await state.manifest.snapshot(await grounds.stateOptions(), context, file);
  entries.push({ name: STATE, file });
  return { entries, missing };
}

async function requireNew(out: string): Promise<void> {
  const isThere = await stat(out).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const reason = 'exists already';
  throw new InputError(`${out} ${reason}`, [
    { path: out, reason, remedy: 'Name a new file; a backup is never written over another one.' },
  ]);
}

/**
 * Copies configuration, secrets and state into one encrypted file, while the platform runs here or elsewhere. The file appears
 * under its name whole or not at all.
 */
export async function createBackup(
  options: PlatformOptions,
  of: { readonly out: string; readonly lock: Lock; readonly onBytes?: OnBytes | undefined },
): Promise<BackupReport> {
  const out = resolve(of.out);
  await requireNew(out);
  await using grounds = await openGrounds(options);
  const { config, adapters, context } = grounds;
  const folder = await mkdtemp(join(config.dataDir, '.backup-'));
  try {
    const { entries, missing } = await copy(grounds, folder);
    const createdAt = new Date(context.clock.now()).toISOString();
    const files: Contents['files'] = [];
    for (const { name, file } of entries)
      files.push({ name, bytes: (await stat(file)).size, sha256: await hashOfFile(file) });
    const has = (name: string): boolean => entries.some((entry) => entry.name === name);
    const contents: Contents = {
      ...{ format: 'tidelock-backup', version: 1, createdAt, files },
      secrets: has(SECRETS) ? adapters.secrets.info.name : null,
      state: adapters.state.info.name,
      config: CONFIG + relative(config.directory, config.file),
    };
    const half = join(dirname(out), `.${process.pid}-${context.random.uuid()}.partial`);
    try {
      await writeArchive(half, { contents, entries, lock: of.lock, onBytes: of.onBytes });
      await rename(half, out);
    } finally {
      await rm(half, { force: true });
    }
    const { size: bytes } = await stat(out);
    return {
      file: out,
      bytes,
      createdAt,
      missing,
      entries: files.map(({ name, bytes }) => ({ name, bytes })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
