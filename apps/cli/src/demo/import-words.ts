import { basename } from 'node:path';
import { printable } from '../table.ts';
import { plural } from '../words.ts';
import type { Imported } from './contacts-file.ts';
import type { Narration } from './narration.ts';

export function tellImport(say: Narration, imported: Imported): void {
  for (const { file, loaded, left, problems } of imported.files) {
    const rest = left === 0 ? '' : `, ${plural(left, 'value')} without a place in a contact left out`;
    say.good(`${printable(basename(file))}: ${plural(loaded, 'vCard')} into the first mailbox${rest}`);
    for (const { card, line, reason } of problems)
      say.warn(`${printable(basename(file))}: card ${card} (line ${line}) left out: ${printable(reason)}`);
  }
}
