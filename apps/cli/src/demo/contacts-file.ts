import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Problem } from '@tidelock/core';
import { UsageError } from '../failure.ts';
import { type OutlookContact, readVcards, type VcardProblem } from './vcard.ts';

export interface Imported {
  readonly contacts: readonly OutlookContact[];
  readonly files: readonly {
    readonly file: string;
    readonly loaded: number;
    readonly left: number;
    readonly problems: readonly VcardProblem[];
  }[];
}

/** Reads the vCards of every file. Files that cannot be opened are bad input, all named at once. */
export async function importContacts(files: readonly string[], cwd: string): Promise<Imported> {
  const bad: Problem[] = [];
  const read: { file: string; bytes: Uint8Array }[] = [];
  for (const file of files) {
    try {
      read.push({ file, bytes: await readFile(resolve(cwd, file)) });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      bad.push({
        path: '--contacts',
        reason: `${file} cannot be read (${code})`,
        remedy: 'Name a vCard file.',
      });
    }
  }
  if (bad.length > 0) throw new UsageError(bad);
  const parsed = read.map(({ file, bytes }) => ({ file, ...readVcards(bytes) }));
  return {
    contacts: parsed.flatMap(({ contacts }) => contacts),
    files: parsed.map(({ file, contacts, left, problems }) => ({
      file,
      loaded: contacts.length,
      left,
      problems,
    })),
  };
}
