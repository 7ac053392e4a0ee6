import { readFileSync } from 'node:fs';
import type { TextFile } from '../finding.ts';
import { repository } from '../steps.ts';
import { readDocComments } from './doc-comments.ts';
import { NOTES } from './notes.ts';
import { type JsonSchema, type OptionRow, toRows } from './schema-rows.ts';

export interface Section {
  /** Key of `NOTES`. */
  readonly name: string;
  readonly schema: JsonSchema;
  /** Files whose doc comments describe the keys, relative to the repository. */
  readonly sources: readonly string[];
  /** Rows that another section describes. */
  readonly without?: (row: OptionRow) => boolean;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const readSource = (path: string): TextFile => ({ path, text: readFileSync(`${repository}${path}`, 'utf8') });

function defaultOf(row: OptionRow): string {
  if (row.required && row.within === '') return 'one of these';
  if (row.required) return row.within === undefined ? 'required' : `required with \`${row.within}\``;
  return row.fallback === undefined ? '' : `\`${row.fallback}\``;
}

function checkNotes(name: string, rows: readonly OptionRow[]): void {
  const paths = new Set(rows.map((row) => row.path));
  for (const path of Object.keys(NOTES[name] ?? {})) {
    if (!paths.has(path))
      throw new Error(`notes.ts, ${name}: there is no option "${path}"; remove the note.`);
  }
}

/** A Markdown table of the options of one schema. Throws where an option is described nowhere. */
export function toOptionTable({ name, schema, sources, without = () => false }: Section): string {
  const comments = readDocComments(sources.map(readSource));
  const rows = toRows(schema).filter((row) => !without(row));
  checkNotes(name, rows);
  const lines = rows.map((row) => {
    const text = NOTES[name]?.[row.path] ?? row.description ?? comments.get(row.key);
    if (text === undefined) {
      throw new Error(`${name}: option "${row.path}" is described nowhere; add a doc comment or a note.`);
    }
    return `| \`${row.path}\` | ${cell(row.type)} | ${cell(defaultOf(row))} | ${cell(text)} |`;
  });
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
}
