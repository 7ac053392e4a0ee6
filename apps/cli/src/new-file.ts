import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './failure.ts';

const REMEDY = 'Move it away, or choose another folder.';
const REASON = 'exists already and is not overwritten';

/** Refuses before anything is written, naming every file that is in the way. */
export async function requireAbsent(paths: readonly string[]): Promise<void> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  const problems = found.flat().map((path) => ({ path, reason: REASON, remedy: REMEDY }));
  if (problems.length > 0) throw new UsageError(problems);
}

/** Creates a file, with the folders it needs. Never overwrites: an existing file is bad input. */
export async function writeNewFile(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx', mode });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new UsageError([{ path, reason: REASON, remedy: REMEDY }]);
  }
}

/** PEM of a certificate, which is what portals take as .cer. */
export function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
