import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './failure.ts';

/** Creates a file, with the folders it needs. Never overwrites: an existing file is bad input. */
export async function writeNewFile(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx', mode });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const remedy = 'Move it away, or choose another folder.';
    throw new UsageError([{ path, reason: 'exists already and is not overwritten', remedy }]);
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
