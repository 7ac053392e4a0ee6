import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, with what is in it. */
export function filesUnder(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const path = join(entry.parentPath, entry.name);
    return [{ name: entry.name, bytes: readFileSync(path) }];
  });
}

/** The ways in which a value could stand in a file. */
const formsOf = (value: string): Buffer[] => [
  Buffer.from(value, 'utf8'),
  Buffer.from(value, 'utf16le'),
  Buffer.from(Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1)),
  Buffer.from(Buffer.from(value).toString('hex')),
  Buffer.from(encodeURIComponent(value)),
  Buffer.from(JSON.stringify(value).slice(1, -1)),
];

/** Those of the values that stand there, in whatever way. */
export function foundIn(bytes: Buffer, values: readonly string[]): string[] {
  const lower = Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1');
  return values.filter((value) =>
    formsOf(value).some(
      (form) =>
        bytes.includes(form) || lower.includes(Buffer.from(form.toString('latin1').toLowerCase(), 'latin1')),
    ),
  );
}
