import { readFile, rename, writeFile } from 'node:fs/promises';
import { isSeq, parseDocument } from 'yaml';
import type { Config } from '../config.ts';

type Path = readonly (string | number)[];

/** Where, below a value, a list with exactly these names stands. */
function findList(value: unknown, names: readonly string[], path: Path = []): Path | null {
  if (Array.isArray(value) && value.length === names.length && value.every((one, at) => one === names[at]))
    return path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = findList(inner, names, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

/** The configuration lies where this process may not write: a unit that is kept out of /etc, a mounted ConfigMap. */
const CLOSED: ReadonlySet<unknown> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Whole or not at all: a process that reads it now must not see half a file. */
async function replace(file: string, text: string): Promise<boolean> {
  const draft = `${file}.new`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && CLOSED.has(error.code)) return false;
    throw error;
  }
}

/**
 * Replaces the list of key names in the token adapter's options, and leaves the rest of the file as it is, comments
 * included. False: the list does not stand in the file as it is in use, or nothing may be written there, so nothing was changed.
 */
export async function writeKeyNames(
  config: Config,
  of: { readonly before: readonly string[]; readonly after: readonly string[] },
): Promise<boolean> {
  const document = parseDocument(await readFile(config.file, 'utf8'));
  const path = findList(document.toJS()?.token?.options, of.before);
  if (path === null) return false;
  const list = document.getIn(['token', 'options', ...path], true);
  if (!isSeq(list)) return false;
  // The list itself stays, with what is written beside it.
  list.items = of.after.map((name) => document.createNode(name));
  return replace(config.file, document.toString({ lineWidth: 0 }));
}
