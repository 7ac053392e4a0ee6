import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FOLDER = 'earlier-configurations';
const NAME = /^(\d{4}-\d{2}-\d{2}T\d{6}\.\d{3}Z)-([0-9a-f]{12})\.yaml$/;
/** The oldest go when there are more. */
const KEPT = 50;

/** Appears whole or not at all, also after a crash. */
export async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    // The name of a file is durable once its folder is. Not every system lets folders be opened for that.
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
}

/** Replaces a file and leaves its mode as it is. */
export async function replaceWhole(path: string, text: string): Promise<void> {
  const { mode } = await stat(path);
  await writeWhole(path, text, mode & 0o777);
}

export interface KeptConfiguration {
  readonly id: string;
  /** Until when it was in force, milliseconds since the epoch. */
  readonly until: number;
  /** First characters of its version. */
  readonly version: string;
}

function toKept(file: string): KeptConfiguration[] {
  const [, at = '', version = ''] = NAME.exec(file) ?? [];
  if (at === '') return [];
  const instant = `${at.slice(0, 13)}:${at.slice(13, 15)}:${at.slice(15)}`;
  return [{ id: file.slice(0, -5), until: Date.parse(instant), version }];
}

/** Configurations that were replaced, newest first. */
export async function keptConfigurations(dataDir: string): Promise<readonly KeptConfiguration[]> {
  const names = await readdir(join(dataDir, FOLDER)).catch(() => []);
  return names.sort().reverse().flatMap(toKept);
}

/** The text of one; null where there is none of this id. */
export async function readKept(dataDir: string, id: string): Promise<string | null> {
  if (!NAME.test(`${id}.yaml`)) return null;
  return readFile(join(dataDir, FOLDER, `${id}.yaml`), 'utf8').catch(() => null);
}

/** Keeps the text that is about to be replaced. */
export async function keepEarlier(
  dataDir: string,
  of: { readonly text: string; readonly version: string; readonly now: number },
): Promise<void> {
  const folder = join(dataDir, FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${new Date(of.now).toISOString().replaceAll(':', '')}-${of.version.slice(0, 12)}.yaml`;
  await writeWhole(join(folder, name), of.text);
  for (const { id } of (await keptConfigurations(dataDir)).slice(KEPT))
    await rm(join(folder, `${id}.yaml`), { force: true });
}
