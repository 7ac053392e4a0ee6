import { randomBytes } from 'node:crypto';
import { constants, type Stats, statSync } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { createFailure, fromSystem, systemCode } from './errors.ts';

/** Larger files are neither written nor read. */
export const MAX_FILE_BYTES = 1 << 20;

export interface FileRules {
  readonly operation: string;
  /** Permission bits that must not be set. */
  readonly forbiddenMode: number;
  readonly maxBytes: number;
  /** Owned by root is good enough (systemd hands credentials out by an access list). */
  readonly rootMayOwn?: boolean;
}

/** Effective user id; a user without an entry in passwd (an arbitrary id in a container) is known to /proc only. */
function readUid(): number | null {
  try {
    const { uid } = userInfo();
    return uid === -1 ? null : uid;
  } catch {
    return statSync('/proc/self', { throwIfNoEntry: false })?.uid ?? null;
  }
}

function assertSafe(file: string, status: Stats, rules: FileRules): void {
  const { operation } = rules;
  const insecure = (text: string, remedy: string) =>
    createFailure('INSECURE_FILE', { operation, text: `${file} ${text}`, remedy });
  if (!status.isFile()) throw insecure('is not a regular file', 'Put a regular file in its place.');
  const uid = readUid();
  const mode = (status.mode & 0o777).toString(8);
  if (uid !== null && (status.mode & rules.forbiddenMode) !== 0) {
    throw insecure(`has mode ${mode}, which lets others in`, `Run: chmod 600 ${file}`);
  }
  const owned = uid === null || status.uid === uid || (rules.rootMayOwn === true && status.uid === 0);
  if (!owned)
    throw insecure('belongs to another user', 'Give it to the user that runs this process (chown).');
  if (status.size > rules.maxBytes) {
    const text = `${file} has ${status.size} bytes, more than ${rules.maxBytes}`;
    throw createFailure('TOO_LARGE', { operation, text, remedy: 'Put back the file from a backup.' });
  }
}

/** The whole file in memory of its own (never the shared pool), so that wiping it wipes the only copy. */
async function readHandle(handle: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** Reads a file after checking the open handle, so nobody can swap it between check and use. Null = no such file. */
export async function readSafely(file: string, rules: FileRules): Promise<Buffer | null> {
  const { operation } = rules;
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    if (code !== 'ELOOP' && code !== 'EMLINK') throw fromSystem(error, operation, file);
    const remedy = 'Name the file itself in the configuration.';
    throw createFailure('INSECURE_FILE', { operation, text: `${file} is a symbolic link`, remedy });
  }
  try {
    const status = await handle.stat();
    assertSafe(file, status, rules);
    return await readHandle(handle, status.size);
  } catch (error) {
    throw fromSystem(error, operation, file);
  } finally {
    await handle.close();
  }
}

/** "No such file" is believed only where its directory is there: a volume that is not mounted is not an empty store. */
export async function assertDirectory(file: string, operation: string): Promise<void> {
  const directory = path.dirname(file);
  const status = await stat(directory).catch(() => null);
  if (status?.isDirectory()) return;
  const remedy = 'Mount or create the data directory.';
  throw createFailure('UNAVAILABLE', {
    operation,
    text: `the directory ${directory} does not exist`,
    remedy,
  });
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function temporaryName(file: string): string {
  const directory = path.dirname(file);
  return path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Old content or new content, whatever happens: temporary file, fsync, rename, fsync of the directory. */
export async function writeAtomically(file: string, text: string, operation: string): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await writeSynced(temporary, text);
    await rename(temporary, file);
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw fromSystem(error, operation, file);
  }
}

/** Creates a file whole, unless it exists: then it is left alone and the answer is false. */
export async function writeNew(file: string, text: string, operation: string): Promise<boolean> {
  const temporary = temporaryName(file);
  try {
    await writeSynced(temporary, text);
    await link(temporary, file);
    await syncDirectory(path.dirname(file));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fromSystem(error, operation, file);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** Removes what killed writers left behind. Only for the holder of the lock: nobody else writes such files. */
export async function removeLeftovers(file: string): Promise<void> {
  const directory = path.dirname(file);
  const prefix = `.${path.basename(file)}.`;
  const names = await readdir(directory).catch(() => []);
  const left = names.filter((name) => name.startsWith(prefix) && name.endsWith('.tmp'));
  await Promise.all(left.map((name) => unlink(path.join(directory, name)).catch(() => undefined)));
}
